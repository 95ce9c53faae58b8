"""Persons, their journeys through campaigns, and the credits between them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
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
    blocked_at = models.DateTimeField(null=True)
    blocked_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    block_note = models.CharField(_("why"), max_length=200, blank=True)

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
    valid_count = models.IntegerField(default=0)
    """The sum of their ledger's friends. Below zero where an adjustment took some of which one was lost afterwards."""
    board_count = models.PositiveIntegerField(default=0)
    """What they stand on the leaderboard with: `valid_count`, or 0 while they are blocked."""
    counted_seq = models.PositiveBigIntegerField(default=0)
    """The order in which they came to `valid_count`, among those of the campaign who have as many; also while they are
    blocked. The journal keeps it with each move."""
    attendance_count = models.PositiveIntegerField(default=0)
    device_key = models.CharField(max_length=64, blank=True)
    """What their phone is known again by, hashed for this campaign alone; empty where it told nothing."""
    progress_at = models.DateTimeField(null=True)
    progress_from = models.PositiveIntegerField(default=0)
    """The newest notice of progress: when it is due, and how many they knew of before the first whom it tells of."""

    created_at = models.DateTimeField(default=clock.now)
    joined_at = models.DateTimeField(null=True)
    proof_sent_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    rewarded_at = models.DateTimeField(null=True)
    sharing_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    kept_out_at = models.DateTimeField(null=True)
    """Since when an operator does not let them in again. Who left by themselves, or was removed by a rule, may come
    back. Another thing is who is blocked (`Person.blocked_at`): given nothing in any campaign, wherever they sit."""

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
            # Of all, though nobody is asked for who has none: SQLite, told so, no longer finds one count by it.
            models.Index(fields=["campaign", "-board_count", "counted_seq"], name="journey_board"),
            models.Index(
                fields=["campaign", "device_key"], name="journey_device", condition=~Q(device_key="")
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
        SAME_DEVICE = "same_device", _("somebody else took part with the same phone")
        BLOCKED = "blocked", _("they were excluded from the campaign")
        OVER = "over", _("the campaign was over before they counted")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="credits")
    inviter = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="credits")
    newcomer = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE)
    created_at = models.DateTimeField(default=clock.now)
    turn_count = models.PositiveIntegerField(default=0)
    """How often it has begun or ceased to count: names each of these turns in the ledger."""
    due_at = models.DateTimeField(null=True)
    """When the newcomer has stayed long enough, where that is what the plan asks for."""
    lease_until = models.DateTimeField(null=True)
    ordered_at = models.DateTimeField(null=True)
    """When the newcomer ordered something that was not refunded."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inviter", "newcomer"], name="credit_once")]
        indexes = [
            models.Index(fields=["due_at"], name="credit_due", condition=Q(due_at__isnull=False)),
        ]


class Standing(WorkspaceRow):
    """How many people of a campaign stand at `valid_count`, in blocks of numbers in the order in which they reached it.
    `given_count` numbers of the block have been given out; a block that nobody stands in any more has no row. The row
    of those with nobody yet is the board's lock, and has the number of the next block there."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="standings", db_index=False)
    valid_count = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    given_count = models.PositiveIntegerField(default=0)
    people_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "valid_count", "block"], name="standing_once")
        ]


class Attendance(WorkspaceRow):
    """A day on which somebody took part, by the campaign's own calendar; `text` is what they say about it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="attendances")
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="attendances", db_index=False)
    day = models.DateField()
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "day"], name="attendance_once")]
