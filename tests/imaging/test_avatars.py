"""Faces: a picture where there is one, else a letter on the name's own colour."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tenfold.imaging.avatars import monogram, monogram_image, portrait
from tests.imaging import samples


def ground_of(image: Image.Image) -> tuple[int, ...]:
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    """The box around what differs from the ground."""
    ground = Image.new("RGB", image.size, ground_of(image))
    box = ImageChops.difference(image, ground).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("name", ["小美", "Mia", "a", "囍", "7", "Ég", "j", "🌸 bo", "g"])
def test_letter_is_in_the_middle(name: str) -> None:
    image = samples.decoded(monogram(name))
    assert (image.format, image.size, image.mode) == ("PNG", (256, 256), "RGB")
    left, top, right, bottom = ink_box(image)
    assert abs(left + right - 256) <= 1
    assert abs(top + bottom - 256) <= 1
    assert bottom - top > 60


@pytest.mark.parametrize("name", ["", "🌸🦄", "مرحبا", "\u202e", "...", "\ud800"])
def test_name_without_a_letter_gets_a_dot(name: str) -> None:
    left, top, right, bottom = ink_box(samples.decoded(monogram(name)))
    assert (right - left, bottom - top) == (64, 64)


def test_case_does_not_change_the_letter() -> None:
    assert ink_box(monogram_image("mia", 256)) == ink_box(monogram_image("Mia", 256))


def test_names_have_colours_of_their_own() -> None:
    grounds = {ground_of(monogram_image(f"name {number}", 16)) for number in range(100)}
    assert len(grounds) == 8
    assert monogram("小美") == monogram("小美")


def test_white_is_readable_on_every_ground() -> None:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    for number in range(100):
        red, green, blue = ground_of(monogram_image(f"name {number}", 16))
        luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        assert 1.05 / (luminance + 0.05) >= 4.5


@settings(max_examples=40)
@given(st.text())
def test_any_name_has_a_face(name: str) -> None:
    assert samples.decoded(monogram(name)).size == (256, 256)


def test_portrait_is_the_middle_of_the_avatar() -> None:
    wide = Image.new("RGB", (600, 200), "white")
    wide.paste("green", (200, 0, 400, 200))
    face = portrait(samples.encoded(wide, "PNG"), "Mia", 100)
    assert face.size == (100, 100)
    assert face.getpixel((5, 50)) == face.getpixel((94, 50)) == (0, 128, 0)


@pytest.mark.parametrize(
    "avatar", [None, b"", b"no picture", samples.png(50_000, 50_000), samples.scan_bomb(300)]
)
def test_missing_or_hostile_avatar_gives_way_to_the_letter(avatar: bytes | None) -> None:
    assert portrait(avatar, "Mia", 100).tobytes() == monogram_image("Mia", 100).tobytes()
