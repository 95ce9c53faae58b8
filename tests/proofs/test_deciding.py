"""The machine's verdict: approved is only what is proven, turned down only on a hard fact, and all is said in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args
from uuid import UUID

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenfold.imaging.qr import FoundCode
from tenfold.imaging.seen import (
    PROVEN,
    Audience,
    CodeSeen,
    Findings,
    Hint,
    PosterSeen,
    PostSeen,
    Proven,
    Quad,
    Screen,
    TextSeen,
)
from tenfold.proofs.case import Owner
from tenfold.proofs.copies import Kind, Match, held_against
from tenfold.proofs.deciding import (
    FOUND,
    POSTS,
    Judgement,
    decide,
    proves_own_code,
    unread,
)
from tenfold.proofs.models import Look, Proof, ReviewPlan

OWN, OTHER = "HTTPS://T.EXAMPLE/C/AAAAAAAA", "HTTPS://T.EXAMPLE/C/BBBBBBBB"
QUAD: Quad = ((100.0, 100.0), (300.0, 100.0), (300.0, 500.0), (100.0, 500.0))


def earlier(kind: Kind, *, is_own: bool = False, has_code: bool = True, reason: str = "no_poster") -> Match:
    """A shot of before, not approved, that this one is like."""
    key = UUID(int=1)
    return Match(key, key, key, key, kind, 0.97, (), is_own, has_code, "rejected", reason)


def code_at(text: str, x: int, y: int) -> FoundCode:
    return FoundCode(text, "QRCode", ((x, y), (x + 40, y), (x + 40, y + 40), (x, y + 40)))


def on_poster(text: str) -> FoundCode:
    return code_at(text, 180, 400)


def elsewhere(text: str) -> FoundCode:
    return code_at(text, 600, 900)


def text(words: str) -> TextSeen:
    return TextSeen(words, QUAD, 0.99)


GOOD = Findings(
    width=1080,
    height=1920,
    screen="post",
    poster=PosterSeen("art", QUAD, 0.93),
    code=CodeSeen("matched", 0.3, 1.6, QUAD),
    post=PostSeen(
        age=text("5 minutes ago"),
        youngest_minutes=5,
        oldest_minutes=5,
        audience="everyone",
        delete_button=text("Delete"),
        caption=text("Read with us"),
        caption_share=0.97,
        name=text("Mia"),
        name_share=1.0,
    ),
    person_share=0.95,
)
ASKS_ALL = ReviewPlan(
    place="moments", needs_everyone=True, oldest_hours=24, needs_caption="Read with us", needs_name=True
)


def judged(findings: Findings, plan: ReviewPlan | None = None, same: Match | None = None) -> Judgement:
    belongs: dict[str, Owner] = {OWN: "own", OTHER: "other_person"}
    belongs |= {"campaign": "other_campaign", "channel": "channel", "group": "group"}
    return decide(findings, plan or ReviewPlan(), belongs, same)


def post(**changes: Any) -> PostSeen:
    assert GOOD.post
    return replace(GOOD.post, **changes)


def test_what_answers_every_question_is_approved_and_what_was_found_is_told() -> None:
    told = judged(GOOD, ASKS_ALL)
    assert told == Judgement(
        Look.Outcome.PASS,
        found=("code_matched", "poster", "post", "everyone", "age", "caption", "name", "delete_button"),
    )


HARD: dict[str, tuple[str, Findings, ReviewPlan | None, Match | None]] = {
    "the file itself": ("not_a_screenshot", replace(GOOD, screen="file"), None, None),
    "another's code on the poster": (
        "wrong_person",
        replace(GOOD, code=CodeSeen("", 0.0, 3.0), codes=(on_poster(OTHER),)),
        None,
        None,
    ),
    "another's readable code beats a matched one": (
        "wrong_person",
        replace(GOOD, codes=(on_poster(OTHER),)),
        None,
        None,
    ),
    "a foreign code on the poster": ("wrong_code", replace(GOOD, codes=(on_poster("x"),)), None, None),
    "a group's code on the poster": ("wrong_code", replace(GOOD, codes=(on_poster("group"),)), None, None),
    "no poster, but another's code": (
        "wrong_person",
        replace(GOOD, poster=None, code=None, codes=(elsewhere(OTHER),)),
        None,
        None,
    ),
    "no poster, but another campaign's code": (
        "wrong_code",
        replace(GOOD, poster=None, code=None, codes=(elsewhere("campaign"),)),
        None,
        None,
    ),
    "a channel's code": (
        "wrong_code",
        replace(GOOD, poster=None, code=None, codes=(elsewhere("channel"),)),
        None,
        None,
    ),
    "restricted": ("restricted_audience", replace(GOOD, post=post(audience="restricted")), None, None),
    "too old": (
        "too_old",
        replace(GOOD, post=post(youngest_minutes=24 * 60 + 1, oldest_minutes=25 * 60)),
        ASKS_ALL,
        None,
    ),
    "other words": ("wrong_caption", replace(GOOD, post=post(caption_share=0.1)), ASKS_ALL, None),
    "the very same bytes": (
        "already_used",
        replace(GOOD, code=CodeSeen("", 0.0, 1.0)),
        None,
        earlier("exact"),
    ),
    "what was turned down, unchanged": ("already_used", GOOD, None, earlier("exact", is_own=True)),
    "another's shot, doctored": (
        "already_used",
        replace(GOOD, code=CodeSeen("", 0.0, 3.0)),
        None,
        earlier("clock_edited"),
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_a_hard_fact_is_turned_down_with_its_reason(name: str) -> None:
    reason, findings, plan, same = HARD[name]
    told = judged(findings, plan, same)
    assert (told.outcome, told.reasons, told.missing) == (Look.Outcome.FAIL, (reason,), ())


SOFT: dict[str, tuple[str, str, Findings, ReviewPlan | None, Match | None]] = {
    "no poster": ("poster_not_found", "no_poster", replace(GOOD, poster=None, code=None), None, None),
    "a poster that only looks like it": (
        "poster_not_found",
        "no_poster",
        replace(GOOD, poster=PosterSeen("art", QUAD, PROVEN - 0.01)),
        None,
        None,
    ),
    "a foreign code on a poster that only looks like it": (
        "code_not_proven",
        "wrong_code",
        replace(
            GOOD,
            poster=PosterSeen("art", QUAD, PROVEN - 0.01),
            code=CodeSeen("", -1.0, 3.0),
            codes=(on_poster("x"),),
        ),
        None,
        None,
    ),
    "own code but no poster": (
        "poster_not_found",
        "",
        replace(GOOD, poster=None, codes=(elsewhere(OWN),)),
        None,
        None,
    ),
    "a foreign code and no poster": (
        "other_code",
        "no_poster",
        replace(GOOD, poster=None, code=None, codes=(elsewhere("x"),)),
        None,
        None,
    ),
    "art alone": ("code_not_proven", "wrong_code", replace(GOOD, code=CodeSeen("", 0.0, 3.0)), None, None),
    "a lead too small": (
        "code_not_proven",
        "unreadable",
        replace(GOOD, code=CodeSeen("", 0.2, 1.0)),
        None,
        None,
    ),
    "own code beside the poster": (
        "code_not_proven",
        "wrong_code",
        replace(GOOD, code=CodeSeen("", 0.0, 3.0), codes=(elsewhere(OWN),)),
        None,
        None,
    ),
    "both codes": (
        "other_code",
        "",
        replace(GOOD, code=CodeSeen("decoded", 1.0, 3.0), codes=(on_poster(OWN), on_poster(OTHER))),
        None,
        None,
    ),
    "one of several pictures": (
        "small_picture_in_a_post",
        "unreadable",
        replace(GOOD, screen="grid", poster=None, code=None),
        None,
        None,
    ),
    "an unknown screen": (
        "screen_unknown",
        "",
        replace(GOOD, screen="unknown"),
        None,
        None,
    ),
    "a chat where a post was asked for": ("wrong_place", "", replace(GOOD, screen="chat"), ASKS_ALL, None),
    "a poster opened on the phone": ("wrong_place", "", replace(GOOD, screen="viewer"), None, None),
    "an audience nobody could read": (
        "audience_not_read",
        "",
        replace(GOOD, post=post(audience="unknown")),
        None,
        None,
    ),
    "a post that was not read": (
        "audience_not_read",
        "",
        replace(GOOD, post=None),
        None,
        None,
    ),
    "restricted, but whose post is it": (
        "audience_not_read",
        "wrong_code",
        replace(GOOD, code=CodeSeen("", 0.0, 3.0), post=post(audience="restricted")),
        None,
        None,
    ),
    "an age across the line": (
        "age_not_read",
        "",
        replace(GOOD, post=post(youngest_minutes=1430, oldest_minutes=1490)),
        ASKS_ALL,
        None,
    ),
    "words half there": (
        "caption_not_read",
        "wrong_caption",
        replace(GOOD, post=post(caption_share=0.5)),
        ASKS_ALL,
        None,
    ),
    "another name": ("name_differs", "", replace(GOOD, post=post(name_share=0.3)), ASKS_ALL, None),
    "another face": ("person_differs", "", replace(GOOD, person_share=0.2), None, None),
    "their own shot, edited": (
        "copy_suspected",
        "already_used",
        GOOD,
        None,
        earlier("age_edited", is_own=True),
    ),
    "much like another's": ("copy_suspected", "already_used", GOOD, None, earlier("same")),
}


@pytest.mark.parametrize("name", SOFT)
def test_what_is_not_sure_is_asked_with_what_may_be_behind_it(name: str) -> None:
    doubt, reason, findings, plan, same = SOFT[name]
    told = judged(findings, plan, same)
    assert told.outcome == Look.Outcome.ASK
    assert doubt in told.missing
    assert (told.reasons[0] if told.reasons else "") == reason


def test_a_neighbour_s_code_in_the_feed_takes_nothing_away() -> None:
    assert judged(replace(GOOD, codes=(elsewhere(OTHER),))).outcome == Look.Outcome.PASS


def test_a_message_in_a_chat_has_no_audience_to_ask_for() -> None:
    chat = replace(GOOD, screen="chat", post=None)
    assert judged(chat).outcome == Look.Outcome.PASS
    assert judged(chat, ReviewPlan(place="group")).outcome == Look.Outcome.PASS


@pytest.mark.parametrize(("minutes", "outcome"), [(None, "ask"), (24 * 60, "pass"), (24 * 60 + 1, "ask")])
def test_what_bears_no_age_is_no_older_than_their_code(minutes: int | None, outcome: str) -> None:
    asked = ReviewPlan(oldest_hours=24)
    chat = replace(GOOD, screen="chat", post=None)
    told = decide(chat, asked, {OWN: "own"}, None, code_minutes=minutes)
    assert told.outcome == outcome
    assert told.missing == (() if outcome == "pass" else (Look.Doubt.AGE_NOT_READ,))
    assert ("age" in told.found) == (outcome == "pass")


def test_a_young_code_is_no_age_for_a_picture_that_does_not_prove_it() -> None:
    unproven = replace(GOOD, screen="chat", post=None, code=None)
    told = decide(unproven, ReviewPlan(oldest_hours=24), {}, None, code_minutes=5)
    assert told.outcome == Look.Outcome.ASK
    assert Look.Doubt.AGE_NOT_READ in told.missing


def test_an_age_that_their_code_belies_is_for_people() -> None:
    """Of a post beside theirs, or misread: nothing with their code on it is older than the code."""
    asked = ReviewPlan(oldest_hours=24)
    old = replace(GOOD, post=post(youngest_minutes=2880, oldest_minutes=2940))
    outcomes = [
        decide(old, asked, {OWN: "own"}, None, code_minutes=each).outcome for each in (30, 4000, None)
    ]
    assert outcomes == [Look.Outcome.ASK, Look.Outcome.FAIL, Look.Outcome.FAIL]


def test_a_poster_opened_on_the_phone_counts_where_that_is_asked_for_alone() -> None:
    viewer = replace(GOOD, screen="viewer", post=None)
    outcomes = {place: judged(viewer, ReviewPlan(place=place)).outcome for place in ReviewPlan.Place.values}
    assert outcomes == {"shared": "ask", "moments": "ask", "group": "ask", "any": "pass"}
    chat = replace(GOOD, screen="chat", post=None)
    assert [judged(each).outcome for each in (GOOD, chat)] == ["pass", "pass"]


def test_what_could_not_be_read_may_be_sent_again_by_the_same_person() -> None:
    again = earlier("same", is_own=True, reason="unreadable")
    assert judged(GOOD, None, again).outcome == Look.Outcome.PASS


def test_a_copy_that_somebody_sent_first_is_not_held_against_whose_code_it_is() -> None:
    assert judged(GOOD, None, earlier("same", has_code=False)).outcome == Look.Outcome.PASS


def test_signs_of_editing_are_shown_and_decide_nothing() -> None:
    edited = replace(GOOD, hints=(Hint("noise", QUAD, 0.9),))
    assert judged(edited).outcome == Look.Outcome.PASS
    assert Look.Doubt.EDITED in judged(replace(edited, person_share=0.1)).missing


shares = st.none() | st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.79, 0.8, 1.0])
minutes = st.none() | st.sampled_from([0, 5, 59, 60, 1439, 1440, 1441, 100_000])
quads = st.sampled_from([QUAD, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))])
posters = st.builds(
    PosterSeen, st.just("art"), quads, st.sampled_from([0.0, 0.2, 0.499, 0.5, 0.9]), st.booleans()
)
codes = st.builds(
    CodeSeen,
    st.sampled_from(get_args(Proven)),
    st.sampled_from([-0.1, 0.0, 0.14, 0.15, 0.5]),
    st.sampled_from([0.9, 1.2, 3.0]),
    st.none() | st.just(((600.0, 900.0), (640.0, 900.0), (640.0, 940.0), (600.0, 940.0))),
)
posts = st.builds(
    PostSeen,
    youngest_minutes=minutes,
    oldest_minutes=minutes,
    audience=st.sampled_from(get_args(Audience)),
    caption=st.none() | st.just(text("x")),
    caption_share=shares,
    name_share=shares,
)
read = st.builds(
    lambda words, place: place(words),
    st.sampled_from([OWN, OTHER, "campaign", "channel", "group", "x"]),
    st.sampled_from([on_poster, elsewhere]),
)
seen = st.builds(
    Findings,
    width=st.just(1080),
    height=st.just(1920),
    codes=st.lists(read, max_size=3).map(tuple),
    screen=st.sampled_from(get_args(Screen)),
    poster=st.none() | posters,
    code=st.none() | codes,
    post=st.none() | posts,
    person_share=shares,
)
plans = st.builds(
    ReviewPlan,
    place=st.sampled_from(ReviewPlan.Place.values),
    needs_everyone=st.booleans(),
    oldest_hours=st.sampled_from([None, 1, 24]),
    needs_caption=st.sampled_from(["", "Read with us"]),
    needs_name=st.booleans(),
)
matches = st.none() | st.builds(
    earlier,
    st.sampled_from(get_args(Kind)),
    is_own=st.booleans(),
    has_code=st.booleans(),
    reason=st.sampled_from(["no_poster", "unreadable", "other"]),
)


@given(seen, plans, matches)
@example(GOOD, ASKS_ALL, None)
@settings(max_examples=400)
def test_nothing_is_approved_that_is_not_proven(
    findings: Findings, plan: ReviewPlan, same: Match | None
) -> None:
    told = judged(findings, plan, same)
    if told.outcome != Look.Outcome.PASS:
        return
    poster, post = findings.poster, findings.post
    assert poster is not None
    assert poster.score >= PROVEN
    assert is_read(findings) or is_matched(findings)
    assert findings.screen not in ("file", "unknown")
    assert same is None or held_against(same, has_own_code=True) == ""
    assert (told.reasons, told.missing) == ((), ())
    if plan.needs_everyone and findings.screen in POSTS:
        assert post
        assert post.audience == "everyone"
    if plan.oldest_hours:
        assert post
        assert post.oldest_minutes is not None
        assert post.oldest_minutes <= plan.oldest_hours * 60
    if plan.needs_caption:
        assert post
        assert (post.caption_share or 0) >= 0.8
    if plan.needs_name:
        assert post
        assert (post.name_share or 0) >= 0.8


def is_read(findings: Findings) -> bool:
    return findings.code is not None and findings.code.proven == "decoded"


def is_matched(findings: Findings) -> bool:
    others = [code for code in findings.codes if code.text != OWN and code == on_poster(code.text)]
    is_placed_there = findings.poster is not None and findings.poster.quad == QUAD
    is_proven = findings.code is not None and findings.code.proven == "matched"
    return is_proven and not (others and is_placed_there)


def both_ways(same: Match) -> list[str]:
    return [held_against(same, has_own_code=has_own_code) for has_own_code in (True, False)]


@given(seen, plans, matches)
@settings(max_examples=400)
def test_nothing_is_turned_down_without_a_hard_fact(
    findings: Findings, plan: ReviewPlan, same: Match | None
) -> None:
    told = judged(findings, plan, same)
    if told.outcome != Look.Outcome.FAIL:
        return
    post = findings.post
    facts = {
        "not_a_screenshot": findings.screen == "file",
        "wrong_person": OTHER in [code.text for code in findings.codes],
        "wrong_code": any(code.text not in (OWN, OTHER) for code in findings.codes),
        "already_used": same is not None and "already_used" in both_ways(same),
        "restricted_audience": post is not None and post.audience == "restricted",
        "too_old": post is not None and (post.youngest_minutes or 0) > 60 * (plan.oldest_hours or 10**6),
        "wrong_caption": post is not None and (post.caption_share or 0) <= 0.2 and bool(plan.needs_caption),
    }
    assert told.reasons
    assert all(facts[reason] for reason in told.reasons)


@given(seen, plans, matches)
@settings(max_examples=200)
def test_every_outcome_is_told_in_words(findings: Findings, plan: ReviewPlan, same: Match | None) -> None:
    told = judged(findings, plan, same)
    assert told.outcome in (Look.Outcome.PASS, Look.Outcome.FAIL, Look.Outcome.ASK)
    assert told.missing if told.outcome == Look.Outcome.ASK else not told.missing
    assert told.reasons if told.outcome == Look.Outcome.FAIL else True
    assert set(told.reasons) <= set(Proof.Reason.values) - {"", "other"}
    assert set(told.missing) <= set(Look.Doubt.values)
    assert set(told.found) <= set(FOUND)


def test_own_code_is_proven_by_reading_or_by_matching_on_the_poster() -> None:
    belongs: dict[str, Owner] = {OWN: "own", OTHER: "other_person"}
    assert proves_own_code(GOOD, belongs)
    assert proves_own_code(replace(GOOD, poster=None, code=None, codes=(elsewhere(OWN),)), belongs)
    assert not proves_own_code(replace(GOOD, codes=(on_poster(OTHER),)), belongs)
    assert not proves_own_code(replace(GOOD, poster=None), belongs)


@pytest.mark.parametrize("more", [(), (OTHER,), ("x",)])
@pytest.mark.parametrize("proven", ["", "matched"])
def test_an_own_code_put_in_elsewhere_on_the_poster_is_a_person_s(
    more: tuple[str, ...], proven: Proven
) -> None:
    codes = (code_at(OWN, 110, 110), *(on_poster(each) for each in more))
    told = judged(replace(GOOD, code=CodeSeen(proven, 0.2, 3.0, QUAD), codes=codes))
    assert told.outcome == Look.Outcome.ASK
    assert "other_code" in told.missing
    assert told.reasons[0] == ("wrong_person" if OTHER in more else "wrong_code")


def test_an_own_code_put_in_elsewhere_proves_nothing_of_whose_screenshot_it_is() -> None:
    belongs: dict[str, Owner] = {OWN: "own", OTHER: "other_person"}
    pasted = replace(GOOD, code=CodeSeen("", 0.0, 3.0, QUAD), codes=(code_at(OWN, 110, 110),))
    assert not proves_own_code(pasted, belongs)


def test_what_could_not_be_looked_at_is_a_person_s() -> None:
    assert unread() == Judgement("ask", ("unreadable",), ("unreadable",))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_reasons_doubts_and_findings_have_words_of_their_own(language: str) -> None:
    with translation.override(language):
        for words in (Proof.Reason.labels, Look.Doubt.labels, [str(each) for each in FOUND.values()]):
            told = [str(each) for each in words]
            assert len(set(told)) == len(told)
