"""What is looked at before a design is kept, with the number that was measured."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tenfold.imaging.qr import qr_png
from tenfold.posters import actions
from tenfold.posters.checking import Looked, looked_through
from tenfold.posters.rules import DesignRefused, State, ready_designs
from tests import cast
from tests.posters.samples import Content, content, saved, with_code, without

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def look(made: Content, stage: cast.Stage | None = None) -> Looked:
    stage = stage or cast.draft()
    return looked_through(stage.campaign, made["kind"], made)


def states(looked: Looked) -> dict[str, set[str]]:
    """The states found, by the code of the check."""
    found: dict[str, set[str]] = {}
    for check in looked.checks:
        found.setdefault(check.code, set()).add(check.state.value)
    return found


def refused(looked: Looked) -> list[str]:
    return [check.code for check in looked.checks if check.state == State.REFUSED]


def test_a_good_poster_stands_all_checks_and_every_check_says_so_in_words() -> None:
    looked = look(content())
    assert refused(looked) == []
    assert set(states(looked)) >= {
        "element",
        "module",
        "contrast",
        "quiet_zone",
        "live_code",
        "decodes",
        "fits",
    }
    for check in looked.checks:
        assert check.text
        assert "%(" not in check.text + check.advice
        assert bool(check.advice) == (check.state != State.OK)
    assert looked.code["writer"].startswith("zxing-cpp")
    assert looked.code["level"] == "M"


@pytest.mark.parametrize("name", sorted(ready_designs()))
def test_every_ready_design_stands_all_checks(name: str) -> None:
    ready = ready_designs()[name]
    stage = cast.draft()
    looked = looked_through(stage.campaign, ready.kind, ready.content)
    assert refused(looked) == []


@pytest.mark.parametrize(
    ("side", "state"),
    [
        (70, "refused"),
        (140, "refused"),
        (197, "refused"),
        (198, "warning"),
        (230, "warning"),
        (330, "ok"),
        (480, "ok"),
    ],
)
@pytest.mark.usefixtures("read_at_one_size")
def test_modules_have_three_pixels_where_a_chat_shows_the_poster_540_wide(side: int, state: str) -> None:
    looked = look(with_code(box=[500, 1400, side, side]))
    (check,) = [check for check in looked.checks if check.code == "module"]
    assert check.state == state
    assert check.about["width"] == 540
    assert check.about["pixels"] == (side // 33) / 2  # 25 modules and 4 of quiet zone on either side
    assert f"{check.about['pixels']:.1f} px" in check.text


@pytest.mark.parametrize(
    ("dark", "light", "state"),
    [
        ("#000000", "#ffffff", "ok"),
        ("#123456", "#fff8ee", "ok"),
        ("#666666", "#ffffff", "warning"),
        ("#999999", "#ffffff", "refused"),
        ("#ffffff", "#000000", "refused"),
        ("#777777", "#777777", "refused"),
    ],
)
@pytest.mark.usefixtures("read_at_one_size")
def test_the_code_is_dark_on_light(dark: str, light: str, state: str) -> None:
    assert states(look(with_code(dark=dark, light=light)))["contrast"] == {state}


def test_what_lies_over_the_edge_of_the_code_is_found_and_counted() -> None:
    bar = {"id": "bar", "type": "shape", "shape": "rectangle", "fill": "#111111", "box": [600, 1490, 95, 340]}
    looked = look(content(more=(bar,)))
    (check,) = [check for check in looked.checks if check.code == "quiet_zone"]
    assert (check.state, check.about["modules"]) == (State.REFUSED, 2)


def test_a_code_that_is_covered_is_not_read_by_anybody() -> None:
    sticker = {
        "id": "s",
        "type": "shape",
        "shape": "ellipse",
        "fill": "#ff5500",
        "box": [740, 1560, 200, 200],
    }
    looked = look(content(more=(sticker,)))
    (check,) = [check for check in looked.checks if check.code == "decodes"]
    assert (check.state, check.about) == (State.REFUSED, {"read": 0, "of": 2, "width": 302})


def group_qr(stage: cast.Stage) -> str:
    """A picture with a group's code, uploaded for designs."""
    code = Image.open(io.BytesIO(cast.wechat_qr("readers-1"))).convert("RGB")
    poster = Image.new("RGB", (900, 900), "#eeddcc")
    poster.paste(code, (100, 100))
    out = io.BytesIO()
    poster.save(out, "PNG")
    return actions.add_picture(workspace_id=stage.workspace.id, data=out.getvalue()).sha256


def test_a_group_s_code_in_place_of_the_live_code_is_refused() -> None:
    stage = cast.draft()
    picture = {
        "id": "code",
        "type": "picture",
        "slot": "code",
        "picture": group_qr(stage),
        "box": [660, 1480, 360, 360],
    }
    made = without("code")
    made["layers"].append(picture)
    looked = look(made, stage)
    assert refused(looked) == ["element", "foreign_code"]
    (check,) = [check for check in looked.checks if check.code == "foreign_code"]
    assert "weixin.qq.com/g/readers-1" in check.text
    assert check.layer == "code"


def test_a_group_s_code_beside_the_live_code_or_behind_it_is_refused() -> None:
    stage = cast.draft()
    sha = group_qr(stage)
    beside = content(more=({"id": "g", "type": "picture", "picture": sha, "box": [60, 1660, 220, 220]},))
    looked = look(beside, stage)
    assert set(refused(looked)) == {"foreign_code", "live_code"}, "the live code itself is well"
    assert any("Another code is in the picture" in check.text for check in looked.checks)
    behind = content()
    behind["background"] = {"type": "picture", "picture": sha}
    assert "foreign_code" in refused(look(behind, stage))


def test_a_picture_without_a_code_is_welcome() -> None:
    stage = cast.draft()
    sha = actions.add_picture(workspace_id=stage.workspace.id, data=cast.picture_bytes()).sha256
    looked = look(
        content(more=({"id": "p", "type": "picture", "picture": sha, "box": [60, 1660, 220, 220]},)), stage
    )
    assert refused(looked) == []
    assert states(looked)["foreign_code"] == {"ok"}


@pytest.mark.parametrize("slot", ["title", "subtitle", "points", "endorsement", "offer", "code"])
@pytest.mark.usefixtures("read_at_one_size")
def test_an_element_is_there_or_waived(slot: str) -> None:
    made = without(slot)
    assert refused(look(made)) == ["element"]
    made["waived"] = [slot]
    looked = look(made)
    assert refused(looked) == []
    assert "ok" in states(looked)["element_waived"]


@pytest.mark.usefixtures("read_at_one_size")
def test_an_element_for_which_nothing_is_written_is_a_warning() -> None:
    stage = cast.draft()
    assert "warning" in states(look(content(), stage))["element"]
    texts = {"subtitle": "Now", "points": "One\nTwo", "endorsement": "Olga", "offer": "Free"}
    actions.change_text(campaign=stage.campaign, language="en", operator=stage.owner, **texts)
    assert states(look(content(), stage))["element"] == {"ok"}


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Read ten books with us, this year and next"), ("zh-hans", "一起读十本书" * 6)],
)
@pytest.mark.usefixtures("read_at_one_size")
def test_a_text_that_is_cut_off_in_one_of_the_languages_is_refused(language: str, title: str) -> None:
    stage = cast.draft()
    actions.change_text(campaign=stage.campaign, language=language, operator=stage.owner, title=title)
    made = content()
    made["layers"][0] |= {"box": [60, 100, 600, 70], "least": 40, "lines": 1}
    looked = look(made, stage)
    (check,) = [check for check in looked.checks if check.state == State.REFUSED]
    assert (check.code, check.layer, check.about) == ("fits", "title", {"language": language, "size": 40})


def test_a_long_name_that_is_cut_is_a_warning_only() -> None:
    looked = look(content())
    assert states(looked)["fits_name"] == {"warning"}


@pytest.mark.usefixtures("read_at_one_size")
def test_a_certificate_needs_no_elements_but_its_code_and_should_show_its_number() -> None:
    made = content(kind="certificate")
    made["layers"] = [layer for layer in made["layers"] if layer["id"] in ("code", "name")]
    looked = look(made)
    assert refused(looked) == []
    assert states(looked)["number"] == {"warning"}
    made["layers"] = made["layers"][:1]
    assert refused(look(made)) == ["element"]


def test_nothing_refused_is_kept_and_the_refusal_says_why() -> None:
    stage = cast.draft()
    with pytest.raises(DesignRefused) as error:
        saved(stage.campaign, stage.owner, without("title"))
    assert (error.value.code, error.value.status) == ("design_refused", 422)
    assert str(error.value) == "Missing: main title"
    assert not stage.campaign.designs.exists()


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        ({"font": "comic"}, "layers.0.font"),
        ({"text": "{nobody}"}, "layers.0.text"),
        ({"colour": "red"}, "layers.0.colour"),
        ({"box": [0, 0, 5000, 10]}, "layers.0.box"),
        ({"evil": 1}, "layers.0.evil"),
    ],
)
def test_flaws_of_the_data_are_told_in_words(spoil: Content, where: str) -> None:
    made = content()
    made["layers"][0] |= spoil
    with pytest.raises(DesignRefused) as error:
        look(made)
    assert error.value.code == "bad_design"
    assert [flaw.where for flaw in error.value.flaws] == [where]
    assert str(error.value).startswith(f"{where}: ")
    assert "%(" not in str(error.value)


def test_pictures_of_another_workspace_are_unknown() -> None:
    other = cast.draft(owner=cast.workspace("eve@example.com"))
    sha = actions.add_picture(workspace_id=other.workspace.id, data=qr_png("X")).sha256
    with pytest.raises(DesignRefused) as error:
        look(content(more=({"id": "p", "type": "picture", "picture": sha, "box": [0, 0, 90, 90]},)))
    assert [flaw.code for flaw in error.value.flaws] == ["unknown_picture"]
