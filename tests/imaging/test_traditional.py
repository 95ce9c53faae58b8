"""Phones set to Traditional Chinese: their ages, buttons and words are read as those in Simplified are."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import ImageFont

from tenfold.imaging.ages import HOUR
from tenfold.imaging.post import read_post
from tenfold.imaging.seen import Claim, PostSeen
from tests.imaging import phones
from tests.imaging.phones import Look, Post

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
TAIWAN, HONG_KONG = 3, 4  # of the font's faces
pytestmark = pytest.mark.skipif(not FONT.exists(), reason="needs Debian's fonts-noto-cjk")
FACES = pytest.mark.parametrize("face", [TAIWAN, HONG_KONG])


def read(face: int, post: Post) -> PostSeen:
    def font(size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(FONT, size, index=face)

    shot = phones.screen(random.Random(21), Look(font=font, delete="刪除", air=0.02), post)
    return read_post(shot.picture, shot.poster, Claim((), "X"))


@FACES
@pytest.mark.parametrize(
    ("age", "youngest", "oldest"),
    [("剛剛", 0, 1), ("5分鐘前", 5, 6), ("3小時前", 3 * HOUR, 4 * HOUR), ("昨天", 1, 48 * HOUR)],
)
def test_ages_and_the_button_are_read(face: int, age: str, youngest: int, oldest: int) -> None:
    seen = read(face, Post(age))
    assert (seen.youngest_minutes, seen.oldest_minutes) == (youngest, oldest)
    assert seen.audience == "everyone"


@FACES
@pytest.mark.parametrize("word", ["公開", "所有人可見", "來自iPhone·公開"])
def test_words_for_everyone_are_read(face: int, word: str) -> None:
    assert read(face, Post("3小時前", word=word)).audience == "everyone"


@FACES
@pytest.mark.parametrize("word", ["僅自己可見", "好友可見", "朋友", "不公開", "不給誰看", "只給誰看"])
def test_words_that_restrict_are_read(face: int, word: str) -> None:
    assert read(face, Post("3小時前", word=word)).audience == "restricted"
