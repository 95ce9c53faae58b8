"""Persons, their journeys through campaigns, and the credits between them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language
from tenfold.base import clock
from tenfold.base.keys import new_secret
from tenfold.base.models import Picture, WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.groups.models import Group, Seat


class Person(WorkspaceRow):
    """Someone known to a workspace. `visitor_id` is what the signed cookie on their phone says."""

    visitor_id = models.UUIDField()
    nickname = models.CharField(max_length=40)
    language = models.CharField(max_length=10, choices=Language, default=Language.ZH)
    avatar = models.ForeignKey(Picture, null=True, on_delete=models.SET_NULL, related_name="+")
    consented_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        # The visitor first: every scan asks who this is, and asks by the visitor alone.
        constraints = [models.UniqueConstraint(fields=["visitor_id", "workspace"], name="person_once")]

    def __str__(self) -> str:
        return self.nickname


class AvatarSource(WorkspaceRow):
    """Where a platform keeps someone's picture. The worker fetches it; `due_at` is empty once it was, or was given up.

    `why` is the code of the last failure (`platforms.fetching`).
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="avatar_source")
    address = models.CharField(max_length=500)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    try_count = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="avatar_due", condition=Q(due_at__isnull=False)),
        ]


class Journey(WorkspaceRow):
    """A person inside one campaign. The edge (newcomer -> inviter) is set when the row is made, and never again."""

    class State(models.TextChoices):
        ARRIVING = "arriving", _("Joining")
        JOINED = "joined", _("Joined")
        PROOF_SENT = "proof_sent", _("Screenshot sent")
        APPROVED = "approved", _("Approved")
        REWARDED = "rewarded", _("Rewarded")
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")

    class Origin(models.TextChoices):
        """How the inviter is known: by a participant's code, by a channel's (a seed), or not at all."""

        INVITED = "invited", _("Invited")
        SEED = "seed", _("Seed")
        UNKNOWN = "unknown", _("Unknown")

    class Step(models.TextChoices):
        NONE = "", _("Nothing")
        CONFIRM = "confirm", _("Joining to be shown")
        REMIND = "remind", _("Reminder")
        WARN = "warn", _("Warning")
        REMOVE = "remove", _("Removal")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="journeys")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="journeys")
    inviter = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="newcomers")
    origin = models.CharField(max_length=10, choices=Origin)
    channel_code = models.ForeignKey(LiveCode, null=True, on_delete=models.SET_NULL, related_name="seeds")
    generation = models.PositiveIntegerField(default=0)
    code = models.OneToOneField(LiveCode, on_delete=models.PROTECT, related_name="journey")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="journeys")
    seat = models.ForeignKey(Seat, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.JOINED)
    page_key = models.CharField(max_length=32, unique=True, default=new_secret)
    valid_count = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(default=clock.now)
    joined_at = models.DateTimeField(null=True)
    proof_sent_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    rewarded_at = models.DateTimeField(null=True)
    sharing_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    due_step = models.CharField(max_length=10, choices=Step, blank=True, default=Step.NONE)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    remind_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "person"], name="journey_once")]
        indexes = [
            models.Index(fields=["campaign", "inviter"], name="journey_tree"),
            models.Index(fields=["campaign", "generation"], name="journey_generation"),
            models.Index(fields=["campaign", "state"], name="journey_state"),
            models.Index(fields=["due_at"], name="journey_due", condition=~Q(due_step="")),
            models.Index(
                fields=["campaign", "approved_at"],
                name="journey_owed",
                condition=Q(approved_at__isnull=False, rewarded_at__isnull=True),
            ),
        ]

    @property
    def is_member(self) -> bool:
        """Whether they sit in the group now."""
        return self.state not in (self.State.ARRIVING, self.State.LEFT, self.State.REMOVED)


class Credit(WorkspaceRow):
    """A newcomer counted, or not counted, for an inviter; a void credit says why in a way they can read."""

    class State(models.TextChoices):
        PENDING = "pending", _("Not yet")
        VALID = "valid", _("Counts")
        VOID = "void", _("Does not count")

    class Reason(models.TextChoices):
        NONE = "", ""
        SELF_INVITE = "self_invite", _("this is your own code")
        LOOP = "loop", _("they stand above you in the same chain")
        ALREADY_IN = "already_in", _("they were already in the campaign")
        LEFT = "left", _("they left too soon")
        REMOVED = "removed", _("they were removed")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="credits")
    inviter = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="credits")
    newcomer = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inviter", "newcomer"], name="credit_once")]
