"""A crowd gets it wrong in every way there is, and whoever reviews for it knows what a person would see."""

from __future__ import annotations

from random import Random

import httpx
import pytest

from tenfold.imaging.qr import read_codes
from tenfold.proofs.models import Proof
from tenfold.simulation import phone as phones
from tenfold.simulation.doors import Doors
from tenfold.simulation.pages import Form
from tenfold.simulation.phone import Common, Phone
from tenfold.simulation.screenshots import WHY, Wrong, foreign_poster

ME = "/me/0190aaaa-0000-7000-8000-000000000001/"
MINE, THEIRS = "MINE2345", "THEM2345"
PAGE = (
    f'<a href="{ME}"></a><img src="/poster/{MINE}/en/0.jpg">'
    f'<form action="{ME}proof"><input type="file" name="picture"></form>'
    f'<form action="{ME}appeal"><input type="hidden" name="proof" value="1"><textarea name="text"></textarea></form>'
)


@pytest.fixture
def posters() -> dict[str, bytes]:
    return {MINE: foreign_poster(0), THEIRS: foreign_poster(1)}


class Product:
    def __init__(self, posters: dict[str, bytes]) -> None:
        self.posters = posters
        self.sent: list[bytes] = []
        self.words: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/poster/"):
            return httpx.Response(200, content=self.posters[path.split("/")[2].partition(".")[0]])
        if path.endswith("/appeal"):
            self.words.append(request.content.decode())
        if path.endswith("/proof"):
            self.sent.append(request.read())
        return httpx.Response(200, text=PAGE)


def sends(posters: dict[str, bytes], wrong: Wrong | None, common: Common) -> bytes:
    """The picture that a phone has sent."""
    product = Product(posters)
    phone = Phone(
        Doors("http://toy", httpx.MockTransport(product)), code=f"/C/{THEIRS}", dice=Random(7), common=common
    )
    phone._campaign = ME.split("/")[2]
    sent: list[bytes] = []

    def note(_form: Form, picture: bytes, _media_type: str) -> None:
        sent.append(picture)

    phone._send_picture = note  # type: ignore[assignment,method-assign]
    phone.prove(wrong=wrong)
    return sent[0]


def codes(picture: bytes) -> list[str]:
    return [found.text[-4:] for found in read_codes(picture)]


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        (None, ["0000"]),
        (Wrong.RESTRICTED, ["0000"]),
        (Wrong.OLD, ["0000"]),
        (Wrong.FILE, ["0000"]),
        (Wrong.SOMEONE_ELSES, ["0001"]),
        (Wrong.NO_POSTER, []),
    ],
)
def test_each_mistake_shows_the_code_it_should(
    posters: dict[str, bytes], wrong: Wrong | None, seen: list[str]
) -> None:
    common = Common()
    assert codes(sends(posters, wrong, common)) == seen
    assert common.seen(MINE) == (WHY[wrong] if wrong else "")


def test_the_file_itself_is_the_poster_byte_for_byte(posters: dict[str, bytes]) -> None:
    assert sends(posters, Wrong.FILE, Common()) == posters[MINE]


def test_a_copy_is_of_what_somebody_has_sent_and_without_any_it_is_no_mistake(
    posters: dict[str, bytes],
) -> None:
    common = Common()
    sends(posters, Wrong.COPY, common)
    assert common.seen(MINE) == ""
    sends(posters, Wrong.COPY, common)
    assert common.seen(MINE) == "already_used"


def test_every_mistake_has_a_reason_of_the_product() -> None:
    assert set(WHY) == set(Wrong)
    assert set(WHY.values()) <= set(Proof.Reason.values)


def test_what_is_known_is_bounded() -> None:
    common = Common()
    for nth in range(phones.MOST_KNOWN + 50):
        common.sent(f"CODE{nth}", None)
    assert common.seen("CODE0") is None
    assert common.seen(f"CODE{phones.MOST_KNOWN + 49}") == ""
    assert len(common._seen) == phones.MOST_KNOWN


def test_an_appeal_is_sent_in_a_few_words(posters: dict[str, bytes]) -> None:
    product = Product(posters)
    phone = Phone(Doors("http://toy", httpx.MockTransport(product)), code="/C/X", dice=Random(1))
    phone._campaign = ME.split("/")[2]
    phone.appeal()
    [words] = product.words
    assert words.startswith("proof=1&text=")
    assert len(words) > 20
