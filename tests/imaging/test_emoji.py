"""Emoji: whole where the system has them, left out and counted where it has not, never half."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tenfold.imaging.fonts import emoji
from tenfold.imaging.texts import EMOJI_FROM, fallen, with_emoji

FAMILY, WAVE, HEART = "👨‍👩‍👧‍👦", "👋🏽", "❤️"
needs_font = pytest.mark.skipif(emoji._font() is None, reason="no font of emoji on this machine")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without a font of emoji."""
    monkeypatch.setattr(emoji, "_PLACES", ("/nowhere/emoji.ttf",))
    forget()
    yield
    monkeypatch.undo()
    forget()


def forget() -> None:
    for cached in (emoji._font, emoji.has, emoji.picture):
        cached.cache_clear()


@pytest.mark.usefixtures("bare")
def test_without_a_font_emoji_are_left_out_and_counted() -> None:
    found: list[str] = []
    assert with_emoji(f"小美{FAMILY}Anna {WAVE}", found) == "小美Anna"
    assert found == []
    assert fallen(f"小美{FAMILY}Anna {WAVE}") == (FAMILY, WAVE)


@pytest.mark.usefixtures("bare")
def test_damaged_font_is_no_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "emoji.ttf").write_bytes(b"not a font")
    monkeypatch.setattr(emoji, "_PLACES", (str(tmp_path / "emoji.ttf"),))
    assert not emoji.has("😀")


@needs_font
def test_with_a_font_each_emoji_is_one_character_of_the_line() -> None:
    found: list[str] = []
    line = with_emoji(f"小美{FAMILY}Anna {WAVE}", found)
    assert line == f"小美{EMOJI_FROM}Anna {chr(ord(EMOJI_FROM) + 1)}"
    assert found == [FAMILY, WAVE]
    assert fallen(f"小美{FAMILY}") == ()


@needs_font
@pytest.mark.parametrize("cluster", [FAMILY, WAVE, HEART, "🇨🇳", "1️⃣", "😀"])
def test_picture_is_one_whole_emoji(cluster: str) -> None:
    assert emoji.has(cluster)
    picture = emoji.picture(cluster, 48)
    assert picture.size == (48, 45)
    colours = picture.convert("RGB").getcolors(10_000)
    assert colours is None or len(colours) > 5


@pytest.mark.parametrize(
    "cluster", ["a", "1", "中", "ب", "👨‍👨‍👨‍👨‍👨", "😀‍😀", "\U0001fae9", "😀" + "\u200d😀" * 20, ""]
)
def test_letters_and_what_is_no_known_emoji_have_no_picture(cluster: str) -> None:
    assert not emoji.has(cluster)


def test_private_codes_cannot_be_smuggled_in() -> None:
    found: list[str] = []
    assert with_emoji(f"a{EMOJI_FROM}b\ue000c", found) == "abc"
    assert found == []


@needs_font
def test_emoji_are_drawn_in_colour() -> None:
    assert isinstance(emoji.picture("🍎", 60), Image.Image)
    red, green, blue, _ = emoji.picture("🍎", 60).getpixel((30, 34))  # type: ignore[misc]
    assert red > 150 > max(green, blue)
