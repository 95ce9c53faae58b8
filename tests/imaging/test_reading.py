"""Pictures from strangers: honest ones come out clean, hostile ones are refused with their reason."""

from __future__ import annotations

import hashlib
import random
import time
import zlib

import pytest
from PIL import Image

from tenfold.imaging.headers import MOST_PARTS, MOST_SCANS, bare, essential, look
from tenfold.imaging.reading import (
    MAX_BYTES,
    CleanPicture,
    Unreadable,
    avatar_picture,
    clean_picture,
    open_picture,
)
from tests.imaging import samples

KINDS = ("JPEG", "PNG", "WEBP")


def reason_of(data: bytes, **limits: int) -> str:
    with pytest.raises(Unreadable) as refused:
        clean_picture(data, **limits)
    return refused.value.reason


# What comes out


@pytest.mark.parametrize("kind", KINDS)
def test_honest_picture_keeps_its_size_and_look(kind: str) -> None:
    data = samples.encoded(samples.drawing(), kind)
    clean = clean_picture(data)
    picture = samples.decoded(clean.data).convert("RGB")
    assert (clean.width, clean.height) == picture.size == (120, 80)
    blue, red = picture.getpixel((10, 10)), picture.getpixel((110, 70))
    assert isinstance(blue, tuple)
    assert isinstance(red, tuple)
    assert blue[2] > 200 > 60 > blue[0]
    assert red[0] > 200 > 60 > red[2]


def test_digest_is_that_of_the_bytes_as_sent() -> None:
    data = samples.encoded(samples.drawing(), "PNG")
    assert clean_picture(data).sha256 == hashlib.sha256(data).hexdigest()


def test_same_bytes_give_the_same_picture() -> None:
    data = samples.encoded(samples.photograph(), "JPEG")
    assert clean_picture(data) == clean_picture(data)


def test_drawing_stays_png_at_any_size() -> None:
    clean = clean_picture(samples.encoded(samples.drawing(1400, 1200), "PNG"))
    assert clean.media_type == "image/png"


def test_large_photograph_sent_as_png_becomes_jpeg() -> None:
    data = samples.encoded(samples.photograph(1400, 1200), "PNG")
    clean = clean_picture(data)
    assert clean.media_type == "image/jpeg"
    assert len(clean.data) < len(data)


def test_small_photograph_sent_as_png_stays_png_to_the_pixel() -> None:
    clean = clean_picture(samples.encoded(samples.photograph(), "PNG"))
    assert clean.media_type == "image/png"
    assert samples.decoded(clean.data).tobytes() == samples.photograph().tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_jpeg_and_webp_become_jpeg(kind: str) -> None:
    clean = clean_picture(samples.encoded(samples.drawing(), kind))
    assert clean.media_type == "image/jpeg"
    assert samples.decoded(clean.data).format == "JPEG"


@pytest.mark.parametrize("kind", KINDS)
def test_long_side_is_brought_down(kind: str) -> None:
    clean = clean_picture(samples.encoded(samples.photograph(900, 300), kind), max_side=300)
    assert (clean.width, clean.height) == (300, 100)
    assert samples.decoded(clean.data).size == (300, 100)


def test_small_picture_is_not_enlarged() -> None:
    clean = clean_picture(samples.encoded(samples.drawing(3, 2), "PNG"))
    assert (clean.width, clean.height) == (3, 2)


def test_thin_picture_keeps_at_least_a_pixel() -> None:
    clean = clean_picture(samples.encoded(Image.new("RGB", (9000, 1)), "PNG"), max_side=100)
    assert (clean.width, clean.height) == (100, 1)


# EXIF

BLUE_CORNER = {
    1: (0.1, 0.1),
    2: (0.9, 0.1),
    3: (0.9, 0.9),
    4: (0.1, 0.9),
    5: (0.1, 0.1),
    6: (0.9, 0.1),
    7: (0.9, 0.9),
    8: (0.1, 0.9),
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_camera_turn_is_applied(orientation: int) -> None:
    clean = clean_picture(samples.turned(orientation))
    assert (clean.width, clean.height) == ((80, 120) if orientation > 4 else (120, 80))
    picture = samples.decoded(clean.data).convert("RGB")
    for corner in {(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)}:
        pixel = picture.getpixel((int(corner[0] * clean.width), int(corner[1] * clean.height)))
        assert isinstance(pixel, tuple)
        assert (pixel[2] > 128) == (corner == BLUE_CORNER[orientation])


def test_turn_of_a_png_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_picture(samples.encoded(samples.drawing(), "PNG", exif=exif))
    assert (clean.width, clean.height) == (80, 120)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_unknown_turn_is_none(orientation: int) -> None:
    assert clean_picture(samples.turned(orientation)).width == 120


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_cost_the_picture() -> None:
    plain = samples.encoded(samples.drawing(), "JPEG")
    for rubbish in (b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        assert clean_picture(samples.with_segment(plain, 0xE1, rubbish)).width == 120


def test_nothing_personal_survives() -> None:
    for data in (
        samples.turned(6),
        samples.with_segment(samples.encoded(samples.drawing(), "JPEG"), 0xFE, b"<script>secret</script>"),
        samples.with_chunk(
            samples.encoded(samples.drawing(), "PNG"), samples.png_chunk(b"tEXt", b"Comment\0secret")
        ),
        samples.encoded(samples.drawing(), "WEBP", exif=b"Exif\0\0secret", xmp=b"<x>secret</x>"),
    ):
        clean = clean_picture(data)
        assert b"secret" not in clean.data
        assert b"Camera" not in clean.data
        assert not samples.decoded(clean.data).getexif()


# Modes


def test_transparent_ground_becomes_white() -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 20))
    picture = samples.decoded(clean_picture(samples.encoded(image, "PNG")).data)
    assert picture.mode == "RGB"
    assert picture.getpixel((2, 2)) == (0, 0, 0)
    assert picture.getpixel((18, 2)) == (255, 255, 255)


def test_palette_with_a_transparent_colour_becomes_white_there() -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30, 200, 0, 0])
    image.paste(1, (0, 0, 4, 8))
    picture = samples.decoded(clean_picture(samples.encoded(image, "PNG", transparency=0)).data)
    assert picture.getpixel((6, 4)) == (255, 255, 255)
    assert picture.getpixel((1, 4)) == (200, 0, 0)


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    image = Image.new("I;16", (8, 8), 0x8080)
    assert samples.decoded(clean_picture(samples.encoded(image, "PNG")).data).getpixel((4, 4)) == (128,) * 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_png_mode_is_read(mode: str) -> None:
    data = samples.encoded(samples.photograph().convert(mode), "PNG")
    assert samples.decoded(clean_picture(data).data).mode == "RGB"


def test_printers_jpeg_is_read() -> None:
    data = samples.encoded(samples.drawing().convert("CMYK"), "JPEG", quality=95)
    pixel = samples.decoded(clean_picture(data).data).getpixel((110, 70))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 150 > pixel[2]


def test_interlaced_and_progressive_are_read() -> None:
    progressive = samples.encoded(samples.photograph(), "JPEG", progressive=True)
    assert clean_picture(progressive).width == 120


# Refused: not ours


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"II*\0\x08\0\0\0",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"PK\x03\x04",
        b"MZ" + b"\0" * 100,
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"GIF89a",
        bytes(1000),
    ],
)
def test_other_kinds_are_not_pictures(data: bytes) -> None:
    assert reason_of(data) == "not_a_picture"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_pictures_of_other_kinds_are_not_taken(kind: str) -> None:
    assert reason_of(samples.encoded(samples.drawing(), kind)) == "not_a_picture"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_are_refused(kind: str) -> None:
    assert reason_of(samples.animation(kind)) == ("not_a_picture" if kind == "GIF" else "animated")


def test_markup_behind_a_signature_is_refused() -> None:
    for signature in (samples.PNG_SIGNATURE, b"\xff\xd8\xff", b"RIFF\x10\0\0\0WEBP"):
        assert reason_of(signature + b"<script>alert(document.cookie)</script>") in {
            "truncated",
            "not_a_picture",
        }


def test_polyglot_keeps_only_its_pixels() -> None:
    for kind in KINDS:
        data = samples.encoded(samples.drawing(), kind) + b"<html><script>alert(1)</script>PK\x03\x04"
        assert b"script" not in clean_picture(data).data


def test_film_behind_a_phones_picture_is_no_scan() -> None:
    film = random.Random(1).randbytes(400_000) + b"\xff\xda" * 200
    assert clean_picture(samples.encoded(samples.drawing(), "JPEG") + film).width == 120


# Refused: too much


def test_too_many_bytes() -> None:
    data = samples.encoded(samples.drawing(), "PNG")
    assert clean_picture(data, max_bytes=len(data))
    assert reason_of(data, max_bytes=len(data) - 1) == "too_large"
    assert reason_of(samples.PNG_SIGNATURE + bytes(MAX_BYTES)) == "too_large"


def test_too_many_pixels() -> None:
    data = samples.encoded(samples.drawing(100, 100), "PNG")
    assert clean_picture(data, max_pixels=10_000)
    assert reason_of(data, max_pixels=9_999) == "too_many_pixels"


@pytest.mark.parametrize(
    "bomb",
    [
        samples.png(50_000, 50_000, idat=zlib.compress(bytes(5_000_000), 9)),
        samples.png(2**31 - 1, 2**31 - 1),
        samples.png(25_000, 1),
        samples.webp_canvas(16_383, 16_383),
    ],
)
def test_bombs_are_refused_before_decoding(bomb: bytes) -> None:
    started = time.process_time()
    assert reason_of(bomb) == "too_many_pixels"
    assert time.process_time() - started < 0.05


def test_jpeg_bomb_is_refused_by_its_header() -> None:
    data = samples.encoded(samples.drawing(), "JPEG")
    frame = data.index(b"\xff\xc0")
    bomb = data[: frame + 5] + b"\xff\xff\xff\xff" + data[frame + 9 :]
    assert reason_of(bomb) == "too_many_pixels"


@pytest.mark.parametrize("scans", [MOST_SCANS, 300, 3000])
def test_many_scans_are_too_complex(scans: int) -> None:
    bomb = samples.scan_bomb(scans)
    started = time.process_time()
    assert reason_of(bomb) == "too_complex"
    assert time.process_time() - started < 0.2


def test_flood_of_parts_is_too_complex() -> None:
    chunks = samples.png_chunk(b"tEXt", b"") * (MOST_PARTS + 1)
    assert reason_of(samples.with_chunk(samples.encoded(samples.drawing(), "PNG"), chunks)) == "too_complex"
    segments = b"\xff\xfe\0\x02" * (MOST_PARTS + 1)
    jpeg = samples.encoded(samples.drawing(), "JPEG")
    assert reason_of(jpeg[:2] + segments + jpeg[2:]) == "too_complex"


@pytest.mark.parametrize(
    "chunk",
    [
        samples.png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(20_000_000), 9)),
        samples.png_chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(20_000_000), 9)),
        samples.png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(20_000_000), 9)),
    ],
)
def test_bombs_beside_the_pixels_are_not_even_opened(chunk: bytes) -> None:
    plain = samples.encoded(samples.drawing(), "PNG")
    bomb = samples.with_chunk(plain, chunk)
    assert essential(bomb) == plain
    assert clean_picture(bomb).data == clean_picture(plain).data


def test_no_pixels_is_no_picture() -> None:
    assert reason_of(samples.png(0, 10)) == "not_a_picture"
    assert reason_of(samples.png(10, 0)) == "not_a_picture"


# Refused: damaged


@pytest.mark.parametrize("kind", KINDS)
def test_cut_off_anywhere_is_refused(kind: str) -> None:
    data = samples.encoded(samples.photograph(64, 48), kind)
    for end in {*range(12, len(data), 1 + len(data) // 150), len(data) - 1}:
        assert reason_of(data[:end]) in {"truncated", "not_a_picture"}


def test_cut_off_progressive_is_refused() -> None:
    data = samples.encoded(samples.photograph(64, 48), "JPEG", progressive=True)
    for end in range(600, len(data), 97):
        assert reason_of(data[:end]) == "truncated"


def test_lost_pixels_are_refused() -> None:
    data = samples.encoded(samples.photograph(), "PNG")
    middle = len(data) // 2
    assert reason_of(data[:middle] + bytes(50) + data[middle + 50 :]) == "truncated"
    assert reason_of(samples.png(64, 64, idat=zlib.compress(bytes(64 * 3)))) == "truncated"


@pytest.mark.parametrize("kind", KINDS)
def test_mutations_never_escape(kind: str) -> None:
    data = samples.encoded(samples.photograph(48, 40), kind)
    dice = random.Random(f"{kind} 20250701")
    for _ in range(250):
        mutant = bytearray(data)
        for _ in range(dice.randint(1, 6)):
            mutant[dice.randrange(len(mutant))] = dice.randrange(256)
        try:
            clean = clean_picture(bytes(mutant))
        except Unreadable:
            continue
        else:
            assert samples.decoded(clean.data).size == (clean.width, clean.height)


def test_shuffled_chunks_never_escape() -> None:
    data = samples.encoded(samples.photograph(48, 40), "JPEG")
    dice = random.Random(3)
    for _ in range(150):
        parts = [data[at : at + 64] for at in range(2, len(data), 64)]
        dice.shuffle(parts)
        try:
            clean = clean_picture(b"\xff\xd8" + b"".join(parts))
        except Unreadable:
            continue
        assert samples.decoded(clean.data).size == (clean.width, clean.height)


def test_second_frame_header_is_refused() -> None:
    data = samples.encoded(samples.drawing(), "JPEG")
    frame = data.index(b"\xff\xc0")
    length = int.from_bytes(data[frame + 2 : frame + 4], "big")
    assert reason_of(data[:frame] + data[frame : frame + 2 + length] * 2 + data[frame + 2 + length :]) == (
        "not_a_picture"
    )


def test_picture_of_two_sizes_is_refused() -> None:
    plain = samples.encoded(samples.drawing(), "WEBP")
    extended = samples.webp_canvas(120, 60)[12:] + plain[12:]
    data = b"RIFF" + (len(extended) + 4).to_bytes(4, "little") + b"WEBP" + extended
    assert reason_of(data) in {"not_a_picture", "truncated"}


def test_unreadable_says_its_reason() -> None:
    assert str(Unreadable("animated")) == "animated"


# Headers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (17, 300), (640, 3)])
def test_header_agrees_with_the_decoder(kind: str, size: tuple[int, int]) -> None:
    header = look(samples.encoded(samples.drawing(*size), kind))
    assert (header.kind, header.width, header.height) == (kind, *size)


def test_header_of_lossless_and_extended_webp() -> None:
    for options in ({"lossless": True}, {"exif": b"Exif\0\0"}, {"lossless": True, "exif": b"Exif\0\0"}):
        header = look(samples.encoded(samples.drawing(33, 44), "WEBP", **options))
        assert (header.width, header.height) == (33, 44)


def test_header_of_progressive_jpeg() -> None:
    header = look(samples.encoded(samples.drawing(33, 44), "JPEG", progressive=True))
    assert (header.width, header.height) == (33, 44)


def test_other_kinds_pass_essential_untouched() -> None:
    data = samples.encoded(samples.drawing(), "JPEG")
    assert essential(data) is data


# Avatars and machine readers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(256, 256), (900, 300), (20, 50)])
def test_avatar_is_a_square(kind: str, size: tuple[int, int]) -> None:
    avatar = avatar_picture(samples.encoded(samples.photograph(*size), kind))
    assert isinstance(avatar, CleanPicture)
    assert (avatar.width, avatar.height) == samples.decoded(avatar.data).size == (256, 256)


def test_avatar_is_the_middle() -> None:
    wide = Image.new("RGB", (900, 300), "white")
    wide.paste("green", (300, 0, 600, 300))
    picture = samples.decoded(avatar_picture(samples.encoded(wide, "PNG")).data)
    assert picture.getpixel((20, 128)) == picture.getpixel((235, 128)) == (0, 128, 0)


def test_avatar_keeps_the_digest_of_what_was_sent() -> None:
    data = samples.turned(6)
    assert avatar_picture(data).sha256 == hashlib.sha256(data).hexdigest()


def test_hostile_avatar_is_refused_too() -> None:
    with pytest.raises(Unreadable):
        avatar_picture(samples.scan_bomb(300))


def test_opened_picture_is_upright_and_bounded() -> None:
    picture = open_picture(samples.turned(6), max_side=60)
    assert picture.mode == "RGB"
    assert picture.size == (40, 60)


def test_scaled_down_transparency_leaves_no_dark_rim() -> None:
    """Black behind full transparency must not bleed into the white that is put in its place."""
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (100, 100, 301, 301))
    picture = samples.decoded(clean_picture(samples.encoded(image, "PNG"), max_side=97).data)
    assert min(picture.convert("L").tobytes()) >= 250


def test_transparent_colour_of_a_scaled_grey_picture_becomes_white() -> None:
    image = Image.new("L", (400, 400), 0)
    image.paste(128, (0, 0, 200, 400))
    picture = samples.decoded(clean_picture(samples.encoded(image, "PNG", transparency=0), max_side=100).data)
    assert picture.getpixel((90, 50)) == (255, 255, 255)
    assert picture.getpixel((10, 50)) == (128, 128, 128)


def test_grey_noise_sent_as_png_becomes_jpeg() -> None:
    noise = Image.frombytes("L", (1400, 1200), random.Random(5).randbytes(1400 * 1200))
    assert clean_picture(samples.encoded(noise, "PNG")).media_type == "image/jpeg"


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC9, 0xCA, 0xCF])
def test_a_coding_that_no_camera_writes_is_too_complex(marker: int) -> None:
    data = samples.encoded(samples.drawing(), "JPEG")
    assert reason_of(data.replace(b"\xff\xc0", bytes((0xFF, marker)), 1)) == "too_complex"


# Nothing beside the pixels


@pytest.mark.parametrize("kind", KINDS)
def test_what_we_encode_is_bare(kind: str) -> None:
    for image in (samples.photograph(), samples.drawing(1400, 1200)):
        clean = clean_picture(samples.encoded(image, kind))
        assert (bare(clean.data).width, bare(clean.data).height) == (clean.width, clean.height)


def talkative() -> list[bytes]:
    jpeg, png = samples.encoded(samples.drawing(), "JPEG"), samples.encoded(samples.drawing(), "PNG")
    jfif = jpeg.index(b"JFIF")
    return [
        jpeg + b"x",
        jpeg + jpeg,
        png + b"x",
        png + png,
        samples.with_segment(jpeg, 0xE1, b"Exif\0\0"),
        samples.with_segment(jpeg, 0xFE, b"words"),
        samples.with_segment(jpeg, 0xE2, b"ICC_PROFILE\0"),
        samples.with_segment(jpeg, 0xE0, b"words"),
        samples.with_segment(jpeg, 0xE0, b"JFIF\0" + bytes(9) + b"a thumbnail"),
        jpeg[: jfif + 12] + b"\x02\x02" + jpeg[jfif + 14 :],
        samples.with_chunk(png, samples.png_chunk(b"tEXt", b"a\0b")),
        samples.with_chunk(png, samples.png_chunk(b"eXIf", b"MM")),
        samples.with_chunk(png, samples.png_chunk(b"prVt", b"")),
        samples.encoded(samples.drawing(), "WEBP"),
    ]


@pytest.mark.parametrize("nth", range(14))
def test_a_byte_beside_the_pixels_is_seen(nth: int) -> None:
    with pytest.raises(Unreadable):
        bare(talkative()[nth])


def test_palette_picture_without_its_palette_is_refused() -> None:
    data = samples.encoded(samples.photograph().convert("P"), "PNG")
    at = data.index(b"PLTE") - 4
    length = int.from_bytes(data[at : at + 4]) + 12
    assert reason_of(data[:at] + data[at + length :]) == "truncated"
