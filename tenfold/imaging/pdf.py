"""Many JPEGs as one PDF for a printer, a page each, written as they come.

The pictures go in as they are: no second loss, and no decoding. The libraries that were looked at keep the whole
document in memory until its end (1.2 GB for 10,000 posters), and what is needed of the format is a page of code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tenfold.imaging.headers import look

# A page is as wide and high as fits on A4, in points (1/72 inch), and has the picture's own shape.
SHORT, LONG = 210 / 25.4 * 72, 297 / 25.4 * 72
_CATALOGUE, _PAGES, _FIRST = 1, 2, 3


def pdf_of(pictures: Iterable[bytes]) -> Iterator[bytes]:
    """The document in pieces. Raises Unreadable at a picture that is none, and ValueError at one that is no JPEG."""
    writing = _Writing()
    yield writing.sent(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    pages = []
    for nth, picture in enumerate(pictures):
        page = _FIRST + 3 * nth
        pages.append(page)
        yield b"".join(writing.numbered(page + at, body) for at, body in enumerate(_page(page, picture)))
    kids = " ".join(f"{page} 0 R" for page in pages)
    yield writing.numbered(_PAGES, f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode())
    yield writing.numbered(_CATALOGUE, f"<</Type/Catalog/Pages {_PAGES} 0 R>>".encode())
    yield writing.end()


def _page(number: int, picture: bytes) -> tuple[bytes, bytes, bytes]:
    """The page, what is painted on it, and the picture; the numbers follow each other."""
    header = look(picture)
    if header.kind != "JPEG":
        raise ValueError("not a JPEG")
    width, height = page_size(header.width, header.height)
    page = (
        f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {width:.3f} {height:.3f}]"
        f"/TrimBox[0 0 {width:.3f} {height:.3f}]/Contents {number + 1} 0 R"
        f"/Resources<</XObject<</P {number + 2} 0 R>>>>>>"
    )
    painted = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /P Do Q".encode()
    about = (
        f"/Type/XObject/Subtype/Image/Width {header.width}/Height {header.height}"
        "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
    )
    return page.encode(), _stream("", painted), _stream(about, picture)


def page_size(width: int, height: int) -> tuple[float, float]:
    """In points, of a picture so many pixels wide and high."""
    along, across = (LONG, SHORT) if width > height else (SHORT, LONG)
    scale = min(along / width, across / height)
    return width * scale, height * scale


def _stream(about: str, data: bytes) -> bytes:
    return f"<<{about}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


class _Writing:
    """Where in the file each object begins: the table at the end says so."""

    def __init__(self) -> None:
        self._at = 0
        self._places: dict[int, int] = {}

    def sent(self, data: bytes) -> bytes:
        self._at += len(data)
        return data

    def numbered(self, number: int, body: bytes) -> bytes:
        self._places[number] = self._at
        return self.sent(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")

    def end(self) -> bytes:
        count, table_at = len(self._places) + 1, self._at
        places = "".join(f"{self._places[number]:010} 00000 n \n" for number in range(1, count))
        return (
            f"xref\n0 {count}\n0000000000 65535 f \n{places}"
            f"trailer\n<</Size {count}/Root {_CATALOGUE} 0 R>>\nstartxref\n{table_at}\n%%EOF\n"
        ).encode()
