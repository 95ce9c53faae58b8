"""The ledger: every change with its reason, as a page and as a file; changes by hand; keeping somebody out."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base.keys import new_id
from tenfold.console import pages
from tenfold.people.models import Credit, Journey, Person
from tenfold.rewards.books import Balance, LedgerRow
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, said
from tests.console.reading import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return cast.live(stock=5)


@pytest.fixture
def ann(stage: Stage) -> Journey:
    ann = cast.joins(stage, "Ann")
    cast.joins(stage, "Ben", by=ann.code)
    cast.is_approved(cast.sends(ann), stage.owner)
    return Journey.objects.get(pk=ann.pk)


def there(stage: Stage, name: str, *more: object) -> str:
    return address(name, stage.campaign.id, *more)


def adjusts(stage: Stage, journey: Journey, **typed: str) -> Any:
    form = {"unit": "points", "is_less": "", "amount": "5", "note": "Helped at the fair"} | typed
    return desk(stage.owner).post(there(stage, "person_ledger", journey.id), form, follow=True)


def test_every_change_stands_with_its_reason(stage: Stage, ann: Journey) -> None:
    html = said(desk(stage.owner).get(there(stage, "ledger")))
    for told in ("+1 friend", "a friend counts", "+1 reward", "A free book", "Ben"):
        assert told in html


def test_why_a_friend_no_longer_counts_is_told_in_the_language_of_whoever_looks(
    stage: Stage, ann: Journey
) -> None:
    flow.blocked(person=Person.objects.get(nickname="Ben"), note="fake", operator=stage.owner)
    stage.owner.language = "zh-hans"
    stage.owner.save()
    told = said(desk(stage.owner).get(there(stage, "ledger"), headers={"Accept-Language": "zh-hans"}))
    assert "Ben · " in told
    assert "Ben · blocked" not in told
    assert LedgerRow.objects.get(reason="uncounted").note == Credit.Reason.BLOCKED


def test_an_empty_ledger_says_what_will_stand_there(stage: Stage) -> None:
    html = said(desk(stage.owner).get(there(stage, "ledger")))
    assert "Nothing has changed hands yet" in html
    assert "Nothing found" in said(desk(stage.owner).get(there(stage, "ledger"), {"q": "Zoe"}))


@pytest.mark.parametrize(
    ("asked", "count"),
    [({}, 2), ({"unit": "invite"}, 1), ({"reason": "granted"}, 1), ({"q": "an"}, 2), ({"q": "Ben"}, 0)],
)
def test_it_is_searched_by_name_by_what_and_by_why(
    stage: Stage, ann: Journey, asked: dict[str, str], count: int
) -> None:
    fragment = desk(stage.owner).get(there(stage, "ledger"), asked, headers={"HX-Request": "true"})
    assert said(fragment).count('class="tg-plus"') == count


def test_it_is_found_by_the_code_on_a_poster(stage: Stage, ann: Journey) -> None:
    answer = desk(stage.owner).get(there(stage, "ledger"), {"q": ann.code.slug.lower()})
    assert "a friend counts" in said(answer)


def test_the_file_has_what_the_page_has_and_no_formula(stage: Stage, ann: Journey) -> None:
    Person.objects.filter(nickname="Ben").update(nickname="=1+1")
    adjusts(stage, ann, unit="money", amount="12.50", note="@home")
    answer = desk(stage.owner).get(there(stage, "ledger_file"))
    data = answer.getvalue()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [len(row) for row in rows] == [11] * 4
    assert {row[4] for row in rows[1:]} == {"1", "12.50"}
    assert {"'=1+1", "'@home"} <= {cell for row in rows for cell in row}


def test_who_may_look_only_reads_the_ledger_and_takes_no_file_of_it_away(stage: Stage, ann: Journey) -> None:
    viewer = desk(cast.team_mate(stage.campaign.workspace, stage.owner, Role.VIEWER))
    shown = said(viewer.get(there(stage, "ledger")))
    assert "a friend counts" in shown
    assert there(stage, "ledger_file") not in shown
    assert viewer.get(there(stage, "ledger_file")).status_code == 403
    assert there(stage, "ledger_file") in said(desk(stage.owner).get(there(stage, "ledger")))


def test_a_long_file_comes_whole(stage: Stage, ann: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.console.ledger.PIECE", 1)
    answer = desk(stage.owner).get(there(stage, "ledger_file"), {"unit": "invite"})
    assert answer.getvalue().count(b"\r\n") == 2


def test_a_change_by_hand_needs_a_reason_and_shows_it(stage: Stage, ann: Journey) -> None:
    refused = adjusts(stage, ann, note=" ")
    assert refused.status_code == 422
    assert "This field is required." in said(refused)
    html = said(adjusts(stage, ann))
    assert "+5 points" in html
    assert "Helped at the fair" in html
    assert Balance.objects.get(journey=ann, unit="points").amount == 5


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"amount": "0"}, "Nothing would change."),
        ({"amount": "-3"}, "A whole number of points."),
        ({"amount": "1.5"}, "A whole number of points."),
        ({"unit": "money", "amount": "1.555"}, "An amount of money"),
        ({"is_less": "1", "amount": "9"}, "They have less than that."),
        ({"unit": "item"}, "Select a valid choice."),
    ],
)
def test_a_change_that_cannot_be_says_why(
    stage: Stage, ann: Journey, typed: dict[str, str], why: str
) -> None:
    count = LedgerRow.objects.count()
    answer = adjusts(stage, ann, **typed)
    assert answer.status_code == 422
    assert why in said(answer)
    assert LedgerRow.objects.count() == count


def test_the_same_form_sent_twice_changes_it_once(stage: Stage, ann: Journey) -> None:
    once = str(new_id())
    for _ in range(2):
        assert adjusts(stage, ann, once=once).status_code == 200
    assert Balance.objects.get(journey=ann, unit="points").amount == 5


def test_a_change_is_taken_back_once_and_both_stay_written(stage: Stage, ann: Journey) -> None:
    adjusts(stage, ann)
    row = LedgerRow.objects.get(reason="adjusted")
    client, undo = desk(stage.owner), there(stage, "undo_adjust", ann.id, row.id)
    assert undo in said(client.get(there(stage, "ledger")))
    for _ in range(2):
        client.post(undo)
    assert [each.amount for each in LedgerRow.objects.filter(reason="adjusted").order_by("id")] == [5, -5]
    page = said(client.get(there(stage, "person_ledger", ann.id)))
    assert "Taken back: Helped at the fair" in page
    assert "/undo/" not in page


def test_what_no_hand_wrote_no_hand_takes_back(stage: Stage, ann: Journey) -> None:
    row = LedgerRow.objects.get(reason="granted")
    assert desk(stage.owner).post(there(stage, "undo_adjust", ann.id, row.id)).status_code == 404


def test_friends_given_by_hand_climb_the_ladder(stage: Stage, ann: Journey) -> None:
    adjusts(stage, ann, unit="invite", amount="2")
    assert Journey.objects.get(pk=ann.pk).valid_count == 3
    assert "+2 friends" in said(desk(stage.owner).get(there(stage, "person_ledger", ann.id)))


def test_blocking_says_why_and_is_undone(stage: Stage, ann: Journey) -> None:
    ben = Journey.objects.get(person__nickname="Ben")
    client = desk(stage.owner)
    told = said(client.post(there(stage, "block_person", ben.id), {"note": "Two phones"}, follow=True))
    assert "Ben is blocked" in told
    assert "Ben · they were excluded from the campaign" in said(client.get(there(stage, "ledger")))
    assert "Two phones" in told
    assert Credit.objects.get().reason == Credit.Reason.BLOCKED
    assert "Blocked" in said(client.get(there(stage, "person", ben.id)))
    assert "−1 friend" in said(client.get(there(stage, "person_ledger", ann.id)))  # a minus sign
    client.post(there(stage, "unblock_person", ben.id))
    assert Credit.objects.get().state == Credit.State.VALID
    assert Person.objects.get(nickname="Ben").blocked_at is None


def test_blocking_without_a_word_is_refused_beside_the_field(stage: Stage, ann: Journey) -> None:
    answer = desk(stage.owner).post(there(stage, "block_person", ann.id), {"note": " "})
    page = Page(said(answer))
    assert answer.status_code == 422
    assert page.faults == []
    assert [tag for tag in page.tags if "is-invalid" in tag.attributes.get("class", "")]


def test_who_may_only_look_changes_nothing(stage: Stage, ann: Journey) -> None:
    client = desk(mate(stage, Role.REVIEWER))
    page = said(client.get(there(stage, "person_ledger", ann.id)))
    assert "Change by hand" not in page
    assert "Block" not in page


def test_a_person_is_told_with_every_reward(stage: Stage, ann: Journey) -> None:
    flow.adjusted(journey=ann, unit="points", amount=5, note="Helped", operator=stage.owner)
    page = said(desk(stage.owner).get(there(stage, "person", ann.id)))
    assert ann.grants.get().number in page
    assert there(stage, "person_ledger", ann.id) in page


def test_a_list_without_end_is_counted_and_turned_so_far(
    stage: Stage, ann: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = desk(stage.owner), there(stage, "ledger")
    for nth in range(4):
        adjusts(stage, ann, amount=str(nth + 1))
    assert LedgerRow.objects.count() == 6
    monkeypatch.setattr("tenfold.console.ledger.PAGE", 2)
    assert "1 to 2 of 6" in said(client.get(page))
    monkeypatch.setattr(pages, "MOST", 4)
    with CaptureQueriesContext(connection) as asked:
        assert "1 to 2 of more than 4" in said(client.get(page))
    assert any("COUNT(*)" in each["sql"] and "LIMIT 5" in each["sql"] for each in asked)
    last = client.get(page, {"page": "9"})
    assert "3 to 4 of more than 4" in said(last)
    assert len(client.get(there(stage, "ledger_file")).getvalue().splitlines()) == 7
