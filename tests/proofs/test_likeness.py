"""Screenshots that were there before: found by what they are known by, however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.base.models import Picture
from tenfold.imaging.fingerprints import fingerprint, near_keys
from tenfold.imaging.seen import PosterSeen
from tenfold.people.models import Journey
from tenfold.proofs import copies, likeness
from tenfold.proofs.copies import Match
from tenfold.proofs.models import Proof, Shot
from tests import cast
from tests.imaging.edits import CODE, POSTER, Post, covered, edited, moved, quad

pytestmark = pytest.mark.django_db


def kept(proof: Proof, print_: bytes, *, has_own_code: bool = False) -> Match | None:
    return likeness.looked_up(proof=proof, fingerprint=print_, has_own_code=has_own_code)


def sent(journey: Journey, post: Post | None = None, colour: str = "teal") -> tuple[Proof, bytes]:
    proof = cast.sends(journey, cast.screenshot(colour))
    return proof, fingerprint(post.picture, post.poster, post.code) if post else b""


def is_rejected(proof: Proof, stage: cast.Stage, reason: str) -> None:
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason=reason, note="Look again")
    cast.settles(proof)


def test_the_first_of_all_is_like_nothing() -> None:
    proof, print_ = sent(cast.joins(cast.live(), "Mia"), Post(person=1))
    assert kept(proof, print_) is None
    shot = Shot.objects.get(proof=proof)
    assert (shot.likeness, shot.first_id, shot.changed) == ("", None, [])
    assert bytes(shot.fingerprint) == print_


def test_the_same_bytes_are_found_without_any_fingerprint_and_after_the_picture_is_gone() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    first, _ = sent(mia)
    kept(first, b"")
    Picture.objects.filter(pk=first.picture_id).update(content=b"")
    match = kept(sent(ben)[0], b"")
    assert match is not None
    assert (match.kind, match.proof_id, match.is_own, match.share) == ("exact", first.pk, False, 1.0)
    assert Shot.objects.get(proof__journey=ben).first == first.shot


def test_the_earlier_one_is_found_even_if_nobody_has_looked_at_it_yet_and_never_the_later_one() -> None:
    stage = cast.live()
    first, _ = sent(cast.joins(stage, "Mia"))
    copy, _ = sent(cast.joins(stage, "Ben"))
    match = kept(copy, b"")
    assert match is not None
    assert (match.proof_id, match.shot_id) == (first.pk, None)
    assert kept(first, b"") is None


def test_an_edited_copy_of_somebody_else_s_is_found_with_what_was_painted_over() -> None:
    stage, post = cast.live(), Post(person=1)
    first, print_ = sent(cast.joins(stage, "Mia"), post)
    kept(first, print_, has_own_code=True)
    copy, print_ = sent(cast.joins(stage, "Ben"), edited(post, "clock"), "gold")
    match = kept(copy, print_)
    assert match is not None
    assert (match.proof_id, match.kind, match.has_own_code) == (first.pk, "clock_edited", True)
    assert copies.held_against(match, has_own_code=False) == "already_used"
    assert len(Shot.objects.get(proof=copy).changed) == len(match.changed) > 0


def test_what_is_likely_made_of_an_earlier_one_counts_against_the_same_person_alone() -> None:
    stage, post = cast.live(), Post(person=1)
    mia = cast.joins(stage, "Mia")
    first, print_ = sent(mia, post)
    kept(first, print_, has_own_code=True)
    is_rejected(first, stage, "too_old")
    again = covered(post, (700, POSTER[1], 1000, POSTER[1] + 120))
    match = kept(*sent(mia, again, "gold"), has_own_code=True)
    assert match is not None
    assert (match.kind, match.is_own) == ("likely", True)
    assert copies.held_against(match, has_own_code=True) == "copy_suspected"
    Shot.objects.filter(proof__journey=mia).exclude(proof=first).delete()
    assert kept(*sent(cast.joins(stage, "Ben"), again, "navy"), has_own_code=True) is None


def test_other_people_s_posts_of_the_same_poster_are_no_copies() -> None:
    stage = cast.live()
    for person, colour in enumerate(("teal", "gold", "navy"), 1):
        proof, print_ = sent(cast.joins(stage, f"P{person}"), Post(person=person), colour)
        assert kept(proof, print_) is None


def test_what_is_found_in_another_campaign_of_the_workspace_counts_and_in_another_workspace_does_not() -> (
    None
):
    stage = cast.live()
    kept(*sent(cast.joins(stage, "Mia"), Post(person=1)))
    second = cast.live(owner=(stage.workspace, stage.owner))
    match = kept(*sent(cast.joins(second, "Ben"), edited(Post(person=1), "resize"), "gold"))
    assert match is not None
    assert (match.kind, match.campaign_id) == ("same", stage.campaign.id)
    stranger = cast.live(owner=cast.workspace("other@example.com"))
    assert kept(*sent(cast.joins(stranger, "Ida"), Post(person=1))) is None


def test_one_s_own_earlier_one_is_found_by_the_journey_and_the_gravest_is_told() -> None:
    stage, post = cast.live(), Post(person=1)
    mia = cast.joins(stage, "Mia")
    for reason, colour in (("unreadable", "teal"), ("restricted_audience", "gold")):
        proof, print_ = sent(mia, post, colour)
        kept(proof, print_)
        is_rejected(proof, stage, reason)
    match = kept(*sent(mia, edited(post, "rejpeg"), "navy"))
    assert match is not None
    assert (match.is_own, match.reason) == (True, "restricted_audience")
    assert copies.held_against(match, has_own_code=True) == "already_used"


@pytest.mark.parametrize("by", ["machine", "person"])
def test_the_poster_itself_lies_in_every_shot_of_it_and_is_not_held_against_the_next(by: str) -> None:
    """Who sends the poster's own file first, by mistake, is told so; the screenshot they take then is their first."""
    stage, post = cast.live(), Post(person=1)
    mia = cast.joins(stage, "Mia")
    left, top, right, bottom = POSTER
    file, at = post.picture[top:bottom, left:right], (1.0, -left, -top)
    print_ = fingerprint(file, PosterSeen("art", moved(quad(POSTER), *at), 0.95), moved(quad(CODE), *at))
    proof, _ = sent(mia)
    assert kept(proof, print_, has_own_code=True) is None
    is_rejected(proof, stage, "not_a_screenshot")
    Proof.objects.filter(pk=proof.pk).update(is_machine=by == "machine")
    match = kept(*sent(mia, post, "navy"), has_own_code=True)
    assert match is not None
    assert (match.kind, match.is_own) == ("cropped", True)
    assert copies.held_against(match, has_own_code=True) == ("" if by == "machine" else "copy_suspected")


def test_a_look_made_twice_keeps_one_shot() -> None:
    proof, print_ = sent(cast.joins(cast.live(), "Mia"), Post(person=1))
    assert kept(proof, print_) is kept(proof, print_) is None
    assert Shot.objects.count() == 1


@pytest.mark.parametrize("rubbish", [b"x", b"T1" + bytes(300), b"T1" + b"\xff" * 5000])
def test_what_is_no_fingerprint_is_not_kept(rubbish: bytes) -> None:
    proof, _ = sent(cast.joins(cast.live(), "Mia"))
    assert kept(proof, rubbish) is None
    assert bytes(Shot.objects.get(proof=proof).fingerprint) == b""


def test_a_lookup_reads_a_bounded_number_of_rows_however_many_share_a_key() -> None:
    stage = cast.live()
    proof, print_ = sent(cast.joins(stage, "Mia"), Post(person=1))
    kept(proof, print_)
    shot = Shot.objects.get(proof=proof)
    with CaptureQueriesContext(connection) as few:
        likeness.first_of(shot)
    zoes = Post(person=2)
    print_ = fingerprint(zoes.picture, zoes.poster, zoes.code)
    keys = near_keys(print_)
    assert keys is not None
    _crowded(stage, shot, keys[0], 3 * likeness.MOST_OF_KEY)
    shot = likeness.keep(
        proof=cast.sends(cast.joins(stage, "Zoe"), cast.screenshot("gold")),
        fingerprint=print_,
        has_own_code=False,
    )
    with CaptureQueriesContext(connection) as many:
        assert likeness.first_of(shot) is None
    assert len(likeness._near(shot, {"proof__lt": shot.proof_id})) == likeness.MOST_COMPARED
    assert len(many) <= len(few)


def _crowded(stage: cast.Stage, like: Shot, key: int, count: int) -> None:
    """Other people's shots that share a key with each other."""
    journey, picture = like.journey, like.proof.picture
    others = Proof.objects.bulk_create(
        Proof(
            workspace=stage.workspace,
            campaign=stage.campaign,
            journey=journey,
            picture=picture,
            source="page",
            state="withdrawn",
            sent_at=like.proof.sent_at - timedelta(minutes=nth),
        )
        for nth in range(count)
    )
    Shot.objects.bulk_create(
        Shot(
            workspace=stage.workspace,
            campaign=stage.campaign,
            journey=journey,
            proof=proof,
            fingerprint=like.fingerprint,
            near_0=key,
            near_1=nth,
            near_2=nth,
            near_3=nth,
        )
        for nth, proof in enumerate(others)
    )


def _others(stage: cast.Stage, like: Shot, keys: list[tuple[int, int, int, int]]) -> list[Shot]:
    """Shots of others with these keys, sent after everything else."""
    proofs = Proof.objects.bulk_create(
        Proof(
            workspace=stage.workspace,
            campaign=stage.campaign,
            journey=like.journey,
            picture=like.proof.picture,
            source="page",
            state="withdrawn",
        )
        for _each in keys
    )
    return Shot.objects.bulk_create(
        Shot(
            workspace=stage.workspace,
            campaign=stage.campaign,
            journey=like.journey,
            proof=proof,
            fingerprint=like.fingerprint,
            **dict(zip(likeness.KEYS, four, strict=True)),
        )
        for proof, four in zip(proofs, keys, strict=True)
    )


def _mias_and_copy(stage: cast.Stage) -> tuple[Shot, Shot, Shot]:
    """Mia's, a copy of it by Ben, and somebody's that is like neither."""
    post = Post(person=1)
    proof, print_ = sent(cast.joins(stage, "Mia"), post)
    mias = likeness.keep(proof=proof, fingerprint=print_, has_own_code=True)
    proof, print_ = sent(cast.joins(stage, "Ida"), Post(person=2), "navy")
    idas = likeness.keep(proof=proof, fingerprint=print_, has_own_code=True)
    proof, print_ = sent(cast.joins(stage, "Ben"), edited(post, "rejpeg"), "gold")
    return mias, idas, likeness.keep(proof=proof, fingerprint=print_, has_own_code=False)


def test_however_many_were_sent_since_the_earlier_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "MOST_OF_KEY", 20)
    stage = cast.live()
    mias, idas, copy = _mias_and_copy(stage)
    keys = (copy.near_0 or 0, copy.near_1 or 0, copy.near_2 or 0, copy.near_3 or 0)
    _others(stage, idas, [keys] * 30)
    match = likeness.first_of(copy)
    assert match is not None
    assert match.proof_id == mias.proof_id


def test_of_many_that_share_a_key_those_are_compared_that_differ_least() -> None:
    stage = cast.live()
    mias, idas, copy = _mias_and_copy(stage)
    far = [(key or 0) ^ 0x5A5A for key in (copy.near_1, copy.near_2, copy.near_3)]
    others = _others(stage, idas, [(copy.near_0 or 0, *far)] * (4 * likeness.MOST_COMPARED))  # type: ignore[list-item]
    zoes = cast.sends(cast.joins(stage, "Zoe"), cast.screenshot("gray"))
    shot = likeness.keep(proof=zoes, fingerprint=bytes(copy.fingerprint), has_own_code=False)
    near = {each.pk for each in likeness._near(shot, {"proof__lt": shot.proof_id})}
    assert len(near) == likeness.MOST_COMPARED
    assert {mias.pk, copy.pk} < near
    assert len(others) > len(near)


def test_those_sent_later_are_found_that_it_counts_against() -> None:
    mias, _idas, copy = _mias_and_copy(cast.live())
    [(later, match)] = likeness.later_than(mias)
    assert (later, match.proof_id, match.kind) == (copy, mias.proof_id, "same")
    assert likeness.later_than(copy) == []


def test_what_was_noted_meanwhile_is_not_forgotten() -> None:
    mias, _idas, copy = _mias_and_copy(cast.live())
    [(later, match)] = likeness.later_than(mias)
    assert likeness.note_match(shot=later, match=match) == match
    noted = likeness.note_match(shot=copy, match=None)
    assert noted is not None
    assert (noted.proof_id, noted.kind, noted.is_own) == (mias.proof_id, "same", False)
