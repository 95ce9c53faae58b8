"""Redeeming a reward: whose it is, once, and never twice."""

from __future__ import annotations

import pytest

from tenfold.accounts.models import Role
from tenfold.rewards.models import Grant
from tests import cast
from tests.console.desk import address, desk, mate, outsider, said
from tests.insight.family import Family, family

pytestmark = pytest.mark.django_db


def test_a_number_shows_whose_and_what(told: Family) -> None:
    number = told.ann.grants.get().number
    for typed in (
        number,
        number.lower(),
        f"  {number} ",
        f"{number[:4]} {number[4:]}",
        f"{number[:4]}-{number[4:]}",
    ):
        html = said(desk(told.stage.owner).get(address("redeem"), {"number": typed}))
        assert "Ann" in html
        assert "A free book" in html
        assert "Redeem now" in html


def test_redeemed_once_and_clearly_not_twice(told: Family) -> None:
    client = desk(mate(told.stage, Role.REVIEWER))
    number = told.ann.grants.get().number
    assert "Redeemed just now" in said(client.post(address("redeem"), {"number": number}))
    first = Grant.objects.get(number=number)
    again = client.post(address("redeem"), {"number": number})
    assert again.status_code == 409
    for answer in (again, client.get(address("redeem"), {"number": number})):
        assert "Already redeemed. Do not hand it over again." in said(answer)
        assert "reviewer mate" in said(answer)
        assert "Redeem now" not in said(answer)
    assert Grant.objects.get(number=number).redeemed_at == first.redeemed_at


@pytest.mark.parametrize("number", ["AAAAAAAA", "x", "1" * 40, "<script>", "读书读书读书读书"])
def test_a_wrong_number_is_named_and_kept(told: Family, number: str) -> None:
    client = desk(told.stage.owner)
    for answer in (
        client.get(address("redeem"), {"number": number}),
        client.post(address("redeem"), {"number": number}),
    ):
        assert answer.status_code == 404
        assert "There is no reward with this number" in said(answer)
        assert "<script>" not in said(answer).replace('<script src="', "")


def test_nothing_typed_is_no_mistake(told: Family) -> None:
    answer = desk(told.stage.owner).get(address("redeem"))
    assert answer.status_code == 200
    assert "Type the 8 characters" in said(answer)


def test_who_may_redeem(told: Family) -> None:
    number = told.ann.grants.get().number
    viewer = desk(mate(told.stage, Role.VIEWER))
    assert (
        viewer.get(address("redeem")).status_code,
        viewer.post(address("redeem"), {"number": number}).status_code,
    ) == (403, 403)
    stranger = desk(outsider())
    assert stranger.get(address("redeem"), {"number": number}).status_code == 404
    assert stranger.post(address("redeem"), {"number": number}).status_code == 404
    assert desk().get(address("redeem")).status_code == 302
    assert Grant.objects.get(number=number).redeemed_at is None


def test_the_latest_are_listed(told: Family) -> None:
    client = desk(told.stage.owner)
    for journey in (told.ann, told.ben):
        client.post(address("redeem"), {"number": journey.grants.get().number})
    html = said(client.get(address("redeem")))
    assert html.index("<b>Ben</b>") < html.index("<b>Ann</b>")


def test_a_reward_of_another_workspace_is_unknown_here(told: Family) -> None:
    other = family(cast.live(owner=cast.workspace("otto@example.org"), stock=5, reward_kind="codes"))
    assert (
        desk(told.stage.owner).get(address("redeem"), {"number": other.ann.grants.get().number}).status_code
        == 404
    )
