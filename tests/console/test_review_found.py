"""What the machine found, as shapes over the picture and in words; what it says and what it leaves open."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tenfold.console import review_evidence
from tenfold.console.review_words import Line, Made, doubtful, lines
from tenfold.imaging.qr import FoundCode
from tenfold.imaging.seen import CodeSeen, Findings, Hint, PostSeen, TextSeen
from tenfold.proofs.models import Look, Proof, ReviewPlan, Shot
from tests.cast import Stage
from tests.console.desk import address, desk, said
from tests.console.reading import Page
from tests.story.looker import PROVEN, QUAD, RESTRICTED, UNSURE, looked, plan, reviewed, sent

EVERYTHING = ReviewPlan(needs_everyone=True, oldest_hours=24, needs_caption="ten books", needs_name=True)
NOTHING = ReviewPlan(needs_everyone=False)
MINE = FoundCode("HTTP://X/C/MINE", "QRCode", ((10, 10), (50, 10), (50, 50), (10, 50)))
OTHER = FoundCode("HTTP://X/C/OTHER", "QRCode", ((10, 10), (50, 10), (50, 50), (10, 50)))
POST = ("age", "audience", "caption", "name")
POOR = Findings(width=1080, height=1920)


def tones(found: Findings, asked: ReviewPlan, **belongs: tuple[str, str]) -> dict[str, str]:
    whose = {MINE.text: ("own", "me"), OTHER.text: ("other_person", "ben")} | belongs
    return {line.key: line.tone for line in lines(found, asked, whose, {"ben": "Ben"})}


def test_nothing_found_is_open_and_never_a_no() -> None:
    told = tones(POOR, EVERYTHING)
    assert set(told.values()) == {"open"}
    assert {"poster", "code", "post"} == set(told)
    told = tones(replace(PROVEN, screen="unknown", post=PostSeen()), EVERYTHING)
    assert {key for key, tone in told.items() if tone == "open"} == {"screen", *POST}


def test_only_what_was_asked_is_told() -> None:
    assert set(tones(replace(PROVEN, post=PostSeen()), NOTHING)) == {"poster", "code", "screen"}


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (replace(POOR, codes=(OTHER,)), "because the code is not theirs"),
        (POOR, "because their code is not proven"),
        (replace(PROVEN, poster=None, post=None), "because the poster was not found"),
        (replace(PROVEN, screen="chat", post=None), "On a screen like this nothing tells when"),
    ],
)
def test_what_was_never_looked_at_is_not_said_to_be_unreadable(found: Findings, why: str) -> None:
    """Nothing is read around a poster whose code is somebody else's, nor where no screen of that kind says it."""
    told = lines(found, EVERYTHING, {OTHER.text: ("channel", "")}, {})
    told += doubtful(["age_not_read", "audience_not_read", "caption_not_read", "name_differs"], told)
    about = [line for line in told if line.key in {"post", *POST}]
    assert [line.key for line in about] == ["post"]
    assert why in about[0].text
    assert not [line for line in told if "could not be read" in line.text or "could not be told" in line.text]


def test_a_message_in_a_chat_that_was_approved_leaves_nothing_open() -> None:
    chat = replace(PROVEN, screen="chat", post=None)
    for asked, told, answered in (
        (ReviewPlan(), [], ()),
        (ReviewPlan(oldest_hours=24), ["It is no older than their code"], ("age",)),
    ):
        found = lines(chat, asked, {}, {}, Made(Look.Outcome.PASS, answered))
        assert {line.tone for line in found} == {"yes"}
        assert [line.text[:30] for line in found if line.key == ""] == [text[:30] for text in told]
        assert "open" in {line.tone for line in lines(chat, asked, {}, {}, Made(Look.Outcome.ASK))}


NO_AGE = "On a screen like this nothing tells when", "How old the post is could not be read"


@pytest.mark.parametrize("outcome", [Look.Outcome.ASK, Look.Outcome.FAIL])
@pytest.mark.parametrize("post", [None, PostSeen(audience="unknown")])
def test_an_age_the_code_answers_is_told_whatever_else_is_in_doubt(
    post: PostSeen | None, outcome: str
) -> None:
    """Else a reviewer who is asked for another reason turns it down for its age."""
    chat = replace(PROVEN, screen="chat", post=post)
    young = "It is no older than their code, and that is young enough"
    for asked in (EVERYTHING, ReviewPlan(needs_everyone=False, oldest_hours=24)):
        told = lines(chat, asked, {}, {}, Made(outcome, ("code", "age")))
        told += doubtful(["copy_suspected"], told)
        assert [line.tone for line in told if line.text == young] == ["yes"]
        assert not [line for line in told if line.text.startswith(NO_AGE)]
        unread = lines(chat, asked, {}, {}, Made(outcome, ("code",)))
        assert [line.tone for line in unread if line.text.startswith(NO_AGE)] == ["open"]


def test_of_a_message_whose_age_is_known_the_rest_stays_open() -> None:
    chat = replace(PROVEN, screen="chat", post=None)
    told = lines(chat, EVERYTHING, {}, {}, Made(Look.Outcome.ASK, ("age",)))
    told += doubtful(["caption_not_read", "name_differs"], told)
    rest = "On a screen like this nothing else is said about the post"
    assert [line.text for line in told if line.tone == "open"] == [rest]
    only_age = ReviewPlan(needs_everyone=False, oldest_hours=24)
    told = lines(chat, only_age, {}, {}, Made(Look.Outcome.ASK, ("age",)))
    assert [line.text for line in told if line.tone == "open"] == []


@pytest.mark.parametrize(
    ("youngest", "oldest", "tone"),
    [(10, 11, "yes"), (1439, 1440, "yes"), (1430, 1500, "open"), (1441, 1500, "no")],
)
def test_an_age_is_a_span_and_the_bound_may_lie_in_it(youngest: int, oldest: int, tone: str) -> None:
    age = TextSeen("a while ago", QUAD, 0.9)
    post = PostSeen(age=age, youngest_minutes=youngest, oldest_minutes=oldest)
    assert tones(replace(PROVEN, post=post), EVERYTHING)["age"] == tone


@pytest.mark.parametrize(
    ("audience", "tone"), [("everyone", "yes"), ("restricted", "no"), ("unknown", "open")]
)
def test_who_may_see_the_post(audience: str, tone: str) -> None:
    post = PostSeen(audience=audience)  # type: ignore[arg-type]
    assert tones(replace(PROVEN, post=post), EVERYTHING)["audience"] == tone


def test_whose_code_it_is_is_said_by_name() -> None:
    found = replace(PROVEN, codes=(MINE, OTHER))
    told = lines(
        found, NOTHING, {MINE.text: ("own", "me"), OTHER.text: ("other_person", "ben")}, {"ben": "Ben"}
    )
    others = [line for line in told if line.key.startswith("read")]
    assert others == [Line("read-1", "no", "Read: the code of Ben", OTHER.text)]
    unknown = lines(found, NOTHING, {}, {})
    assert [line.key for line in unknown if line.tone == "no"] == ["read-0", "read-1"]


def test_a_doubt_is_told_once_and_the_mode_is_none() -> None:
    told = lines(UNSURE, EVERYTHING, {}, {})
    doubts = ["audience_not_read", "wrong_place", "shadow", "sampled", "no such doubt"]
    assert [line.text for line in doubtful(doubts, told)] == [str(Look.Doubt.WRONG_PLACE.label)]


def test_signs_of_editing_are_hints() -> None:
    found = replace(PROVEN, hints=(Hint("pasted", QUAD, 0.7),))
    assert tones(found, NOTHING)["hint-0"] == "hint"
    assert review_evidence.shapes(found)["hint-0"] == QUAD


def test_views_stay_inside_the_picture() -> None:
    beyond = ((-50.0, -80.0), (1200.0, -80.0), (1200.0, 2500.0), (-50.0, 2500.0))
    found = replace(PROVEN, code=CodeSeen("matched", 0.2, 1.5, beyond))
    assert review_evidence.code_view(found) == (0, 0, 1080, 1920)
    outside = ((2000.0, 10.0), (2100.0, 10.0), (2100.0, 90.0), (2000.0, 90.0))
    assert review_evidence.code_view(replace(PROVEN, code=CodeSeen("", 0.0, 1.5, outside))) is None


# --- on the desk ------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(db: None) -> Stage:
    return reviewed(ReviewPlan.Mode.SHADOW)


def shown(stage: Stage, proof: Proof) -> str:
    page = address("review", stage.campaign.id)
    html = said(desk(stage.owner).get(page, {"proof": str(proof.id)}))
    assert Page(html).faults == []
    return html


def test_the_evidence_lies_over_the_picture_with_the_numbers_of_its_lines(stage: Stage) -> None:
    proof = sent(stage, "Ann")
    looked(proof, RESTRICTED)
    html = shown(stage, proof)
    assert "The machine would not approve it: Not for everyone" in html
    assert 'points="100.0,100.0 300.0,100.0 300.0,500.0 100.0,500.0"' in html
    numbers = re.findall(r'<li class="is-(\w+)" data-for="(\w+)"', html)
    assert ("yes", "poster") in numbers
    assert ("no", "audience") in numbers
    assert re.findall(r"<text[^>]*>(\d)</text>", html) == ["1", "2"]
    assert 'title="The post is visible to some people only.' in html
    assert html.count("says the machine") == 1


def test_a_chat_held_for_another_reason_is_not_held_for_its_age(stage: Stage) -> None:
    """The machine's own verdict, from its looking to the desk: face and name differ, the age it knows by the code."""
    plan(stage, place=ReviewPlan.Place.GROUP, needs_everyone=False, oldest_hours=24)
    proof = sent(stage, "Ann")
    look = looked(proof, replace(PROVEN, screen="chat", post=None, person_share=0.0))
    assert (look.outcome, "person_differs" in look.doubts) == ("ask", True)
    html = shown(stage, proof)
    assert "It is no older than their code, and that is young enough" in html
    assert not [text for text in NO_AGE if text in html]


def test_a_screenshot_nobody_has_looked_at_is_shown_alone(stage: Stage) -> None:
    html = shown(stage, sent(stage, "Ann"))
    assert "The machine has not looked at it yet" in html
    assert "<polygon" not in html


def test_a_sure_yes_suggests_no_reason(stage: Stage) -> None:
    proof = sent(stage, "Ann")
    looked(proof, PROVEN)
    html = shown(stage, proof)
    assert "The machine would approve it" in html
    assert "says the machine" not in html


def test_where_it_is_not_sure_it_asks(stage: Stage) -> None:
    proof = sent(stage, "Ann")
    looked(proof, UNSURE)
    assert "The machine would ask you" in shown(stage, proof)
    plan(stage, mode=ReviewPlan.Mode.AUTOMATIC)
    assert "The machine is not sure and asks you" in shown(stage, proof)


def test_words_from_a_picture_are_only_words(stage: Stage) -> None:
    """Whoever makes the picture chooses what is read in it."""
    proof = sent(stage, "Ann")
    evil = "<script>alert(1)</script>"
    age = TextSeen(evil, QUAD, 0.9)
    code = replace(OTHER, text=f"javascript:{evil}")
    plan(stage, oldest_hours=3)
    looked(proof, replace(PROVEN, codes=(code,), post=PostSeen(age, 5, 6, audience="everyone")))
    html = shown(stage, proof)
    assert evil not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_earlier_copy_lies_beside_it(stage: Stage) -> None:
    first, copy = sent(stage, "Ann"), sent(stage, "Ben", "navy")
    looked(first, PROVEN)
    looked(copy, PROVEN)
    of_first = shot(first)
    shot(copy, first=of_first, likeness="clock_edited", changed=[[[5, 6], [50, 6], [50, 20], [5, 20]]])
    html = shown(stage, copy)
    assert "only the clock differs. It came from Ann." in html
    assert html.count(address("picture", first.picture_id)) == 1
    assert 'points="5.0,6.0 50.0,6.0 50.0,20.0 5.0,20.0"' in html
    assert "It came from" not in shown(stage, first)
    history = said(desk(stage.owner).get(address("proof_history", stage.campaign.id, copy.id)))
    assert "only the clock differs. It came from Ann." in history
    assert history.count(address("picture", first.picture_id)) == 1


def test_the_same_picture_of_somebody_whose_own_was_never_looked_at_lies_beside_it_too(stage: Stage) -> None:
    _first, copy = sent(stage, "Ann", "navy"), sent(stage, "Ben", "navy")
    looked(copy, PROVEN)
    shot(copy, likeness="exact")
    html = shown(stage, copy)
    assert "The very same picture was sent before. It came from Ann." in html
    assert "Screenshot by Ann, sent before" in html


def test_nobody_is_told_that_a_picture_came_from_whoever_sends_it_again(stage: Stage) -> None:
    first, again = sent(stage, "Ann"), sent(stage, "Ben", "navy")
    Proof.objects.filter(pk=first.pk).update(journey=again.journey, state=Proof.State.REJECTED)
    looked(again, PROVEN)
    shot(again, first=shot(Proof.objects.get(pk=first.pk)), likeness="same")
    html = shown(stage, again)
    assert "The same screenshot was sent before: their own." in html
    assert "Their own, sent before" in html
    assert "It came from" not in html


def shot(proof: Proof, **fields: object) -> Shot:
    Shot.objects.filter(proof=proof).delete()
    belongs = {"workspace": proof.workspace, "campaign": proof.campaign, "journey": proof.journey}
    return Shot.objects.create(proof=proof, **belongs, **fields)


def test_an_erased_picture_is_said_to_be_gone(stage: Stage) -> None:
    proof = sent(stage, "Ann")
    looked(proof, PROVEN)
    Proof.objects.filter(pk=proof.pk).update(erased_at=proof.sent_at)
    html = shown(stage, proof)
    assert "The picture is erased" in html
    assert "<polygon" not in html
