"""The board: everybody's place is the one a plain sort gives, whatever came before."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db.models import F, QuerySet, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold.base import clock
from tenfold.people import board
from tenfold.people.models import Journey, Person, Standing
from tests import cast

pytestmark = pytest.mark.django_db
NAMES = ("Ann", "Ben", "Cai", "Dan", "Eve")


class Plain:
    """The board as one would keep it on paper: who has how many, and since which move. Being excluded is none: whoever
    comes back stands where they would have stood."""

    def __init__(self) -> None:
        self.counts: dict[UUID, int] = {}
        self.since: dict[UUID, int] = {}
        self.blocked: set[UUID] = set()
        self.moves = 0

    def shown(self, key: UUID) -> int:
        return 0 if key in self.blocked else max(0, self.counts.get(key, 0))

    def move(self, key: UUID, by: int) -> None:
        before = self.counts.get(key, 0)
        self.counts[key] = before + by
        self.moves += 1
        if max(0, self.counts[key]) != max(0, before):
            self.since[key] = self.moves

    def block(self, key: UUID, is_blocked: bool) -> None:
        self.blocked = self.blocked | {key} if is_blocked else self.blocked - {key}

    def order(self) -> list[UUID]:
        return sorted(filter(self.shown, self.counts), key=lambda key: (-self.shown(key), self.since[key]))


def people(stage: cast.Stage, names: tuple[str, ...] = NAMES) -> list[UUID]:
    return [cast.joins(stage, name).pk for name in names]


def order(stage: cast.Stage) -> list[UUID]:
    return [each.pk for each in board.ranked(campaign_id=stage.campaign.id)]


def place(key: UUID) -> board.Place | None:
    return board.place_of(Journey.objects.get(pk=key))


def stood_in(stage: cast.Stage) -> QuerySet[Standing]:
    return Standing.objects.filter(campaign=stage.campaign, valid_count__gt=0)


def is_blocked(key: UUID, at: object) -> None:
    Person.objects.filter(journeys=key).update(blocked_at=at)
    board.moved(journey_id=key, by=0)


def agrees(stage: cast.Stage, plain: Plain) -> None:
    ranking = plain.order()
    assert order(stage) == ranking
    for number, key in enumerate(ranking, start=1):
        found = place(key)
        assert found
        assert (found.number, found.of, found.count) == (number, len(ranking), plain.shown(key))
        above = plain.shown(ranking[number - 2]) if number > 1 else None
        assert found.to_pass == (0 if above is None else above - found.count + 1)
    standings = stood_in(stage)
    assert sum(standings.values_list("people_count", flat=True)) == len(ranking)
    assert not standings.filter(people_count=0).exists()
    assert not standings.filter(given_count__lt=F("people_count")).exists()


MOVES = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["+1", "+1", "+1", "-1", "+3", "-2", "block", "unblock"])),
    max_size=30,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, block=st.sampled_from([1, 2, 1024]))
def test_any_order_of_moves_gives_the_places_of_a_plain_sort(
    moves: list[tuple[int, str]], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "BLOCK", block)
    Standing.objects.all().delete()
    Journey.objects.update(valid_count=0, board_count=0, counted_seq=0)
    Person.objects.update(blocked_at=None)
    stage, keys = _known()
    plain = Plain()
    for who, what in moves:
        if what in ("block", "unblock"):
            is_blocked(keys[who], clock.now() if what == "block" else None)
            plain.block(keys[who], what == "block")
        else:
            stood = board.moved(journey_id=keys[who], by=int(what))
            plain.move(keys[who], int(what))
            assert stood.count == plain.counts[keys[who]]
    agrees(stage, plain)


def _known() -> tuple[cast.Stage, list[UUID]]:
    """The same five people for every example."""
    first = Journey.objects.order_by("pk").select_related("campaign__workspace").first()
    if first is None:
        stage = cast.live()
        return stage, people(stage)
    campaign = first.campaign
    stage = cast.Stage(campaign.workspace, None, campaign, None, None, None)  # type: ignore[arg-type]
    return stage, list(Journey.objects.order_by("pk").values_list("pk", flat=True))


def test_among_equals_whoever_was_there_first_stands_first() -> None:
    stage = cast.live()
    ann, ben, cai = people(stage, NAMES[:3])
    for key in (ann, ben, cai, ann):
        board.moved(journey_id=key, by=1)
    assert order(stage) == [ann, ben, cai]
    board.moved(journey_id=ann, by=-1)
    assert order(stage) == [ben, cai, ann]  # she has come to one friend last
    assert place(ann) == board.Place(number=3, of=3, count=1, to_pass=1)
    assert place(ben) == board.Place(number=1, of=3, count=1, to_pass=0)


def test_nobody_stands_on_the_board_without_a_friend_who_counts() -> None:
    stage = cast.live()
    (ann,) = people(stage, NAMES[:1])
    assert place(ann) is None
    assert not stood_in(stage).exists()
    board.moved(journey_id=ann, by=1)
    assert place(ann) == board.Place(1, 1, 1, 0)
    board.moved(journey_id=ann, by=-2)
    assert place(ann) is None
    assert Journey.objects.get(pk=ann).valid_count == -1
    assert board.moved(journey_id=ann, by=1).count == 0
    assert not stood_in(stage).exists()


def test_who_is_blocked_leaves_the_board_and_keeps_the_count() -> None:
    stage = cast.live()
    ann, ben = people(stage, NAMES[:2])
    for key in (ann, ann, ben):
        board.moved(journey_id=key, by=1)
    is_blocked(ann, clock.now())
    assert order(stage) == [ben]
    assert board.moved(journey_id=ann, by=1).count == 3
    assert order(stage) == [ben]
    is_blocked(ann, None)
    assert order(stage) == [ann, ben]


def test_who_was_excluded_by_mistake_comes_back_to_where_they_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nobody else was left there meanwhile, and others have come since."""
    monkeypatch.setattr(board, "BLOCK", 2)
    stage = cast.live()
    ann, ben, cai, dan, eve = people(stage)
    for key in (ann, ben):
        board.moved(journey_id=key, by=1)
    for key in (ann, ben):
        is_blocked(key, clock.now())
    for key in (cai, dan, eve):
        board.moved(journey_id=key, by=1)
    board.moved(journey_id=ben, by=1)
    board.moved(journey_id=ben, by=-1)  # while excluded, and so behind the others
    for key in (ben, ann):
        is_blocked(key, None)
    assert order(stage) == [ann, cai, dan, eve, ben]
    assert [place(key).number for key in (ann, cai, dan, eve, ben)] == [1, 2, 3, 4, 5]  # type: ignore[union-attr]


def test_a_full_block_is_followed_by_the_next_and_an_empty_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "BLOCK", 2)
    stage = cast.live()
    keys = people(stage)
    for key in keys:
        board.moved(journey_id=key, by=1)
    blocks = Standing.objects.filter(valid_count=1).order_by("block")
    assert list(blocks.values_list("block", "given_count", "people_count")) == [
        (0, 2, 2),
        (1, 2, 2),
        (2, 1, 1),
    ]
    for key in keys[2:4]:
        board.moved(journey_id=key, by=1)
    assert list(blocks.values_list("block", flat=True)) == [0, 2]
    assert [place(key).number for key in keys] == [3, 4, 1, 2, 5]  # type: ignore[union-attr]


def test_a_campaign_has_a_board_of_its_own() -> None:
    one = cast.live()
    other = cast.live(owner=(one.workspace, one.owner))
    (ann,), (ben,) = people(one, NAMES[:1]), people(other, NAMES[1:2])
    for key in (ann, ben, ben):
        board.moved(journey_id=key, by=1)
    assert (order(one), order(other)) == ([ann], [ben])
    assert place(ann) == board.Place(1, 1, 1, 0)
    assert board.people_count(one.campaign.id) == 1


def test_places_are_counted_from_one_and_the_least_number_of_friends_can_be_asked_for() -> None:
    stage = cast.live()
    ann, ben, cai = people(stage, NAMES[:3])
    for key in (ann, ann, ann, ben, ben, cai):
        board.moved(journey_id=key, by=1)
    campaign = stage.campaign.id
    assert [each.pk for each in board.places(campaign_id=campaign, first=1, last=2)] == [ann, ben]
    assert [each.pk for each in board.places(campaign_id=campaign, first=3, last=9)] == [cai]
    assert board.places(campaign_id=campaign, first=4, last=9) == []
    assert [each.pk for each in board.ranked(campaign_id=campaign, least=2)] == [ann, ben]
    assert [board.people_count(campaign, least=least) for least in (1, 2, 3, 4)] == [3, 2, 1, 0]


def test_a_rare_restart_of_a_level_leaves_no_two_with_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last block of a count goes when it is empty, and begins anew, while earlier ones are still stood in."""
    monkeypatch.setattr(board, "BLOCK", 2)
    stage = cast.live()
    ann, ben, cai, dan, eve = people(stage)
    for key in (ann, ben, cai):
        board.moved(journey_id=key, by=1)
    board.moved(journey_id=cai, by=1)
    for key in (dan, eve):
        board.moved(journey_id=key, by=1)
    assert order(stage) == [cai, ann, ben, dan, eve]
    totals = stood_in(stage).aggregate(people=Sum("people_count"), given=Sum("given_count"))
    assert totals == {"people": 5, "given": 5}
