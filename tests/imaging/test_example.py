"""The picture of a good example shows a poster whose code reads, in any shape of poster and with any words."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tenfold.imaging.compose import Given, encode, prepare
from tenfold.imaging.example import Place, Words, example_picture, size_of
from tenfold.imaging.qr import read_codes
from tenfold.posters.rules import default_of

CODE = "HTTP://127.0.0.1:8000/C/ABCD2345"
ZH = Words("朋友圈", "小明", "我也加入了，一起来吧！", "2分钟前", "删除")
EN = Words("Moments", "Mia", "I have joined. Come along!", "2 minutes ago", "Delete")


@pytest.fixture(scope="module")
def poster() -> bytes:
    ground = prepare(default_of("poster").design, {"title": "一起读"}, language="zh-hans", pictures={})
    return encode(ground, Given({"nickname": "小明"}, "zh-hans", CODE), "image/jpeg")


@pytest.mark.parametrize("place", ["moments", "group"])
@pytest.mark.parametrize("words", [ZH, EN])
def test_the_code_on_the_example_is_the_posters(poster: bytes, words: Words, place: Place) -> None:
    example = example_picture(poster, words, place)
    assert [found.text for found in read_codes(example)] == [CODE]
    with Image.open(io.BytesIO(example)) as picture:
        assert (picture.format, picture.size) == ("JPEG", size_of(place))
    assert len(example) < 150_000


@pytest.mark.parametrize(
    "words", [Words("", "", "", "", ""), Words("长" * 40, "🐳" * 20, "话" * 300, "1", "2")]
)
def test_any_words_fit(poster: bytes, words: Words) -> None:
    with Image.open(io.BytesIO(example_picture(poster, words, "moments"))) as picture:
        assert picture.size == size_of("moments")


@pytest.mark.parametrize("size", [(400, 4000), (4000, 400), (1, 1)])
def test_any_poster_fits(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    with Image.open(io.BytesIO(example_picture(out.getvalue(), EN, "moments"))) as picture:
        assert picture.size == size_of("moments")
