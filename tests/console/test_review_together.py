"""Similar cases at once, two reviewers at the same time, second looks, appeals, and the history of one screenshot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from tenfold import flow
from tenfold.accounts.models import Operator, Role
from tenfold.base import clock
from tenfold.groups.models import Group
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.proofs.models import Look, Proof, ReviewPlan, SecondLook
from tenfold.proofs.rules import HELD
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import Answer, address, desk, mate, said
from tests.console.reading import Page
from tests.once import Staged, staged
from tests.story.looker import PROVEN, RESTRICTED, UNSURE, looked, plan, reviewed, sent

pytestmark = pytest.mark.django_db
COLOURS = ("Ann", "Ben", "Cai", "Dan")
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Staged]:
    with staged(django_db_blocker, make) as made:
        yield made


def make(frozen: FrozenClock) -> Stage:
    """Ann, Ben and Cai are the same case, Dan is another."""
    stage = reviewed(ReviewPlan.Mode.SHADOW)
    cases = {
        "Ann": ("teal", UNSURE),
        "Ben": ("navy", UNSURE),
        "Cai": ("gold", UNSURE),
        "Dan": ("pink", PROVEN),
    }
    for name, (colour, found) in cases.items():
        looked(sent(stage, name, colour), found)
        frozen.advance(seconds=30)
    return stage


@pytest.fixture
def stage(once: Staged, frozen: FrozenClock) -> Stage:
    return once.begin(frozen)


def of(name: str) -> Proof:
    return Proof.objects.get(journey__person__nickname=name)


def on_desk(answer: Answer) -> UUID | str:
    """Whose id; empty where nothing lies there."""
    found = re.search(r'data-desk="([^"]*)"', said(answer))
    assert found
    return UUID(found[1]) if found[1] else ""


def opens(client: Client, stage: Stage, page: str = "review", **query: str) -> Answer:
    return client.get(address(page, stage.campaign.id), query)


def judge(client: Client, proof: Proof, **form: str) -> Answer:
    return client.post(address("judge", proof.campaign_id, proof.id), form, headers=HTMX)


def states(*names: str) -> list[str]:
    return [of(name).state for name in names]


# --- two at the same time ---------------------------------------------------------------------------------------


def test_two_reviewers_never_get_the_same_one(stage: Stage) -> None:
    olga, rita = desk(stage.owner), desk(mate(stage, Role.REVIEWER))
    first, second = on_desk(opens(olga, stage)), on_desk(opens(rita, stage))
    assert first != second
    assert on_desk(opens(olga, stage)) == first
    following = judge(olga, Proof.objects.get(pk=first), approve="1")
    assert on_desk(following) not in (first, second)


def test_who_opens_what_another_holds_is_told_and_cannot_judge(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    opens(desk(rita), stage, proof=str(of("Ann").id))
    html = said(opens(desk(stage.owner), stage, proof=str(of("Ann").id)))
    assert "reviewer mate is looking at this one. If they leave it, it is in the queue again." in html
    assert address("judge", stage.campaign.id, of("Ann").id) not in html
    assert "data-hold" not in html
    assert Page(html).faults == []


def test_what_another_holds_is_not_judged(stage: Stage, frozen: FrozenClock) -> None:
    rita, client = mate(stage, Role.REVIEWER), desk(stage.owner)
    opens(desk(rita), stage, proof=str(of("Ann").id))
    assert "Somebody else is looking at this one." in said(judge(client, of("Ann"), approve="1"))
    together(client, of("Ben"), ["Ann", "Ben"], approve="1")
    assert states("Ann", "Ben") == ["waiting", "approved"]
    frozen.advance(seconds=HELD.total_seconds() + 1)
    judge(client, of("Ann"), approve="1")
    assert of("Ann").judged_by == stage.owner


def taken(client: Client, proof: Proof) -> str:
    """Whom the page is told to ask anew, as it asks how many wait."""
    answer = client.get(address("review_count", proof.campaign_id), {"on_desk": str(proof.id)}, headers=HTMX)
    told = json.loads(answer.headers.get("HX-Trigger", "{}"))
    return str(told.get("tenfold:taken", {}).get("desk", ""))


def test_who_loses_a_case_is_told_at_once_and_judges_nothing_in_its_place(
    stage: Stage, frozen: FrozenClock
) -> None:
    olga, rita = desk(stage.owner), mate(stage, Role.REVIEWER)
    ann = of("Ann")
    opens(olga, stage, proof=str(ann.id))
    assert taken(olga, ann) == ""
    frozen.advance(seconds=HELD.total_seconds() + 1)
    opens(desk(rita), stage, proof=str(ann.id))
    assert taken(olga, ann) == str(ann.id)
    held = olga.post(address("hold_proof", stage.campaign.id, ann.id))
    assert json.loads(held.headers["HX-Trigger"]) == {"tenfold:taken": {"desk": str(ann.id)}}
    judge(desk(rita), ann, approve="1")
    assert taken(olga, ann) == str(ann.id)
    html = said(opens(olga, stage, proof=str(ann.id), taken="1"))
    assert "reviewer mate has approved Ann meanwhile." in html
    assert on_desk(opens(olga, stage, proof=str(ann.id), taken="1")) == ann.id
    assert address("judge", stage.campaign.id, ann.id) not in html
    assert 'data-key="j"' in html
    assert Page(html).faults == []
    assert taken(desk(rita), ann) == "", "nobody is told of their own verdict"


def test_a_newer_screenshot_and_the_machine_take_a_case_from_the_desk_too(stage: Stage) -> None:
    olga, ann, ben = desk(stage.owner), of("Ann"), of("Ben")
    opens(olga, stage, proof=str(ann.id))
    cast.sends(ann.journey, cast.screenshot("navy"))
    assert taken(olga, ann) == str(ann.id)
    html = said(opens(olga, stage, proof=str(ann.id), taken="1"))
    assert "Ann has sent a newer screenshot meanwhile." in html
    assert "Sent before" not in html
    Proof.objects.filter(pk=ben.pk).update(state="approved", is_machine=True, judged_at=clock.now())
    assert taken(olga, ben) == str(ben.id)
    # Asked for without a reason it is as ever: the next one.
    assert on_desk(opens(olga, stage, proof=str(ann.id))) != ann.id
    strange = olga.get(address("review_count", stage.campaign.id), {"on_desk": "rubbish"}, headers=HTMX)
    assert "HX-Trigger" not in strange.headers


def test_what_was_left_is_free_at_once(stage: Stage) -> None:
    olga, rita = desk(stage.owner), desk(mate(stage, Role.REVIEWER))
    opens(olga, stage, proof=str(of("Ann").id))
    opens(olga, stage, proof=str(of("Ben").id), left=str(of("Ann").id))
    assert "is looking at this one" not in said(opens(rita, stage, proof=str(of("Ann").id)))
    opens(rita, stage, proof=str(of("Cai").id), left=str(of("Ben").id))
    assert of("Ben").reserved_by == stage.owner, "nobody gives back what another holds"


def test_a_desk_that_was_left_for_good_frees_its_screenshot(stage: Stage, frozen: FrozenClock) -> None:
    olga, rita = desk(stage.owner), desk(mate(stage, Role.REVIEWER))
    opens(olga, stage, proof=str(of("Ann").id))
    frozen.advance(seconds=HELD.total_seconds() - 10)
    assert olga.post(address("hold_proof", stage.campaign.id, of("Ann").id)).status_code == 200
    frozen.advance(seconds=20)
    assert "is looking at this one" in said(opens(rita, stage, proof=str(of("Ann").id)))
    frozen.advance(seconds=HELD.total_seconds())
    assert "is looking at this one" not in said(opens(rita, stage, proof=str(of("Ann").id)))


def test_what_lies_on_other_desks_is_said_where_nothing_is_left(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    for name in COLOURS:
        opens(desk(rita), stage, proof=str(of(name).id))
    html = said(opens(desk(stage.owner), stage))
    assert "4 screenshots lie on other desks" in html


# --- similar cases ----------------------------------------------------------------------------------------------


def together(client: Client, proof: Proof, names: list[str], **form: str) -> Answer:
    chosen = {"proof": [str(of(name).id) for name in names]}
    return client.post(address("alike", proof.campaign_id, proof.id), {**chosen, **form}, follow=True)


@pytest.mark.parametrize(
    ("name", "green", "red"), [("Eve", [], ["Not approved: Not for everyone"]), ("Dan", ["Approve"], [])]
)
def test_a_green_button_approves_and_a_proposed_refusal_is_red(
    stage: Stage, name: str, green: list[str], red: list[str]
) -> None:
    looked(sent(stage, "Eve", "lime"), RESTRICTED)
    html = said(desk(stage.owner).get(address("alike", stage.campaign.id, of(name).id)))
    form = html[html.index('id="alike"') :]
    buttons = re.findall(r'<button class="btn([^"]*)"[^>]*><svg.*?</svg><span>([^<]*) <b data', form, re.S)
    assert [text.strip() for kind, text in buttons if "btn-primary" in kind] == green
    assert [text.strip() for kind, text in buttons if "btn-danger" in kind] == red
    assert re.findall(r'data-key="y" data-key-label="([^"]*)"', html) == red


def test_similar_ones_are_offered_and_all_are_shown(stage: Stage) -> None:
    client = desk(stage.owner)
    assert "2 similar cases: look at all at once" in said(opens(client, stage, proof=str(of("Ann").id)))
    assert "similar case" not in said(opens(client, stage, proof=str(of("Dan").id)))
    html = said(client.get(address("alike", stage.campaign.id, of("Ann").id)))
    assert Page(html).faults == []
    for name in ("Ann", "Ben", "Cai"):
        assert f'value="{of(name).id}" checked' in html
        assert address("picture", of(name).picture_id) in html
    assert str(of("Dan").id) not in html


def test_all_but_what_was_left_out_are_approved_and_taken_back_together(stage: Stage) -> None:
    client = desk(stage.owner)
    answer = together(client, of("Ann"), ["Ann", "Cai"], approve="1")
    assert "Approved 2." in said(answer)
    assert states("Ann", "Ben", "Cai") == ["approved", "waiting", "approved"]
    undo = address("undo_together", stage.campaign.id, of("Ann").batch_id)
    assert undo in said(answer)
    assert "Taken back: 2 wait again." in said(client.post(undo, follow=True))
    assert states("Ann", "Ben", "Cai") == ["waiting"] * 3


def test_a_reason_goes_to_all_of_them(stage: Stage) -> None:
    together(desk(stage.owner), of("Ann"), ["Ann", "Ben"], reason="restricted_audience")
    assert {of(name).reason for name in ("Ann", "Ben")} == {"restricted_audience"}


def test_none_chosen_or_no_verdict_changes_nothing(stage: Stage) -> None:
    client = desk(stage.owner)
    assert "Choose at least one." in said(together(client, of("Ann"), [], approve="1"))
    assert "Choose why it is not approved." in said(together(client, of("Ann"), ["Ann", "Ben"]))
    assert states(*COLOURS) == ["waiting"] * 4


def test_what_another_holds_is_not_among_them(stage: Stage) -> None:
    opens(desk(mate(stage, Role.REVIEWER)), stage, proof=str(of("Ben").id))
    html = said(desk(stage.owner).get(address("alike", stage.campaign.id, of("Ann").id)))
    assert str(of("Ann").id) in html
    assert str(of("Ben").id) not in html


def test_what_was_judged_meanwhile_keeps_its_verdict(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    flow.judged(proof=of("Ben"), operator=rita, is_approved=False, reason="not_yet")
    answer = together(desk(stage.owner), of("Ann"), ["Ann", "Ben"], approve="1")
    assert f"They hear of it in {stage.campaign.undo_seconds} s. 1 was left out" in said(answer)
    assert (of("Ben").state, of("Ben").judged_by) == ("rejected", rita)


def test_screenshots_of_another_campaign_cannot_be_slipped_in(stage: Stage) -> None:
    other = reviewed(ReviewPlan.Mode.SHADOW, owner=(stage.workspace, stage.owner))
    foreign = sent(other, "Zoe")
    client = desk(stage.owner)
    chosen = {"proof": [str(of("Ann").id), str(foreign.id), "rubbish"], "approve": "1"}
    client.post(address("alike", stage.campaign.id, of("Ann").id), chosen)
    assert states("Ann", "Zoe") == ["approved", "waiting"]


def queries(client: Client, page: str, form: dict[str, list[str]] | None = None) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(page, form) if form else client.get(page)
    assert answer.status_code == (302 if form else 200)
    return len(asked)


def test_many_cost_what_a_few_cost(stage: Stage, rita: Operator) -> None:
    client, page = desk(stage.owner), address("alike", stage.campaign.id, of("Ann").id)
    costs = []
    Group.objects.update(capacity=50)
    for names in (("Ann", "Ben", "Cai"), [f"N{nth}" for nth in range(12)]):
        if names[0] == "N0":
            for nth, name in enumerate(names):
                looked(sent(stage, name, f"#0{nth:x}00{nth:x}0"), UNSURE)
            page = address("alike", stage.campaign.id, of("N0").id)
            Proof.objects.filter(state="waiting").update(alike_key="same")
        Look.objects.update(belongs={"HTTP://X/C/Y": ["other_person", str(of("Dan").journey_id)]})
        chosen = [str(of(name).id) for name in names]
        costs.append((queries(client, page), queries(client, page, {"proof": chosen, "approve": ["1"]})))
        assert states(*names) == ["approved"] * len(names)
        assert SecondLook.objects.filter(proof_id__in=chosen, first_by=stage.owner).count() == len(names)
        told = Entry.objects.filter(kind=Fact.PROOF_JUDGED, operator_id=stage.owner.id)
        assert {entry.data["proof"] for entry in told} >= set(chosen)
    (few_read, few_judged), (many_read, many_judged) = costs
    assert many_read <= few_read + 2
    assert many_judged <= few_judged + 4, "facts are written in blocks"


def test_a_batch_proposes_what_the_machine_would_say_and_tells_when_they_hear_of_it(stage: Stage) -> None:
    client = desk(stage.owner)
    page = said(client.get(address("alike", stage.campaign.id, of("Ann").id)))
    assert 'class="btn btn-primary tr-approve" name="approve"' in page
    for name in ("Eve", "Fay"):
        looked(sent(stage, name), RESTRICTED)
    page = said(client.get(address("alike", stage.campaign.id, of("Eve").id)))
    assert Page(page).faults == []
    keys = re.findall(r'<button class="btn([^"]*)" name="(\w+)" value="(\w+)"', page)
    assert keys[:2] == [
        (" btn-danger tr-approve", "reason", "restricted_audience"),
        (" tr-approve", "approve", "1"),
    ]
    told = said(together(client, of("Eve"), ["Eve", "Fay"], reason="restricted_audience"))
    assert f"Not approved: 2. They hear of it in {stage.campaign.undo_seconds} s." in told
    assert states("Eve", "Fay") == ["rejected", "rejected"]


def test_how_many_others_have_is_said_beside_how_many_wait(stage: Stage) -> None:
    olga = desk(stage.owner)
    assert "with another reviewer" not in said(opens(olga, stage, "review_count"))
    opens(desk(mate(stage, Role.REVIEWER)), stage, proof=str(of("Ann").id))
    assert "4 screenshots wait, 1 of them with another reviewer" in said(opens(olga, stage, "review_count"))
    assert re.search(r"<span>\d / 3</span>", said(opens(olga, stage)))


def test_before_the_first_screenshot_it_says_what_to_do(frozen: FrozenClock) -> None:
    made = cast.draft(owner=cast.workspace("otto@example.org"))
    html = said(opens(desk(made.owner), made))
    assert "No screenshot yet" in html
    assert "once the campaign is launched" in html
    assert address("checks", made.campaign.id) in html[html.index('id="desk"') :]
    live = cast.live(owner=(made.workspace, made.owner))
    assert "The first one appears here by itself" in said(opens(desk(made.owner), live))
    assert "All screenshots are judged" not in said(opens(desk(made.owner), live))


def test_no_reason_has_a_letter_like_a_digit(stage: Stage) -> None:
    keys = re.findall(r'data-key="(\w)"', said(opens(desk(stage.owner), stage)))
    assert {"w", "0"} <= set(keys)
    assert not {"o", "i"} & set(keys)


# --- second looks -----------------------------------------------------------------------------------------------


@pytest.fixture
def rita(stage: Stage) -> Operator:
    """Another reviewer, all of whose verdicts are looked at again."""
    plan(stage, second_percent=100)
    return mate(stage, Role.REVIEWER)


def rejects(proof: Proof, by: Operator) -> SecondLook:
    flow.judged(proof=proof, operator=by, is_approved=False, reason="not_yet")
    return SecondLook.objects.get(proof=proof)


def test_a_second_look_shows_the_picture_and_no_verdict(stage: Stage, rita: Operator) -> None:
    look = rejects(of("Dan"), rita)
    html = said(opens(desk(stage.owner), stage, "second_looks"))
    assert Page(html).faults == []
    assert f'data-desk="{of("Dan").id}"' in html
    body = html[html.index('id="desk"') :]
    for secret in ("reviewer mate", "The machine", "<polygon", "says the machine"):
        assert secret not in body
    assert address("judge_second", stage.campaign.id, look.id) in html
    assert "No second look waits" in said(opens(desk(rita), stage, "second_looks")), "never one's own"


@pytest.mark.parametrize(
    ("form", "agrees", "told"),
    [
        ({"reason": "not_yet"}, True, "You and reviewer mate agree."),
        ({"approve": "1"}, False, "reviewer mate had not approved it (Not posted yet)."),
    ],
)
def test_the_first_verdict_is_told_afterwards_and_stays(
    stage: Stage, rita: Operator, form: dict[str, str], agrees: bool, told: str
) -> None:
    look = rejects(of("Dan"), rita)
    address_of_it = address("judge_second", stage.campaign.id, look.id)
    answer = desk(stage.owner).post(address_of_it, form, headers=HTMX)
    assert told in said(answer)
    look.refresh_from_db()
    assert (look.agrees, look.looked_by) == (agrees, stage.owner)
    assert (of("Dan").state, of("Dan").judged_by) == ("rejected", rita)
    html = said(opens(desk(stage.owner), stage, "machine"))
    assert f"{0 if agrees else 1} of 1" in html


def test_a_second_look_needs_its_reason_too(stage: Stage, rita: Operator) -> None:
    look = rejects(of("Dan"), rita)
    there = address("judge_second", stage.campaign.id, look.id)
    answer = desk(stage.owner).post(there, {"reason": "other", "note": " "}, headers=HTMX)
    assert answer.status_code == 422
    assert "Say in a few words what is wrong." in said(answer)
    assert "agree" in said(desk(stage.owner).post(there, {"reason": "not_yet"}, follow=True))
    assert "already" in said(desk(stage.owner).post(there, {"approve": "1"}, follow=True))


def test_what_was_seen_differently_is_a_list_to_be_settled(
    stage: Stage, rita: Operator, frozen: FrozenClock
) -> None:
    client, there = desk(stage.owner), {"state": "differing"}
    assert "Nobody saw anything differently" in said(client.get(address("judged", stage.campaign.id), there))
    looks = [rejects(of(name), rita) for name in ("Ann", "Ben", "Dan")]
    frozen.advance(seconds=5)
    for look, form in zip(looks, ({"approve": "1"}, {"reason": "not_yet"}, {"approve": "1"}), strict=True):
        client.post(address("judge_second", stage.campaign.id, look.id), form)
    html = said(client.get(address("judged", stage.campaign.id), there))
    assert Page(html).faults == []
    listed = html[html.index('class="tr-judged"') :]
    assert [name for name in COLOURS if name in listed] == ["Ann", "Dan"]
    assert "reviewer mate did not approve it (Not posted yet); Olga Owner would have." in listed
    assert (listed.count("seen differently"), listed.count("judged anew since")) == (2, 0)
    assert 'Seen differently <b class="tf-count">2</b>' in html
    assert "?state=differing" in said(opens(client, stage, "machine"))
    answer = client.post(
        address("undo_verdict", stage.campaign.id, of("Ann").id), {"tab": "judged"}, follow=True
    )
    assert "Ann waits again" in said(answer)
    frozen.advance(seconds=5)
    judge(client, of("Ann"), approve="1")
    html = said(client.get(address("judged", stage.campaign.id), there))
    assert html.count("judged anew since") == 1
    assert 'Seen differently <b class="tf-count">1</b>' in html
    Journey.objects.filter(proofs=of("Dan")).update(approved_at=clock.now())
    form = {"tab": "judged", "page": "1", **there}
    refused = client.post(address("undo_verdict", stage.campaign.id, of("Dan").id), form)
    assert refused["Location"] == address("judged", stage.campaign.id) + "?state=differing&page=1"
    html = said(client.get(address("judged", stage.campaign.id), there))
    assert "tf-count" not in html[html.index("Seen differently") :], "nothing is left that could be settled"


def test_where_the_reward_is_given_nothing_is_said_to_be_taken_back(
    stage: Stage, rita: Operator, frozen: FrozenClock
) -> None:
    client, there = desk(stage.owner), {"state": "differing"}
    for name in ("Ann", "Ben"):
        flow.judged(proof=of(name), operator=rita, is_approved=True)
        look = SecondLook.objects.get(proof=of(name))
        frozen.advance(seconds=5)
        client.post(address("judge_second", stage.campaign.id, look.id), {"reason": "not_yet"})
    block = address("person_ledger", stage.campaign.id, of("Ann").journey_id) + "#block-note"
    seen = []
    for name in ("", "Ann", "Ben"):
        if name:
            cast.settles(of(name))
        html = said(opens(client, stage, "judged", **there))
        assert Page(html).faults == []
        seen.append(("Take back what was wrong" in html, "stays given: there nothing" in html, block in html))
    assert seen == [(True, False, False), (True, True, True), (False, True, True)]
    assert block not in said(opens(desk(rita), stage, "judged", **there)), "who may not block is led nowhere"
    assert "stays given: there nothing" not in said(opens(client, stage, "judged"))


# --- appeals ----------------------------------------------------------------------------------------------------


def appeals(name: str, by: Operator, text: str = "It is public, look again!") -> Proof:
    proof = of(name)
    cast.settles(flow.judged(proof=proof, operator=by, is_approved=False, reason="other", note="Too dark."))
    journey = Journey.objects.get(pk=proof.journey_id)
    return flow.appealed(journey=journey, proof=of(name), text=text)


def test_an_appeal_brings_its_words_and_the_first_verdict(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    appeals("Ann", rita)
    html = said(opens(desk(stage.owner), stage, "appeals"))
    assert Page(html).faults == []
    assert f'data-desk="{of("Ann").id}"' in html
    assert "It is public, look again!" in html
    assert "Something else “Too dark.”" in html
    assert "1 / 1" in html
    assert "No appeal waits" in said(opens(desk(rita), stage, "appeals")), "somebody else judges it"


def test_after_an_appeal_the_appeals_go_on(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    for name in ("Ann", "Ben"):
        appeals(name, rita)
    client = desk(stage.owner)
    first = Proof.objects.get(pk=on_desk(opens(client, stage, "appeals")))
    answer = judge(client, first, approve="1", tab="appeals")
    left = of("Ben") if first == of("Ann") else of("Ann")
    assert on_desk(answer) == left.id
    assert on_desk(judge(client, left, reason="not_yet", tab="appeals")) == ""


def test_ones_own_verdict_is_not_for_oneself_to_defend(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    appeals("Ann", rita)
    answer = judge(desk(rita), of("Ann"), reason="not_yet", tab="appeals")
    assert "somebody else looks at this one" in said(answer)
    assert of("Ann").state == "waiting"


def test_who_may_not_judge_an_appeal_is_told_whose_it_is(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    appeals("Ann", stage.owner)
    appeals("Ben", stage.owner)
    html = said(opens(desk(stage.owner), stage, "appeals"))
    assert "No appeal waits for you" in html
    assert "2 wait for somebody else" in html
    assert "<span>Appeals</span></a>" in html, "none of them is counted for whom it is not"
    assert '<span>Appeals</span><b class="tf-count">2</b>' in said(opens(desk(rita), stage, "appeals"))
    assert Page(html).faults == []


def test_an_appeal_waits_since_it_was_made(stage: Stage, frozen: FrozenClock) -> None:
    frozen.advance(hours=5)
    appeals("Ann", mate(stage, Role.REVIEWER))
    frozen.advance(minutes=7)
    html = said(opens(desk(stage.owner), stage, "appeals"))
    assert "7 minutes" in html
    assert "5 h" not in html


@pytest.mark.parametrize(
    ("state", "asks"), [("queued", True), ("running", True), ("done", False), ("unreadable", False)]
)
def test_a_desk_asks_for_what_the_machine_finds_until_it_has_looked(
    stage: Stage, state: str, asks: bool
) -> None:
    outcome = Look.Outcome.ASK if state == "done" else ""
    Look.objects.filter(proof=of("Ann")).update(state=state, outcome=outcome)
    ann = str(of("Ann").id)
    mine = said(opens(desk(stage.owner), stage, proof=ann))
    assert ("data-unlooked" in mine, "The machine has not looked at it yet" in mine) == (asks, asks)
    theirs = said(opens(desk(mate(stage, Role.REVIEWER)), stage, proof=ann))
    assert "data-unlooked" not in theirs, "it lies on another desk"


# --- judged ones ------------------------------------------------------------------------------------------------


def test_what_is_final_offers_no_undo_and_says_why(stage: Stage) -> None:
    flow.judged(proof=of("Ann"), operator=stage.owner, is_approved=True)
    flow.judged(proof=of("Ben"), operator=stage.owner, is_approved=False, reason="not_yet")
    client = desk(stage.owner)
    undo = [address("undo_verdict", stage.campaign.id, of(name).id) for name in ("Ann", "Ben")]
    html = said(opens(client, stage, "judged"))
    assert all(each in html for each in undo)
    cast.settles(of("Ann"))
    Journey.objects.filter(proofs=of("Ben")).update(approved_at=clock.now())
    html = said(opens(client, stage, "judged"))
    assert Page(html).faults == []
    assert not any(each in html for each in undo)
    assert "reward given: final" in html
    assert "approved since" in html
    refused = client.post(undo[0], {"tab": "judged", "page": "1"})
    assert refused["Location"] == address("judged", stage.campaign.id) + "?page=1", "it stays on the page"


# --- the history ------------------------------------------------------------------------------------------------


def test_the_history_tells_all_that_was_said(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    appeals("Ann", rita, "Look <b>again</b>")
    judge(desk(stage.owner), of("Ann"), approve="1")
    html = said(desk(stage.owner).get(address("proof_history", stage.campaign.id, of("Ann").id)))
    assert Page(html).faults == []
    told = re.sub(r"<[^>]+>", " ", html[html.index("tr-history") :])
    places = [
        told.index(words)
        for words in ("Ann sent", "machine looked", "Ask a person", "reviewer mate", "appealed")
    ]
    assert places == sorted(places)
    assert "Not approved: Something else" in told
    assert "Look &lt;b&gt;again&lt;/b&gt;" in told
    assert told.index("appealed") < told.index("Approved")


def test_the_history_tells_who_opened_it_and_that_it_is_gone(stage: Stage, rita: Operator) -> None:
    client = desk(stage.owner)
    for _again in range(2):
        client.get(address("picture", of("Ann").picture_id))
    rejects(of("Ann"), rita)
    desk(stage.owner).post(
        address("judge_second", stage.campaign.id, SecondLook.objects.get().id), {"approve": "1"}
    )
    write(Fact.PICTURE_ERASED, of("Ann"), {"proof": str(of("Ann").id)}, journey_id=of("Ann").journey_id)
    html = said(client.get(address("proof_history", stage.campaign.id, of("Ann").id)))
    assert Page(html).faults == []
    told = re.sub(r"<[^>]+>", " ", html[html.index("tr-history") :])
    assert told.count("Olga Owner opened the screenshot") == 1
    words = ("Drawn by chance", "Olga Owner looked again", "The picture was erased")
    assert [told.index(each) for each in words] == sorted(told.index(each) for each in words)


def test_the_history_is_that_of_one_screenshot(stage: Stage) -> None:
    html = said(desk(stage.owner).get(address("proof_history", stage.campaign.id, of("Ann").id)))
    assert "Ben" not in html
    assert Entry.objects.filter(kind=Fact.LOOKED).count() == 4
    assert html[html.index("tr-history") :].count("machine looked") == 1


def test_judged_ones_say_who_judged_them_the_machine_too(stage: Stage) -> None:
    plan(stage, mode=ReviewPlan.Mode.AUTOMATIC)
    looked(sent(stage, "Eve", "red"), RESTRICTED)
    html = said(opens(desk(stage.owner), stage, "judged"))
    assert "the machine" in html
    client = desk(stage.owner)
    client.post(address("undo_verdict", stage.campaign.id, of("Eve").id))
    assert of("Eve").state == "waiting"
    assert "The machine would not approve it" in said(opens(client, stage, proof=str(of("Eve").id)))
