"""Channels, codes, and the first touch."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from tenfold.base import bulk, clock
from tenfold.base.keys import new_hex, new_id
from tenfold.base.refusal import Refusal
from tenfold.codes import actions
from tenfold.codes.models import Channel, LiveCode, Scan, ScanTally
from tenfold.codes.queries import Tally, address_of, code_by_slug, first_touch, tallies, tally_of
from tenfold.imaging.qr import qr_modules
from tenfold.journal.models import Entry
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [(" ", "kol", "bad_name"), ("x" * 61, "kol", "bad_name"), ("Ann", "king", "unknown_kind")],
)
def test_a_channel_has_a_name_and_a_kind(name: str, kind: str, why: str) -> None:
    stage = cast.draft()
    with pytest.raises(Refusal) as refused:
        actions.make_channel(campaign=stage.campaign, name=name, kind=kind, operator=stage.owner)
    assert (refused.value.code, Channel.objects.count()) == (why, 1)


def test_every_channel_and_every_participant_has_a_code_of_their_own() -> None:
    stage = cast.live()
    kol = actions.make_channel(campaign=stage.campaign, name=" Ann ", kind="kol", operator=stage.owner)
    mia = cast.joins(stage, "Mia")
    assert (kol.channel.name, mia.code.channel) == ("Ann", None)  # type: ignore[union-attr]
    assert len({stage.code.slug, kol.slug, mia.code.slug}) == 3
    assert code_by_slug(kol.slug) == kol
    assert Entry.objects.filter(kind="code_made").count() == 3


def test_the_address_on_a_poster_is_upper_case_and_so_makes_a_small_code(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://ten.example"
    code = cast.draft().code
    assert address_of(code) == f"HTTPS://TEN.EXAMPLE/C/{code.slug}"
    assert qr_modules(address_of(code)).width < qr_modules(address_of(code).lower()).width


def row(code: LiveCode, visitor: UUID, *, is_first: bool = False) -> bulk.Row:
    """One opening, as the door writes it down."""
    about = (code.workspace_id, code.campaign_id, code.id, visitor)
    ids = [each.hex for each in about]
    return (new_hex(), bulk.moment(clock.now()), *ids, None, "waiting", int(is_first), 0)


def test_the_first_touch_stays_and_every_scan_is_counted() -> None:
    stage, someone = cast.live(), new_id()
    other = actions.make_channel(campaign=stage.campaign, name="Wall", kind="placement", operator=stage.owner)
    actions.note_scans([row(stage.code, someone, is_first=True), row(other, someone), row(other, someone)])
    touch = first_touch(campaign_id=stage.campaign.id, visitor_id=someone)
    assert touch == stage.code
    assert (other.scans.count(), stage.code.scans.count(), Scan.objects.filter(is_first=True).count()) == (
        2,
        1,
        1,
    )
    assert first_touch(campaign_id=new_id(), visitor_id=someone) is None
    assert first_touch(campaign_id=stage.campaign.id, visitor_id=new_id()) is None


def test_nobody_touches_a_campaign_first_twice() -> None:
    stage, someone = cast.live(), new_id()
    actions.note_scans([row(stage.code, someone, is_first=True)])
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.note_scans(
            [row(stage.code, new_id(), is_first=True), row(stage.code, someone, is_first=True)]
        )
    assert Scan.objects.count() == 1


def test_what_slots_have_counted_is_told_as_a_sum_by_source_and_by_campaign() -> None:
    stage, elsewhere = cast.live(), cast.live(owner=cast.workspace("other@example.com"))
    seeds, home = stage.code.channel_id, stage.campaign.id
    assert seeds
    for slot, scans, visitors in ((0, 2, 1), (15, 5, 0), (0, 1, 1)):
        actions.count_scans(campaign_id=home.hex, tally={seeds.hex: (scans, visitors)}, slot=slot)
    for campaign, counts in ((home, (4, 3)), (elsewhere.campaign.id, (9, 9))):
        actions.count_scans(campaign_id=campaign.hex, tally={campaign.hex: counts}, slot=0)
    assert ScanTally.objects.filter(source_id=seeds).count() == 2
    assert tallies([home]) == {seeds: Tally(8, 2), home: Tally(4, 3)}
    assert tally_of(home) == Tally(12, 5)
    assert tally_of(new_id()) == Tally(0, 0)
