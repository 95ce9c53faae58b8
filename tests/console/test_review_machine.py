"""How far machine and people agree, who may let it decide, and the plain questions of the checks."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base.models import Picture
from tenfold.codes.queries import address_of
from tenfold.console.review_machine import wrong_so_far
from tenfold.imaging.qr import qr_png
from tenfold.insight.agreement import agreement, decided_by_itself
from tenfold.insight.rules import Rate
from tenfold.proofs import rules
from tenfold.proofs.models import Proof, ReviewPlan, SecondLook
from tenfold.proofs.queries import plan_of
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import Answer, address, desk, mate, said
from tests.console.reading import Page
from tests.story.looker import PROVEN, RESTRICTED, UNSURE, judged, looked, plan, reviewed, sent

pytestmark = pytest.mark.django_db
CHECKS = {
    "place": "moments",
    "oldest_hours": "24",
    "needs_caption": "ten  books",
    "opened_by": "3",
    "sample_percent": "10",
    "bound_percent": "4",
    "second_percent": "20",
    "keep_days": "30",
    "appeals": "on",
}


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return reviewed(ReviewPlan.Mode.SHADOW)


def machine(stage: Stage, client: Client | None = None) -> str:
    html = said((client or desk(stage.owner)).get(address("machine", stage.campaign.id)))
    assert Page(html).faults == []
    return html


def table(html: str) -> list[list[str]]:
    body = html[html.index("tr-table") :].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body.split("<tbody>")[1], re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in row] for row in cells]


def test_how_much_it_decides_counts_what_it_decided(stage: Stage) -> None:
    plan(stage, mode=ReviewPlan.Mode.AUTOMATIC)
    for name in ("Ann", "Ben", "Cai"):
        looked(sent(stage, name), PROVEN)
    proof = sent(stage, "Dan")
    looked(proof, UNSURE)
    judged(proof, stage.owner)
    assert decided_by_itself(stage.campaign) == Rate(3, 4)
    assert "3 of 4" in machine(stage)


def switch(client: Client, stage: Stage, mode: str) -> Answer:
    """As whoever has seen the figures."""
    form = {"mode": mode, "wrong_seen": wrong_so_far(agreement(stage.campaign))}
    return client.post(address("switch_review", stage.campaign.id), form, follow=True)


def test_before_anything_is_judged_it_says_what_to_do(stage: Stage) -> None:
    html = machine(stage)
    assert "Nothing to compare yet." in html
    assert f"people judge {rules.LEAST_BESIDE} screenshots of which it is sure: 0 are done" in html


def test_the_table_counts_what_both_said(stage: Stage) -> None:
    said_by_both = [
        ("Ann", PROVEN, True, ""),
        ("Ben", PROVEN, True, ""),
        ("Cai", PROVEN, False, "not_yet"),
        ("Dan", RESTRICTED, False, "restricted_audience"),
        ("Eve", RESTRICTED, False, "too_old"),
        ("Fay", UNSURE, True, ""),
    ]
    for name, found, is_approved, reason in said_by_both:
        proof = sent(stage, name)
        looked(proof, found)
        judged(proof, stage.owner, is_approved=is_approved, reason=reason)
    html = machine(stage)
    assert table(html) == [
        ["Approve", "2", "1", "–", "2 of 3"],
        ["Do not approve: Not for everyone", "0", "2", "1", "2 of 2"],
        ["Ask a person", "1", "0", "–", "–"],
    ]
    assert "6 verdicts of people beside it" in html
    assert "5 are done" in html, "what it left to people shows nothing of how good it is"


def test_a_verdict_taken_back_counts_no_more(stage: Stage) -> None:
    proof = sent(stage, "Ann")
    looked(proof, PROVEN)
    judged(proof, stage.owner)
    flow.verdict_undone(proof=proof, operator=stage.owner)
    assert "Nothing to compare yet." in machine(stage)


def seen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for an owner to decide by."""
    monkeypatch.setattr(rules, "LEAST_BESIDE", 2)
    monkeypatch.setattr(rules, "LEAST_PASSED", 2)
    monkeypatch.setattr("tenfold.console.review_machine.LEAST_BESIDE", 2)
    monkeypatch.setattr("tenfold.console.review_machine.LEAST_PASSED", 2)
    for name in ("Ann", "Ben"):
        proof = sent(stage, name)
        looked(proof, PROVEN)
        judged(proof, stage.owner)


def button(html: str, mode: str) -> str:
    found = re.search(f'<button name="mode" value="{mode}"[^>]*>', html)
    assert found
    return found[0]


def test_an_owner_who_has_seen_it_lets_it_decide(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "disabled" in button(machine(stage), "automatic")
    seen(stage, monkeypatch)
    assert "disabled" not in button(machine(stage), "automatic")
    client = desk(stage.owner)
    assert "From now on: The machine decides where it is sure." in said(switch(client, stage, "automatic"))
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.AUTOMATIC
    assert "Switched on by Olga Owner" in machine(stage)
    switch(client, stage, "shadow")
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.SHADOW


def test_one_press_shows_the_figures_and_only_the_next_one_switches(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(stage, monkeypatch)
    client, there = desk(stage.owner), address("switch_review", stage.campaign.id)
    html = said(client.post(there, {"mode": "automatic"}, follow=True))
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.SHADOW
    assert Page(html).faults == []
    panel = html[html.index('id="let"') :].split("</section>")[0]
    assert panel.count("of 2") == 2, "agreed, and wrongly approved"
    assert "at most 65.8 %" in panel
    assert "It has refused nothing yet" in panel
    late = sent(stage, "Cai")
    looked(late, RESTRICTED)
    judged(late, stage.owner)
    form = {"mode": "automatic", "wrong_seen": re.findall(r'name="wrong_seen" value="([^"]+)"', panel)[0]}
    html = said(client.post(there, form, follow=True))
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.SHADOW, "one more mistake was found in between"
    assert "1 of 1" in html[html.index('id="let"') :].split("</section>")[0]
    form["wrong_seen"] = "0-1"
    assert "From now on" in said(client.post(there, form, follow=True))
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.AUTOMATIC


def test_who_may_not_let_it_decide_is_not_asked_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = {"ask": "automatic"}
    assert 'id="let"' not in said(desk(stage.owner).get(address("machine", stage.campaign.id), ask))
    seen(stage, monkeypatch)
    assert 'id="let"' in said(desk(stage.owner).get(address("machine", stage.campaign.id), ask))
    manager = desk(mate(stage, Role.MANAGER))
    assert 'id="let"' not in said(manager.get(address("machine", stage.campaign.id), ask))


def test_too_many_wrong_refusals_keep_it_from_deciding(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(stage, monkeypatch)
    monkeypatch.setattr(rules, "LEAST_SAMPLED", 2)
    for name, is_approved in (("Cai", True), ("Dan", False)):
        proof = sent(stage, name)
        looked(proof, RESTRICTED)
        judged(
            proof, stage.owner, is_approved=is_approved, reason="" if is_approved else "restricted_audience"
        )
    plan(stage, bound_percent=49)
    told = said(switch(desk(stage.owner), stage, "automatic"))
    assert "Of 2 that it would have refused, people approved 1: more than you allow." in told
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.SHADOW
    plan(stage, bound_percent=50)
    switch(desk(stage.owner), stage, "automatic")
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.AUTOMATIC


def test_too_early_is_refused_with_the_count(stage: Stage) -> None:
    assert "30 verdicts of people beside the machine" in said(switch(desk(stage.owner), stage, "automatic"))
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.SHADOW


def test_a_manager_may_stop_it_and_not_start_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(stage, monkeypatch)
    client = desk(mate(stage, Role.MANAGER))
    html = machine(stage, client)
    assert "Only an owner of the workspace can let the machine decide." in html
    assert "disabled" in button(html, "automatic")
    assert "Only an owner lets the machine decide." in said(switch(client, stage, "automatic"))
    switch(client, stage, "off")
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.OFF


@pytest.mark.parametrize("mode", ["", "rubbish"])
def test_rubbish_is_no_mode(stage: Stage, mode: str) -> None:
    assert "Choose who decides." in said(switch(desk(stage.owner), stage, mode))


def test_it_says_why_it_fell_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LEAST_SAMPLED", 2)
    plan(stage, mode=ReviewPlan.Mode.AUTOMATIC, sample_percent=100)
    for name in ("Ann", "Ben"):
        looked(sent(stage, name), PROVEN)
        look = SecondLook.objects.get(proof__journey__person__nickname=name)
        there = address("judge_second", stage.campaign.id, look.id)
        desk(stage.owner).post(there, {"reason": "not_yet"})
    assert plan_of(stage.campaign).mode == ReviewPlan.Mode.SHADOW
    html = machine(stage)
    assert "Of 2 verdicts of the machine that people looked at again, they saw 2 differently" in html
    assert "the 2 % you allow" in html
    assert "People decide again" in said(desk(stage.owner).get(address("review", stage.campaign.id)))


def test_what_the_machine_has_not_looked_at_is_counted(stage: Stage) -> None:
    sent(stage, "Ann")
    assert "the machine looks at 1" in said(desk(stage.owner).get(address("review", stage.campaign.id)))


def test_the_queue_over_time_ends_with_what_waits(stage: Stage, frozen: FrozenClock) -> None:
    for name in ("Ann", "Ben", "Cai"):
        sent(stage, name)
    frozen.advance(seconds=120)
    ann = Proof.objects.get(journey__person__nickname="Ann")
    judged(ann, stage.owner)
    chart = backlog(stage)
    assert chart["waiting"][-3:] == [3, 3, 2]
    assert (chart["people"][-1], sum(chart["people"])) == (1, 1)
    flow.verdict_undone(proof=ann, operator=stage.owner)
    assert backlog(stage)["waiting"][-3:] == [3, 3, 3]


def test_the_machines_verdicts_are_told_apart(stage: Stage) -> None:
    plan(stage, mode=ReviewPlan.Mode.AUTOMATIC)
    looked(sent(stage, "Ann"), PROVEN)
    chart = backlog(stage)
    assert (chart["machine"][-1], chart["people"][-1], chart["waiting"][-1]) == (1, 0, 0)


def test_an_appeal_is_in_the_queue_again(stage: Stage, frozen: FrozenClock) -> None:
    proof = sent(stage, "Ann")
    cast.settles(judged(proof, stage.owner, is_approved=False, reason="not_yet"))
    frozen.advance(seconds=60)
    proof.refresh_from_db()
    flow.appealed(journey=proof.journey, proof=proof, text="Again, please")
    assert backlog(stage)["waiting"][-2:] == [0, 1]


def backlog(stage: Stage) -> dict[str, list[int]]:
    html = machine(stage)
    found = re.search(r'<script id="charts" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    chart: dict[str, list[int]] = json.loads(found[1])["backlog"]
    assert len(chart["at"]) == len(chart["waiting"]) == 60
    return chart


def test_approvals_have_to_be_among_what_was_seen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(stage, monkeypatch)
    monkeypatch.setattr("tenfold.console.review_machine.LEAST_PASSED", 3)
    html = machine(stage)
    assert "disabled" in button(html, "automatic")
    assert "3 screenshots are needed that both people and the machine would approve: 2 are there." in html


def test_other_questions_let_people_decide_again_and_say_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(stage, monkeypatch)
    switch(desk(stage.owner), stage, "automatic")
    assert "People decide again; the machine only watches until" in said(checks(stage))
    assert "What a screenshot has to show was changed." in machine(stage)


@pytest.mark.parametrize(
    ("mode", "language", "told"),
    [
        ("automatic", "en", "If you change any of these, people decide again"),
        ("automatic", "zh-hans", "机审正在自动决定。改动这里任何一项，就会重新由人工决定"),
        ("shadow", "en", "If you change any of them, it is counted from the beginning."),
        ("shadow", "zh-hans", "改动这里任何一项，就要从头累计。"),
        ("off", "en", ""),
    ],
)
def test_what_other_questions_cost_is_told_beside_them_before_they_are_saved(
    stage: Stage, mode: str, language: str, told: str
) -> None:
    ReviewPlan.objects.filter(campaign=stage.campaign).update(mode=mode)
    html = said(desk(stage.owner, language=language).get(address("checks", stage.campaign.id)))
    section = html[html.index('id="checks-form"') : html.index('name="place"')]
    assert told in section
    assert section.count('class="tf-note"') == bool(told)
    assert "old posts useless" not in html
    viewed = said(desk(mate(stage, Role.REVIEWER)).get(address("checks", stage.campaign.id)))
    assert not told or told not in viewed, "who cannot change them needs no warning"


# --- the questions ----------------------------------------------------------------------------------------------


def checks(stage: Stage, **form: object) -> Answer:
    return desk(stage.owner).post(address("checks", stage.campaign.id), {**CHECKS, **form}, follow=True)


def test_the_answers_are_kept(stage: Stage) -> None:
    assert "The checks are saved." in said(checks(stage))
    kept = plan_of(stage.campaign)
    assert (kept.place, kept.oldest_hours, kept.needs_caption) == ("moments", 24, "ten books")
    assert (kept.needs_everyone, kept.needs_name, kept.appeals) == (False, False, True)
    assert (kept.opened_by, kept.sample_percent, kept.bound_percent) == (3, 10, 4)
    assert (kept.second_percent, kept.keep_days) == (20, 30)
    checks(stage, oldest_hours="")
    assert plan_of(stage.campaign).oldest_hours is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": "moon"},
        {"sample_percent": "0"},
        {"bound_percent": "99"},
        {"second_percent": "-1"},
        {"keep_days": ""},
        {"oldest_hours": "0"},
        {"opened_by": "51"},
        {"needs_caption": "x" * 121},
    ],
)
def test_a_wrong_answer_comes_back_with_the_others(stage: Stage, wrong: dict[str, str]) -> None:
    """In sentences of ours: the framework's know nothing of the field."""
    before = plan_of(stage.campaign).keep_days
    answer = desk(stage.owner).post(address("checks", stage.campaign.id), {**CHECKS, **wrong})
    assert answer.status_code == 422
    page = Page(said(answer))
    assert page.faults == []
    assert any("is-invalid" in tag.attributes.get("class", "") for tag in page.tags)
    assert plan_of(stage.campaign).keep_days == before
    ours = ("A whole number from ", "Choose one of the places.", "At most 120 characters: ")
    told = re.findall(r'<p class="tf-error">([^<]*)</p>', said(answer))
    assert told
    assert all(text.startswith(ours) for text in told), told


def test_an_example_of_ones_own_is_kept_and_given_up(stage: Stage) -> None:
    upload = SimpleUploadedFile("good.png", cast.picture_bytes("red"), "image/png")
    checks(stage, example=upload)
    kept = plan_of(stage.campaign).example
    assert kept is not None
    assert address("picture", kept.id) in said(desk(stage.owner).get(address("checks", stage.campaign.id)))
    checks(stage)
    assert plan_of(stage.campaign).example == kept
    checks(stage, no_example="on")
    assert plan_of(stage.campaign).example is None


def test_a_participant_s_own_screenshot_is_no_example_and_a_channel_s_may_be(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    theirs = SimpleUploadedFile("mia.png", qr_png(address_of(mia.code)), "image/png")
    answer = desk(stage.owner).post(address("checks", stage.campaign.id), {**CHECKS, "example": theirs})
    assert answer.status_code == 422
    assert "a participant&#x27;s own screenshot" in said(answer)
    assert plan_of(stage.campaign).example is None
    nobodys = SimpleUploadedFile("seed.png", qr_png(address_of(stage.code)), "image/png")
    checks(stage, example=nobodys)
    assert plan_of(stage.campaign).example is not None


def test_what_is_no_picture_is_no_example(stage: Stage) -> None:
    count = Picture.objects.count()
    upload = SimpleUploadedFile("good.png", b"GIF89a not really", "image/png")
    assert "not a picture we can read" in said(checks(stage, example=upload))
    assert Picture.objects.count() == count


def test_a_reviewer_reads_the_checks_and_changes_nothing(stage: Stage) -> None:
    html = said(desk(mate(stage, Role.REVIEWER)).get(address("checks", stage.campaign.id)))
    assert "fieldset disabled" in html
    assert "data-save-button" not in html
