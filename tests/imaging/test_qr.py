"""Codes: what is written is read back, as small as the text allows."""

from __future__ import annotations

import re
import time

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tenfold.imaging.qr import FoundCode, qr_image, qr_modules, qr_png, qr_svg, read_codes
from tenfold.imaging.reading import Unreadable
from tests.imaging import samples

ADDRESS = "HTTP://TENFOLD.EXAMPLE/C/7K3M9Q"


def texts_in(image: Image.Image, kind: str = "PNG", **options: int) -> list[str]:
    return [code.text for code in read_codes(samples.encoded(image, kind, **options))]


def pasted(*codes: tuple[Image.Image, tuple[int, int]], size: tuple[int, int] = (1000, 1000)) -> Image.Image:
    wall = Image.new("RGB", size, (230, 225, 215))
    for code, place in codes:
        wall.paste(code, place)
    return wall


def test_upper_case_address_takes_the_smaller_code() -> None:
    assert len(ADDRESS) == 31
    assert qr_modules(ADDRESS).size == (25, 25)
    assert qr_modules(ADDRESS.lower()).size == (29, 29)


def test_modules_are_black_and_white_only() -> None:
    assert qr_modules(ADDRESS).mode == "L"
    assert set(qr_modules(ADDRESS).tobytes()) == {0, 255}


def test_image_has_whole_modules_and_a_white_margin() -> None:
    image = qr_image(ADDRESS, module=7, quiet=4)
    assert image.size == ((25 + 8) * 7,) * 2
    assert image.getpixel((27, 27)) == 255
    assert image.getpixel((28, 28)) == 0
    shrunk = image.crop((28, 28, 28 + 175, 28 + 175)).resize((25, 25), Image.Resampling.NEAREST)
    assert shrunk.tobytes() == qr_modules(ADDRESS).tobytes()


def test_same_text_gives_the_same_code() -> None:
    assert qr_png(ADDRESS) == qr_png(ADDRESS)
    assert qr_png(ADDRESS) != qr_png(ADDRESS + "A")


def test_png_is_small() -> None:
    assert len(qr_png(ADDRESS)) < 1500


def test_written_code_is_read_with_its_place() -> None:
    found = read_codes(qr_png(ADDRESS, module=10, quiet=4))
    assert found == [FoundCode(ADDRESS, "QRCode", found[0].corners)]
    for seen, true in zip(found[0].corners, ((40, 40), (290, 40), (290, 290), (40, 290)), strict=True):
        assert abs(seen[0] - true[0]) <= 5
        assert abs(seen[1] - true[1]) <= 5


@settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=120))
def test_any_plain_text_comes_back(text: str) -> None:
    assert [code.text for code in read_codes(qr_png(text, module=4))] == [text]


@settings(max_examples=40)
@given(
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=60), st.sampled_from("LMQH")
)
def test_any_address_comes_back_at_every_level(text: str, level: str) -> None:
    assert [code.text for code in read_codes(qr_png(text, level=level, module=3))] == [text]


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180])
def test_turned_code_is_read_and_its_first_corner_turns_along(turn: Image.Transpose) -> None:
    image = qr_image(ADDRESS).transpose(turn)
    found = read_codes(samples.encoded(image, "PNG"))
    assert [code.text for code in found] == [ADDRESS]
    assert found[0].corners[0] != (40, 40)


def test_all_codes_of_a_picture_are_found() -> None:
    other = ADDRESS + "/OTHER"
    wall = pasted((qr_image(ADDRESS), (40, 60)), (qr_image(other), (560, 500)))
    assert sorted(texts_in(wall)) == [ADDRESS, other]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_codes_are_read_from_every_kind_of_picture(kind: str) -> None:
    assert texts_in(pasted((qr_image(ADDRESS), (100, 100))), kind) == [ADDRESS]


def test_transparent_ground_is_read() -> None:
    clear = Image.new("RGBA", (330, 330), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0), qr_image(ADDRESS).point(lambda value: 255 - value))
    assert texts_in(clear) == [ADDRESS]


def test_small_code_is_read_after_enlarging() -> None:
    small = pasted((qr_image(ADDRESS, module=2), (30, 30)), size=(200, 200))
    assert texts_in(small.resize((150, 150), Image.Resampling.BILINEAR)) == [ADDRESS]


def test_corners_of_an_enlarged_code_are_in_pixels_of_the_picture() -> None:
    small = pasted((qr_image(ADDRESS, module=2), (30, 30)), size=(200, 200))
    picture = small.resize((150, 150), Image.Resampling.BILINEAR)
    for x, y in read_codes(samples.encoded(picture, "PNG"))[0].corners:
        assert 20 <= x <= 80
        assert 20 <= y <= 80


def test_code_of_a_turned_photograph_is_read() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photograph = pasted((qr_image(ADDRESS), (300, 100)))
    assert [c.text for c in read_codes(samples.encoded(photograph, "JPEG", exif=exif))] == [ADDRESS]


def test_picture_without_a_code_has_none() -> None:
    assert texts_in(samples.photograph(400, 300), "JPEG") == []
    assert texts_in(Image.new("RGB", (1, 1))) == []


def test_torn_code_is_not_read_as_something_else() -> None:
    image = qr_image(ADDRESS)
    ImageDraw.Draw(image).rectangle((0, 0, 330, 170), fill=255)
    assert texts_in(image) == []


@pytest.mark.parametrize("data", [b"", b"no picture", b"GIF89a", samples.png(50_000, 50_000)])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_codes(data)


@pytest.mark.parametrize("text", ["", "x" * 5000, "\ud800", "中文", "¡", "a\0b"])
def test_what_cannot_be_drawn_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        qr_png(text)


def test_unknown_level_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        qr_png(ADDRESS, level="Z")


def test_svg_draws_the_same_modules() -> None:
    svg = qr_svg(ADDRESS, quiet=4)
    assert 'viewBox="0 0 33 33"' in svg
    drawn = Image.new("L", (33, 33), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg):
        ImageDraw.Draw(drawn).line((int(x), int(y), int(x) + int(length) - 1, int(y)), fill=0)
    assert drawn.tobytes() == qr_image(ADDRESS, module=1, quiet=4).tobytes()


def test_svg_carries_nothing_of_the_text() -> None:
    svg = qr_svg("</svg><script>alert(1)</script>")
    assert "script" not in svg
    assert svg.count("<") == 4


def test_writing_is_quick() -> None:
    qr_image(ADDRESS)
    started = time.process_time()
    for number in range(20):
        qr_image(f"{ADDRESS}{number}")
    assert (time.process_time() - started) / 20 < 0.02


def test_micro_codes_are_nobodys() -> None:
    """Ours are none, and the eye of one of ours looks like one now and then."""
    micro = zxingcpp.create_barcode("1064", zxingcpp.BarcodeFormat.MicroQRCode)
    image = Image.fromarray(micro.to_image(scale=8))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == ["1064"]
    assert read_codes(samples.encoded(image, "PNG")) == []
