"""What goes out and what comes in, as rows: messages and tasks for people, and what other systems tell us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.models import WorkspaceRow


class Message(WorkspaceRow):
    """Something to say in a group, or to one of its members. `key` names the moment it is for, so that no moment is
    told twice."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        HUMAN = "human", _("Given to a person")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    campaign_id = models.UUIDField()
    group_id = models.UUIDField()
    journey_id = models.UUIDField(null=True)
    reader_id = models.UUIDField(null=True)
    """The person who alone is told, where the platform says privately; null where the group is."""
    platform = models.CharField(max_length=20)
    moment = models.CharField(max_length=20)
    text = models.TextField()
    own_text = models.TextField(null=True)
    """What stands in its place on their own page, where `text` is for all to read; empty where nothing does."""
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(null=True, default=clock.now)
    lease_until = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="message_due", condition=models.Q(state="queued")),
            models.Index(fields=["campaign_id", "journey_id"], name="message_journey"),
        ]

    @property
    def text_to_them(self) -> str:
        return self.text if self.own_text is None else self.own_text


class HumanTask(WorkspaceRow):
    """What the platform cannot do: someone does it by hand, with `text` ready to copy."""

    class Kind(models.TextChoices):
        SAY = "say", _("Post this in the group")
        REMOVE = "remove", _("Remove this member")
        RENEW_QR = "renew_qr", _("Upload a fresh group QR code")
        COUNT = "count", _("Count the members")
        GROUP_FILLING = "group_filling", _("Add a group: this one is nearly full")
        RESTOCK = "restock", _("Add to the stock")
        STOCK_LOW = "stock_low", _("Few are left: add to the stock")
        BUDGET_OUT = "budget_out", _("A rule has stopped: as much as planned was given")
        DRAW = "draw", _("Type the public value and draw")
        REVIEW = "review", _("Review by hand again: the machine's verdicts were not good enough")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Not needed any more")

    campaign_id = models.UUIDField()
    group_id = models.UUIDField(null=True)
    journey_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20, choices=Kind)
    moment = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("tenfold.Operator", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["campaign_id", "state"], name="task_open")]


class HookSource(WorkspaceRow):
    """A system that may tell us something, at an address of its own, signed with a secret that it shares with us."""

    name = models.CharField(max_length=80)
    scheme = models.CharField(max_length=20)
    """How it signs: a key of `platforms.registry.HOOK_SCHEMES`."""
    secret = models.CharField(max_length=200)
    former_secrets = models.JSONField(default=list)
    """Pairs of a secret and the moment (ISO) until which it still holds."""
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="hook_source_once")]


class Heard(WorkspaceRow):
    """A hook, kept as it came before it was answered, once however often it was delivered. Nothing has been made of it:
    the platform it comes from reads these rows, acts on each and moves its state on.

    Forgotten after `rules.HEARD_FOR`."""

    class State(models.TextChoices):
        RECEIVED = "received"

    at = models.DateTimeField()
    source = models.ForeignKey(HookSource, on_delete=models.CASCADE, db_index=False, related_name="heard")
    event_id = models.CharField(max_length=200)
    headers = models.JSONField()
    """Those that its scheme looks at."""
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="heard_once")]
