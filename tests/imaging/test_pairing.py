"""Fingerprints sifted by the process that looks: as comparing here does it, and not taken on trust."""

from __future__ import annotations

import pytest

from tenfold.imaging import pairing, plain
from tenfold.imaging.child import LOOKING, Child, NoChild
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.frames import MOST_BLOBS, Frame
from tenfold.imaging.likeness import alike
from tenfold.proofs.likeness import MOST_COMPARED, MOST_OWN
from tests.imaging.edits import Post, edited

POSTS = [Post(person=nth) for nth in (1, 2)]
ONE, OTHER = (fingerprint(post.picture, post.poster, post.code) for post in POSTS)
COPY = fingerprint(edited(POSTS[0], "rejpeg").picture, POSTS[0].poster, POSTS[0].code)


def test_a_child_keeps_what_comparing_here_finds_alike() -> None:
    pairs = [(ONE, OTHER), (ONE, COPY), (b"rubbish", ONE), (COPY, ONE)]
    with Child(LOOKING) as looker:
        looker.ready()
        may_be = looker.sift(pairs)
    assert may_be == tuple(alike(one, other).kind != "other" for one, other in pairs)
    assert may_be == (False, True, False, True)


def test_it_is_not_replaced_between_the_two_parts_of_a_look() -> None:
    with Child(LOOKING) as looker:
        looker.ready()
        before = looker.pid
        for _nth in range(3):
            looker.sift([(ONE, ONE)])
        assert (looker.pid, looker._tasks) == (before, 0)


def test_nobody_waits_for_a_process_to_load_in_the_middle_of_a_look() -> None:
    with Child(LOOKING) as looker:
        with pytest.raises(NoChild, match="not_started"):
            looker.sift([(ONE, ONE)])
        looker.start()
        with pytest.raises(NoChild, match="not_started"):
            looker.sift([(ONE, ONE)])
        looker.ready()
        assert looker.sift([(ONE, ONE)]) == (True,)


def test_each_print_goes_over_once_and_as_many_as_a_lookup_asks_for_go_at_a_time() -> None:
    others = [bytes([nth]) for nth in range(MOST_COMPARED + MOST_OWN)]
    frame = pairing.packed([(ONE, other) for other in others])
    assert frame.blobs == (ONE, *others)
    assert len(frame.blobs) <= MOST_BLOBS
    assert frame.told["pairs"] == [[0, nth] for nth in range(1, len(frame.blobs))]


@pytest.mark.parametrize("may_be", [None, [], "yes", [1], ["true"], [True, True]])
def test_an_answer_that_is_not_one_is_not_believed(may_be: object) -> None:
    with pytest.raises(plain.Misread):
        pairing.read(Frame({"may_be": may_be}), 1)
    assert pairing.read(Frame({"may_be": [True]}), 1) == (True,)
