"""Channels, codes, and the first touch."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.codes import actions
from tenfold.codes.models import Channel, FirstTouch
from tenfold.codes.queries import address_of, code_by_slug, first_touch
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


def test_the_first_touch_stays_and_every_scan_is_counted() -> None:
    stage, someone = cast.live(), new_id()
    other = actions.make_channel(campaign=stage.campaign, name="Wall", kind="placement", operator=stage.owner)
    for code in (stage.code, other, other):
        actions.note_first_touch(code=code, visitor_id=someone)
        actions.note_scan(code=code, visitor_id=someone, group_id=None, outcome="waiting")
    touch = first_touch(campaign_id=stage.campaign.id, visitor_id=someone)
    assert touch is not None
    assert (touch.code, FirstTouch.objects.count()) == (stage.code, 1)
    other.refresh_from_db()
    assert (other.scan_count, Entry.objects.filter(kind="scanned", code_id=other.id).count()) == (2, 2)
    assert first_touch(campaign_id=new_id(), visitor_id=someone) is None
