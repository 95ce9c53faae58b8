"""Versions of designs, variants, and which of them somebody gets."""

from __future__ import annotations

from collections import Counter

import pytest
from pytest_django import DjangoAssertNumQueries

from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.imaging.design import read_design
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.posters import actions
from tenfold.posters.drawing import poster_of
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign
from tenfold.posters.queries import chosen_for, designs_of, has_changed_since, in_use_at
from tenfold.posters.rules import default_of, halves_changed, ready_designs, variant_of
from tests import cast
from tests.conftest import FrozenClock
from tests.posters.samples import content, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_at_one_size")]


@pytest.fixture
def stage() -> cast.Stage:
    return cast.live()


def made(stage: cast.Stage, name: str = "Mine") -> PosterDesign:
    return actions.new_design(campaign=stage.campaign, kind="poster", name=name)


def test_each_saving_is_a_version_of_its_own_and_the_newest_is_shown(stage: cast.Stage) -> None:
    design = made(stage)
    first, second = (
        actions.save_version(design=design, content=content(colour=colour), operator=stage.owner)
        for colour in ("#eeeeee", "#dddddd")
    )
    design = second.design
    design.refresh_from_db()
    assert (first.number, second.number, design.shown) == (1, 2, second)
    assert (first.operator, second.operator) == (stage.owner, stage.owner)
    first.refresh_from_db()
    assert first.content["background"]["colour"] == "#eeeeee"
    assert read_design(first.content)
    assert first.code.keys() == {"writer", "version", "level", "mask"}
    assert {check["code"] for check in first.checks} >= {"module", "decodes", "fits"}
    assert Entry.objects.filter(kind=Fact.DESIGN_SAVED).count() == 2


def test_a_version_never_changes(stage: cast.Stage) -> None:
    version = saved(stage.campaign, stage.owner)
    version.content = {}
    with pytest.raises(TypeError):
        version.save()


def test_saving_twice_is_saving_once(stage: cast.Stage) -> None:
    design, row_id = made(stage), new_id()
    twice = [
        actions.save_version(design=design, content=content(), operator=stage.owner, row_id=row_id)
        for _nth in range(2)
    ]
    assert twice[0] == twice[1]
    assert DesignVersion.objects.count() == 1
    assert Entry.objects.filter(kind=Fact.DESIGN_SAVED).count() == 1


def test_who_began_from_an_older_version_does_not_bury_a_newer_one(stage: cast.Stage) -> None:
    design = made(stage)
    actions.save_version(design=design, content=content(), operator=stage.owner, after=0)
    with pytest.raises(Refusal) as refused:
        actions.save_version(design=design, content=content(), operator=stage.owner, after=0)
    assert refused.value.code == "design_moved"
    assert actions.save_version(design=design, content=content(), operator=stage.owner, after=1).number == 2


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "\x00"])
def test_a_design_has_a_name(stage: cast.Stage, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        made(stage, name)
    assert refused.value.code == "bad_design_name"


def test_a_design_of_one_kind_takes_no_content_of_another(stage: cast.Stage) -> None:
    with pytest.raises(Refusal) as refused:
        actions.save_version(design=made(stage), content=content(kind="ticket"), operator=stage.owner)
    assert refused.value.code == "bad_design"


@pytest.mark.parametrize("raw", [None, 1, "x", [], {}, {"format": 1}, {"kind": "poster", "layers": "x"}])
def test_what_is_no_design_is_refused(stage: cast.Stage, raw: object) -> None:
    with pytest.raises(Refusal) as refused:
        actions.save_version(design=made(stage), content=raw, operator=stage.owner)
    assert (refused.value.code, refused.value.status) == ("bad_design", 422)


def test_without_a_design_in_use_people_get_a_ready_one(stage: cast.Stage) -> None:
    saved(stage.campaign, stage.owner)  # made, but not put to use
    chosen = chosen_for(stage.campaign, "poster", stage.code.id)
    assert (chosen.design, chosen.variant) == (default_of("poster").design, "")


def test_a_variant_has_one_design_and_a_design_one_variant(stage: cast.Stage) -> None:
    first = saved(stage.campaign, stage.owner, variant="A", name="First").design
    second = saved(stage.campaign, stage.owner, variant="A", name="Second").design
    assert variants(stage) == {"First": "", "Second": "A"}
    actions.choose_variant(design=first, variant="B", operator=stage.owner)
    actions.choose_variant(design=second, variant="B", operator=stage.owner)
    assert variants(stage) == {"First": "", "Second": "B"}
    actions.choose_variant(design=second, variant="", operator=stage.owner)
    assert variants(stage) == {"First": "", "Second": ""}
    assert Entry.objects.filter(kind=Fact.VARIANT_CHOSEN).count() == 5
    actions.choose_variant(design=second, variant="", operator=stage.owner)
    assert Entry.objects.filter(kind=Fact.VARIANT_CHOSEN).count() == 5


def variants(stage: cast.Stage) -> dict[str, str]:
    return dict(stage.campaign.designs.values_list("name", "variant"))


@pytest.mark.parametrize(("variant", "why"), [("C", "unknown_variant"), ("A", "no_version")])
def test_what_cannot_be_chosen_is_refused(stage: cast.Stage, variant: str, why: str) -> None:
    design = made(stage)
    design.save(force_insert=True)
    with pytest.raises(Refusal) as refused:
        actions.choose_variant(design=design, variant=variant, operator=stage.owner)
    assert refused.value.code == why


def test_saving_what_is_drawn_leaves_name_and_variant_to_whoever_chose_them(stage: cast.Stage) -> None:
    mine = saved(stage.campaign, stage.owner, variant="A", name="Mine").design
    saved(stage.campaign, stage.owner, variant="A", name="Theirs")
    version = actions.save_version(design=mine, content=content(), operator=stage.owner, after=1)
    assert (version.number, variants(stage)) == (2, {"Mine": "", "Theirs": "A"})


def test_a_refused_saving_keeps_nothing_of_it(stage: cast.Stage) -> None:
    design = saved(stage.campaign, stage.owner, name="Mine").design
    more = {"design": design, "content": content(), "operator": stage.owner}
    for wrong in ({"after": 0}, {"variant": "C"}, {"name": " "}):
        with pytest.raises(Refusal):
            actions.save_version(**{**more, "name": "New", "variant": "A", **wrong})  # type: ignore[arg-type]
    assert variants(stage) == {"Mine": ""}
    assert design.versions.count() == 1
    with pytest.raises(Refusal):
        actions.save_version(design=made(stage, "Empty"), content=content(), operator=stage.owner, after=3)
    assert variants(stage) == {"Mine": ""}


@pytest.mark.parametrize(
    ("before", "after", "halves"),
    [
        ({}, {"A": 1}, 2),
        ({"A": 1}, {"A": 2}, 2),
        ({"A": 1}, {"A": 1, "B": 2}, 1),
        ({"A": 1, "B": 2}, {"A": 3, "B": 2}, 1),
        ({"A": 1, "B": 2}, {"A": 1, "B": 2}, 0),
        ({"A": 1, "B": 2}, {"B": 2}, 1),
        ({"B": 1}, {"A": 1}, 0),
        ({"B": 1}, {}, 2),
    ],
)
def test_how_many_get_another_design(before: dict[str, int], after: dict[str, int], halves: int) -> None:
    assert halves_changed(before, after) == halves


def test_the_version_of_a_moment_is_found(stage: cast.Stage, frozen: FrozenClock) -> None:
    first = saved(stage.campaign, stage.owner, variant="A")
    moment = clock.now()
    assert not has_changed_since(stage.campaign, "poster", moment)
    frozen.advance(seconds=60)
    second = actions.save_version(design=first.design, content=content(), operator=stage.owner)
    assert in_use_at(stage.campaign, "poster", moment) == {"A": first.id}
    assert in_use_at(stage.campaign, "poster", clock.now()) == {"A": second.id}
    assert has_changed_since(stage.campaign, "poster", moment)
    assert not has_changed_since(stage.campaign, "poster", clock.now())


def test_half_of_the_codes_carry_each_variant_and_always_the_same() -> None:
    keys = [new_id() for _nth in range(2000)]
    chosen = [variant_of(key, ["A", "B"]) for key in keys]
    assert 900 < Counter(chosen)["A"] < 1100
    assert [variant_of(key, ["B", "A"]) for key in keys] == chosen
    assert {variant_of(key, ["B"]) for key in keys} == {"B"}


def test_people_get_the_variant_of_their_code(stage: cast.Stage) -> None:
    red = saved(stage.campaign, stage.owner, content(colour="#ffdddd"), variant="A", name="Red")
    blue = saved(stage.campaign, stage.owner, content(colour="#ddddff"), variant="B", name="Blue")
    keys = {"A": red.id.hex, "B": blue.id.hex}
    for nth in range(6):
        mia = cast.joins(stage, f"Mia {nth}")
        chosen = poster_of(mia.code, language="en").chosen
        assert chosen.key == keys[chosen.variant]
        assert chosen.variant == variant_of(mia.code_id, ["A", "B"])


def test_choosing_costs_one_query_once_a_version_is_known(
    stage: cast.Stage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for variant in "AB":
        saved(stage.campaign, stage.owner, variant=variant, name=variant)
    keys = [new_id() for _nth in range(20)]
    for key in keys:
        chosen_for(stage.campaign, "poster", key)
    with django_assert_num_queries(1):
        chosen_for(stage.campaign, "poster", keys[0])


def test_designs_in_use_come_first(stage: cast.Stage) -> None:
    for name, variant in (("Tried", ""), ("Second", "B"), ("First", "A")):
        saved(stage.campaign, stage.owner, variant=variant, name=name)
    assert [design.name for design in designs_of(stage.campaign)] == ["First", "Second", "Tried"]


def test_the_same_picture_is_kept_once_a_workspace(stage: cast.Stage) -> None:
    data = cast.picture_bytes("pink")
    twice = [actions.add_picture(workspace_id=stage.workspace.id, data=data) for _nth in range(2)]
    assert twice[0] == twice[1]
    other, _eve = cast.workspace("eve@example.com")
    actions.add_picture(workspace_id=other.id, data=data)
    assert DesignPicture.objects.count() == 2


@pytest.mark.parametrize(
    "data", [b"", b"<svg onload='alert(1)'/>", cast.picture_bytes()[:100], b"GIF89a" + b"\0" * 40]
)
def test_what_is_no_picture_is_refused(stage: cast.Stage, data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        actions.add_picture(workspace_id=stage.workspace.id, data=data)
    assert refused.value.status == 400


def test_there_is_an_upright_ready_design_of_every_kind_in_both_languages() -> None:
    for kind in PosterDesign.Kind.values:
        assert default_of(kind).kind == kind
    poster = default_of("poster").design
    assert (poster.width, poster.height) == (1080, 1920)
    assert all(set(ready.title) == {"en", "zh-hans"} for ready in ready_designs().values())
