"""A campaign that is two files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenfold.up.campaign_files import BadCampaign, art_of, owner_of
from tests.perf.review_ground import PLACES, campaign

MINE = "https://read.example/c/AbC1"


def test_either_file_may_be_named(tmp_path: Path) -> None:
    told = campaign(tmp_path, "K0", 1)
    art = art_of(told)
    assert art == art_of(told.with_suffix(".png"))
    assert art.code_box == (500, 1050, 700, 1250)
    assert art.avatar_box == (40, 50, 140, 150)
    assert art.name_box is not None
    assert art.name_box[:2] == (160, 70)
    assert art.name_box[3] == 150, "down to the foot of the face"
    assert art.personal == (art.code_box, art.avatar_box, art.name_box)


def test_another_picture_or_another_place_is_another_poster(tmp_path: Path) -> None:
    one, other = campaign(tmp_path, "K0", 1), campaign(tmp_path, "K1", 2)
    assert art_of(one).key != art_of(other).key
    before = art_of(one).key
    one.write_text(json.dumps(PLACES | {"qr_box": [490, 1050, 200]}))
    assert art_of(one).key != before


def test_face_and_name_may_be_missing(tmp_path: Path) -> None:
    told = campaign(tmp_path, "K0", 1)
    told.write_text(json.dumps({"qr_box": [500, 1050, 200]}))
    art = art_of(told)
    assert (art.avatar_box, art.name_box, art.personal) == (None, None, (art.code_box,))


@pytest.mark.parametrize(
    "places",
    [
        "[]",
        "no json",
        "{}",
        '{"qr_box": [500, 1050]}',
        '{"qr_box": "everywhere"}',
        '{"qr_box": [600, 1250, 200]}',
        '{"qr_box": [-1, 0, 200]}',
        '{"qr_box": [500, 1050, 0]}',
        '{"qr_box": [500, 1050, 200], "nick_xy": 7}',
    ],
)
def test_places_that_are_none_are_told(tmp_path: Path, places: str) -> None:
    told = campaign(tmp_path, "K0", 1)
    told.write_text(places)
    with pytest.raises(BadCampaign, match=r"K0\.json|K0\.png"):
        art_of(told)


def test_a_picture_that_is_none_is_told(tmp_path: Path) -> None:
    told = campaign(tmp_path, "K0", 1)
    told.with_suffix(".png").write_bytes(b"GIF89a")
    with pytest.raises(BadCampaign):
        art_of(told)
    told.with_suffix(".png").unlink()
    with pytest.raises(BadCampaign, match="No such file"):
        art_of(told)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        (MINE, "own"),
        (MINE.upper(), "own"),
        ("https://read.example/c/Other9", "other_person"),
        ("https://read.example/d/Other9", "foreign"),
        ("https://weixin.qq.com/g/AwYAAB", "group"),
        ("https://read.example", "foreign"),
        ("http://[broken/x", "foreign"),
        ("wxp://f2f0abc", "foreign"),
        ("", "foreign"),
    ],
)
def test_whose_a_code_is_by_its_address(text: str, owner: str) -> None:
    assert owner_of(text, MINE) == owner


def test_addresses_without_a_path_are_not_taken_for_a_family() -> None:
    assert owner_of("https://a.example", "https://b.example") == "foreign"
