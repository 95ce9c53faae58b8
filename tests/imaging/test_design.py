"""Designs as data: what is good is kept as it is, all that is wrong is named at once, and nothing else is raised."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.imaging.design import KINDS, Flaw, Flawed, overlap, read_design, write_design
from tests.imaging.designs import PHOTO_NAME, design, everything, text

CODE: dict[str, Any] = {"id": "code", "type": "code", "box": [600, 1400, 400, 400]}


def flaws_of(raw: object, **more: Any) -> tuple[Flaw, ...]:
    with pytest.raises(Flawed) as caught:
        read_design(raw, **more)
    assert caught.value.flaws
    return caught.value.flaws


def wrong(raw: object, **more: Any) -> set[tuple[str, str]]:
    return {(flaw.where, flaw.code) for flaw in flaws_of(raw, **more)}


def changed(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    raw: Any = copy.deepcopy(everything())
    inner = raw
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return raw  # type: ignore[no-any-return]


def test_design_survives_writing_and_reading() -> None:
    read = read_design(everything(), pictures={PHOTO_NAME})
    written = write_design(read)
    assert read_design(json.loads(json.dumps(written))) == read
    assert write_design(read_design(written)) == written


def test_left_out_keys_take_their_defaults() -> None:
    layer = read_design(design(text("a", [0, 0, 100, 100], "x"))).layers[0]
    assert write_design(read_design(design(text("a", [0, 0, 100, 100], "x"))))["layers"][0] == {
        "id": "a", "type": "text", "box": [0, 0, 100, 100], "slot": "", "text": "x", "font": "sans", "weight": 400,
        "size": 40, "least": 0, "lines": 1, "leading": 1.3, "align": "left", "valign": "top", "colour": "#000000",
        "marker": "",
    }  # fmt: skip
    assert layer.corners == (0, 0, 100, 100)


def test_pictures_are_collected_from_layers_logos_and_ground() -> None:
    other = "ab" * 32
    read = read_design(changed(("background",), {"type": "picture", "picture": other}))
    assert read.pictures == {PHOTO_NAME, other}
    assert wrong(everything(), pictures=set()) == {
        ("layers.0.picture", "unknown_picture"),
        ("layers.10.logo", "unknown_picture"),
    }


def test_personal_are_codes_faces_personal_texts_and_what_lies_over_them() -> None:
    read = read_design(everything())
    assert [layer.id for layer in read.personal] == ["name", "face", "code"]
    over = [
        text("name", [0, 0, 100, 100], {"en": "Hello", "zh-hans": "你好，{nickname}"}),
        {"id": "veil", "type": "shape", "shape": "ellipse", "fill": "#ffffff", "box": [90, 90, 100, 100]},
        text("on veil", [180, 180, 50, 50], "{title}") | {"id": "on-veil"},
        text("beside", [100, 0, 50, 50], "{title}"),
    ]
    read = read_design(design(*over))
    assert [layer.id for layer in read.personal] == ["name", "veil", "on-veil"]
    assert [layer.id for layer in read.shared] == ["beside"]


def test_boxes_that_only_touch_do_not_overlap() -> None:
    assert not overlap((0, 0, 10, 10), (10, 0, 10, 10))
    assert overlap((0, 0, 10, 10), (9, 9, 10, 10))


@pytest.mark.parametrize(
    ("place", "value", "flaw"),
    [
        (("format",), 2, ("format", "unknown_format")),
        (("format",), True, ("format", "unknown_format")),
        (("kind",), "banner", ("kind", "unknown_kind")),
        (("more",), 1, ("more", "unknown_key")),
        (("canvas",), [1080, 1920], ("canvas", "not_an_object")),
        (("canvas", "width"), 199, ("canvas.width", "too_small")),
        (("canvas", "height"), 30_000, ("canvas.height", "too_large")),
        (("canvas", "height"), 1920.0, ("canvas.height", "not_a_whole_number")),
        (("canvas",), {"width": 4096, "height": 4096}, ("canvas", "too_many_pixels")),
        (("background",), {"type": "stripes"}, ("background.type", "unknown_type")),
        (("background", "angle"), 360, ("background.angle", "too_large")),
        (("background", "from"), "red", ("background.from", "not_a_colour")),
        (("background",), {"type": "picture", "picture": "../../etc"}, ("background.picture", "not_a_digest")),
        (("waived",), ["title", "logo"], ("waived", "unknown_slot")),
        (("waived",), "title", ("waived", "not_a_list")),
        (("layers",), {}, ("layers", "not_a_list")),
        (("layers",), [CODE] * 61, ("layers", "too_many")),
        (("layers", 3), None, ("layers.3", "not_an_object")),
        (("layers", 3, "type"), ["text"], ("layers.3.type", "unknown_type")),
        (("layers", 3, "id"), "rule 3", ("layers.3.id", "not_an_id")),
        (("layers", 3, "id"), "x" * 33, ("layers.3.id", "not_an_id")),
        (("layers", 3, "id"), "ring", ("layers.3.id", "twice")),
        (("layers", 3, "box"), [0, 0, 10], ("layers.3.box", "not_a_box")),
        (("layers", 3, "box"), [0, 0, 10, 0], ("layers.3.box", "too_small")),
        (("layers", 3, "box"), [1080, 0, 10, 10], ("layers.3.box", "outside")),
        (("layers", 3, "box"), [-10, 0, 10, 10], ("layers.3.box", "outside")),
        (("layers", 3, "width"), 0, ("layers.3.width", "missing")),
        (("layers", 3, "opacity"), 1.1, ("layers.3.opacity", "too_large")),
        (("layers", 3, "opacity"), float("nan"), ("layers.3.opacity", "not_a_number")),
        (("layers", 3, "opacity"), False, ("layers.3.opacity", "not_a_number")),
        (("layers", 3, "stroke"), "", ("layers.3.fill", "missing")),
        (("layers", 5, "opacity"), 0.5, ("layers.5.opacity", "unknown_key")),
        (("layers", 5, "font"), "Comic Sans", ("layers.5.font", "unknown_font")),
        (("layers", 5, "text"), "{password}", ("layers.5.text", "unknown_variable")),
        (("layers", 5, "text"), "{title.__class__}", ("layers.5.text", "unknown_variable")),
        (("layers", 5, "text"), "{title", ("layers.5.text", "unclosed_brace")),
        (("layers", 5, "text"), "x" * 601, ("layers.5.text", "too_long")),
        (("layers", 5, "text"), "a\0b", ("layers.5.text", "not_text")),
        (("layers", 5, "text"), "a\ud800b", ("layers.5.text", "not_text")),
        (("layers", 5, "text"), {"fr": "a"}, ("layers.5.text", "unknown_language")),
        (("layers", 5, "text"), {}, ("layers.5.text", "not_text")),
        (("layers", 5, "size"), 10**400, ("layers.5.size", "too_large")),
        (("layers", 5, "least"), 111, ("layers.5.least", "larger_than_size")),
        (("layers", 5, "leading"), float("inf"), ("layers.5.leading", "not_a_number")),
        (("layers", 5, "leading"), 10**400, ("layers.5.leading", "too_large")),
        (("layers", 5, "box"), [84, 1800, 912, 240], ("layers.5.box", "outside")),
        (("layers", 5, "slot"), "logo", ("layers.5.slot", "unknown_slot")),
        (("layers", 9, "box"), [84, 1440, 110, 111], ("layers.9.box", "not_square")),
        (("layers", 10, "level"), "L", ("layers.10.level", "unknown_level")),
        (("layers", 10, "level"), "M", ("layers.10.logo", "logo_needs_q")),
        (("layers", 10, "box"), [0, 0, 60, 60], ("layers.10.box", "too_small")),
        (("layers", 10, "radius"), 51, ("layers.10.radius", "too_large")),
    ],
)  # fmt: skip
def test_flaw_is_named_at_its_place(place: tuple[Any, ...], value: Any, flaw: tuple[str, str]) -> None:
    assert flaw in (found := wrong(changed(place, value)))
    assert all(where.startswith(flaw[0]) for where, _ in found)


def test_all_flaws_are_named_at_once() -> None:
    raw = design({**CODE, "level": "H"}, text("a", [0, 0, 1, 1], "{x}", font="y"), kind="z")
    assert wrong(raw) == {
        ("kind", "unknown_kind"),
        ("layers.0.level", "unknown_level"),
        ("layers.1.text", "unknown_variable"),
        ("layers.1.font", "unknown_font"),
    }
    about = next(flaw.about for flaw in flaws_of(raw) if flaw.where == "kind")
    assert about == {"known": list(KINDS), "name": "z"}


def test_required_keys_are_missed() -> None:
    assert wrong(design({"type": "text"})) == {
        (f"layers.0.{key}", "missing") for key in ("id", "box", "text", "size")
    }


def test_flaws_are_bounded() -> None:
    assert len(flaws_of({f"key{n}": n for n in range(10_000)})) == 100
    assert len(json.dumps([flaw.about for flaw in flaws_of(design(kind="k" * 10**6))])) < 1000


def test_layers_that_cover_the_canvas_too_often_are_refused() -> None:
    full = {"type": "shape", "shape": "rectangle", "fill": "#ffffff", "box": [0, 0, 1080, 1920]}
    assert wrong(design(*({**full, "id": f"l{n}"} for n in range(21)))) == {("layers", "too_much_covered")}
    read_design(design(*({**full, "id": f"l{n}"} for n in range(20))))
    large = {"canvas": {"width": 3000, "height": 4000}}
    full |= {"box": [0, 0, 3000, 4000]}
    assert flaws_of(design(*({**full, "id": f"l{n}"} for n in range(6)), **large))[0].about == {"most": 5}


def test_text_of_a_language_that_is_not_written_stands_in_the_other() -> None:
    layer: Any = read_design(design(text("a", [0, 0, 9, 9], {"en": "Hello"}))).layers[0]
    assert (layer.says("en"), layer.says("zh-hans")) == ("Hello", "Hello")
    layer = read_design(design(text("a", [0, 0, 9, 9], {"en": "", "zh-hans": "你好"}))).layers[0]
    assert (layer.says("en"), layer.says("zh-hans")) == ("", "你好")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(anything)
def test_whatever_is_sent_is_taken_or_flawed(raw: object) -> None:
    assert flaws_of(raw)


def places_in(raw: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    return [place for key, value in inner for place in [(*at, key), *places_in(value, (*at, key))]]


@given(st.sampled_from(places_in(everything())), anything)
def test_any_value_at_any_place_is_taken_or_flawed(place: tuple[Any, ...], value: Any) -> None:
    flaws: tuple[Flaw, ...] = ()
    try:
        read_design(changed(place, value))
    except Flawed as flawed:
        flaws = flawed.flaws
    json.dumps([(flaw.where, flaw.code, flaw.about) for flaw in flaws])
    "".join(flaw.where + str(flaw.about) for flaw in flaws).encode()
