from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.insight import tree
from tests import cast
from tests.insight.family import family

pytestmark = pytest.mark.django_db


def names(branch: tree.Branch) -> list[tuple[str, int, int]]:
    return [(node.journey.person.nickname, node.invited_count, node.below_count) for node in branch.nodes]


def test_the_tree_is_opened_branch_by_branch() -> None:
    told = family()
    assert names(tree.roots(told.stage.campaign)) == [("Ann", 2, 3)]
    assert names(tree.children(told.ann)) == [("Ben", 1, 1), ("Cai", 0, 0)]
    assert names(tree.children(told.ben)) == [("Dan", 0, 0)]
    assert names(tree.children(told.dan)) == []


def test_the_chain_above_starts_at_the_seed() -> None:
    told = family()
    assert [each.person.nickname for each in tree.above(told.dan)] == ["Ann", "Ben", "Dan"]
    assert [each.person.nickname for each in tree.above(told.ann)] == ["Ann"]


def test_each_tree_counts_its_own() -> None:
    told = family()
    eve = cast.joins(told.stage, "Eve")
    assert tree.tops_of(told.stage.campaign) == {told.ann.id: 4, eve.id: 1}


def test_a_wide_fan_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "PAGE", 2)
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    for number in range(5):
        cast.joins(stage, f"N{number}", by=ann.code)
    first, last = tree.children(ann), tree.children(ann, offset=4)
    assert (len(first.nodes), first.total_count, first.rest_count) == (2, 5, 3)
    assert (len(last.nodes), last.rest_count) == (1, 0)


def test_the_most_fruitful_come_first() -> None:
    stage = cast.live()
    cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben")
    cast.joins(stage, "Cai", by=ben.code)
    assert [name for name, _, _ in names(tree.roots(stage.campaign))] == ["Ben", "Ann"]


def test_a_glimpse_never_shows_a_newcomer_without_the_inviter() -> None:
    told = family()
    for limit in range(1, 5):
        seen = tree.glimpse(told.stage.campaign, limit=limit)
        ids = {each.id for each in seen}
        assert len(seen) == limit
        assert all(each.inviter_id is None or each.inviter_id in ids for each in seen)


def test_a_page_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    for number in range(3):
        cast.joins(stage, f"N{number}", by=ann.code)
        with django_assert_num_queries(3):
            assert len(tree.children(ann).nodes) == number + 1


@pytest.mark.parametrize("page", [1, 2, 3, 4, 50])
def test_page_by_page_everyone_comes_once(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(tree, "PAGE", page)
    stage = cast.live(capacity=20)
    ann = cast.joins(stage, "Ann")
    fan = [cast.joins(stage, f"N{number}", by=ann.code) for number in range(7)]
    cast.joins(stage, "Deep", by=fan[4].code)
    seen, offset = [], 0
    while True:
        branch = tree.children(ann, offset=offset)
        assert branch.total_count == 7
        seen += [node.journey.id for node in branch.nodes]
        offset += len(branch.nodes)
        assert branch.rest_count == 7 - offset
        if not branch.rest_count:
            break
    assert seen[0] == fan[4].id
    assert sorted(seen) == sorted(each.id for each in fan)


@pytest.mark.parametrize("offset", [7, 8, 10_000_000])
def test_beyond_the_end_of_a_fan_there_is_nobody(offset: int) -> None:
    them = family()
    branch = tree.children(them.ann, offset=offset)
    assert (branch.nodes, branch.total_count, branch.rest_count) == ([], 2, 0)


def test_a_line_as_deep_as_it_likes_is_counted_in_the_same_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live(capacity=60)
    last = first = cast.joins(stage, "N0")
    for number in range(1, 40):
        last = cast.joins(stage, f"N{number}", by=last.code)
    with django_assert_num_queries(3):
        assert names(tree.roots(stage.campaign)) == [("N0", 1, 39)]
    with django_assert_num_queries(2):
        assert len(tree.above(last)) == 40
    assert tree.above(last)[0].id == first.id
    assert tree.tops_of(stage.campaign) == {first.id: 40}


def test_a_tree_ends_at_the_campaign() -> None:
    them = family()
    other = cast.live(owner=(them.stage.workspace, them.stage.owner))
    zoe = cast.joins(other, "Zoe")
    assert names(tree.roots(other.campaign)) == [("Zoe", 0, 0)]
    assert tree.tops_of(other.campaign) == {zoe.id: 1}
    assert zoe.id not in {each.id for each in tree.glimpse(them.stage.campaign)}


def test_who_has_left_still_holds_up_the_branch() -> None:
    them = family()
    flow.left(journey=them.ben)
    assert names(tree.children(them.ann)) == [("Ben", 1, 1), ("Cai", 0, 0)]
    assert [each.person.nickname for each in tree.above(them.dan)] == ["Ann", "Ben", "Dan"]


def test_a_glimpse_of_nobody_is_empty() -> None:
    assert tree.glimpse(cast.draft().campaign) == []
