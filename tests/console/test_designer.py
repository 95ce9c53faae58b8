"""The designer's pages and what its scripts ask."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from PIL import Image

from tenfold.accounts.models import Role
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.console import designer_drawing
from tenfold.console.designer_people import CHOICES
from tenfold.console.designer_texts import texts
from tenfold.imaging.qr import qr_png, read_codes
from tenfold.imaging.reading import MAX_PIXELS
from tenfold.posters import actions, sentences
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign, PosterText
from tenfold.posters.rules import ready_designs
from tenfold.proofs.rules import WHY_UNREADABLE
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, said
from tests.console.drafts import CONTENT, content, design_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_at_one_size")]


@pytest.fixture
def stage() -> Stage:
    return cast.draft()


def there(stage: Stage, name: str, *more: object) -> str:
    return address(name, stage.campaign.id, *more)


def asked(stage: Stage, view: str, design: Any = CONTENT, **fields: Any) -> Any:
    """What the designer's page gets for `design`, as the owner."""
    form = {"design": json.dumps(design), "language": "en", "name": "Evening"} | fields
    return desk(stage.owner).post(there(stage, view), form)


def sent(answer: Any) -> Any:
    """What the page hands to its scripts."""
    found = re.search(
        r'<script id="designer-page" type="application/json">(.*?)</script>', said(answer), re.S
    )
    assert found
    return json.loads(found[1])


def picture(answer: Any) -> Image.Image:
    return Image.open(io.BytesIO(answer.content))


def test_all_designs_show_the_ready_ones_in_both_languages(stage: Stage) -> None:
    page = said(desk(stage.owner).get(there(stage, "designs")))
    for ready in ready_designs().values():
        assert ready.title["en"] in page
        assert ready.title["zh-hans"] in page
        assert there(stage, "ready_card", ready.name, "en") in page


@pytest.mark.pages
@pytest.mark.parametrize("name", sorted(ready_designs()))
def test_every_ready_design_can_be_begun_with_and_drawn(stage: Stage, name: str) -> None:
    client = desk(stage.owner)
    page = client.get(there(stage, "new_design"), {"from": name})
    assert sent(page)["start"]["design"] == ready_designs()[name].content
    card = client.get(there(stage, "ready_card", name, "zh-hans"))
    assert card["Content-Type"] == "image/jpeg"
    assert max(picture(card).size) == 520


def test_a_design_from_nothing_has_the_asked_canvas(stage: Stage) -> None:
    client = desk(stage.owner)
    asked_for = {"kind": "ticket", "size": "1080x1080"}
    design = sent(client.get(there(stage, "new_design"), asked_for))["start"]["design"]
    assert design["kind"] == "ticket"
    assert design["canvas"] == {"width": 1080, "height": 1080}
    assert design["layers"] == []
    odd = sent(client.get(there(stage, "new_design"), {"kind": "x", "size": "9x9"}))["start"]
    assert odd["design"]["canvas"] == {"width": 1080, "height": 1920}
    assert client.get(there(stage, "new_design"), {"from": "../night"}).status_code == 404


def test_preview_is_the_servers_rendering_with_the_live_code(stage: Stage) -> None:
    answer = asked(stage, "design_preview", person="usual")
    assert picture(answer).size == (1080, 1920)
    assert [found.text for found in read_codes(answer.content)] == [address_of(stage.code)]
    assert not DesignVersion.objects.exists()


def test_previews_differ_by_person_language_and_size(stage: Stage) -> None:
    seen = {asked(stage, "design_preview", person=name).content for name in CHOICES}
    assert len(seen) == len(CHOICES)
    assert asked(stage, "design_preview", language="zh-hans").content not in seen
    assert picture(asked(stage, "design_preview", size="chat")).size == (302, 538)
    assert asked(stage, "design_preview", language="tlh").status_code == 400


def test_preview_says_which_text_is_cut(stage: Stage) -> None:
    told = json.loads(asked(stage, "design_preview", person="long")["Tenfold-Fits"])
    assert list(told) == ["name"]
    assert "24 px" in told["name"]
    assert json.loads(asked(stage, "design_preview", person="usual")["Tenfold-Fits"]) == {}


@pytest.mark.parametrize("typed", ["", "nonsense", "[" * 100_000, "7", "{}", '{"kind": 7}', "null"])
def test_what_is_no_design_is_told_as_json(stage: Stage, typed: str) -> None:
    form = {"design": typed, "language": "en"}
    answer = desk(stage.owner).post(there(stage, "design_preview"), form)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]


def test_a_flaw_is_told_with_its_place(stage: Stage) -> None:
    layers = [CONTENT["layers"][0] | {"font": "comic"}, *CONTENT["layers"][1:]]
    answer = asked(stage, "design_preview", content(layers=layers))
    assert answer.status_code == 422
    assert answer.json()["code"] == "flawed"
    (flaw,) = answer.json()["flaws"]
    assert flaw["where"] == "layers.0.font"
    assert "comic" in flaw["message"]
    assert "layers.0" not in flaw["message"]


def test_saving_a_new_design_twice_makes_it_once(stage: Stage) -> None:
    keys = {"once": str(uuid4()), "version_id": uuid4().hex, "number": "0", "variant": "A"}
    one, other = (asked(stage, "save_design", **keys).json() for _ in range(2))
    assert one["id"] == other["id"] == keys["once"]
    assert one["number"] == other["number"] == 1
    design = PosterDesign.objects.get(campaign=stage.campaign)
    assert design.shown is not None
    assert (design.name, design.variant, design.shown.number) == ("Evening", "A", 1)
    assert {check["state"] for check in one["checks"]} <= {"ok", "warning"}
    assert [version["number"] for version in one["versions"]] == [1]
    assert one["versions"][0]["who"] == str(stage.owner)


def test_saving_over_somebody_elses_version_is_refused_and_says_whose(stage: Stage) -> None:
    design = design_of(stage)
    asked_for = {"design_id": str(design.id), "number": "1"}
    assert asked(stage, "save_design", **asked_for).json()["number"] == 2
    late = asked(stage, "save_design", version_id=uuid4().hex, **asked_for)
    assert late.status_code == 409
    assert late.json()["code"] == "design_moved"
    assert late.json()["newest"]["number"] == 2
    assert late.json()["newest"]["who"] == str(stage.owner)
    assert design.versions.count() == 2
    asked_for["number"] = "2"
    assert asked(stage, "save_design", **asked_for).json()["number"] == 3


def test_name_and_variant_go_with_the_version(stage: Stage) -> None:
    design = design_of(stage)
    both = {"design_id": str(design.id), "number": "1", "name": "Night", "variant": "B"}
    assert asked(stage, "save_design", **both).json()["message"] == "Saved as version 2."
    design.refresh_from_db()
    assert (design.name, design.variant) == ("Night", "B")


def test_what_the_page_leaves_alone_stays_as_a_colleague_chose_it(stage: Stage) -> None:
    design, other = design_of(stage), design_of(stage, "Other")
    actions.choose_variant(design=other, variant="A", operator=stage.owner)
    PosterDesign.objects.filter(pk=design.pk).update(name="Renamed")
    form = {"design": json.dumps(CONTENT), "design_id": str(design.id), "number": "1"}
    answer = desk(stage.owner).post(there(stage, "save_design"), form).json()
    assert (answer["name"], answer["variant"]) == ("Renamed", "")
    other.refresh_from_db()
    assert other.variant == "A"


def test_a_refused_saving_renames_nothing_and_makes_nothing(stage: Stage) -> None:
    design = design_of(stage)
    late = {"design_id": str(design.id), "number": "0", "name": "Mine again", "variant": "A"}
    assert asked(stage, "save_design", **late).status_code == 409
    refused = content(layers=CONTENT["layers"][:3])
    assert asked(stage, "save_design", refused, **late | {"number": "1"}).status_code == 422
    assert asked(stage, "save_design", refused, number="0", once=str(uuid4())).status_code == 422
    assert list(PosterDesign.objects.values_list("name", "variant")) == [("Evening", "")]


def test_who_gets_the_new_poster_is_said_before_and_after() -> None:
    stage = cast.live()
    design = design_of(stage)
    assert not any(sent(desk(stage.owner).get(there(stage, "design", design.id)))["live"].values())
    cast.joins(stage, "Ann")
    cast.joins(stage, "Ben")
    live = sent(desk(stage.owner).get(there(stage, "design", design.id)))["live"]
    assert live["A"].startswith("When you save: 2 people get the new poster from now on;")
    assert live[""] == ""
    form = {"design_id": str(design.id), "number": "1", "variant": "A"}
    told = asked(stage, "save_design", **form).json()
    assert told["message"].startswith("Saved as version 2. 2 people get the new poster from now on;")
    assert told["message"].endswith("and their codes still work.")
    other = design_of(stage, "Other")
    live = sent(desk(stage.owner).get(there(stage, "design", other.id)))["live"]
    assert "about half" in live["B"]


def test_a_card_is_drawn_once_and_kept_by_its_address(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk(stage.owner)
    page = said(client.get(there(stage, "designs")))
    addresses = re.findall(r'src="([^"]*designs/ready/[^"]*)"', page)
    assert len(addresses) == len(ready_designs())
    first = client.get(addresses[0])
    assert "immutable" in first["Cache-Control"]
    monkeypatch.setattr(designer_drawing, "_image", lambda *_given: pytest.fail("drawn again"))
    assert client.get(addresses[0]).content == first.content
    assert "immutable" not in client.get(addresses[0].partition("?")[0])["Cache-Control"]
    PosterText.objects.filter(campaign=stage.campaign).update(title="Other words")
    assert addresses[0] not in said(client.get(there(stage, "designs")))


def test_versions_are_dated_by_the_campaigns_clock(stage: Stage) -> None:
    design = design_of(stage)
    late = datetime(2026, 11, 22, 16, 54, tzinfo=UTC)
    DesignVersion.objects.update(created_at=late)
    type(stage.campaign).objects.update(time_zone="Asia/Shanghai")
    page = sent(desk(stage.owner).get(there(stage, "design", design.id)))
    assert page["versions"][0]["at"] == "23 Nov 2026, 00:54"


def test_a_refused_upload_speaks_of_a_picture_not_of_a_screenshot(stage: Stage) -> None:
    for reason in WHY_UNREADABLE:
        assert "screenshot" not in str(sentences.of_picture(reason)).lower()
    assert "16 million" in str(sentences.of_picture("too_many_pixels"))
    assert MAX_PIXELS == 16_000_000
    assert "8 MB" in str(sentences.of_picture("too_large"))


def test_a_bad_name_is_told_before_anything_is_kept(stage: Stage) -> None:
    design = design_of(stage)
    answer = asked(stage, "save_design", design_id=str(design.id), number="1", name="n" * 61)
    assert answer.status_code == 400
    assert design.versions.count() == 1
    design.refresh_from_db()
    assert design.name == "Evening"


def test_a_design_without_a_code_is_refused_with_what_to_do(stage: Stage) -> None:
    answer = asked(stage, "save_design", content(layers=CONTENT["layers"][:3]))
    assert answer.status_code == 422
    refused = [check for check in answer.json()["checks"] if check["state"] == "refused"]
    assert refused
    assert all(check["text"] and check["advice"] for check in refused)
    assert not DesignVersion.objects.exists()


def test_a_groups_code_as_a_picture_is_refused(stage: Stage) -> None:
    file = SimpleUploadedFile("group.png", cast.wechat_qr("readers-1"), "image/png")
    kept = desk(stage.owner).post(there(stage, "design_upload"), {"picture": file}).json()
    over = {"id": "qr", "type": "picture", "picture": kept["sha256"], "box": [600, 800, 400, 400]}
    answer = asked(stage, "save_design", content(layers=[*CONTENT["layers"], over]))
    assert answer.status_code == 422
    refused = [check for check in answer.json()["checks"] if check["state"] == "refused"]
    assert any("weixin.qq.com" in check["text"].lower() for check in refused), refused


def test_a_groups_code_in_the_place_of_the_live_code_is_refused(stage: Stage) -> None:
    file = SimpleUploadedFile("group.png", cast.wechat_qr("readers-1"), "image/png")
    kept = desk(stage.owner).post(there(stage, "design_upload"), {"picture": file}).json()
    place = {"id": "code", "type": "picture", "slot": "code", "box": [600, 1360, 400, 400]}
    layers = [*CONTENT["layers"][:3], place | {"picture": kept["sha256"]}]
    answer = asked(stage, "save_design", content(layers=layers))
    assert answer.status_code == 422
    refused = [check["text"] for check in answer.json()["checks"] if check["state"] == "refused"]
    assert any("weixin.qq.com" in text.lower() for text in refused)
    assert len(refused) == 2, "it is no code of ours, and ours is missing"
    assert not DesignVersion.objects.exists()


def test_a_code_too_small_for_its_address_is_told_on_the_stage(stage: Stage, settings: LazySettings) -> None:
    settings.PUBLIC_URL = f"https://{'long.' * 80}example.com"
    layers = [*CONTENT["layers"][:3], CONTENT["layers"][3] | {"box": [600, 1360, 64, 64], "radius": 0}]
    answer = asked(stage, "design_preview", content(layers=layers))
    assert answer.status_code == 422
    assert "too small" in answer.json()["flaws"][0]["message"]


@pytest.mark.parametrize("kind", ["ticket", "certificate"])
def test_of_a_keepsake_a_sample_is_downloaded(stage: Stage, kind: str) -> None:
    saved = asked(stage, "save_design", content(kind=kind), number="0").json()
    LiveCode.objects.all().delete()
    answer = desk(stage.owner).get(there(stage, "design_file", saved["id"], 1, "en", "png"))
    (found,) = read_codes(answer.content)
    assert "/K/" in found.text


def test_an_uploaded_picture_is_kept_clean_and_once(stage: Stage) -> None:
    for _ in range(2):
        file = SimpleUploadedFile("art.jpg", cast.picture_bytes(kind="JPEG"), "image/jpeg")
        kept = desk(stage.owner).post(there(stage, "design_upload"), {"picture": file}).json()
    assert DesignPicture.objects.count() == 1
    assert desk(stage.owner).get(kept["address"]).status_code == 200
    placed = {"id": "art", "type": "picture", "picture": kept["sha256"], "box": [0, 0, 1080, 800]}
    drawn = asked(stage, "design_preview", content(layers=[placed, *CONTENT["layers"]]))
    assert picture(drawn).convert("RGB").getpixel((10, 10)) != (16, 42, 67)


@pytest.mark.parametrize("data", [b"", b"<svg><script>alert(1)</script></svg>", qr_png("X")[:80]])
def test_what_is_no_picture_is_refused_in_words(stage: Stage, data: bytes) -> None:
    file = SimpleUploadedFile("art.png", data, "image/png")
    answer = desk(stage.owner).post(there(stage, "design_upload"), {"picture": file})
    assert answer.status_code >= 400
    assert answer.json()["message"]
    assert desk(stage.owner).post(there(stage, "design_upload")).status_code == 400


def test_a_version_comes_back_as_it_was_saved(stage: Stage) -> None:
    design = design_of(stage)
    other = content(background={"type": "colour", "colour": "#ffffff"})
    other["layers"][0]["colour"] = other["layers"][1]["colour"] = "#000000"
    assert asked(stage, "save_design", other, design_id=str(design.id), number="1").status_code == 200
    client = desk(mate(stage, Role.VIEWER))
    first, second = (
        client.get(there(stage, "design_version", design.id, number)).json()["design"] for number in (1, 2)
    )
    assert first["background"] == CONTENT["background"]
    assert second["background"] == other["background"]
    assert client.get(there(stage, "design_version", design.id, 3)).status_code == 404


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_version_is_downloaded_with_the_live_code(stage: Stage, kind: str) -> None:
    design = design_of(stage)
    answer = desk(stage.owner).get(there(stage, "design_file", design.id, 1, "zh-hans", kind))
    assert answer["Content-Disposition"].startswith("attachment;")
    assert picture(answer).size == (1080, 1920)
    assert [found.text for found in read_codes(answer.content)] == [address_of(stage.code)]
    client = desk(stage.owner)
    assert client.get(there(stage, "design_file", design.id, 1, "en", "svg")).status_code == 404
    LiveCode.objects.all().delete()
    assert client.get(there(stage, "design_file", design.id, 1, "en", kind)).status_code == 404


def test_who_may_look_gets_a_page_that_changes_nothing(stage: Stage) -> None:
    design = design_of(stage)
    page = desk(mate(stage, Role.VIEWER)).get(there(stage, "design", design.id))
    assert sent(page)["may_change"] is False
    assert "data-save-button" not in said(page)
    assert "data-save-button" in said(desk(stage.owner).get(there(stage, "design", design.id)))


def test_refusals_come_to_the_scripts_as_json_with_their_status(stage: Stage) -> None:
    form = {"design": json.dumps(CONTENT), "name": "Night", "number": "0"}
    answer = desk(mate(stage, Role.VIEWER)).post(there(stage, "save_design"), form)
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    nameless = asked(stage, "save_design", name=" ", number="0")
    assert nameless.status_code == 400
    assert nameless.json()["message"]


def test_nothing_the_scripts_say_is_missing_in_either_language() -> None:
    with override("en"):
        english = texts()
    with override("zh-hans"):
        chinese = texts()
    assert english.keys() == chinese.keys()
    same = {name for name in english if english[name] == chinese[name]}
    assert same == set(), "not yet in Chinese"
