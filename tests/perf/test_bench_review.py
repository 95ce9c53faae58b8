"""The measurement of review: what it claims for each picture, what it counts, and one small set from end to end."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from PIL import Image

from perf.bench_review import main
from perf.review_copies import EDITS, copies
from perf.review_figures import Figure, copy_figures, figures, impostors_each, pasted_figures, table
from perf.review_looks import Seen, Wishes, looks
from perf.review_pairs import CopySeen, Pairs, some_bases
from perf.review_pasted import PLACES, PastedSeen, pasted, pasted_seen, sender
from perf.review_set import Label, ScreenSet, fresh, read_set, sampled
from tenfold.imaging.qr import read_codes
from tenfold.imaging.seen import CodeSeen, Findings, PosterSeen, PostSeen, Quad, TextSeen
from tests.perf.review_ground import small_set

QUAD: Quad = ((0, 0), (9, 0), (9, 9), (0, 9))
ART, MARGIN = 0.5, 0.3
TRIED = "impostors' codes tried, where the poster is proven"


def label(cls: str = "pos", **told: object) -> Label:
    return Label(**({"file": "1.jpg", "cls": cls, "kind": "feed", "cid": "K0"} | told))  # type: ignore[arg-type]


def seen(of: Label, outcome: str, *reasons: str, score: float = 0.8, margins: Sequence[float] = ()) -> Seen:
    poster = PosterSeen("k", QUAD, score)
    code = CodeSeen("decoded" if outcome == "pass" else "", 1.0, 2.0)
    findings = Findings(9, 9, poster=poster, code=code)
    return Seen(of, findings, outcome, reasons, (), tuple(margins), 100.0, 5.0)


def value(found: Sequence[Figure], name: str) -> Figure:
    return next(figure for figure in found if figure.name.startswith(name))


# ---- what is claimed


def test_a_set_is_read_with_what_it_leaves_out(tmp_path: Path) -> None:
    screens = read_set(small_set(tmp_path / "set"))
    assert screens.known == ["A", "B"]
    first, *_others, swapped = screens.labels
    assert (first.level, first.nick, first.quad, first.qr_visible) == ("light", "", (), True)
    assert screens.claim(first).code_text == first.qr_text
    claim = screens.claim(swapped)
    assert screens.claimed(swapped) == "A", "our poster with a foreign code claims the poster's campaign"
    assert claim.code_text not in (swapped.qr_text, first.qr_text)
    assert claim.code_text.startswith("https://read.example/c/")
    assert claim.code_text == screens.claim(swapped).code_text, "the same in every run"


def test_impostors_are_others_for_each_picture_and_never_the_code_itself(tmp_path: Path) -> None:
    screens = read_set(small_set(tmp_path / "set"))
    one, other = (screens.impostors(each, 30) for each in screens.labels[:2])
    assert len(set(one)) == len(set(other)) == 30
    assert not set(one) & set(other)
    assert screens.labels[0].qr_text not in one


def test_a_sibling_claims_the_poster_that_is_most_alike(tmp_path: Path) -> None:
    screens = read_set(small_set(tmp_path / "set"))
    keys = {art.key: cid for cid, art in screens.arts.items()}
    screens.similarity = lambda _art, other: 1.0 if keys[other.key] == "B" else 0.0
    assert screens.claimed(label("neg_sibling", cid="", art="A")) == "B"


def test_a_fresh_code_has_the_form_of_the_old_one() -> None:
    made = fresh("https://a.example/c/AB-12", Random(1))
    assert made.startswith("https://a.example/c/")
    assert made.isascii()
    assert made[-3] == "-"
    assert made.upper() == made.replace("https://a.example/c/", "HTTPS://A.EXAMPLE/C/")


def test_a_sample_has_all_kinds() -> None:
    labels = [label(kind=kind, file=f"{kind}{nth}") for kind in ("feed", "chat", "grid") for nth in range(20)]
    some = sampled(labels, 6)
    assert [each.kind for each in some].count("feed") == 2
    assert sampled(labels, 0) == labels


@pytest.mark.parametrize(
    ("of", "truths"),
    [
        (label(), set()),
        (label(privacy="lock"), {"restricted_audience"}),
        (label(kind="chat", privacy="lock"), set()),
        (label("neg_noposter"), {"no_poster"}),
        (label("neg_other", privacy="group"), {"no_poster", "wrong_code", "restricted_audience"}),
        (label("neg_restricted", trick="cut_top"), {"restricted_audience"}),
        (label("neg_old", trick="typed_name", oldest_hours=47), {"too_old"}),
    ],
)
def test_what_is_wrong_with_each(of: Label, truths: set[str]) -> None:
    assert of.truths == truths


# ---- what is counted


def test_a_wrong_one_that_is_approved_is_seen() -> None:
    wrong = label("neg_qrswap")
    good = [seen(label(), "pass"), seen(wrong, "fail", "wrong_code")]
    assert value(list(figures(good, ART, MARGIN)), "wrong, approved").ok
    bad = [*good, seen(wrong, "pass")]
    found = value(list(figures(bad, ART, MARGIN)), "wrong, approved")
    assert (found.value, found.ok) == (1, False)


def test_a_trick_that_is_approved_is_seen_by_its_name_and_no_reason_is_asked_of_it() -> None:
    hidden, typed = label("neg_restricted", trick="cut_top"), label("neg_old", trick="typed_name")
    some = [seen(label(), "pass"), seen(hidden, "ask"), seen(typed, "pass"), seen(typed, "ask", "unreadable")]
    found = list(figures(some, ART, MARGIN))
    assert value(found, "wrong, approved").value == 1
    assert value(found, "trick cut_top, approved (1)").ok
    assert not value(found, "trick typed_name, approved (2)").ok
    assert value(found, "wrong, with the right reason").name.endswith("(0)")
    assert seen(hidden, "ask").is_right
    assert not seen(hidden, "fail", "too_old").is_right


def test_the_right_reason_comes_first() -> None:
    wrong = label("neg_noposter")
    assert seen(wrong, "ask", "no_poster", "wrong_code").is_right
    assert not seen(wrong, "ask", "wrong_code", "no_poster").is_right
    assert not seen(wrong, "ask").is_right
    assert not seen(wrong, "pass").is_right
    assert seen(label("neg_qrswap", kind="grid"), "ask", "unreadable").is_right
    assert not seen(label("neg_qrswap", kind="grid"), "fail", "unreadable").is_right
    assert not seen(label("neg_noposter", kind="grid"), "ask", "unreadable").is_right


def test_an_impostor_counts_only_where_the_poster_is_proven_as_well() -> None:
    led = seen(label(), "pass", margins=(0.31, 0.1))
    found = list(figures([led], ART, MARGIN))
    assert value(found, "impostors' codes accepted").value == 1
    assert value(found, "impostors' codes tried") == Figure(TRIED, 2, ">= 30000", False)
    unproven = seen(label(), "ask", score=0.4, margins=(0.31,))
    found = list(figures([unproven], ART, MARGIN))
    assert value(found, "impostors' codes accepted").value == 0
    assert value(found, "impostors' codes tried").value == 0, "where nothing can be accepted nothing is tried"


def test_so_many_impostors_that_their_target_is_reached() -> None:
    labels = [label()] * 300 + [label("neg_qrswap")] * 50 + [label("neg_other")] * 200
    assert impostors_each(labels) * 310 >= 30_000
    assert impostors_each([]) > 0


def test_shares_are_held_against_their_targets() -> None:
    half = [seen(label(), "pass"), seen(label(), "ask", "unreadable")]
    found = list(figures(half, ART, MARGIN))
    assert (value(found, "code proven, of visible").value, value(found, "code proven, of visible").ok) == (
        0.5,
        False,
    )
    assert not value(found, "genuine, approved").ok
    assert value(found, "a look, in passes").value == 20.0
    assert len(list(table(half, ART))) == 2


def test_copies_that_get_through_are_seen() -> None:
    found, missed = (
        CopySeen("resized", "light", "same", 0, True),
        CopySeen("resized", "light", "other", 1, False),
    )
    pairs = Pairs(3, 0)
    assert all(figure.ok for figure in copy_figures([found] * 3, pairs, pairs) if "named" not in figure.name)
    told = list(copy_figures([found, missed], Pairs(3, 1, ("a / b",)), pairs))
    assert [figure.name for figure in told if not figure.ok] == [
        "edited copies found again (2)",
        "edited clock or age, named so (0)",
        "edited copies approved",
        "honest pairs of the set taken for one shot",
    ]


# ---- edits


def test_eight_edits_change_the_picture_and_leave_a_picture() -> None:
    out = io.BytesIO()
    Image.effect_noise((390, 844), 60).convert("RGB").save(out, "PNG")
    age = TextSeen("3分钟前", ((20, 700), (90, 700), (90, 716), (20, 716)), 1.0)
    findings = Findings(390, 844, post=PostSeen(age=age))
    made = dict(copies(out.getvalue(), findings))
    assert made.keys() == EDITS.keys()
    assert len(set(made.values())) == 8
    for data in made.values():
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == "JPEG"
    assert "age repainted" not in dict(copies(out.getvalue(), replace(findings, post=None)))


def test_photographs_of_screens_are_not_edited() -> None:
    shots = [seen(label(file=level, level=level), "pass") for level in ("clean", "photo", "light")]
    assert [base.label.level for base in some_bases(shots, 9)] == ["clean", "light"]


# ---- a code put in


def test_an_own_code_that_is_approved_is_seen() -> None:
    held, through = (PastedSeen("1.jpg", "over the code", count, True, 0.3) for count in (0, 1))
    drawn = Pairs(3, 0, (), (0.9, 0.8))
    assert all(figure.ok for figure in pasted_figures([held], drawn))
    told = list(pasted_figures([held, through], replace(drawn, persons=(0.9, 0.1))))
    assert [(figure.value, figure.ok) for figure in told] == [(1, False), (2, True), (0.5, False)]


@pytest.fixture
def base(tmp_path: Path) -> tuple[ScreenSet, Seen]:
    """A genuine screenshot of a set, and where its poster lies."""
    screens = read_set(small_set(tmp_path / "set"))
    first = screens.labels[0]
    with Image.open(io.BytesIO(screens.picture(first))) as image:
        wide, high = image.width // 2, image.width // 2 * 1280 // 720
    x, y = wide // 4, wide // 4
    quad: Quad = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
    return screens, replace(seen(first, "pass"), findings=Findings(9, 9, poster=PosterSeen("k", quad, 0.9)))


def test_a_code_of_the_sender_s_own_is_put_in_where_it_is_said(base: tuple[ScreenSet, Seen]) -> None:
    screens, shot = base
    claim = sender(screens, shot)
    assert claim.code_text not in ("", shot.label.qr_text)
    assert len(claim.posters) == len(claim.arts)
    made = dict(pasted(screens.picture(shot.label), shot, claim))
    assert made.keys() == PLACES.keys()
    assert shot.findings.poster
    (x0, y0), _, (x1, y1), _ = shot.findings.poster.quad
    for place, data in made.items():
        read = [code for code in read_codes(data) if code.text == claim.code_text]
        assert read, place
        (left, top), (right, _), (_, bottom), _ = read[0].corners
        is_inside = left >= x0 and top >= y0 and right <= x1 and bottom <= y1
        assert is_inside == (place != "beside it"), place


# ---- all of it


@pytest.mark.slow
def test_nobody_is_approved_for_a_friend_s_screenshot(tmp_path: Path) -> None:
    screens = read_set(small_set(tmp_path / "set"))
    [shot] = looks(Wishes(tmp_path / "set", 0), screens.labels[:1])
    found = list(pasted_seen(screens, [shot]))
    assert [each.approvals for each in found] == [0] * len(found)
    assert {each.place for each in found if each.has_own_code} == {"over the code"}


@pytest.mark.slow
def test_a_small_set_is_decided_as_it_should_be(tmp_path: Path) -> None:
    folder, keep = small_set(tmp_path / "set"), tmp_path / "kept"
    arguments = [str(folder), "--bases", "0", "--impostors", "4", "--json", "--keep", str(keep)]
    done = CliRunner().invoke(main, arguments)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = {line["name"]: line for line in lines}
    assert found["genuine, approved without a person (2)"]["value"] == 1.0, done.stderr
    assert found["wrong, approved"]["value"] == 0
    assert found["wrong, with the right reason (2)"]["value"] == 1.0
    assert found[TRIED] == {
        "name": TRIED,
        "value": 16,
        "target": ">= 30000",
        "ok": False,
    }
    assert found["impostors' codes accepted"]["ok"]
    assert done.exit_code == 1, "a target that is not reached fails"
    screens = read_set(folder)
    kept = list(looks(Wishes(folder, 4, keep=keep), screens.labels))
    assert [each.label for each in kept] == screens.labels, "what was looked at is not looked at again"
