"""What is measured of a picture with a code."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from tenfold.imaging import checks
from tenfold.imaging.layers import Code
from tenfold.imaging.qr import qr_image, qr_png

TEXT = "HTTPS://EXAMPLE.COM/C/ABCD2345"  # 25 modules at level M, 33 with the quiet zone


def code(side: int = 330) -> Code:
    return Code(id="code", box=(100, 200, side, side))


def poster(module: int = 10) -> Image.Image:
    image = Image.new("RGB", (1080, 1920), "#335577")
    image.paste(qr_image(TEXT, module=module).convert("RGB").resize((33 * module,) * 2), (100, 200))
    return image


def test_modules_are_whole_pixels_and_stand_in_the_middle_of_the_box() -> None:
    assert checks.place_of(code(330), TEXT) == ((140, 240, 390, 490), 10)
    assert checks.place_of(code(340), TEXT) == ((145, 245, 395, 495), 10)


def test_a_module_in_a_chat_is_smaller_the_wider_the_picture_is() -> None:
    assert checks.module_in_chat(code(), TEXT, 1080) == 5.0
    assert checks.module_in_chat(code(), TEXT, 2160) == 2.5


@pytest.mark.parametrize(
    ("dark", "light", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#000000", 0.05),
        ("#abcdef", "#abcdef", 1),
    ],
)
def test_contrast_is_that_of_wcag_and_knows_which_is_the_dark_one(
    dark: str, light: str, ratio: float
) -> None:
    assert checks.contrast(dark, light) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    ("box", "free"),
    [
        (None, 4),
        ((100, 200, 104, 530), 3),
        ((380, 240, 400, 250), 0),
        ((140, 492, 150, 500), 0),
        ((200, 222, 300, 229), 1),
        ((200, 201, 300, 202), 3),
    ],
)
def test_the_quiet_zone_is_counted_from_the_code_outwards(
    box: tuple[int, int, int, int] | None, free: int
) -> None:
    image = poster()
    if box:
        ImageDraw.Draw(image).rectangle(box, fill="#222222")
    assert checks.quiet_modules(image, code(), TEXT) == free


def test_rounded_corners_take_nothing_from_the_quiet_zone() -> None:
    image = poster()
    ImageDraw.Draw(image).rectangle((100, 200, 130, 230), fill="#222222")
    assert checks.quiet_modules(image, code(), TEXT) == 4


def test_both_readers_read_what_comes_out_of_a_chat() -> None:
    in_chat = checks.as_in_chat(poster())
    assert in_chat.size == (302, 538)
    assert checks.who_reads(in_chat, TEXT) == ["zxing-cpp", "qrlyzer"]
    assert checks.who_reads(in_chat, f"{TEXT}X") == []
    readers, smallest = checks.reading(poster(), TEXT)
    assert readers == ["zxing-cpp", "qrlyzer"]
    assert 0 < smallest < checks.CHAT_SHARE


def test_each_reader_is_asked_and_says_so_when_it_reads_nothing() -> None:
    nothing = Image.new("RGB", (300, 300), "white")
    assert all(read(nothing.convert("L")) == [] for read in checks.READERS.values())
    assert checks.reading(nothing, TEXT) == ([], 0)


def test_a_code_with_modules_of_a_pixel_is_lost_in_a_chat() -> None:
    assert checks.reading(poster(module=3), TEXT)[1] == 0


def test_other_codes_in_the_picture_are_told() -> None:
    image = poster()
    image.paste(qr_image("HTTPS://WEIXIN.QQ.COM/G/1", module=8).convert("RGB"), (600, 900))
    assert checks.other_codes(image, [TEXT]) == ["HTTPS://WEIXIN.QQ.COM/G/1"]
    assert checks.other_codes(poster(), [TEXT]) == []


def test_codes_within_an_upload() -> None:
    assert checks.codes_within(qr_png("HELLO")) == ["HELLO"]
    assert checks.codes_within(b"no picture") == []
    out = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(out, "PNG")
    assert checks.codes_within(out.getvalue()) == []
