"""Setting text: whatever is written keeps to its box, words stay whole as long as they can, a cut is shown."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.imaging.design import read_design
from tenfold.imaging.fonts import face
from tenfold.imaging.layers import Text
from tenfold.imaging.lines import CLOSING, OPENING, measure_at
from tenfold.imaging.measure import measure
from tenfold.imaging.setting import _sizes, set_text, spelled_out
from tenfold.imaging.writing import written
from tests.imaging import designs

NAMES = [
    "王小明" * 170,
    "\u202e\u2066evil\u2069\u202c" * 60,
    "\u200b\u200d\ufeff" * 200,
    "Z" + "\u0301\u0489" * 1000,
    "👨‍👩‍👧‍👦" * 100,
    "مرحبا بالعالم" * 20,
    "𝕳𝖊𝖑𝖑𝖔 ＷＩＤＥ ﷽",
    "\n\n\r\n\x0b\x85\u2028",
    "{nickname} {{ }} {",
    "",
]
anything = st.text(max_size=700) | st.sampled_from(NAMES)


def layer(words: Any = "{title}", box: tuple[int, int, int, int] = (0, 0, 600, 300), **more: Any) -> Text:
    read = read_design(designs.design(designs.text("a", list(box), words, **more))).layers[0]
    assert isinstance(read, Text)
    return read


def lines_of(text: str, **more: Any) -> tuple[str, ...]:
    return spelled_out(set_text(layer(**more), {"title": text}, "en"))


layers = st.builds(
    layer,
    box=st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(1, 700), st.integers(1, 500)),
    size=st.integers(6, 200),
    lines=st.integers(1, 8),
    leading=st.floats(1, 2),
    font=st.sampled_from(["sans", "serif"]),
    weight=st.integers(100, 900),
    align=st.sampled_from(["left", "centre", "right"]),
    valign=st.sampled_from(["top", "middle", "bottom"]),
    marker=st.sampled_from(["", "•"]),
)


@settings(deadline=None)
@given(layers, anything)
def test_any_text_in_any_box_is_set_and_written(text: Text, value: str) -> None:
    setting = set_text(text, {"title": value}, "en")
    assert len(setting.lines) <= text.lines
    mask, pictures = written(setting, text)
    assert mask.size == text.box[2:]
    for picture, (x, y) in pictures:
        assert 0 <= x <= x + picture.width <= mask.width
        assert 0 <= y <= y + picture.height <= mask.height


@settings(deadline=None)
@given(st.text("中文字体，。！？《》（）“” Latin words 10,000 50%", max_size=200), st.integers(200, 900))
def test_lines_are_inside_the_box_and_hold_kinsoku(value: str, width: int) -> None:
    text = layer(box=(0, 0, width, 300), size=60, least=24, lines=5)
    setting = set_text(text, {"title": value}, "en")
    wide = measure_at(setting.size, text.weight, text.font)
    assert all(line.x >= 0 and line.x + wide(line.text) <= width + 1 for line in setting.lines)
    assert all(0 < line.y < 300 for line in setting.lines)
    for before, after in pairwise(spelled_out(setting)):
        if not setting.is_cut and not setting.is_broken:
            assert after[0] not in CLOSING.replace("·", "").replace("～", "")
            assert before[-1] not in OPENING


def test_text_takes_the_largest_size_that_fits() -> None:
    short, longer = (
        set_text(layer(size=100, least=20, lines=1), {"title": text}, "en")
        for text in ("十个人", "十个人，一百天，好书")
    )
    assert short.size == 100
    assert 50 <= longer.size < 100
    assert [len(setting.lines) for setting in (short, longer)] == [1, 1]
    wide = measure_at(longer.size + 6, 400, "sans")
    assert wide("十个人，一百天，好书") > 600


@settings(deadline=None)
@given(st.text("一二三 abc", min_size=1, max_size=60), st.integers(100, 900), st.integers(1, 4))
def test_next_larger_size_would_not_fit(value: str, width: int, lines: int) -> None:
    text = layer(box=(0, 0, width, 400), size=120, least=20, lines=lines)
    found = set_text(text, {"title": value}, "en")
    sizes = list(_sizes(text))
    if found.lines and found.size < 120:
        larger = sizes[sizes.index(found.size) - 1]
        again = set_text(layer(box=(0, 0, width, 400), size=larger, lines=lines), {"title": value}, "en")
        assert again.is_cut or again.is_broken or larger * 1.36 > 400


def test_lower_box_makes_smaller_text() -> None:
    low = set_text(layer(box=(0, 0, 600, 60), size=100, least=20, lines=3), {"title": "十个人"}, "en")
    assert low.size * 1.36 <= 60 < low.size * 1.36 * 1.07


def test_word_is_rather_small_than_broken() -> None:
    assert lines_of("Internationalization", size=120, least=40, lines=3) == ("Internationalization",)
    narrow = read_design(designs.design(designs.text("a", [0, 0, 200, 300], "{title}", lines=3)))
    fit = measure(narrow, {"title": "Internationalization"}, "en")
    assert fit[0].is_broken
    assert "".join(fit[0].lines) == "Internationalization"


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    lines = lines_of("一百天，读完十本好书。" * 20, size=40, lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert not lines[-1].endswith("，…")
    assert lines_of("第一\n第二\n第三", size=40, lines=2) == ("第一", "第二…")


def test_list_has_a_marker_before_each_of_its_lines() -> None:
    text = layer("{points}", size=40, lines=6, marker="•")
    setting = set_text(text, {"points": "每日领读，难书也能读下去，还有很长的一句话要说\n\n小组打卡"}, "en")
    assert [line.is_marked for line in setting.lines] == [True, False, True]
    assert len({line.x for line in setting.lines}) == 1
    assert setting.lines[0].x == setting.indent == 30


@pytest.mark.parametrize(("align", "valign"), [("left", "top"), ("centre", "middle"), ("right", "bottom")])
def test_text_is_drawn_where_it_is_aligned(align: str, valign: str) -> None:
    text = layer(size=40, align=align, valign=valign)
    ink = written(set_text(text, {"title": "田田"}, "en"), text)[0].getbbox()
    assert ink is not None
    left, right, top, bottom = ink[0], 600 - ink[2], ink[1], 300 - ink[3]
    assert {"left": left < 10, "centre": abs(left - right) <= 3, "right": right < 10}[align]
    assert {"top": top < 12, "middle": abs(top - bottom) <= 6, "bottom": bottom < 12}[valign]


def test_lines_whose_variables_are_empty_go() -> None:
    words = "Offer: {offer}\nBy {brand} {ends}\nThe end {{}}"
    assert spelled_out(set_text(layer(words, lines=5), {"brand": "Tenfold"}, "en")) == (
        "By Tenfold",
        "The end {}",
    )
    assert set_text(layer("Offer: {offer}"), {"offer": " "}, "en").lines == ()


def test_values_are_not_templates() -> None:
    assert lines_of("{brand} {{x}} {", lines=2) == ("{brand} {{x}} {",)


@pytest.mark.parametrize("family", ["sans", "serif"])
def test_measured_width_is_what_the_font_draws(family: str) -> None:
    for text in ("读完 Community，10,000 人", "AVATAR To We", "…—"):
        assert measure_at(37, 700, family)(text) == pytest.approx(face(37, 700, family).getlength(text))


def test_measure_tells_how_each_text_comes_out() -> None:
    read = read_design(designs.everything())
    values = {
        "title": "一百天",
        "points": "甲\n乙",
        "nickname": "Ł\u202eᏣ小明" * 50,
        "offer": "free 🫠\U0001fae9",
    }
    fits = {fit.id: fit for fit in measure(read, values, "zh-hans")}
    assert list(fits) == ["title", "points", "offer", "name"]
    assert (fits["title"].size, fits["title"].lines, fits["title"].is_cut) == (110, ("一百天",), False)
    assert fits["points"].lines == ("甲", "乙")
    assert fits["name"].is_cut
    assert fits["name"].fell_back[:2] == ("Ł", "Ꮳ")
    assert "\U0001fae9" in fits["offer"].fell_back
    assert fits["offer"].lines[0].startswith("现在：free")
