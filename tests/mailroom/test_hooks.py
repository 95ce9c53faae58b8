"""Who may tell us something, with which secrets; and that what they tell is kept once, whoever hears it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom import rules
from tenfold.mailroom.actions import Hook
from tenfold.mailroom.models import Heard, HookSource
from tenfold.mailroom.queries import sources_of
from tenfold.platforms.standard_webhooks import StandardWebhooks
from tenfold.worker import JOBS, Worker
from tests import cast
from tests.conftest import FrozenClock

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def shop(db: None) -> HookSource:
    home, _olga = cast.workspace()
    return mailroom.add_source(workspace_id=home.id, name="Shop")


def hook(source: HookSource, event_id: str = "msg_1", body: bytes = b"paid") -> Hook:
    return Hook(source.id.hex, source.workspace_id.hex, event_id, {"webhook-id": event_id}, body)


def changes() -> list[dict[str, str]]:
    kinds = [Fact.HOOK_SOURCE_MADE, Fact.HOOK_SOURCE_CHANGED]
    return list(Entry.objects.filter(kind__in=kinds).order_by("id").values_list("data", flat=True))


# --- which secrets hold -----------------------------------------------------------------------------------------------


def test_a_secret_that_was_replaced_holds_for_a_day_and_not_a_moment_longer() -> None:
    former = rules.former_after([], "old", NOW)
    assert rules.still_holding(former, NOW + timedelta(hours=24) - timedelta(microseconds=1)) == former
    assert rules.still_holding(former, NOW + timedelta(hours=24)) == []


@given(waits=st.lists(st.integers(0, 3 * 24 * 3600), max_size=12))
def test_however_often_it_is_changed_few_hold_and_none_for_longer_than_a_day(waits: list[int]) -> None:
    former: rules.Former = []
    now, replaced_at = NOW, dict[str, datetime]()
    for number, wait in enumerate(waits):
        now += timedelta(seconds=wait)
        former = rules.former_after(former, f"secret {number}", now)
        replaced_at[f"secret {number}"] = now
        assert len(former) <= rules.MOST_FORMER
        assert former[-1][0] == f"secret {number}"
        for secret, until in former:
            assert datetime.fromisoformat(until) == replaced_at[secret] + rules.OVERLAP > now


# --- sources ----------------------------------------------------------------------------------------------------------


def test_a_source_is_made_with_a_secret_of_ours_or_of_the_other_side(shop: HookSource) -> None:
    assert StandardWebhooks().is_secret(shop.secret)
    given = StandardWebhooks().new_secret()
    other = mailroom.add_source(workspace_id=shop.workspace_id, name="  The \x00 Till ", secret=given)
    assert (other.name, other.secret, other.is_active) == ("The Till", given, True)
    assert [told["name"] for told in changes()] == ["Shop", "The Till"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"name": "Shop"}, "name_taken"),
        ({"name": " Shop\t"}, "name_taken"),
        ({"name": ""}, "bad_name"),
        ({"name": "x" * 81}, "bad_name"),
        ({"scheme": "telegram"}, "unknown_scheme"),
        ({"secret": "whsec_short"}, "bad_secret"),
        ({"secret": "swordfish"}, "bad_secret"),
    ],
)
def test_what_cannot_be_a_source_is_refused_and_leaves_nothing(
    shop: HookSource, wish: dict[str, str], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        mailroom.add_source(**{"workspace_id": shop.workspace_id, "name": "Till"} | wish)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert HookSource.objects.count() == len(changes()) == 1


def test_another_workspace_may_use_the_same_name(shop: HookSource) -> None:
    home, _tom = cast.workspace("tom@example.com")
    assert mailroom.add_source(workspace_id=home.id, name="Shop").workspace_id == home.id


def test_the_database_itself_knows_of_no_two_of_one_name(shop: HookSource) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        HookSource.objects.create(workspace_id=shop.workspace_id, name="Shop", scheme="standard", secret="x")


def test_changing_the_secret_twice_keeps_both_old_ones_for_their_day(
    shop: HookSource, frozen: FrozenClock
) -> None:
    first = shop.secret
    second = mailroom.rotate_secret(source=shop).secret
    frozen.advance(hours=12)
    given = StandardWebhooks().new_secret()
    third = mailroom.rotate_secret(source=shop, secret=given).secret
    assert third == given
    known = sources_of([shop.id.hex])[shop.id.hex]
    assert known.secrets_at(frozen.now) == [third, first, second]
    assert known.secrets_at(frozen.advance(hours=12)) == [third, second]
    assert known.secrets_at(frozen.advance(hours=12)) == [third]
    assert [told.get("what") for told in changes()] == [None, "secret", "secret"]
    assert not any(secret in str(changes()) for secret in (first, second, third))


def test_a_secret_that_is_none_changes_nothing(shop: HookSource) -> None:
    with pytest.raises(Refusal):
        mailroom.rotate_secret(source=shop, secret="swordfish")
    assert HookSource.objects.get().secret == shop.secret
    assert HookSource.objects.get().former_secrets == []


def test_switching_twice_is_switching_once(shop: HookSource) -> None:
    for is_active in (False, False, True, True):
        assert mailroom.switch_source(source=shop, is_active=is_active).is_active is is_active
    assert [told.get("what") for told in changes()] == [None, "off", "on"]


def test_a_door_knows_those_that_are_on_in_one_query(
    shop: HookSource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    till = mailroom.add_source(workspace_id=shop.workspace_id, name="Till")
    mailroom.switch_source(source=till, is_active=False)
    with django_assert_num_queries(1):
        found = sources_of([shop.id.hex, till.id.hex, new_id().hex])
    assert set(found) == {shop.id.hex}
    assert found[shop.id.hex].workspace_id == shop.workspace_id.hex
    assert shop.secret not in repr(found)


# --- what they tell ---------------------------------------------------------------------------------------------------


def test_what_is_heard_twice_is_kept_once_also_within_one_batch(shop: HookSource) -> None:
    flow.scanned_together([], heard=[hook(shop, "b"), hook(shop, "a"), hook(shop, "b", b"again")])
    flow.scanned_together([], heard=[hook(shop, "a", b"again"), hook(shop, "c")])
    kept = {row.event_id: bytes(row.body) for row in Heard.objects.all()}
    assert kept == {"a": b"paid", "b": b"paid", "c": b"paid"}
    told = Entry.objects.filter(kind=Fact.HOOK_HEARD)
    assert {UUID(entry.data["heard"]) for entry in told} == set(Heard.objects.values_list("id", flat=True))
    assert told.count() == 3


def test_nothing_is_written_where_nothing_is_heard(
    shop: HookSource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    flow.scanned_together([])
    assert Heard.objects.count() == 0
    assert not Entry.objects.filter(kind=Fact.HOOK_HEARD).exists()


def test_what_is_heard_goes_back_with_the_batch(shop: HookSource, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stumble(Exception):
        pass

    def stumble(*_: object) -> None:
        raise Stumble

    with monkeypatch.context() as patch:
        patch.setattr(mailroom, "write_many", stumble)
        with pytest.raises(Stumble), transaction.atomic():
            flow.scanned_together([], heard=[hook(shop)])
    assert Heard.objects.count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_processes_that_hear_the_same_in_another_order_keep_each_once() -> None:
    home, _olga = cast.workspace()
    source = mailroom.add_source(workspace_id=home.id, name="Shop")
    events = [f"msg_{number}" for number in range(40)]
    together, troubles = threading.Barrier(4), list[BaseException]()

    def hears(number: int) -> None:
        try:
            mine = [hook(source, event) for event in (events if number % 2 else reversed(events))]
            together.wait(20)
            flow.scanned_together([], heard=mine)
        except BaseException as trouble:  # noqa: BLE001  told by the test
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=hears, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert troubles == []
    assert sorted(Heard.objects.values_list("event_id", flat=True)) == sorted(events)
    assert Entry.objects.filter(kind=Fact.HOOK_HEARD).count() == len(events)


# --- and forgotten ----------------------------------------------------------------------------------------------------


def test_what_nobody_repeats_any_more_is_forgotten_in_small_parts(
    shop: HookSource, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailroom, "HEARD_AT_ONCE", 2)
    mailroom.hear([hook(shop, f"old_{nth}") for nth in range(3)])
    frozen.advance(days=31)
    assert mailroom.forget_heard(clock.now()) == 0, "it may come once more to the very end"
    frozen.advance(seconds=1)
    mailroom.hear([hook(shop, "new"), hook(shop, "old_0", b"repeated")])
    assert Heard.objects.count() == 4, "what is known is not heard twice"
    assert [mailroom.forget_heard(clock.now()) for _ in range(3)] == [2, 1, 0]
    assert list(Heard.objects.values_list("event_id", flat=True)) == ["new"]
    assert Entry.objects.filter(kind=Fact.HOOK_HEARD).count() == 4, "the facts stay"


def test_the_worker_forgets_all_there_is_to_forget(shop: HookSource, frozen: FrozenClock) -> None:
    mailroom.hear([hook(shop, f"old_{nth}") for nth in range(mailroom.HEARD_AT_ONCE + 5)])
    frozen.advance(days=32)
    worker = Worker(threading.Event(), [job for job in JOBS if job.name == "old hooks"])
    assert [worker.once(clock.now()) for _ in range(3)] == [True, False, False]
    assert not Heard.objects.exists()
