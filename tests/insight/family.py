"""A small story, counted by hand, that many numbers are checked against.

Ann comes through the seeds' code; Ben and Cai through Ann; Dan through Ben. A stranger opens Ann's code and goes.
Ann and Ben send a screenshot and get their reward, Cai's is not approved, Dan leaves the same minute.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenfold import flow
from tenfold.people.models import Journey
from tests import cast
from tests.cast import Stage


@dataclass(frozen=True)
class Family:
    stage: Stage
    ann: Journey
    ben: Journey
    cai: Journey
    dan: Journey


def family(stage: Stage | None = None) -> Family:
    stage = stage or cast.live(stock=5, reward_kind="codes")
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    cai = cast.joins(stage, "Cai", by=ann.code)
    dan = cast.joins(stage, "Dan", by=ben.code)
    flow.scanned(slug=ann.code.slug, visitor_id=None)
    for journey in (ann, ben):
        cast.is_approved(cast.sends(journey), stage.owner)
    cast.settles(
        flow.judged(proof=cast.sends(cai), operator=stage.owner, is_approved=False, reason="no_poster")
    )
    flow.left(journey=dan)
    return Family(stage, *(Journey.objects.get(pk=each.pk) for each in (ann, ben, cai, dan)))
