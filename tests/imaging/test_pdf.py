"""Many pictures as one document for a printer."""

from __future__ import annotations

import io

import pypdf
import pytest
from PIL import Image

from tenfold.imaging.headers import Unreadable
from tenfold.imaging.pdf import page_size, pdf_of


def jpeg(size: tuple[int, int], colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=90)
    return out.getvalue()


def read(pictures: list[bytes]) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(b"".join(pdf_of(pictures))), strict=True)


def test_every_picture_has_a_page_with_its_very_bytes() -> None:
    pictures = [jpeg((300, 400), colour) for colour in ("red", "green", "blue")]
    pages = read(pictures).pages
    assert len(pages) == 3
    assert [page["/Resources"]["/XObject"]["/P"]._data for page in pages] == pictures  # type: ignore[index]


@pytest.mark.parametrize(
    ("size", "millimetres"),
    [
        ((2480, 3508), (210, 297)),
        ((3508, 2480), (297, 210)),
        ((1080, 1920), (167, 297)),
        ((1080, 1080), (210, 210)),
    ],
)
def test_a_page_is_as_large_as_a4_lets_its_shape_be(
    size: tuple[int, int], millimetres: tuple[int, int]
) -> None:
    box = read([jpeg(size)]).pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == millimetres
    assert page_size(*size) == pytest.approx((float(box.width), float(box.height)), abs=0.01)


def test_no_picture_makes_an_empty_document() -> None:
    assert len(read([]).pages) == 0


def test_it_comes_in_pieces_so_that_none_but_the_newest_is_held() -> None:
    asked: list[int] = []

    def pictures() -> object:
        for nth in range(3):
            asked.append(nth)
            yield jpeg((100, 100))

    pieces = pdf_of(pictures())  # type: ignore[arg-type]
    next(pieces)
    next(pieces)
    assert asked == [0]


def test_what_is_no_jpeg_is_not_passed_on() -> None:
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "PNG")
    with pytest.raises(ValueError, match="not a JPEG"):
        list(pdf_of([out.getvalue()]))
    with pytest.raises(Unreadable):
        list(pdf_of([b"rubbish"]))
