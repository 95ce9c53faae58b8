"""Groups, their seats, and the line of those who wait for one."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenfold.base import clock
from tenfold.base.models import Picture, WorkspaceRow
from tenfold.campaigns.models import Campaign


class Group(WorkspaceRow):
    """One chat with a capacity. The counters move only together with their facts; `tenfold rebuild` checks them."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DRAINING = "draining", _("Draining: no newcomers, those shown may still join")
        CLOSED = "closed", _("Closed")

    class Platform(models.TextChoices):
        WEB = "web", _("Built-in community")
        WECHAT_GROUP = "wechat_group", _("WeChat group")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="groups")
    platform = models.CharField(max_length=20, choices=Platform, default=Platform.WEB)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    capacity = models.PositiveIntegerField(_("capacity"), default=200)
    held_count = models.PositiveIntegerField(default=0)
    taken_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    # WeChat groups only: the operator's QR picture, and the member count they read off the phone.
    qr_text = models.CharField(max_length=500, blank=True)
    qr_picture = models.ForeignKey(Picture, null=True, on_delete=models.SET_NULL, related_name="+")
    qr_expires_at = models.DateTimeField(null=True)
    others_count = models.PositiveIntegerField(_("members who were there before"), default=1)
    counted_members = models.PositiveIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=F("held_count") + F("taken_count")), name="group_never_oversold"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "position"], name="group_pool")]

    def __str__(self) -> str:
        return self.name

    @property
    def free_count(self) -> int:
        return self.capacity - self.held_count - self.taken_count


class Seat(WorkspaceRow):
    """A place in a group: held when shown, taken when joined, released on expiry or leaving.

    `visitor_id` is None where only the operator's member count says that somebody sits there. Every newcomer's scan
    writes one: no index that is not asked (`one_seat_a_visitor` begins with the campaign).
    """

    class State(models.TextChoices):
        HELD = "held", _("Held")
        TAKEN = "taken", _("Taken")
        RELEASED = "released", _("Released")

    # The group's key holds for the two above it: nothing is looked up three times a scan.
    workspace = models.ForeignKey(
        "tenfold.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="seats", db_index=False)
    visitor_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    held_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "visitor_id"],
                condition=~Q(
                    state="released"
                ),  # said as `live_seat` asks it: SQLite takes an index for the same words only
                name="one_seat_a_visitor",
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="seat_expiry", condition=Q(state="held")),
            models.Index(fields=["group"], name="seat_members", condition=Q(state="taken")),
        ]


class SeatLease(WorkspaceRow):
    """A block of a group's seats that one process hands out from its memory. Where only one process writes (SQLite)
    there are none.

    Opening it adds `seats` to the group's `held_count` at once; ending it gives back what was not used. Every batch of
    scans moves `used` in its own transaction and only while the lease is open: whoever ends it stops its holder, be
    that dead, frozen or merely slow. A lease that has ended is never opened again.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="leases")
    holder = models.CharField(max_length=60)
    seats = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seats__gte=F("used")), name="lease_never_oversold")]
        indexes = [
            models.Index(fields=["expires_at"], name="lease_open", condition=Q(ended_at__isnull=True)),
        ]


class Waiting(WorkspaceRow):
    """One visitor in a campaign's line; `called_at` is when a seat was held for them."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("in line", "Waiting")
        CALLED = "called", _("Called")
        SERVED = "served", _("Joined")
        MISSED = "missed", _("Did not come")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    visitor_id = models.UUIDField()
    name = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    since = models.DateTimeField(default=clock.now)
    called_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "visitor_id"], name="waits_once")]
        indexes = [models.Index(fields=["campaign", "state", "since"], name="waiting_line")]
