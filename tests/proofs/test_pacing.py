"""What is asked for by everybody who waits costs the database little."""

from __future__ import annotations

from typing import Any

import pytest

from tenfold.insight import desk
from tenfold.proofs import pacing
from tenfold.proofs.models import Proof
from tests import cast
from tests.conftest import FrozenClock
from tests.story.looker import judged, reviewed, sent

pytestmark = pytest.mark.django_db


def test_the_pace_is_counted_once_for_all_who_ask_within_seconds(
    frozen: FrozenClock, django_assert_num_queries: Any
) -> None:
    stage = reviewed("off", capacity=30)
    for nth in range(4):
        proof = sent(stage, f"Ben {nth}")
        frozen.advance(minutes=2)
        judged(proof, stage.owner)
    with django_assert_num_queries(2):
        told = pacing.pace_lately(stage.campaign)
    assert told is not None
    frozen.advance(seconds=9)
    with django_assert_num_queries(0):
        assert pacing.pace_lately(stage.campaign) == told
    with django_assert_num_queries(1):
        assert pacing.pace_lately(stage.campaign, of_appeals=True) is None
    frozen.advance(seconds=1)
    with django_assert_num_queries(2):
        pacing.pace_lately(stage.campaign)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST", 2)
    for nth in range(4):
        pacing.pace_lately(cast.live(owner=cast.workspace(f"o{nth}@example.com")).campaign)
    assert len(pacing._kept) <= 2


def test_of_whoever_has_sent_a_hundred_the_desk_shows_the_last_few(frozen: FrozenClock) -> None:
    stage = reviewed("off")
    mia = cast.joins(stage, "Mia")
    for nth in range(desk.MOST_EARLIER + 3):
        frozen.advance(seconds=1)
        last = cast.sends(mia, cast.screenshot(f"#0000{nth:02x}"))
    shown = desk.desk(stage.campaign, stage.owner, last).earlier
    others = Proof.objects.exclude(pk=last.pk).order_by("-sent_at")
    assert list(shown) == list(others[: desk.MOST_EARLIER])
