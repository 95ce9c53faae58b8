"""The ground: steps that run again, claims that are given once, keys that survive being copied by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from hypothesis import given
from hypothesis import strategies as st

from tenfold.accounts.models import Workspace
from tenfold.base import clock, keys, visitor
from tenfold.base.claim import LEASE, TRIES, changes_one, claim_due, step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal, refusal_of
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.journal.actions import write
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import Message
from tests import cast
from tests.conftest import FrozenClock

# --- steps ----------------------------------------------------------------------------------------------------


class Trouble:
    """A step that fails a few times after it has written something."""

    def __init__(self, error: type[Exception], times: int) -> None:
        self.error, self.left, self.runs = error, times, 0

    @step
    def run(self) -> int:
        self.runs += 1
        cast.workspace(f"{self.runs}@example.com")
        if self.left:
            self.left -= 1
            raise self.error("trouble")
        return self.runs


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, IntegrityError])
def test_a_step_the_database_interrupts_runs_again_and_leaves_one_trace(error: type[Exception]) -> None:
    trouble = Trouble(error, TRIES - 1)
    assert trouble.run() == TRIES
    assert list(Workspace.objects.values_list("memberships__operator__email", flat=True)) == [
        f"{TRIES}@example.com"
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("error", "runs"), [(OperationalError, TRIES), (IntegrityError, TRIES), (ValueError, 1)]
)
def test_a_step_that_cannot_succeed_gives_up_with_its_error_and_keeps_nothing(
    error: type[Exception], runs: int
) -> None:
    trouble = Trouble(error, 99)
    with pytest.raises(error, match="trouble"):
        trouble.run()
    assert (trouble.runs, Workspace.objects.count()) == (runs, 0)


@pytest.mark.django_db(transaction=True)
def test_a_refused_step_keeps_nothing() -> None:
    @step
    def half_done() -> None:
        cast.workspace()
        raise Refusal("no", "No.")

    with pytest.raises(Refusal):
        half_done()
    assert not Workspace.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_step_inside_another_leaves_running_again_to_the_outer_one() -> None:
    trouble = Trouble(OperationalError, 1)
    with pytest.raises(OperationalError), transaction.atomic():
        trouble.run()
    assert trouble.runs == 1


@pytest.mark.django_db(transaction=True)
def test_a_plan_changed_by_a_step_that_had_to_run_again_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, failures = cast.draft(), [OperationalError("locked")]

    def writes_at_the_second_try(*about: object, **more: object) -> object:
        if failures:
            raise failures.pop()
        return write(*about, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(campaigns, "write", writes_at_the_second_try)
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, remind_count=9)
    assert Campaign.objects.get().remind_count == 9


# --- claims ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_only_the_first_of_two_moves_a_row() -> None:
    draft = Campaign.objects.filter(pk=cast.draft().campaign.pk, state="draft")
    assert [changes_one(draft, state="live"), changes_one(draft, state="live")] == [True, False]


@pytest.mark.django_db
def test_due_rows_are_leased_in_order_to_one_claimer_and_come_free_again(frozen: FrozenClock) -> None:
    home, _olga = cast.workspace()
    where = mailroom.Where(home.id, new_id(), new_id(), "web")
    for nth in (3, 1, 2, 99):
        frozen.move_to(datetime(2026, 3, 2, 10, nth % 60, tzinfo=UTC))
        mailroom.say(where=where, moment="join", text=f"{nth}", key=f"{nth}")
    now = datetime(2026, 3, 2, 10, 3, tzinfo=UTC)

    def claims(moment: datetime, limit: int = 50) -> list[str]:
        return [each.text for each in claim_due(Message.objects.all(), due="due_at", now=moment, limit=limit)]

    assert claims(now, limit=2) == ["1", "2"]
    assert claims(now) == ["3"]
    assert claims(now) == claims(now + LEASE) == []
    assert claims(now + LEASE + timedelta(seconds=1)) == ["1", "2", "3"]


# --- keys -----------------------------------------------------------------------------------------------------


def test_ids_are_unique_and_in_the_order_they_were_made() -> None:
    made = [new_id() for _each in range(2000)]
    assert len(set(made)) == len(made)
    assert sorted(made) == made


@given(
    slug=st.text(keys.ALPHABET, min_size=8, max_size=8),
    picks=st.lists(st.integers(0, 9), min_size=8, max_size=8),
)
def test_a_slug_is_read_whatever_case_and_look_alikes_it_was_copied_with(slug: str, picks: list[int]) -> None:
    alike = {"0": "0Oo", "1": "1IiLl"}
    forms = [alike.get(letter, letter + letter.lower()) for letter in slug]
    copied = "".join(form[pick % len(form)] for form, pick in zip(forms, picks, strict=True))
    assert keys.read_slug(f" {copied}\n") == slug


def test_slugs_are_new_each_time_and_of_the_kind_that_is_read() -> None:
    made = {keys.new_slug() for _each in range(500)}
    assert len(made) == 500
    assert all(keys.read_slug(slug) == slug for slug in made)


@given(raw=st.text(max_size=12))
def test_what_is_read_as_a_slug_could_be_one(raw: str) -> None:
    slug = keys.read_slug(raw)
    assert slug is None or (
        len(slug) == 8 and set(slug) <= set(keys.ALPHABET) and keys.read_slug(slug) == slug
    )


@pytest.mark.parametrize("raw", [None, "", "x", "{}", "\x00", "0" * 31, "ＡＡ"])
def test_rubbish_is_no_id(raw: str | None) -> None:
    assert keys.read_id(raw) is None


def test_a_signature_holds_for_its_purpose_alone() -> None:
    signed = keys.sign("page", "mia")
    assert keys.unsign("page", signed) == "mia"
    for forged in (
        keys.unsign("reset", signed),
        keys.unsign("page", signed[:-1]),
        keys.unsign("page", "mia"),
        keys.unsign("page", ""),
    ):
        assert forged is None
    assert keys.unsign("page", signed, max_age=-1) is None


def test_a_visitor_is_known_again_and_a_forged_cookie_is_nobody() -> None:
    someone = new_id()
    cookie = visitor.write(someone)
    assert visitor.read(cookie) == someone
    for forged in (
        None,
        "",
        someone.hex,
        cookie + "x",
        cookie.replace(cookie[:4], "0000"),
        keys.sign("visitor", "mia"),
        "\x00",
    ):
        assert visitor.read(forged) is None


# --- clock and refusals ---------------------------------------------------------------------------------------


def test_the_clock_is_aware_and_stands_still_when_told_to(frozen: FrozenClock) -> None:
    moment = frozen.now
    assert clock.now() == clock.now() == moment
    clock.set_for_tests(None)
    assert clock.now().tzinfo is UTC
    assert clock.now() != moment


def test_a_refused_field_is_named_by_its_label() -> None:
    row = LiveCode(slug="x" * 20)
    with pytest.raises(ValidationError) as invalid:
        row.clean_fields(exclude=["workspace", "campaign", "channel"])
    refusal = refusal_of(invalid.value, row, code="bad_code")
    assert (refusal.code, refusal.status) == ("bad_code", 400)
    assert str(refusal).startswith("slug: ")
