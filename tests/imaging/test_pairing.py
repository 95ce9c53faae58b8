"""Fingerprints compared by the process that looks: it says what comparing here says, and is not taken on trust."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenfold.imaging import pairing, plain
from tenfold.imaging.child import LOOKING, Child
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.frames import MOST_BLOBS, Frame
from tenfold.imaging.likeness import alike
from tenfold.proofs.likeness import MOST_COMPARED, MOST_OWN
from tests.imaging.edits import Post

POSTS = [Post(person=nth) for nth in (1, 2)]
ONE, OTHER = (fingerprint(post.picture, post.poster, post.code) for post in POSTS)


def test_a_child_says_of_each_pair_what_comparing_here_says() -> None:
    pairs = [(ONE, OTHER), (ONE, ONE), (b"rubbish", ONE)]
    with Child(LOOKING) as looker:
        found = looker.alike(pairs)
    assert found == tuple(alike(one, other) for one, other in pairs)
    assert [each.kind for each in found] == ["other", "same", "other"]


def test_each_print_goes_over_once_and_as_many_as_a_lookup_asks_for_go_at_a_time() -> None:
    others = [bytes([nth]) for nth in range(MOST_COMPARED + MOST_OWN)]
    frame = pairing.packed([(ONE, other) for other in others])
    assert frame.blobs == (ONE, *others)
    assert len(frame.blobs) <= MOST_BLOBS
    assert frame.told["pairs"] == [[0, nth] for nth in range(1, len(frame.blobs))]


@pytest.mark.parametrize("found", [None, [], "same", [{"share": 2, "changed": [], "kind": "strange"}]])
def test_an_answer_that_is_not_one_is_not_believed(found: object) -> None:
    with pytest.raises(plain.Misread):
        pairing.read(Frame({"found": found}), 1)
    known = replace(alike(ONE, ONE), share=1.0)
    assert pairing.read(Frame({"found": plain.told([known])}), 1) == (known,)
