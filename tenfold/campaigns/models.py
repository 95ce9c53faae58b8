"""The plan of a campaign and its words."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language
from tenfold.base import clock
from tenfold.base.models import WorkspaceRow


class Campaign(WorkspaceRow):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class CreditWhen(models.TextChoices):
        JOINED = "joined", _("the newcomer has joined")
        APPROVED = "approved", _("the newcomer's own screenshot is approved")
        STAYED = "stayed", _("the newcomer has stayed long enough")
        ORDERED = "ordered", _("the newcomer has ordered something")

    class Board(models.TextChoices):
        OFF = "off", _("nobody")
        MEMBERS = "members", _("participants")
        PUBLIC = "public", _("everybody")

    class BoardNames(models.TextChoices):
        FULL = "full", _("The whole name")
        FIRST = "first", _("The first character only")
        HIDDEN = "hidden", _("No name")

    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    playbook = models.CharField(max_length=30, default="group_fission")
    language = models.CharField(_("main language"), max_length=10, choices=Language, default=Language.ZH)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    purpose = models.TextField(_("purpose"), blank=True, max_length=1000)
    audience = models.TextField(_("audience"), blank=True, max_length=1000)
    pain_point = models.TextField(_("their pain point"), blank=True, max_length=1000)
    process = models.TextField(_("process"), blank=True, max_length=1000)
    channel_plan = models.TextField(_("channels"), blank=True, max_length=1000)

    hold_minutes = models.PositiveIntegerField(
        _("minutes a shown seat is held"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )
    remind_count = models.PositiveIntegerField(_("reminders"), default=2, validators=[MaxValueValidator(10)])
    remind_interval_minutes = models.PositiveIntegerField(
        _("minutes between reminders"), default=24 * 60, validators=[MinValueValidator(1)]
    )
    quiet_from = models.TimeField(_("quiet from"), default=time(22, 0))
    quiet_until = models.TimeField(_("quiet until"), default=time(8, 0))
    is_removal_on = models.BooleanField(_("remove those who never act"), default=False)
    warn_after_minutes = models.PositiveIntegerField(
        _("minutes from the last reminder to the warning"), default=24 * 60, validators=[MinValueValidator(1)]
    )
    remove_after_minutes = models.PositiveIntegerField(
        _("minutes from the warning to the removal"), default=24 * 60, validators=[MinValueValidator(1)]
    )
    credit_when = models.CharField(
        _("an invite counts when"), max_length=10, choices=CreditWhen, default=CreditWhen.JOINED
    )
    grace_minutes = models.PositiveIntegerField(
        _("minutes in which leaving undoes a credit"), default=24 * 60
    )
    stay_hours = models.PositiveIntegerField(
        _("hours a newcomer has to stay to count"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(366 * 24)],
    )
    undo_seconds = models.PositiveIntegerField(
        _("seconds in which a verdict can be taken back unseen"),
        default=6,
        validators=[MaxValueValidator(600)],
    )

    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    board = models.CharField(_("who sees the leaderboard"), max_length=10, choices=Board, default=Board.OFF)
    board_names = models.CharField(
        _("names on the leaderboard"), max_length=10, choices=BoardNames, default=BoardNames.FIRST
    )

    created_at = models.DateTimeField(default=clock.now)
    launched_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending_due_at = models.DateTimeField(null=True)
    """When it is told on that it is over."""
    lease_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "state"], name="campaign_state"),
            models.Index(
                fields=["ending_due_at"], name="campaign_ending", condition=Q(ending_due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Words(WorkspaceRow):
    """What is said at a moment, in one language, with {named} variables."""

    class Moment(models.TextChoices):
        JOIN = "join", _("Welcome")
        TASK = "task", _("The task")
        REMIND = "remind", _("Reminder")
        APPROVE = "approve", _("Approved")
        REJECT = "reject", _("Not approved")
        REWARD = "reward", _("Reward")
        WARN = "warn", _("Warning")
        REMOVE = "remove", _("Removal")
        PROGRESS = "progress", _("A friend counts")
        REPEAT = "repeat", _("Scanned again")
        FULL = "full", _("In line")
        END = "end", _("The end")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="words")
    moment = models.CharField(max_length=10, choices=Moment)
    language = models.CharField(max_length=10, choices=Language)
    text = models.TextField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "moment", "language"], name="words_once")]
