"""Playbooks: a campaign out of a file in one step, and a file out of a campaign that makes the same again."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.accounts.models import Language, Operator, Workspace
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign, Words
from tenfold.campaigns.playbooks import ORDER, READY, NotAPlaybook, clean
from tenfold.campaigns.queries import words_for
from tenfold.flow.playbooks import PLANNED, read, ready
from tenfold.flow.presets import applied, saved
from tenfold.flow.warnings import Level, warnings_about, warnings_of
from tenfold.groups import actions as groups
from tenfold.posters import actions as posters
from tenfold.posters.models import PosterDesign
from tenfold.posters.rules import ready_designs
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Reward, StockCode
from tenfold.rewards.queries import rewards_of, rules_of
from tests import cast
from tests.conftest import FrozenClock
from tests.console.drafts import content

pytestmark = pytest.mark.django_db
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=40)
LINE = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)


@pytest.fixture
def home(frozen: FrozenClock) -> tuple[Workspace, Operator]:
    return cast.workspace()


def made(home: tuple[Workspace, Operator], playbook: Any, language: str = "en") -> Campaign:
    workspace, olga = home
    return applied(
        workspace_id=workspace.id, playbook=playbook, name="Spring", language=language, operator=olga
    )


def from_ready(home: tuple[Workspace, Operator], name: str, language: str = "en") -> Campaign:
    return made(home, ready(name), language)


def again(home: tuple[Workspace, Operator], campaign: Campaign) -> tuple[str, str]:
    """The file of a campaign, and the file of the campaign made of it."""
    text = saved(campaign)
    return text, saved(made(home, read(text.encode()), campaign.language))


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("name", ORDER)
def test_each_of_the_install_becomes_a_draft_with_everything_in_it(
    home: tuple[Workspace, Operator], name: str, language: str
) -> None:
    campaign = from_ready(home, name, language)
    written = tomllib.loads((READY / f"{name}.toml").read_text())
    assert (campaign.state, campaign.playbook, campaign.language) == ("draft", name, language)
    assert campaign.ends_at is not None
    assert Words.objects.filter(campaign=campaign).count() == sum(map(len, written["words"].values()))
    assert campaign.poster_texts.count() == 2
    assert rewards_of(campaign).count() == len(written["rewards"])
    assert rules_of(campaign).count() == len(written["rules"])
    assert campaign.editions.count() == len(written.get("editions", []))
    names = {reward["name"][language] for reward in written["rewards"]}
    assert set(rewards_of(campaign).values_list("name", flat=True)) == names
    assert all(one.edition for one in rewards_of(campaign).filter(kind="keepsake"))


@pytest.mark.parametrize("name", ORDER)
def test_saved_and_applied_again_it_is_the_same(home: tuple[Workspace, Operator], name: str) -> None:
    before, after = again(home, from_ready(home, name))
    assert before == after


@pytest.mark.parametrize("name", ORDER)
def test_each_of_the_install_can_be_launched_once_it_has_a_group_and_its_stock(
    home: tuple[Workspace, Operator], name: str
) -> None:
    campaign = from_ready(home, name)
    olga = home[1]
    groups.add_group(campaign=campaign, name="Readers", platform="web", capacity=5, operator=olga)
    for reward in rewards_of(campaign):
        if reward.kind == Reward.Kind.CODES:
            rewards.add_codes(reward=reward, codes=["A-1", "A-2"], operator=olga)
        if reward.kind == Reward.Kind.FILE:
            rewards.set_file(reward=reward, name="guide.pdf", data=b"%PDF-1.4 guide", operator=olga)
    assert [str(one) for one in flow.missing_before_launch(campaign)] == []
    flow.launched(campaign=campaign, operator=olga)
    campaign.refresh_from_db()
    assert campaign.state == "live"


def test_asked_for_twice_with_the_same_id_it_is_made_once(home: tuple[Workspace, Operator]) -> None:
    workspace, olga = home
    wish: dict[str, Any] = {"workspace_id": workspace.id, "operator": olga, "row_id": new_id()}
    playbook = ready("task_treasure")
    assert playbook
    wish |= {"playbook": playbook, "name": "Spring", "language": "en"}
    assert applied(**wish) == applied(**wish)
    assert (Campaign.objects.count(), Reward.objects.count()) == (1, len(playbook.rewards))


def test_a_file_holds_no_codes_no_people_and_no_dates(home: tuple[Workspace, Operator]) -> None:
    stage = cast.live(owner=home, reward_kind="codes")
    mia = cast.joins(stage, "Mia-who-joined")
    cast.is_approved(cast.sends(mia), stage.owner)
    text = saved(stage.campaign)
    secrets = ["BOOK-0", "Mia-who-joined", stage.group.name, stage.code.slug, "Seeds", home[1].email, "2026-"]
    assert [secret for secret in secrets if secret in text] == []
    assert StockCode.objects.count() == 5
    read(text.encode())


def test_what_was_put_away_is_left_out_unless_a_rule_gives_it(home: tuple[Workspace, Operator]) -> None:
    stage = cast.draft(owner=home)
    wish: dict[str, Any] = {"campaign": stage.campaign, "operator": stage.owner}
    wish |= {"kind": "text", "text": "Here."}
    old = rewards.add_reward(name="Old", **wish)
    rewards.retire_reward(reward=old, operator=stage.owner)
    told = tomllib.loads(saved(stage.campaign))
    assert [one["name"] for one in told["rewards"]] == [stage.reward.name]


def test_a_design_of_ones_own_travels_and_is_the_one_that_is_shown(home: tuple[Workspace, Operator]) -> None:
    stage = cast.draft(owner=home)
    design = posters.new_design(campaign=stage.campaign, kind="poster", name="Evening")
    posters.save_version(design=design, content=content(), operator=stage.owner, variant="A")
    copy = made(home, read(saved(stage.campaign).encode()))
    taken = PosterDesign.objects.get(campaign=copy)
    assert (taken.name, taken.variant) == ("Evening", "A")
    design.refresh_from_db()
    assert taken.shown
    assert design.shown
    assert taken.shown.content == design.shown.content


@pytest.mark.parametrize("name", ready_designs())
def test_every_ready_design_can_stand_in_a_file(name: str) -> None:
    design = {"kind": ready_designs()[name].kind, "variant": "A", "content": ready_designs()[name].content}
    raw = tomllib.loads((READY / "group_fission.toml").read_text()) | {"designs": [design]}
    read(tomli_w.dumps(raw).encode())


def test_a_picture_that_this_workspace_does_not_have_stops_all_of_it(
    home: tuple[Workspace, Operator],
) -> None:
    pictured = content(background={"type": "picture", "picture": "0" * 64})
    design = {"kind": "poster", "variant": "A", "content": pictured}
    raw = tomllib.loads((READY / "group_fission.toml").read_text()) | {"designs": [design]}
    with pytest.raises(NotAPlaybook) as refused:
        made(home, read(tomli_w.dumps(raw).encode()))
    assert [(one.place, one.code) for one in refused.value.troubles] == [("designs[1]", "unknown_picture")]


def plainly(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.tuples(st.sampled_from(Words.Moment.values), TEXT), max_size=3),
    purpose=TEXT,
    plan=st.fixed_dictionaries(
        {
            "hold_minutes": st.integers(1, 1440),
            "grace_minutes": st.integers(0, 5000),
            "credit_when": st.sampled_from(Campaign.CreditWhen.values),
            "stay_hours": st.integers(1, 8784),
            "board": st.sampled_from(Campaign.Board.values),
            "quiet_from": st.times(),
            "is_removal_on": st.booleans(),
        }
    ),
    steps=st.lists(
        st.tuples(st.integers(1, 999), LINE, st.integers(0, 99) | st.none()),
        max_size=4,
        unique_by=lambda s: s[0],
    ),
    title=LINE,
)
def test_whatever_an_operator_has_typed_comes_back_from_the_file(
    home: tuple[Workspace, Operator],
    words: list[tuple[str, str]],
    purpose: str,
    plan: dict[str, Any],
    steps: list[tuple[int, str, int | None]],
    title: str,
) -> None:
    campaign = from_ready(home, "group_fission")
    about: dict[str, Any] = {"campaign": campaign, "operator": home[1]}
    with suppress(Refusal):  # some of it no operator could save
        campaigns.change_plan(purpose=purpose, **plan, **about)
    for moment, said in words:
        with suppress(Refusal):
            campaigns.change_words(moment=moment, language="en", text=said, **about)
    for need, name, stock in steps:
        with suppress(Refusal):
            step = rewards.add_reward(kind="text", name=name, text="Here.", stock_count=stock, **about)
            rewards.make_rule(when="invites", need=need, reward=step, **about)
    with suppress(Refusal):
        posters.change_text(language="en", title=title, **about)
    campaign.refresh_from_db()
    text = saved(campaign)
    copy = made(home, read(text.encode()))
    assert saved(copy) == text
    for name in PLANNED:
        assert plainly(getattr(copy, name)) == plainly(getattr(campaign, name))
    for moment in Words.Moment.values:
        assert plainly(words_for(copy, moment, "en")) == plainly(words_for(campaign, moment, "en"))
    ladder = [(rule.need, rule.reward and rule.reward.name) for rule in rules_of(campaign)]
    assert [(rule.need, rule.reward and rule.reward.name) for rule in rules_of(copy)] == ladder


# --- what platforms and the law say --------------------------------------------------------------------------


def codes_of(found: list[Any]) -> list[str]:
    return [one.code for one in found]


def test_rewards_for_sharing_are_warned_of_where_they_are_forbidden(home: tuple[Workspace, Operator]) -> None:
    campaign = from_ready(home, "group_fission")
    campaigns.change_plan(campaign=campaign, operator=home[1], currency="EUR")
    assert codes_of(warnings_of(campaign)) == []
    groups.add_group(campaign=campaign, name="Readers", platform="wechat_group", capacity=5, operator=home[1])
    found = warnings_of(campaign)
    assert [(one.code, one.level) for one in found] == [("share_for_reward", Level.FORBIDDEN)]
    assert "2019" in str(found[0].source)


EXPECTED = {
    "group_fission": {"share_for_reward"},
    "task_treasure": {"friends_for_reward", "tax_on_gifts", "addresses"},
    "free_tickets": {"friends_for_reward"},
    "distribution": {"friends_for_reward", "second_level_on_wechat", "no_entry_fee", "tax_on_gifts"},
    "checkin_course": {"friends_for_reward", "check_in_to_share"},
    "seed_letters": {"friends_for_reward", "sharing_for_chance", "draw_limit", "tax_on_gifts", "addresses"},
}


@pytest.mark.parametrize("name", ORDER)
def test_a_file_tells_what_it_may_meet_before_it_is_used(name: str) -> None:
    playbook = ready(name)
    assert playbook
    assert set(codes_of(warnings_about(playbook))) == EXPECTED[name]


def test_whole_names_on_a_public_board_are_warned_of(home: tuple[Workspace, Operator]) -> None:
    campaign = from_ready(home, "free_tickets")
    assert "names_in_public" not in codes_of(warnings_of(campaign))
    campaigns.change_plan(campaign=campaign, operator=home[1], board="public", board_names="full")
    assert "names_in_public" in codes_of(warnings_of(campaign))


def test_more_places_than_there_are_prizes_are_warned_of(home: tuple[Workspace, Operator]) -> None:
    raw = tomllib.loads((READY / "distribution.toml").read_text())
    raw["rewards"] = [{"key": "cup", "kind": "physical", "name": "Cup", "stock_count": 2}]
    raw["rules"] = [{"when": "rank", "rank_from": 1, "rank_to": 5, "reward": "cup"}]
    assert "stock_short" in codes_of(warnings_about(read(tomli_w.dumps(raw).encode())))
    raw["rewards"][0]["stock_count"] = 5
    campaign = made(home, read(tomli_w.dumps(raw).encode()))
    assert "stock_short" not in codes_of(warnings_of(campaign))
    cup = rewards_of(campaign).get()
    rule = rewards.make_rule(campaign=campaign, operator=home[1], when="lottery", reward=cup, winners=1)
    assert "stock_short" in codes_of(warnings_of(campaign))
    rewards.stop_rule(rule=rule, operator=home[1])
    assert "stock_short" not in codes_of(warnings_of(campaign))
