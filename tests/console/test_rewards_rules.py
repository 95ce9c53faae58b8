"""Rules as operators make, change and stop them, and the sentences in which pages tell them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.console.rewards_lines import KINDS, Counted, gives_of, line_of, title_of
from tenfold.rewards.actions import add_reward
from tenfold.rewards.books import Draw
from tenfold.rewards.models import Grant, Reward, RewardRule
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, said
from tests.console.reading import Page

pytestmark = pytest.mark.django_db
Rule = RewardRule


@pytest.fixture
def stage() -> Stage:
    return cast.draft(stock=5)


def there(stage: Stage, name: str, *more: object) -> str:
    return address(name, stage.campaign.id, *more)


def posts(stage: Stage, **typed: Any) -> Any:
    given = {} if typed["when"] in ("invite", "order") else {"reward": str(stage.reward.id)}
    return desk(stage.owner).post(there(stage, "new_rule"), given | typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"when": "invites", "need": "3", "campaign_cap": "40"}, {"need": 3, "campaign_cap": 40}),
        ({"when": "joined"}, {"need": 0, "unit": ""}),
        ({"when": "attendance", "need": "21"}, {"need": 21}),
        ({"when": "rank", "rank_from": "1", "rank_to": "3", "need": "5"}, {"rank_to": 3, "need": 5}),
        ({"when": "lottery", "winners": "10", "need": "0"}, {"winners": 10}),
        (
            {
                "when": "invite",
                "unit": "money",
                "direct": "5",
                "second": "2",
                "person_cap": "5",
                "budget": "500",
            },
            {"direct": 500, "second": 200, "person_cap": 5, "budget": 50_000, "unit": "money"},
        ),
        ({"when": "invite", "unit": "points", "direct": "5"}, {"direct": 5, "second": 0, "unit": "points"}),
        (
            {"when": "order", "direct": "10", "second": "2.5 %"},
            {"direct": 1000, "second": 250, "unit": "money"},
        ),
    ],
)
def test_a_rule_of_each_kind_is_kept_as_it_was_typed(
    stage: Stage, typed: dict[str, str], kept: dict[str, Any]
) -> None:
    assert posts(stage, **typed).status_code == 302
    rule = Rule.objects.get(when=typed["when"])
    assert {name: getattr(rule, name) for name in kept} == kept
    page = Page(said(desk(stage.owner).get(there(stage, "rule", rule.id))))
    shown = {
        tag.attributes.get("name"): tag.attributes.get("value") for tag in page.tags if tag.name == "input"
    }
    for name in {"direct", "second", "budget"} & typed.keys():
        assert float(shown[name] or 0) == float(typed[name].strip(" %"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"when": "invites", "need": "0"}, "This number does not fit."),
        ({"when": "invites", "need": ""}, "This field is required."),
        ({"when": "rank", "rank_from": "3", "rank_to": "1", "need": "0"}, "the first before the last"),
        ({"when": "lottery", "winners": "0", "need": "0"}, "between 1 and 10,000 winners"),
        ({"when": "order", "direct": "101"}, "A share of 0 to 100 percent"),
        ({"when": "order", "direct": "90", "second": "20"}, "Both shares together are more"),
        ({"when": "invite", "unit": "money", "direct": "free"}, "An amount of money"),
        ({"when": "invite", "unit": "gold", "direct": "5"}, "Select a valid choice."),
        ({"when": "joined", "reward": "not one"}, "Select a valid choice."),
        ({"when": "task"}, "There is such a rule already"),
    ],
)
def test_a_rule_that_cannot_be_says_why(stage: Stage, typed: dict[str, str], why: str) -> None:
    answer = posts(stage, **typed)
    assert answer.status_code == 422
    assert why in said(answer)
    assert Rule.objects.count() == 1


def test_the_kind_of_a_rule_is_chosen_first(stage: Stage) -> None:
    page = Page(said(desk(stage.owner).get(there(stage, "new_rule"), {"when": "gold"})))
    new = there(stage, "new_rule")
    offered = {tag.attributes["href"] for tag in page.tags if tag.attributes.get("href", "").startswith(new)}
    assert offered == {f"{new}?when={when}" for when in KINDS}


def test_without_anything_to_give_that_comes_first(stage: Stage) -> None:
    Rule.objects.all().delete()
    Reward.objects.all().delete()
    answer = desk(stage.owner).get(there(stage, "new_rule"), {"when": "invites"})
    assert answer["Location"] == there(stage, "new_reward")
    assert desk(stage.owner).get(there(stage, "new_rule"), {"when": "order"}).status_code == 200


def test_the_same_form_sent_twice_makes_one_rule(stage: Stage) -> None:
    for _ in range(2):
        assert posts(stage, when="invites", need="3", once=str(stage.campaign.id)).status_code == 302
    assert Rule.objects.filter(when="invites").count() == 1


def test_a_rule_by_lot_says_beforehand_what_is_mixed_in(stage: Stage) -> None:
    posts(stage, when="lottery", winners="2", need="0", public_source="The index of 3 July")
    assert Draw.objects.get().public_source == "The index of 3 July"


def test_what_is_mixed_in_can_be_said_otherwise_until_people_take_part(stage: Stage) -> None:
    posts(stage, when="lottery", winners="2", need="0", public_source="The index of 3 July")
    client, typed = desk(stage.owner), {"winners": "2", "need": "0", "reward": str(stage.reward.id)}

    def page() -> str:
        return there(stage, "rule", Rule.objects.get(when="lottery", replaced_at=None).id)

    assert 'value="The index of 3 July"' in said(client.get(page()))
    client.post(page(), typed | {"public_source": "The index of 4 July"})
    assert Draw.objects.get().public_source == "The index of 4 July"
    refused = client.post(page(), typed | {"winners": "3", "public_source": "One\x1fTwo"})
    assert "A single line of at most 200 characters" in said(refused)
    assert Rule.objects.get(when="lottery", replaced_at=None).winners == 2
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    cast.joins(stage, "Ann")
    assert 'name="public_source"' not in said(client.get(page()))
    client.post(page(), typed | {"winners": "3", "public_source": ""})
    assert Rule.objects.get(when="lottery", replaced_at=None).winners == 3
    assert Draw.objects.get().public_source == "The index of 4 July"


def test_a_change_is_a_new_version_and_what_was_earned_stays() -> None:
    stage = cast.live(stock=5)
    ann = cast.joins(stage, "Ann")
    cast.is_approved(cast.sends(ann), stage.owner)
    before = Rule.objects.get()
    client, page = desk(stage.owner), there(stage, "rule", before.id)
    answer = client.post(page, {"reward": str(stage.reward.id), "campaign_cap": "3"})
    after = Rule.objects.get(replaced_at=None)
    assert answer["Location"] == there(stage, "rule", after.id)
    assert (after.line, after.version, after.campaign_cap, after.used_count) == (before.line, 2, 3, 1)
    assert Grant.objects.get().journey == ann
    old = said(client.get(page))
    assert "This is how the rule was." in old
    assert "Look whether the poster and the words still promise the same." in old
    assert "1 of 3 given" in said(client.get(there(stage, "rule", after.id)))


def test_a_change_to_what_was_changed_meanwhile_is_refused(stage: Stage) -> None:
    before = Rule.objects.get()
    client, page = desk(stage.owner), there(stage, "rule", before.id)
    typed = {"reward": str(stage.reward.id)}
    client.post(page, typed | {"campaign_cap": "3"})
    answer = client.post(page, typed | {"campaign_cap": "4"})
    assert answer.status_code == 422
    assert "Somebody has changed this rule meanwhile." in said(answer)
    assert Rule.objects.get(replaced_at=None).campaign_cap == 3


def test_a_rule_is_stopped_and_goes_on(stage: Stage) -> None:
    rule = Rule.objects.get()
    client = desk(stage.owner)
    told = said(client.post(there(stage, "stop_rule", rule.id), follow=True))
    assert "Stopped: For doing the task" in told
    assert there(stage, "resume_rule", rule.id) in told
    assert "stopped by hand" in said(client.get(there(stage, "reward")))
    client.post(there(stage, "resume_rule", rule.id))
    assert Rule.objects.get().stopped_at is None


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("when", RewardRule.When.values)
def test_every_kind_of_rule_has_its_sentence(when: str, language: str) -> None:
    gift = Reward(id=new_id(), name="100% <Gift>")
    is_paid = when in ("invite", "order")
    rule = Rule(
        when=when,
        reward=None if is_paid else gift,
        need=3,
        rank_from=1,
        rank_to=3,
        winners=2,
        direct=500,
        second=100,
        unit="money" if is_paid else "",
    )
    with translation.override(language):
        line = line_of(rule, "CNY", Counted(waiting={rule.line: 2}))
        assert all((line.title, line.gives, line.use))
        assert "%(" not in line.title + line.gives + line.use
        assert line.waiting == 2


def test_sentences_count_as_people_do() -> None:
    assert title_of(Rule(when="invites", need=1)) == "For 1 friend who counts"
    assert title_of(Rule(when="invites", need=3)) == "For 3 friends who count"
    assert title_of(Rule(when="rank", rank_from=1, rank_to=1)) == "For place 1 at the end"
    assert title_of(Rule(when="rank", rank_from=4, rank_to=9)) == "For places 4 to 9 at the end"
    assert gives_of(Rule(when="order", direct=1050, second=0, unit="money"), "CNY") == "10.5 % to the inviter"
    both = Rule(when="invite", direct=500, second=200, unit="money")
    assert gives_of(both, "CNY") == "¥5.00 to the inviter, ¥2.00 to the one above"


@pytest.mark.parametrize(
    ("bounds", "percent"),
    [
        ({}, None),
        ({"campaign_cap": 10, "used_count": 5}, 50),
        ({"budget": 1000, "spent": 990}, 99),
        ({"budget": 1000, "spent": 10, "campaign_cap": 4, "used_count": 3}, 75),
    ],
)
def test_the_tighter_bound_is_the_one_shown(bounds: dict[str, int], percent: int | None) -> None:
    rule = Rule(when="invite", unit="money", direct=1, **bounds)
    assert line_of(rule, "CNY", Counted()).percent == percent


def test_replacements_are_told_apart_from_what_they_replace() -> None:
    stage = cast.draft(stock=1)
    badge = add_reward(
        campaign=stage.campaign, operator=stage.owner, kind="text", name="Badge", text="Thanks", stock_count=9
    )
    RewardRule.objects.update(when="joined", fallback=badge)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    stage.campaign.refresh_from_db()
    for name in ("Ann", "Ben", "Cai"):
        cast.joins(stage, name)
    [rule] = RewardRule.objects.all()
    for page in (there(stage, "reward"), there(stage, "rule", rule.id)):
        answer = desk(stage.owner).get(page)
        assert "3 given" in answer.text
        assert "2 of them the replacement" in answer.text
    answer = desk(stage.owner).get(there(stage, "reward"), {"people": 100})
    assert "and 9 × Badge instead" in answer.text
