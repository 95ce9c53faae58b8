"""What the sender of a screenshot is told: by whom, when, what to do differently, and how to ask once more."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.html import escape
from PIL import Image

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.pictures import keep
from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import address_of
from tenfold.flow.opened import opened_enough
from tenfold.imaging.qr import read_codes
from tenfold.mailroom.models import Message
from tenfold.people.models import Journey
from tenfold.proofs import rules
from tenfold.proofs.models import Look, OtherDevice, Proof, ReviewPlan
from tenfold.web import answers
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.web.conftest import phone

pytestmark = pytest.mark.django_db
REASONS = [reason for reason in rules.REASONS if reason != "other"]


def plans(stage: Stage, **answers: object) -> ReviewPlan:
    plan, _is_new = ReviewPlan.objects.update_or_create(
        campaign=stage.campaign, defaults={"workspace": stage.workspace, **answers}
    )
    return plan


def page_of(journey: Journey) -> str:
    answer = phone(journey).get(f"/me/{journey.campaign_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def rejected(stage: Stage, journey: Journey, reason: str, note: str = "") -> Proof:
    proof = cast.sends(journey)
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason=reason, note=note)
    return cast.settles(proof)


# --- until when -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (1, "Usually within 2 minutes."),
        (4, "Usually within 5 minutes."),
        (11, "Usually within 15 minutes."),
        (60, "Usually within 60 minutes."),
        (61, "Usually within 2 hours."),
        (24 * 60, "Usually within 24 hours."),
        (24 * 60 + 1, "Usually within 2 days."),
    ],
)
def test_a_pace_is_told_in_round_numbers_and_never_too_short(minutes: int, told: str) -> None:
    assert answers.pace_text(minutes) == told


@pytest.mark.parametrize(
    ("hour", "pace", "told"),
    [
        (4, None, "How long it takes cannot be said yet."),
        (15, None, "It is late: probably not before 08:00."),
        (15, 3, "Usually within 3 minutes."),
    ],
)
def test_where_nobody_knows_it_is_not_invented(hour: int, pace: int | None, told: str) -> None:
    campaign = Campaign(time_zone="Asia/Shanghai")
    assert answers.when_text(campaign, pace, datetime(2026, 3, 2, hour, tzinfo=UTC)) == told


def looks(proof: Proof, state: str = Look.State.QUEUED) -> Look:
    look, _is_new = Look.objects.update_or_create(
        proof=proof,
        defaults={"workspace_id": proof.workspace_id, "campaign_id": proof.campaign_id, "state": state},
    )
    return look


def test_the_machine_answers_within_seconds_and_then_a_person_is_told_of(
    stage: Stage, frozen: FrozenClock
) -> None:
    plans(stage, mode="automatic")
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    looks(proof)
    Proof.objects.update(people_at=clock.now() + timedelta(seconds=120))
    assert "Your screenshot is being looked at" in page_of(mia)
    assert "within seconds" in page_of(mia)
    frozen.advance(seconds=121)
    assert "A person will look at your screenshot" in page_of(mia)


@pytest.mark.parametrize(("mode", "state"), [("shadow", "queued"), ("automatic", "done"), ("off", "queued")])
def test_where_the_machine_does_not_decide_a_person_is_told_of(stage: Stage, mode: str, state: str) -> None:
    plans(stage, mode=mode)
    mia = cast.joins(stage, "Mia")
    looks(cast.sends(mia), state)
    Proof.objects.update(people_at=clock.now() + timedelta(seconds=120))
    page = page_of(mia)
    assert "A person will look at your screenshot" in page
    assert "within seconds" not in page


# --- what to do differently -----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_says_what_to_do_and_shows_how_it_should_look(stage: Stage, reason: str) -> None:
    plans(stage, needs_caption="Read with me")
    mia = cast.joins(stage, "Mia")
    rejected(stage, mia, reason)
    page = page_of(mia)
    assert escape(str(Proof.Reason(reason).label)) in page
    assert len(answers.steps_of(reason)) >= 2
    assert all(str(step).split("“")[0] in page for step in answers.steps_of(reason))
    assert page.count('/proof"') >= 1
    assert re.findall(r'<img src="(/example/[^"]+)"', page)


@pytest.mark.parametrize("reason", [*REASONS, "other"])
def test_the_words_asked_for_are_said_again_after_every_refusal(stage: Stage, reason: str) -> None:
    plan = plans(stage, needs_caption="Read <with> me")
    mia = cast.joins(stage, "Mia")
    rejected(stage, mia, reason, note="Wrong group" if reason == "other" else "")
    page = page_of(mia)
    assert page.count('data-copy="Read &lt;with&gt; me"') == page.count("Copy the words</button>") == 1
    assert len(re.findall(r"(?<!data-copy=\")Read &lt;with&gt; me", page)) == 1
    post = [step for step in answers.help_of(reason, None, plan) if "Write with it" in step]
    assert len(post) == (reason in answers.POSTED_IN)
    assert all("ost" in step.split("Write with it")[0] for step in post)
    plans(stage, needs_caption="")
    page = page_of(mia)
    assert ("Copy the words</button>" in page, "Write with it" in page, "these words: “" in page) == (
        False,
    ) * 3


def test_beside_a_reviewers_own_words_the_example_is_folded(stage: Stage) -> None:
    """They may be about something that a picture does not show."""
    mia = cast.joins(stage, "Mia")
    rejected(stage, mia, "other", note="Wrong group")
    page = page_of(mia)
    assert "Wrong group" in page
    before, folded = page.split("<summary>", 1)
    assert "/example/" not in before
    assert "/example/" in folded.split("</details>")[0]
    assert 'name="picture"' in page


def test_the_form_is_on_the_page_once(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert page_of(mia).count('id="proof-form"') == 1
    rejected(stage, mia, "no_poster")
    assert page_of(mia).count('id="proof-form"') == 1


def test_the_task_is_what_the_plan_asks_for(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert "Post it in Moments or in a group, visible to everyone." in page_of(mia)
    plans(stage, place="moments", needs_everyone=False, needs_caption="Read <with> me")
    page = page_of(mia)
    assert "Post it in Moments. Write with it: “Read &lt;with&gt; me”" in page
    plans(stage, place="group")
    assert "Send it to a group chat." in page_of(mia)


def test_how_long_the_picture_is_kept_is_said_before_it_is_sent(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert "after 90 days it is erased" in page_of(mia)
    plans(stage, keep_days=1)
    assert "after a day it is erased" in page_of(mia)


def test_an_erased_picture_is_said_to_be(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    proof = rejected(stage, mia, "too_old")
    assert f"/picture/{proof.picture_id}" in page_of(mia)
    Proof.objects.update(erased_at=clock.now())
    page = page_of(mia)
    assert "picture erased" in page
    assert f"/picture/{proof.picture_id}" not in page


# --- the picture of a good example ----------------------------------------------------------------------------


def example_on(page: str) -> str:
    found: list[str] = re.findall(r'<img src="(/example/[^"]+)"', page)
    return found[0]


def test_the_example_is_their_own_poster_and_may_be_kept_for_good(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    address = example_on(page_of(mia))
    answer = phone().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in answer["Cache-Control"]
    assert [code.text for code in read_codes(answer.content)] == [address_of(mia.code)]
    again = phone().get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_an_old_address_of_an_example_leads_to_the_new_one(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    before = example_on(page_of(mia))
    plans(stage, place="group")
    moved = phone().get(before)
    assert moved.status_code == 302
    assert moved["Location"] == example_on(page_of(mia)) != before
    assert phone().get(moved["Location"]).status_code == 200


@pytest.mark.parametrize(
    "address", ["/example/ZZZZ9999/en/00.jpg", "/example/{slug}/fr/00.jpg", "/example/{id}/00"]
)
def test_examples_of_nothing_are_not_found(stage: Stage, address: str) -> None:
    mia = cast.joins(stage, "Mia")
    asked = address.format(slug=mia.code.slug, id=stage.campaign.id)
    assert phone().get(asked).status_code == 404


def test_the_operators_own_example_takes_its_place(stage: Stage) -> None:
    picture = keep(cast.screenshot("navy"), workspace_id=stage.workspace.id)
    plans(stage, example=picture)
    mia = cast.joins(stage, "Mia")
    address = example_on(page_of(mia))
    answer = phone().get(address)
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert shown.size == (picture.width, picture.height)
    plans(stage, example=None)
    assert phone().get(address).status_code == 404


# --- appeal ---------------------------------------------------------------------------------------------------


def appeals(journey: Journey, proof: Proof, text: str = "It is my own code.") -> int:
    address = f"/me/{journey.campaign_id}/appeal"
    return phone(journey).post(address, {"proof": str(proof.id), "text": text}).status_code


def test_whoever_was_refused_may_ask_once_more(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    proof = rejected(stage, mia, "wrong_person")
    assert "I think this is a mistake" in page_of(mia)
    assert appeals(mia, proof) == 302
    page = page_of(mia)
    assert "A person will look at it again" in page
    assert "You wrote: “It is my own code.”" in page
    assert "it takes the place of this one, which nobody looks at again then" in page
    proof.refresh_from_db()
    mate = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    flow.judged(proof=proof, operator=mate, is_approved=False, reason="wrong_person")
    cast.settles(proof)
    page = page_of(mia)
    assert "A person has looked again" in page
    cast.words_go_out()
    assert "A person has looked again. This poster carries" in page_of(mia)
    assert "I think this is a mistake" not in page
    assert 'name="picture"' in page
    assert appeals(mia, proof) == 409


def test_an_appeal_that_is_right_is_an_approval(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    proof = rejected(stage, mia, "wrong_person")
    appeals(mia, proof)
    proof.refresh_from_db()
    mate = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    flow.judged(proof=proof, operator=mate, is_approved=True)
    cast.settles(proof)
    assert "Your reward is here" in page_of(mia)


def test_nobody_appeals_for_somebody_else_nor_without_words(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    proof = rejected(stage, mia, "wrong_person")
    assert appeals(ben, proof) == 404
    assert appeals(mia, Proof(id=new_id())) == 404
    assert appeals(mia, proof, "  ") == 400
    proof.refresh_from_db()
    assert proof.appealed_at is None


def test_where_the_plan_takes_no_appeals_none_is_offered(stage: Stage) -> None:
    plans(stage, appeals=False)
    mia = cast.joins(stage, "Mia")
    proof = rejected(stage, mia, "wrong_person")
    assert "I think this is a mistake" not in page_of(mia)
    assert appeals(mia, proof) == 409


# --- without a screenshot -------------------------------------------------------------------------------------


def test_friends_who_open_the_code_are_counted_where_the_plan_takes_that(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert "No screenshot at hand?" not in page_of(mia)
    plans(stage, opened_by=3)
    OtherDevice.objects.create(campaign=stage.campaign, journey=mia, visitor_id=new_id(), at=clock.now())
    assert "As soon as 3 friends have come by your code, none is needed. So far: 1." in page_of(mia)


# --- in the group ---------------------------------------------------------------------------------------------


def test_the_group_says_how_the_screenshot_stands(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")

    def room() -> str:
        return phone(mia).get(f"/g/{stage.group.id}/").content.decode()

    assert "A picture posted here is also your screenshot." in room()
    proof = cast.sends(mia)
    assert "Your screenshot is being looked at." in room()
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="too_old")
    cast.settles(proof)
    assert "Your screenshot does not count yet." in room()


def test_whose_code_was_opened_often_enough_is_told_so_and_not_of_a_screenshot(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    plans(stage, opened_by=1)
    OtherDevice.objects.create(campaign=stage.campaign, journey=mia, visitor_id=new_id(), at=clock.now())
    assert opened_enough(journey=mia)
    cast.words_go_out()
    page = page_of(mia)
    assert "No screenshot was needed: enough friends have come by your code." in page
    assert "Mia, 1 friend has come by your code: no screenshot is needed." in page
    assert "your screenshot is approved" not in page


# --- what is true of the code that was read ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "is_the_campaigns"), [("channel", True), ("foreign", False), ("other_campaign", False)]
)
def test_a_poster_of_the_campaign_itself_is_not_said_to_lead_elsewhere(
    stage: Stage, owner: str, is_the_campaigns: bool
) -> None:
    mia = cast.joins(stage, "Mia")
    proof = rejected(stage, mia, "wrong_code")
    looks(proof, Look.State.DONE)
    Look.objects.update(belongs={"HTTP://X/C/ABCDEFGH": [owner, ""]})
    page = page_of(mia)
    assert ("the campaign&#x27;s own: it leads here" in page) is is_the_campaigns
    assert ("is not yours: who scans it" in page) is not is_the_campaigns
    assert "does not lead here" not in page


def test_the_steps_say_how_new_the_post_has_to_be_before_anything_is_sent(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    plans(stage, oldest_hours=48)
    assert "Take a screenshot of the post within 48 hours, and send it here." in page_of(mia)
    plans(stage, oldest_hours=None)
    assert "Take a screenshot of the post, and send it here." in page_of(mia)


def test_the_form_stands_beside_the_steps(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    page = page_of(mia)
    assert page.count('id="proof-form"') == 1
    assert page.index('class="todo"') < page.index('id="proof-form"') < page.index('id="poster"')


def test_in_a_wechat_group_the_line_that_points_to_their_page_is_not_on_that_page() -> None:
    stage = cast.live(platform="wechat_group", capacity=100)
    mia = cast.joins(stage, "Mia")
    rejected(stage, mia, "no_poster")
    cast.words_go_out()
    pointed = Message.objects.get(journey_id=mia.pk, moment="reject")
    assert (pointed.state, pointed.reader_id) == ("human", None)
    page = page_of(mia)
    assert pointed.text.split(":")[0] not in page
    assert escape(str(Proof.Reason.NO_POSTER.label)) in page
