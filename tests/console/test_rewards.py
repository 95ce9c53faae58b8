"""What there is to give: made by kind, with who gets it in one go; changed, put away, and offered again."""

from __future__ import annotations

from typing import Any

import pytest

from tenfold.accounts.models import Role
from tenfold.base.keys import new_id
from tenfold.console.rewards_cost import MOST_PEOPLE, PEOPLE, people_of
from tenfold.keepsakes.actions import make_edition
from tenfold.rewards.models import Reward, RewardRule
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, said
from tests.console.reading import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    stage = cast.draft(reward_kind="codes")
    RewardRule.objects.all().delete()
    Reward.objects.all().delete()
    return stage


def there(stage: Stage, name: str, *more: object) -> str:
    return address(name, stage.campaign.id, *more)


def posts(stage: Stage, typed: dict[str, Any]) -> Any:
    return desk(stage.owner).post(there(stage, "new_reward"), typed)


def test_with_nothing_to_give_the_page_offers_every_kind(stage: Stage) -> None:
    page = Page(said(desk(stage.owner).get(there(stage, "reward"))))
    assert page.faults == []
    new = there(stage, "new_reward")
    offered = {tag.attributes["href"] for tag in page.tags if tag.attributes.get("href", "").startswith(new)}
    assert offered == {f"{new}?kind={kind}" for kind in Reward.Kind.values}


def test_a_viewer_is_offered_nothing_to_make(stage: Stage) -> None:
    html = said(desk(mate(stage, Role.VIEWER)).get(there(stage, "reward")))
    assert "Nobody has set a reward yet." in html
    assert there(stage, "new_reward") not in html


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("codes", {}),
        ("text", {"text": "Ask for it at the desk.", "stock_count": "30"}),
        ("link", {"text": "https://example.com/course", "claim_hours": "48"}),
        ("file", {}),
        ("physical", {"text": "White, 300 ml", "stock_count": "20", "warn_below": "5"}),
        ("money", {"amount": "12.50"}),
        ("points", {"amount": "100"}),
    ],
)
def test_a_reward_of_each_kind_is_made_with_its_rule(stage: Stage, kind: str, more: dict[str, str]) -> None:
    answer = posts(stage, {"kind": kind, "name": "A gift", "when": "invites", "need": "3"} | more)
    assert answer.status_code == 302
    made = Reward.objects.get()
    assert (made.kind, made.name, made.rules.get().when, made.rules.get().need) == (
        kind,
        "A gift",
        "invites",
        3,
    )
    assert made.amount == {"money": 1250, "points": 100}.get(kind, 0)
    assert (made.stock_count is None) == (kind in ("link", "file", "money", "points"))


def test_a_keepsake_is_given_from_its_edition(stage: Stage) -> None:
    edition = make_edition(campaign=stage.campaign, kind="ticket", name="Reading night", operator=stage.owner)
    typed = {"kind": "keepsake", "name": "A ticket", "when": "task"}
    refused = posts(stage, typed | {"edition": str(new_id())})
    assert refused.status_code == 422
    assert posts(stage, typed | {"edition": str(edition.id)}).status_code == 302
    edition.refresh_from_db()
    assert edition.reward is not None
    assert edition.reward.name == "A ticket"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "This field is required."),
        ({"kind": "text", "text": ""}, "Say what they get"),
        ({"kind": "link", "text": "javascript:alert(1)"}, "This is not a web address."),
        ({"kind": "text", "text": "x", "stock_count": "-1"}, "greater than or equal to 0"),
        ({"kind": "money", "amount": "5,5,5.555"}, "An amount of money"),
        ({"kind": "points", "amount": "1.5"}, "A whole number of points."),
        ({"kind": "points", "amount": ""}, "need an amount"),
        ({"when": "invites", "need": ""}, "Say how many."),
        ({"kind": "link", "text": "https://example.com", "claim_hours": "0"}, "between an hour and a year"),
    ],
)
def test_what_cannot_be_says_why_beside_its_field(stage: Stage, wrong: dict[str, str], why: str) -> None:
    answer = posts(stage, {"kind": "codes", "name": "A gift", "when": "task"} | wrong)
    assert answer.status_code == 422
    assert why in said(answer)
    assert "is-invalid" in said(answer)


def test_a_kind_that_is_none_asks_which(stage: Stage) -> None:
    answer = posts(stage, {"kind": "gold", "name": "A gift"})
    assert "What is it?" in said(answer)
    assert not Reward.objects.exists()


def test_the_same_form_sent_twice_makes_one(stage: Stage) -> None:
    typed = {"kind": "points", "amount": "5", "name": "Five", "when": "task", "once": str(new_id())}
    for _ in range(2):
        assert posts(stage, typed).status_code == 302
    assert (Reward.objects.count(), RewardRule.objects.count()) == (1, 1)


def test_a_reward_is_changed_and_what_is_wrong_is_not_kept(stage: Stage) -> None:
    posts(stage, {"kind": "text", "name": "A talk", "text": "Call us.", "stock_count": "5", "when": "task"})
    made, client = Reward.objects.get(), desk(stage.owner)
    page = there(stage, "one_reward", made.id)
    assert client.post(page, {"name": "A walk", "text": "Call us.", "stock_count": ""}).status_code == 302
    refused = client.post(page, {"name": "A swim", "text": "", "stock_count": "4"})
    assert refused.status_code == 422
    assert "Say what they get" in said(refused)
    made.refresh_from_db()
    assert (made.name, made.stock_count) == ("A walk", None)


def test_what_no_rule_gives_can_be_put_away_and_offered_again(stage: Stage) -> None:
    posts(stage, {"kind": "text", "name": "A talk", "text": "Call us.", "when": ""})
    made, client = Reward.objects.get(), desk(stage.owner)
    told = said(client.post(there(stage, "retire_reward", made.id), follow=True))
    assert "is given no more" in told
    assert there(stage, "restore_reward", made.id) in told
    assert "given no more" in said(client.get(there(stage, "reward")))
    client.post(there(stage, "restore_reward", made.id))
    made.refresh_from_db()
    assert made.state == "active"


def test_what_a_rule_gives_stays_and_says_why(stage: Stage) -> None:
    posts(stage, {"kind": "text", "name": "A talk", "text": "Call us.", "when": "task"})
    made = Reward.objects.get()
    told = said(desk(stage.owner).post(there(stage, "retire_reward", made.id), follow=True))
    assert "A rule gives this reward" in told


def test_money_is_shown_as_it_is_written(stage: Stage) -> None:
    posts(stage, {"kind": "money", "name": "A taxi", "amount": "1234.5", "when": "task"})
    assert "¥1,234.50" in said(desk(stage.owner).get(there(stage, "reward")))
    page = Page(said(desk(stage.owner).get(there(stage, "one_reward", Reward.objects.get().id))))
    [typed] = [tag for tag in page.tags if tag.attributes.get("name") == "amount"]
    assert typed.attributes["value"] == "1234.50"


def test_few_left_is_said_before_none_is(stage: Stage) -> None:
    typed = {"kind": "text", "name": "A talk", "text": "Call us.", "when": "task"}
    posts(stage, typed | {"stock_count": "4", "warn_below": "5"})
    client, page = desk(stage.owner), there(stage, "reward")
    assert "few left" in said(client.get(page))
    Reward.objects.update(stock_count=0)
    assert "none left" in said(client.get(page))


def test_what_it_may_cost_is_reckoned_for_so_many_people(stage: Stage) -> None:
    posts(stage, {"kind": "money", "name": "A taxi", "amount": "5", "when": "invites", "need": "1"})
    client = desk(stage.owner)
    told = said(client.get(there(stage, "expected"), {"people": "1000"}, headers={"HX-Request": "true"}))
    assert "282" in told  # P(X >= 1) = .281553
    assert "¥1,408.00" in told
    assert client.get(there(stage, "expected"), {"people": "7"})["Location"].endswith("?people=7")


@pytest.mark.parametrize(
    ("typed", "people"),
    [("250", 250), ("", PEOPLE), ("0", PEOPLE), ("-5", PEOPLE), ("٣", PEOPLE), ("9" * 8, MOST_PEOPLE)],
)
def test_a_number_of_people_is_read_whatever_was_typed(typed: str, people: int) -> None:
    assert people_of(typed) == people
