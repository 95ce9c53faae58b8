"""Splicing: a few rectangles are encoded, and nobody can tell the file from one that was encoded whole."""

from __future__ import annotations

import random
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from tenfold.imaging.splice import Box, Spliced, interval_for
from tests.imaging import samples

Parts = list[tuple[Box, Image.Image]]


@lru_cache(maxsize=64)
def picture(width: int, height: int, seed: int = 7) -> Image.Image:
    """Smooth in one half and noise in the other, so that blocks of all kinds occur; no two seeds are alike."""
    noise = Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(3 * width * height))
    smooth = samples.photograph(max(width // 8, 2), max(height // 8, 2)).rotate(seed * 37)
    noise.paste(smooth.resize((width, height)).crop((0, 0, width // 2, height)), (0, 0))
    return noise


def part(box: Box, seed: int = 1) -> tuple[Box, Image.Image]:
    return box, picture(box[2] - box[0], box[3] - box[1], seed)


def whole(ground: Image.Image, parts: Sequence[tuple[Box, Image.Image]]) -> Image.Image:
    image = ground.copy()
    for box, changed in parts:
        image.paste(changed, box[:2])
    return image


def encoded_whole(image: Image.Image, interval: int, quality: int = 88) -> bytes:
    return samples.encoded(
        image, "JPEG", quality=quality, subsampling="4:2:0", restart_marker_blocks=interval, comment=b""
    )


def assert_same(ground: Image.Image, parts: Parts, *, interval: int = 0, quality: int = 88) -> Spliced:
    """Spliced with these parts equals encoded whole; and afterwards without them, for nothing of them is kept."""
    spliced = Spliced(ground, [box for box, _ in parts], quality=quality, interval=interval)
    assert spliced.jpeg(parts) == encoded_whole(whole(ground, parts), spliced.interval, quality)
    assert spliced.jpeg([]) == encoded_whole(ground, spliced.interval, quality)
    return spliced


# --- the same bytes ---------------------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn) -> tuple[tuple[int, int], int, int, list[Box]]:
    """A size, an interval that fits it, a quality and boxes, some of which reach over the border."""
    width, height = draw(st.integers(1, 330)), draw(st.integers(1, 200))
    columns = -(-width // 16)
    interval = draw(
        st.sampled_from([0, *(length for length in range(1, columns + 1) if columns % length == 0)])
    )
    boxes = []
    for _ in range(draw(st.integers(0, 4))):
        left, top = draw(st.integers(-20, width + 5)), draw(st.integers(-20, height + 5))
        boxes.append((left, top, left + draw(st.integers(1, 200)), top + draw(st.integers(1, 120))))
    return (width, height), interval, draw(st.sampled_from([1, 5, 30, 75, 88, 95, 100])), boxes


@given(cases(), st.integers(0, 3))
@example(((168, 104), 0, 88, [(150, 90, 168, 104)]), 0)  # both borders are in the middle of a block
@example(((176, 112), 11, 5, [(0, 0, 1, 1), (175, 111, 176, 112)]), 1)
def test_any_picture_is_the_one_encoded_whole(
    case: tuple[tuple[int, int], int, int, list[Box]], seed: int
) -> None:
    size, interval, quality, boxes = case
    parts = [part(box, seed + number) for number, box in enumerate(boxes)]
    assert_same(picture(*size), parts, interval=interval, quality=quality)


@pytest.mark.parametrize("size", [(1080, 1920), (1080, 1080), (1242, 1660), (1072, 800), (750, 1334)])
def test_the_canvases_of_posters(size: tuple[int, int]) -> None:
    width, height = size
    code, name = (width - 460, height - 460, width - 61, height - 61), (96, height - 460, 500, height - 352)
    assert_same(picture(*size), [part(code), part(name, 2)])


@given(st.data())
def test_less_than_what_was_promised_may_change(data: st.DataObject) -> None:
    """Parts of any size in rectangles of any size, near each other or not; or the rectangles that cover them."""
    ground = picture(320, 200)
    interval = data.draw(st.sampled_from([1, 4, 5, 20]))
    promised = [(0, 0, 130, 64), (192, 16, 320, 90), (64, 120, 250, 200)]
    spliced = Spliced(ground, promised, interval=interval)
    parts = []
    for left, top, right, bottom in data.draw(st.lists(st.sampled_from(promised), max_size=5)):
        x, y = data.draw(st.integers(left, right - 1)), data.draw(st.integers(top, bottom - 1))
        parts.append(
            part((x, y, data.draw(st.integers(x + 1, right)), data.draw(st.integers(y + 1, bottom))))
        )
    image = whole(ground, parts)
    assert spliced.jpeg(parts) == encoded_whole(image, interval)
    assert spliced.jpeg(
        [(box, image.crop(box)) for box in spliced.cover(box for box, _ in parts)]
    ) == encoded_whole(image, interval)


def test_what_changes_may_be_less_than_what_was_promised() -> None:
    ground = picture(640, 320)
    spliced = Spliced(ground, [(0, 0, 100, 100), (300, 200, 500, 300)])
    less = [part((310, 210, 420, 222))]
    assert spliced.jpeg(less) == encoded_whole(whole(ground, less), spliced.interval)


def test_a_later_part_covers_an_earlier_one() -> None:
    under, over = part((40, 40, 200, 100)), part((100, 60, 260, 140), 2)
    assert_same(picture(320, 200), [under, over])
    assert_same(picture(320, 200), [over, under])


def test_a_part_on_the_grid_is_not_changed_and_not_kept() -> None:
    ground = picture(320, 200)
    spliced = Spliced(ground, [(70, 20, 120, 90)])
    (box,) = spliced.boxes
    whole_area = part(box)
    before = whole_area[1].tobytes()
    small = part((70, 20, 120, 90), 2)
    assert spliced.jpeg([whole_area]) == encoded_whole(whole(ground, [whole_area]), spliced.interval)
    assert spliced.jpeg([whole_area, small]) == encoded_whole(
        whole(ground, [whole_area, small]), spliced.interval
    )
    assert whole_area[1].tobytes() == before
    assert spliced.jpeg([small]) == encoded_whole(whole(ground, [small]), spliced.interval)


def test_comments_in_the_files_the_pictures_came_from_stay_behind() -> None:
    ground, changed = picture(320, 200).copy(), picture(64, 48, 2).copy()
    ground.info["comment"], changed.info["comment"] = b"taken by somebody", b"\xff\xd0" * 40
    spliced = Spliced(ground, [(64, 48, 128, 96)], interval=4)
    written = spliced.jpeg([((64, 48, 128, 96), changed)])
    assert b"somebody" not in written
    assert written == encoded_whole(whole(ground, [((64, 48, 128, 96), changed)]), 4)


def test_many_threads_share_one() -> None:
    ground = picture(640, 640)
    spliced = Spliced(ground, [(100, 100, 300, 300), (400, 400, 600, 440)])
    people = [[part((100, 100, 300, 300), seed), part((400, 400, 600, 440), seed + 50)] for seed in range(24)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(spliced.jpeg, people))
    assert made == [encoded_whole(whole(ground, parts), spliced.interval) for parts in people]


# --- which rectangles, which interval ---------------------------------------------------------------------------


def test_rectangles_far_apart_are_encoded_each_alone() -> None:
    spliced = Spliced(picture(1080, 1920), [(600, 1400, 1000, 1800), (96, 96, 500, 200)])
    assert spliced.boxes == ((576, 1392, 1024, 1808), (64, 96, 512, 208))


def test_rectangles_that_share_a_row_of_cells_are_encoded_once() -> None:
    spliced = Spliced(picture(1080, 1920), [(100, 100, 300, 200), (290, 110, 400, 190), (100, 202, 400, 240)])
    assert spliced.boxes == ((64, 96, 448, 240),)


@pytest.mark.parametrize(
    ("width", "interval"),
    [(1080, 4), (1242, 3), (1200, 5), (1024, 4), (800, 5), (1072, 1), (16, 1), (1440, 5)],
)
def test_interval_divides_the_row(width: int, interval: int) -> None:
    assert interval_for(width) == interval


# --- what is refused --------------------------------------------------------------------------------------------


def test_a_part_outside_of_what_was_promised_is_refused() -> None:
    spliced = Spliced(picture(320, 200), [(70, 20, 120, 90)])
    with pytest.raises(ValueError, match="no rectangle"):
        spliced.jpeg([part((70, 20, 220, 90))])


def test_a_part_of_another_size_than_its_box_is_refused() -> None:
    spliced = Spliced(picture(320, 200), [(70, 20, 120, 90)])
    with pytest.raises(ValueError, match="40 by 40"):
        spliced.jpeg([((70, 20, 120, 90), picture(40, 40))])


def test_pictures_of_other_modes_are_refused() -> None:
    spliced = Spliced(picture(320, 200), [(70, 20, 120, 90)])
    with pytest.raises(ValueError, match="RGBA"):
        spliced.jpeg([((70, 20, 120, 90), picture(50, 70).convert("RGBA"))])
    with pytest.raises(ValueError, match="mode L"):
        Spliced(picture(320, 200).convert("L"), [])


def test_an_interval_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="20 blocks"):
        Spliced(picture(320, 200), [], interval=3)


# --- others read it ---------------------------------------------------------------------------------------------


def spliced_poster() -> tuple[bytes, Image.Image]:
    ground, parts = picture(540, 920), [part((300, 700, 523, 911)), part((20, 40, 251, 95), 2)]
    return Spliced(ground, [box for box, _ in parts]).jpeg(parts), whole(ground, parts)


def test_pillow_reads_it_without_a_warning() -> None:
    data, image = spliced_poster()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = samples.decoded(data)
    assert read.size == image.size
    assert read.tobytes() == samples.decoded(samples.encoded(image, "JPEG", quality=88)).tobytes()


@pytest.mark.skipif(not shutil.which("djpeg"), reason="djpeg (Debian's libjpeg-turbo-progs) is not installed")
def test_a_strict_reader_reads_it_without_a_warning(tmp_path: Path) -> None:
    data, image = spliced_poster()
    (tmp_path / "poster.jpg").write_bytes(data)
    command = ["djpeg", "-strict", "-outfile", str(tmp_path / "poster.ppm"), str(tmp_path / "poster.jpg")]
    said = subprocess.run(command, capture_output=True, check=True)
    assert (said.stdout, said.stderr) == (b"", b"")
    assert Image.open(tmp_path / "poster.ppm").size == image.size
