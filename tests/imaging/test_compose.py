"""Pictures from designs: what is drawn once, what is drawn for each, and that the two make one picture."""

from __future__ import annotations

import io
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tenfold.imaging.compose import Given, Ground, _opened, encode, prepare, stamp, whole
from tenfold.imaging.design import Flawed, read_design, write_design
from tenfold.imaging.fonts import COVERED, emoji
from tenfold.imaging.masks import level_and_mask
from tenfold.imaging.patches import Scene, lasting, personal
from tenfold.imaging.qr import CodeFacts, code_facts, qr_modules, read_codes
from tenfold.imaging.texts import with_emoji
from tests.imaging import samples
from tests.imaging.designs import PHOTO, PHOTO_NAME, design, everything, text
from tests.imaging.test_setting import NAMES

ADDRESS = "HTTPS://TENFOLD.EXAMPLE/C/7K3M9QXP"
SHARED = {
    "title": "一百天，读完十本好书",
    "points": "每日领读，难书也能读下去\n小组打卡，互相督促不掉队\n读完十本，赠送作者签名版",
    "offer": "扫码免费入群",
}
FACE = samples.encoded(samples.photograph(256, 256), "JPEG")
SOMEBODY = Given({"nickname": "小美"}, "zh-hans", ADDRESS, FACE)
CODE: dict[str, Any] = {"id": "code", "type": "code", "box": [300, 300, 400, 400]}


def ground_of(raw: dict[str, Any], shared: dict[str, str] | None = None, **more: Any) -> Ground:
    values = SHARED if shared is None else shared
    return prepare(read_design(raw), values, language="zh-hans", pictures={PHOTO_NAME: PHOTO}, **more)


def shown(raw: dict[str, Any], person: Given = SOMEBODY, **more: Any) -> Image.Image:
    return whole(ground_of(raw, **more), person)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_of(everything())


def differing(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one, other).getbbox()


def test_parts_and_ground_make_the_whole(ground: Ground) -> None:
    picture = ground.image.copy()
    for box, part in stamp(ground, SOMEBODY):
        assert part.size == (box[2] - box[0], box[3] - box[1])
        picture.paste(part, box)
    assert picture.tobytes() == whole(ground, SOMEBODY).tobytes()
    assert picture.size == (1080, 1920)


def test_nothing_of_a_person_stays_on_the_ground(ground: Ground) -> None:
    before = ground.image.tobytes()
    first = whole(ground, SOMEBODY).tobytes()
    for name in NAMES:
        whole(ground, Given({"nickname": name}, "en", ADDRESS + "X", None))
    assert ground.image.tobytes() == before
    assert whole(ground, SOMEBODY).tobytes() == first


@settings(deadline=None, max_examples=30)
@given(name=st.text(max_size=500) | st.sampled_from(NAMES), language=st.sampled_from(["en", "zh-hans", "xx"]))
def test_any_name_is_shown_inside_the_personal_boxes(ground: Ground, name: str, language: str) -> None:
    picture = whole(ground, Given({"nickname": name}, language, ADDRESS, b"no picture"))
    outside = ground.image.copy()
    for box in ground.boxes:
        picture.paste(0, box)
        outside.paste(0, box)
    assert differing(picture, outside) is None


def test_jpeg_is_the_encoding_of_the_whole(ground: Ground) -> None:
    data = encode(ground, SOMEBODY, "image/jpeg")
    full = io.BytesIO()
    whole(ground, SOMEBODY).save(
        full,
        "JPEG",
        quality=88,
        subsampling="4:2:0",
        restart_marker_blocks=ground.spliced.interval,
        comment=b"",
    )
    assert data == full.getvalue()


def test_png_and_webp_are_the_whole(ground: Ground) -> None:
    picture = whole(ground, SOMEBODY)
    assert differing(samples.decoded(encode(ground, SOMEBODY, "image/png")), picture) is None
    webp = Image.open(io.BytesIO(encode(ground, SOMEBODY, "image/webp")))
    assert (webp.format, webp.size) == ("WEBP", picture.size)
    with pytest.raises(ValueError):
        encode(ground, SOMEBODY, "image/gif")  # type: ignore[arg-type]


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
def test_code_with_a_logo_is_read(ground: Ground, media_type: Any) -> None:
    assert [code.text for code in read_codes(encode(ground, SOMEBODY, media_type))] == [ADDRESS]


def test_code_is_read_from_a_thumbnail(ground: Ground) -> None:
    picture = whole(ground, SOMEBODY)
    small = picture.resize((round(1080 * 0.28), round(1920 * 0.28)), Image.Resampling.BICUBIC)
    assert [code.text for code in read_codes(samples.encoded(small, "JPEG", quality=60))] == [ADDRESS]


def test_modules_are_whole_pixels_in_the_middle_of_a_light_square() -> None:
    picture = shown(design(CODE, background={"type": "colour", "colour": "#000000"}))
    plate = picture.crop((300, 300, 700, 700)).convert("L")
    modules = qr_modules(ADDRESS)
    side = modules.width * (400 // (modules.width + 8))
    edge = (400 - side) // 2
    assert edge >= 4 * (400 // (modules.width + 8))
    inner = plate.crop((edge, edge, edge + side, edge + side))
    assert inner.resize(modules.size, Image.Resampling.NEAREST).tobytes() == modules.tobytes()
    assert set(inner.tobytes()) == {0, 255}
    plate.paste(255, (edge, edge, edge + side, edge + side))
    assert plate.getextrema() == (255, 255)


def test_logo_takes_at_most_22_percent_of_the_side() -> None:
    raw = design({**CODE, "level": "Q", "logo": PHOTO_NAME})
    with_logo, without = shown(raw), shown(design({**CODE, "level": "Q"}))
    box = differing(with_logo, without)
    assert box is not None
    modules = qr_modules(ADDRESS, level="Q").width
    side = modules * (400 // (modules + 8))
    assert max(box[2] - box[0], box[3] - box[1]) <= 0.22 * side
    assert abs(box[0] + box[2] - 1000) <= 10


def test_codes_keep_to_the_facts_of_their_version() -> None:
    facts = CodeFacts("zxing-cpp", 3, "Q", 6)
    picture = shown(design(CODE), facts=facts).crop((300, 300, 700, 700)).convert("L")
    side, start = 29 * 10, 55
    modules = picture.crop((start, start, start + side, start + side)).resize(
        (29, 29), Image.Resampling.NEAREST
    )
    assert level_and_mask(modules) == ("M", 6)
    assert modules.tobytes() == qr_modules(ADDRESS, facts=CodeFacts("", 3, "M", 6)).tobytes()
    assert code_facts(ADDRESS).version < 3


@pytest.mark.parametrize("address", ["", "HTTPS://例子.中国", "A" * 5000])
def test_address_that_makes_no_readable_code_is_refused(ground: Ground, address: str) -> None:
    with pytest.raises(ValueError):
        stamp(ground, Given({}, "en", address))


def test_address_that_would_have_modules_of_one_pixel_is_refused() -> None:
    with pytest.raises(ValueError):
        shown(design({**CODE, "box": [0, 0, 65, 65]}))
    shown(design({**CODE, "box": [0, 0, 66, 66]}))


def test_colours_of_a_code_are_its_own() -> None:
    picture = shown(design({**CODE, "dark": "#102030", "light": "#f0e0d0"})).crop((300, 300, 700, 700))
    assert {colour for _, colour in picture.getcolors(9) or ()} == {(0x10, 0x20, 0x30), (0xF0, 0xE0, 0xD0)}


def test_picture_that_is_missing_or_damaged_is_a_flaw() -> None:
    for data in ({}, {PHOTO_NAME: PHOTO[:200]}, {PHOTO_NAME: b"<svg><script/></svg>"}):
        with pytest.raises(Flawed) as caught:
            prepare(read_design(everything()), {}, language="en", pictures=data)
        assert caught.value.flaws[0].where in {"layers.0.picture", "layers.10.logo"}
        assert caught.value.flaws[0].code == ("unreadable_picture" if data else "unknown_picture")


def test_bomb_is_refused_before_it_is_opened() -> None:
    bomb = samples.png(30_000, 30_000)
    with pytest.raises(Flawed) as caught:
        prepare(read_design(everything()), {}, language="en", pictures={PHOTO_NAME: bomb})
    assert caught.value.flaws[0].about == {"reason": "too_many_pixels"}


def test_missing_and_damaged_faces_give_way_to_the_letter(ground: Ground) -> None:
    letter = stamp(ground, Given({"nickname": "Mia"}, "en", ADDRESS))
    for face in (b"", b"GIF89a", FACE[:300], samples.png(30_000, 30_000)):
        damaged = stamp(ground, Given({"nickname": "Mia"}, "en", ADDRESS, face))
        assert [part.tobytes() for _, part in damaged] == [part.tobytes() for _, part in letter]


def test_layers_over_personal_ones_are_drawn_over_them() -> None:
    veil = {
        "id": "veil",
        "type": "shape",
        "shape": "rectangle",
        "fill": "#ff0000",
        "box": [300, 300, 400, 100],
    }
    name = text("name", [300, 300, 400, 100], "{nickname}", size=60)
    for layers in ([CODE, veil], [name, veil], [name, CODE, veil]):
        picture = shown(design(*layers))
        assert picture.crop((300, 300, 700, 400)).getcolors(2) == [(40_000, (255, 0, 0))]
    under = shown(design(veil, name))
    assert differing(under, shown(design(veil))) is not None


def test_code_over_a_name_hides_it() -> None:
    name = text("name", [300, 300, 400, 100], "{nickname}", size=60)
    both = shown(design(name, {**CODE, "radius": 0}))
    assert both.tobytes() == shown(design(CODE)).tobytes()


def test_shared_values_win_over_a_persons() -> None:
    raw = design(text("a", [0, 0, 900, 200], "{title} {nickname}"))
    person = Given({"nickname": "小美", "title": "forged"}, "zh-hans")
    assert shown(raw, person).tobytes() == shown(raw, Given({"nickname": "小美"}, "zh-hans")).tobytes()


def test_ornaments_are_cut_by_the_edge() -> None:
    layers = [
        {"id": f"s{n}", "type": "shape", "shape": shape, "fill": "#ff0000", "width": 20, "box": box}
        for n, (shape, box) in enumerate(
            [
                ("ellipse", [-200, -200, 400, 400]),
                ("rectangle", [900, 1800, 4096, 4096]),
                ("line", [-50, 900, 2000, 20]),
            ]
        )
    ]
    picture = shown(design(*layers, text("n", [0, 0, 300, 300], "{nickname}")))
    assert (
        picture.getpixel((10, 10))
        == picture.getpixel((1079, 1919))
        == picture.getpixel((500, 910))
        == (255, 0, 0)
    )
    assert picture.getpixel((500, 500)) == (0xF8, 0xF4, 0xEC)


@pytest.mark.parametrize(
    ("angle", "corner"), [(0, (540, 1919)), (90, (0, 960)), (180, (540, 0)), (270, (1079, 960))]
)
def test_gradient_runs_in_its_direction(angle: int, corner: tuple[int, int]) -> None:
    ground = {"type": "gradient", "from": "#000000", "to": "#ffffff", "angle": angle}
    picture = shown(design(background=ground))
    start, end = picture.getpixel(corner), picture.getpixel((1079 - corner[0], 1919 - corner[1]))
    assert max(start) <= 2  # type: ignore[arg-type]
    assert min(end) >= 253  # type: ignore[arg-type]
    middle = picture.getpixel((540, 960))
    assert 125 <= min(middle) <= max(middle) <= 130  # type: ignore[arg-type]


def test_pictures_cover_or_are_contained() -> None:
    box, colour = [100, 100, 400, 400], (0xF8, 0xF4, 0xEC)
    covering, contained = (
        shown(design({"id": "p", "type": "picture", "picture": PHOTO_NAME, "fit": fit, "box": box}))
        for fit in ("cover", "contain")
    )
    assert covering.getpixel((101, 101)) != colour
    assert contained.getpixel((101, 101)) == colour
    assert contained.getpixel((101, 300)) != colour
    assert differing(covering, shown(design())) == (100, 100, 500, 500)


def test_opacity_lets_the_ground_through() -> None:
    shape = {"id": "s", "type": "shape", "shape": "rectangle", "fill": "#000000", "box": [0, 0, 200, 200]}
    white = {"type": "colour", "colour": "#ffffff"}
    assert shown(design({**shape, "opacity": 0.5}, background=white)).getpixel((9, 9)) == (127, 127, 127)
    assert shown(design({**shape, "opacity": 0}, background=white)).getpixel((9, 9)) == (255, 255, 255)


def nicknames(count: int) -> list[str]:
    """Mixed ones, as people have them: Chinese, Latin, Cyrillic, Greek, kana, ornaments, emoji, marks."""
    chance = random.Random(20261122)
    drawn = sorted(COVERED - {" ", "\u00ad", "\u00a0", "\u3000"})
    pools = [
        drawn,
        [c for c in drawn if c >= "\u4e00"],
        list("AbcDéñ ЖёΩ"),
        ["👨‍👩‍👧‍👦", "😀", "👋🏽", "❤️", "🇨🇳", "🫠"],
        ["𝓐", "ｱ", "ﷺ", "Z͓̽", "\u200f", "ก"],
    ]
    weights = [2, 6, 4, 1, 1]
    return [
        "".join(chance.choice(pool) for pool in chance.choices(pools, weights, k=chance.randint(1, 16)))
        for _ in range(count)
    ]


@pytest.mark.parametrize("has_emoji", [True, False])
def test_no_glyph_is_missing_in_a_thousand_nicknames(
    has_emoji: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is drawn is in our font or is a picture of an emoji: a box for a missing glyph cannot come out."""
    if not has_emoji:
        monkeypatch.setattr(emoji, "has", lambda cluster: False)
    told = 0
    for name in nicknames(1000):
        found: list[str] = []
        line = with_emoji(name, found)
        assert all(character in COVERED or character >= "\U000f0000" for character in line)
        assert all(emoji.has(cluster) for cluster in found)
        told += bool(line)
    assert told > 950


def test_boxes_are_apart(ground: Ground) -> None:
    far = ground_of(design(text("n", [0, 0, 100, 60], "{nickname}"), {**CODE, "box": [600, 1500, 400, 400]}))
    for boxes in (ground.boxes, far.boxes):
        for at, one in enumerate(boxes):
            assert not any(
                one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
                for other in boxes[at + 1 :]
            )
    assert len(far.boxes) == 2


def test_design_without_personal_layers_is_the_same_for_all() -> None:
    ground = ground_of(design(text("t", [0, 0, 900, 200], "{title}")))
    assert stamp(ground, SOMEBODY) == []
    assert encode(ground, SOMEBODY, "image/jpeg") == encode(ground, Given({}, "en"), "image/jpeg")


# Random designs, small ones, so that many are tried

colours = st.sampled_from(["#000000", "#ffffff", "#ff5e36", "#12ab9f"])
places = st.tuples(
    st.integers(-60, 380), st.integers(-60, 280), st.integers(1, 300), st.integers(1, 300)
).map(list)
inside = st.tuples(st.integers(0, 250), st.integers(0, 150), st.integers(1, 150), st.integers(1, 150)).map(
    list
)
squares = st.tuples(st.integers(0, 200), st.integers(0, 100), st.integers(150, 200)).map(lambda b: [*b, b[2]])
kinds = {
    "text": st.fixed_dictionaries(
        {
            "text": st.sampled_from(["{nickname}", "{title}", "“{nickname}” {date}\n{points}"]),
            "box": inside,
            "size": st.integers(6, 90),
        },
        optional={
            "lines": st.integers(1, 4),
            "font": st.sampled_from(["sans", "serif"]),
            "weight": st.integers(100, 900),
            "align": st.sampled_from(["left", "centre", "right"]),
            "valign": st.sampled_from(["top", "middle", "bottom"]),
            "marker": st.sampled_from(["", "•"]),
            "colour": colours,
        },
    ),
    "code": st.fixed_dictionaries(
        {"box": squares},
        optional={"level": st.just("Q"), "radius": st.integers(0, 18), "dark": colours, "light": colours},
    ),
    "avatar": st.fixed_dictionaries(
        {"box": squares}, optional={"shape": st.sampled_from(["circle", "rounded"]), "radius": st.integers(0, 90)}
    ),
    "picture": st.fixed_dictionaries(
        {"picture": st.just(PHOTO_NAME), "box": places},
        optional={
            "fit": st.sampled_from(["cover", "contain"]),
            "radius": st.integers(0, 90),
            "opacity": st.floats(0, 1),
        },
    ),
    "shape": st.fixed_dictionaries(
        {
            "shape": st.sampled_from(["rectangle", "ellipse", "line", "dots"]),
            "box": places,
            "fill": colours,
            "width": st.integers(1, 60),
        },
        optional={"stroke": colours, "radius": st.integers(0, 90), "opacity": st.floats(0, 1)},
    ),
}  # fmt: skip
any_layer = st.sampled_from(sorted(kinds)).flatmap(
    lambda kind: kinds[kind].map(lambda raw: raw | {"type": kind})
)


@settings(deadline=None, max_examples=60)
@given(st.lists(any_layer, max_size=8), st.text(max_size=30), st.sampled_from([400, 401, 416]))
def test_any_design_is_drawn_and_spliced_like_the_whole(
    layers: list[dict[str, Any]], name: str, width: int
) -> None:
    raw = design(
        *({**layer, "id": f"l{at}"} for at, layer in enumerate(layers)),
        canvas={"width": width, "height": 300},
    )
    try:
        ground = ground_of(raw)
    except Flawed:  # an ornament that does not touch the canvas
        reject()
    person = Given({"nickname": name, "date": "2026-11-22"}, "en", ADDRESS, FACE)
    picture, full = whole(ground, person), io.BytesIO()
    picture.save(
        full,
        "JPEG",
        quality=88,
        subsampling="4:2:0",
        restart_marker_blocks=ground.spliced.interval,
        comment=b"",
    )
    assert encode(ground, person, "image/jpeg") == full.getvalue()
    assert picture.tobytes() == drawn_at_once(ground, person).tobytes()


def drawn_at_once(ground: Ground, person: Given) -> Image.Image:
    """All layers one over the other on the whole canvas, as a painter would."""
    bare = ground_of({**write_design(ground.design), "layers": []})
    image = bare.image.copy()
    scene = Scene(
        {**person.values, **SHARED}, person.language, person.code_text, person.avatar,
        {PHOTO_NAME: ground_pictures(ground)} if ground.design.pictures else {},
    )  # fmt: skip
    for layer in ground.design.layers:
        for patch in (*lasting(layer, scene), *personal(layer, scene)):
            patch.put(image)
    return image


def ground_pictures(ground: Ground) -> Image.Image:
    return _opened(ground.design, {PHOTO_NAME: PHOTO})[PHOTO_NAME]


def test_threads_draw_the_same(ground: Ground) -> None:
    people = [Given({"nickname": f"小美 {n} Łucja"}, "en", f"{ADDRESS}{n}", FACE) for n in range(24)]
    alone = [encode(ground, person, "image/jpeg") for person in people]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(lambda person: encode(ground, person, "image/jpeg"), people)) == alone
