"""Screenshots sent back, the verdicts on them, what the machine sees in them, and what a campaign asks of them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.models import Picture, Row, WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey

# Of a participant so many phones are kept that opened their code, and no plan asks for more.
MOST_OPENED = 50


class Proof(WorkspaceRow):
    """One screenshot. A verdict is written at once, and takes effect at `settle_at`: until then undo costs nothing."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Not approved")
        WITHDRAWN = "withdrawn", _("Replaced by a newer one")

    class Reason(models.TextChoices):
        """Why not: stable codes, with what the participant should do differently."""

        NONE = "", ""
        NO_POSTER = (
            "no_poster",
            _("The poster cannot be seen in this picture. Forward the poster and take the screenshot again."),
        )
        WRONG_CODE = (
            "wrong_code",
            _("This is not your own poster. Save yours from your page and forward that one."),
        )
        WRONG_PERSON = (
            "wrong_person",
            _("This poster carries somebody else's code. Save your own from your page and forward that one."),
        )
        NOT_A_SCREENSHOT = (
            "not_a_screenshot",
            _("This is the poster itself. Forward it, then take a screenshot of where it was posted."),
        )
        TOO_OLD = "too_old", _("The post is too old. Forward the poster again and take a new screenshot.")
        RESTRICTED_AUDIENCE = (
            "restricted_audience",
            _("The post is visible to some people only. Make it visible to everyone."),
        )
        WRONG_CAPTION = (
            "wrong_caption",
            _("The words to post with the poster are missing. Post it again with them."),
        )
        NOT_YET = (
            "not_yet",
            _("It was taken before the post went out. Wait for the post to appear, then take it."),
        )
        UNREADABLE = "unreadable", _("The picture is too small or blurred. Send the original screenshot.")
        ALREADY_USED = "already_used", _("This screenshot was sent before. Take a new one.")
        OTHER = "other", _("See the reviewer's note.")

    class Source(models.TextChoices):
        PAGE = "page", _("own page")
        ROOM = "room", _("the group")

    class Follows(models.TextChoices):
        """Seen by nobody: what somebody gets themselves, that and then what their inviter gets, or only the latter."""

        NOTHING = ""
        OWN = "own"
        BOTH = "both"
        INVITER = "inviter"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="proofs")
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="proofs")
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE)
    note = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(default=clock.now)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    is_machine = models.BooleanField(default=False)
    """The verdict is the machine's. Nobody's name stands beside it then."""
    settle_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    follows = models.CharField(max_length=8, choices=Follows, blank=True, default=Follows.NOTHING)
    """What its approval brings that was not given yet: a step each, as whoever scans waits for every one."""
    lease_until = models.DateTimeField(null=True)

    people_at = models.DateTimeField(default=clock.now)
    """From when on a person may be asked: the machine has a bounded time to decide it first."""
    settles = models.PositiveSmallIntegerField(default=1)
    """How much waits for this verdict: `rules.settles`."""
    alike_key = models.CharField(max_length=64, blank=True)
    """The same for those that one look can decide together: same poster, same doubts. Empty: nothing is known."""
    reserved_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    reserved_until = models.DateTimeField(null=True)
    batch_id = models.UUIDField(null=True)
    """Of verdicts given together, to be taken back together."""
    appeal_text = models.CharField(max_length=300, blank=True)
    appealed_at = models.DateTimeField(null=True)
    appealed_reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE)
    """Why it was not approved at first."""
    appealed_judge = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    """Who did not approve it at first; nobody where it was the machine."""
    erased_at = models.DateTimeField(null=True)
    """Its picture is gone; what it was recognised by is kept (`Shot`)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey"], condition=Q(state="waiting"), name="one_waiting_proof"
            )
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "sent_at"], name="proof_queue"),
            models.Index(fields=["settle_at"], name="proof_settle", condition=Q(settled_at__isnull=True)),
            models.Index(fields=["settled_at"], name="proof_follows", condition=~Q(follows="")),
            models.Index(fields=["campaign", "judged_at"], name="proof_judged"),
            models.Index(
                fields=["campaign", "settled_at"],
                name="proof_to_erase",
                condition=Q(erased_at__isnull=True, settled_at__isnull=False),
            ),
            models.Index(
                fields=["campaign", "sent_at"],
                name="proof_withdrawn_kept",
                condition=Q(erased_at__isnull=True, state="withdrawn"),
            ),
        ]

    @property
    def is_appeal(self) -> bool:
        return self.appealed_at is not None


class ReviewPlan(WorkspaceRow):
    """What a campaign wants a screenshot to show, as a few plain questions; and how far the machine may decide."""

    class Place(models.TextChoices):
        SHARED = "shared", _("In Moments or in a group chat")
        MOMENTS = "moments", _("In Moments")
        GROUP = "group", _("In a group chat")
        ANY = "any", _("Anywhere, also the poster just opened on the phone")

    class Mode(models.TextChoices):
        OFF = "off", _("People review everything")
        SHADOW = "shadow", _("The machine looks too, people decide")
        AUTOMATIC = "automatic", _("The machine decides where it is sure")

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="review_plan")
    place = models.CharField(_("where it is posted"), max_length=10, choices=Place, default=Place.SHARED)
    needs_everyone = models.BooleanField(_("visible to everyone"), default=True)
    oldest_hours = models.PositiveIntegerField(
        _("oldest post, in hours"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 366)],
    )
    needs_caption = models.CharField(_("words to post with it"), max_length=120, blank=True)
    needs_name = models.BooleanField(_("their own name above the post"), default=False)
    opened_by = models.PositiveSmallIntegerField(
        _("other phones that opened the code"), default=0, validators=[MaxValueValidator(MOST_OPENED)]
    )
    """So many are proof without a screenshot; 0: a screenshot is needed."""
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.SHADOW)
    automatic_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    automatic_at = models.DateTimeField(null=True)
    automatic_engine = models.CharField(max_length=40, blank=True)
    """What decides: another release's eyes are watched anew."""
    fell_back_at = models.DateTimeField(null=True)
    fell_back_why = models.JSONField(default=dict)
    """Why it fell back: the counts `sampled`, `disagreed`, `bound_percent`, or `changed`: "questions" or "engine"."""
    asked_at = models.DateTimeField(null=True)
    """When the questions were last changed: what was seen before says little about how it does with these."""
    sample_percent = models.PositiveSmallIntegerField(
        _("of the machine's verdicts a person looks at again, percent"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    bound_percent = models.PositiveSmallIntegerField(
        _("disagreement at which people take over again, percent"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    second_percent = models.PositiveSmallIntegerField(
        _("of people's verdicts a second person looks at, percent"),
        default=0,
        validators=[MaxValueValidator(100)],
    )
    keep_days = models.PositiveSmallIntegerField(
        _("days that screenshots are kept"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    appeals = models.BooleanField(_("participants may appeal once"), default=True)
    example = models.ForeignKey(Picture, null=True, on_delete=models.SET_NULL, related_name="+")
    """What a good screenshot looks like; without it one is drawn."""
    opened_mark = models.DateTimeField(null=True)
    opened_mark_id = models.UUIDField(null=True)
    """The last opening of a code that was looked at for `opened_by`."""


class Look(WorkspaceRow):
    """The machine's look at one screenshot: claimed by a lease, tried twice, and then left to people."""

    class State(models.TextChoices):
        QUEUED = "queued", _("To be looked at")
        RUNNING = "running", _("Being looked at")
        DONE = "done", _("Looked at")
        UNREADABLE = "unreadable", _("Could not be looked at")

    class Outcome(models.TextChoices):
        NONE = "", ""
        PASS = "pass", _("Approve")
        FAIL = "fail", _("Do not approve")
        ASK = "ask", _("Ask a person")

    class Doubt(models.TextChoices):
        """Why a person is asked, or should know; for reviewers only."""

        POSTER_NOT_FOUND = "poster_not_found", _("The campaign's poster was not found")
        CODE_NOT_PROVEN = "code_not_proven", _("Their own code could not be proven")
        OTHER_CODE = "other_code", _("Another code is to be seen as well")
        AGE_NOT_READ = "age_not_read", _("How old the post is could not be read for sure")
        AUDIENCE_NOT_READ = "audience_not_read", _("Who may see the post could not be read for sure")
        CAPTION_NOT_READ = "caption_not_read", _("The words of the post could not be read for sure")
        NAME_DIFFERS = "name_differs", _("The name above the post is not surely theirs")
        PERSON_DIFFERS = "person_differs", _("Face or name on the poster are not surely theirs")
        COPY_SUSPECTED = "copy_suspected", _("It looks like a screenshot that was sent before")
        SMALL_PICTURE_IN_A_POST = (
            "small_picture_in_a_post",
            _("The poster is one of several small pictures in a post"),
        )
        SCREEN_UNKNOWN = "screen_unknown", _("Where it was posted could not be told")
        WRONG_PLACE = "wrong_place", _("It does not show a post of the kind that was asked for")
        EDITED = "edited", _("There are signs of editing")
        UNREADABLE = "unreadable", _("The machine could not look at the picture")
        SAMPLED = "sampled", _("Chosen by chance for a second look")
        APPEAL = "appeal", _("The participant has appealed")
        SHADOW = "shadow", _("The machine does not decide in this campaign yet")
        OFF = "off", _("The machine does not look in this campaign")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="looks")
    proof = models.OneToOneField(Proof, on_delete=models.CASCADE, related_name="look")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    asked = models.JSONField(default=dict)
    """What the plan asked when the screenshot came (`rules.QUESTIONS`): it is decided by that, and by nothing since."""
    tries = models.PositiveSmallIntegerField(default=0)
    late = models.PositiveSmallIntegerField(default=0)
    """How often whoever looked at it had no core, or slept, until the time was over."""
    due_at = models.DateTimeField(null=True, default=clock.now)
    lease_until = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=4, choices=Outcome, blank=True, default=Outcome.NONE)
    reasons = models.JSONField(default=list)
    """Of a fail, `Proof.Reason` codes with the gravest first; of an ask, those that a person may find to be true."""
    doubts = models.JSONField(default=list)
    """`Doubt` codes."""
    found = models.JSONField(default=list)
    """What was found and speaks for it: codes of `deciding.FOUND`."""
    findings = models.JSONField(default=dict)
    """`imaging.seen.Findings` as JSON (`imaging.plain`), without the fingerprint; emptied with the picture."""
    belongs = models.JSONField(default=dict)
    """Whose each code is that was read: text -> [`case.Owner`, id of the owner's journey or ""]; emptied too."""
    engine = models.CharField(max_length=40, blank=True)
    spent_ms = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    is_applied = models.BooleanField(default=False)
    """What it found became the verdict."""

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="look_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["campaign"], name="look_waiting", condition=Q(due_at__isnull=False)),
            models.Index(fields=["campaign", "outcome"], name="look_outcome"),
        ]


class Shot(WorkspaceRow):
    """A screenshot as far as it is needed to know it again; outlives the picture. `near_*` are four bands of the
    fingerprint's key: one that is equal makes a candidate. An exact copy is known by the picture's `sha256`."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="shots")
    proof = models.OneToOneField(Proof, on_delete=models.CASCADE, related_name="shot")
    fingerprint = models.BinaryField(default=b"")
    near_0 = models.BigIntegerField(null=True)
    near_1 = models.BigIntegerField(null=True)
    near_2 = models.BigIntegerField(null=True)
    near_3 = models.BigIntegerField(null=True)
    has_own_code = models.BooleanField(default=False)
    """The sender's own code was proven in it."""
    kept_at = models.DateTimeField(default=clock.now)

    first = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    """The earlier one it was found to be like when it came."""
    likeness = models.CharField(max_length=14, blank=True)
    share = models.FloatField(null=True)
    changed = models.JSONField(default=list)
    """Quads in pixels of this picture where the two differ."""

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "near_0", "id"], name="shot_near_0"),
            models.Index(fields=["workspace", "near_1", "id"], name="shot_near_1"),
            models.Index(fields=["workspace", "near_2", "id"], name="shot_near_2"),
            models.Index(fields=["workspace", "near_3", "id"], name="shot_near_3"),
        ]


class SecondLook(WorkspaceRow):
    """A verdict that somebody else looks at again without knowing it: whether two agree is measured, not changed."""

    class Of(models.TextChoices):
        MACHINE = "machine", _("The machine's verdict")
        PERSON = "person", _("A person's verdict")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="second_looks")
    proof = models.ForeignKey(Proof, on_delete=models.CASCADE, related_name="second_looks")
    of = models.CharField(max_length=10, choices=Of)
    first_state = models.CharField(max_length=10, choices=Proof.State)
    first_reason = models.CharField(max_length=20, choices=Proof.Reason, blank=True)
    first_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    reserved_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    reserved_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=Proof.State, default=Proof.State.WAITING)
    """What the second one says; WITHDRAWN where the first verdict was taken back before anybody looked."""
    reason = models.CharField(max_length=20, choices=Proof.Reason, blank=True)
    note = models.CharField(max_length=200, blank=True)
    looked_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    looked_at = models.DateTimeField(null=True)
    agrees = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proof"], condition=Q(state="waiting"), name="one_second_look_waits"
            )
        ]
        indexes = [models.Index(fields=["campaign", "of", "state"], name="second_look_of")]


class OtherDevice(Row):
    """The phone of somebody who opened a participant's code since they joined, and went further (`flow.opened`): kept
    up to MOST_OPENED, and only as long as nothing is approved."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey = models.ForeignKey(
        Journey, on_delete=models.CASCADE, related_name="other_devices", db_index=False
    )
    visitor_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "visitor_id"], name="other_device_once")]
