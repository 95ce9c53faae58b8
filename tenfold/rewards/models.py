"""What can be earned, the stock of it, the rules by which it is earned, and each earning."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.keys import new_id, new_slug
from tenfold.base.models import WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey


class Reward(WorkspaceRow):
    """One thing of the catalogue. `stock_count` is how many there are in all, None for no limit; `granted_count` how
    many of them somebody has: what went back unclaimed is not among them. `amount` is what one is worth to whoever
    gets it: the smallest unit of the campaign's currency, or points; 0 for all other kinds."""

    class Kind(models.TextChoices):
        CODES = "codes", _("A code from a stock")
        TEXT = "text", _("A text")
        LINK = "link", _("A link")
        FILE = "file", _("A file")
        KEEPSAKE = "keepsake", _("A ticket, letter or certificate")
        PHYSICAL = "physical", _("Something that is sent")
        MONEY = "money", _("Money")
        POINTS = "points", _("Points")

    class State(models.TextChoices):
        ACTIVE = "active", _("In use")
        RETIRED = "retired", _("Put away")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="rewards")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text or link"), blank=True, max_length=1000)
    amount = models.PositiveBigIntegerField(_("amount"), default=0)
    stock_count = models.PositiveIntegerField(_("stock"), null=True, blank=True)
    granted_count = models.PositiveIntegerField(default=0)
    redeemed_count = models.PositiveIntegerField(default=0)
    warn_below = models.PositiveIntegerField(_("warn when fewer are left"), null=True, blank=True)
    claim_hours = models.PositiveIntegerField(_("hours to claim it"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stock_count__isnull=True) | Q(stock_count__gte=F("granted_count")),
                name="reward_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left_count(self) -> int | None:
        return None if self.stock_count is None else self.stock_count - self.granted_count

    @property
    def is_amount(self) -> bool:
        """Whether it goes onto a balance, instead of being a thing of its own."""
        return self.kind in (self.Kind.MONEY, self.Kind.POINTS)


class RewardFile(WorkspaceRow):
    """The file of a reward, as it was uploaded. It is handed out as a download, never shown in a page."""

    reward = models.OneToOneField(Reward, on_delete=models.CASCADE, related_name="file")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=clock.now)


class RewardRule(WorkspaceRow):
    """Who gets what, when. A rule never changes: a change is a new row of the same `line` with the next `version`, and
    the old one has its `replaced_at`. `used_count` and `spent` go on counting from version to version.

    Amounts (`direct`, `second`, `budget`, `spent`) are in `unit`; the two of a rule for orders are hundredths of a
    percent of the order. `need` is a number of friends, of days, or the fewest friends with which one takes part.
    """

    class When(models.TextChoices):
        TASK = "task", _("for doing the task")
        INVITES = "invites", _("for so many friends")
        JOINED = "joined", _("for joining by a friend's code")
        ATTENDANCE = "attendance", _("for so many days of taking part")
        RANK = "rank", _("for a place on the leaderboard at the end")
        LOTTERY = "lottery", _("by a draw at the end")
        INVITE = "invite", _("an amount for each friend")
        ORDER = "order", _("a share of each order")

    class Unit(models.TextChoices):
        NONE = "", ""
        POINTS = "points", _("Points")
        MONEY = "money", _("Money")

    class Stop(models.TextChoices):
        NONE = "", ""
        OPERATOR = "operator", _("stopped by hand")
        CAP = "cap", _("as many as planned were given")
        BUDGET = "budget", _("the budget is used up")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="reward_rules")
    line = models.UUIDField(default=new_id)
    version = models.PositiveIntegerField(default=1)
    when = models.CharField(max_length=10, choices=When)
    reward = models.ForeignKey(Reward, null=True, on_delete=models.PROTECT, related_name="rules")
    fallback = models.ForeignKey(Reward, null=True, on_delete=models.PROTECT, related_name="+")
    need = models.PositiveIntegerField(default=0)
    rank_from = models.PositiveIntegerField(default=0)
    rank_to = models.PositiveIntegerField(default=0)
    winners = models.PositiveIntegerField(default=0)
    direct = models.PositiveBigIntegerField(default=0)
    second = models.PositiveBigIntegerField(default=0)
    unit = models.CharField(max_length=10, choices=Unit, blank=True, default=Unit.NONE)
    person_cap = models.PositiveIntegerField(null=True)
    campaign_cap = models.PositiveIntegerField(null=True)
    budget = models.PositiveBigIntegerField(null=True)
    used_count = models.PositiveIntegerField(default=0)
    spent = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    replaced_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stop = models.CharField(max_length=10, choices=Stop, blank=True, default=Stop.NONE)

    due_at = models.DateTimeField(null=True)
    """When its places are given or its draw is made; for the others, since when those who qualify already are looked
    for, by the key of their journey up to `swept_to`."""
    lease_until = models.DateTimeField(null=True)
    swept_to = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "version"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["line"], condition=Q(replaced_at__isnull=True), name="rule_one_holds"
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=F("spent")), name="rule_within_budget"
            ),
            models.CheckConstraint(
                condition=Q(campaign_cap__isnull=True) | Q(campaign_cap__gte=F("used_count")),
                name="rule_within_cap",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="rule_due", condition=Q(due_at__isnull=False)),
        ]


class Grant(WorkspaceRow):
    """One earning of a reward: once a journey and line of rules (`nth` is 0). `number` is what the participant shows to
    redeem it. What has to be claimed is held until `claim_until`, and goes back to the stock after it."""

    class State(models.TextChoices):
        OFFERED = "offered", _("To be claimed")
        CLAIMED = "claimed", _("Theirs")
        REDEEMED = "redeemed", _("Redeemed")
        EXPIRED = "expired", _("Not claimed in time")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="grants")
    rule = models.ForeignKey(RewardRule, on_delete=models.PROTECT, related_name="grants")
    line = models.UUIDField()
    nth = models.PositiveIntegerField(default=0)
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="grants")
    was_fallback = models.BooleanField(default=False)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="grants", db_index=False)
    number = models.CharField(max_length=12, unique=True, default=new_slug)
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    granted_at = models.DateTimeField(default=clock.now)
    claim_until = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    redeemed_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    address = models.JSONField(null=True)
    """Where it is sent: name, phone, address, postcode. Erased with the person."""
    shipped_at = models.DateTimeField(null=True)
    shipped_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    tracking = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "line", "nth"], name="grant_once")]
        indexes = [
            models.Index(fields=["claim_until"], name="grant_unclaimed", condition=Q(state="offered")),
        ]


class StockCode(WorkspaceRow):
    """One code of the stock, given to at most one grant. Those of one upload have the same `batch_id`."""

    reward = models.ForeignKey(Reward, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=200)
    grant = models.OneToOneField(Grant, null=True, on_delete=models.SET_NULL, related_name="stock_code")
    batch_id = models.UUIDField(null=True)
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reward", "code"], name="stock_code_once")]
        indexes = [
            models.Index(fields=["reward"], name="stock_free", condition=Q(grant__isnull=True)),
            models.Index(fields=["reward", "batch_id"], name="stock_batch"),
        ]


class Debt(WorkspaceRow):
    """Earned while none was left. Paid from the next stock, first come, first served, if it is still deserved then."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="debts")
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="debts", db_index=False)
    line = models.UUIDField()
    nth = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "line", "nth"], name="debt_once")]
        indexes = [models.Index(fields=["line", "since"], name="debt_oldest")]
