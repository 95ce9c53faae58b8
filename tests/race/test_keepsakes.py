"""One ticket at many gates: exactly one lets in. On SQLite and on PostgreSQL, with threads and with processes."""

from __future__ import annotations

import multiprocessing
import re
from collections import Counter
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, connections

from tenfold.accounts.models import Operator
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.journal.models import Entry
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.people.models import Journey
from tests import cast
from tests.console.desk import address, desk, said
from tests.keepsakes.box import edition, ticket
from tests.race.crowd import THREADS, all_at_once, codes_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PROCESSES, THREADS_EACH, TICKETS = 4, 8, 6


def kinds(*kinds: str) -> int:
    return Entry.objects.filter(kind__in=kinds).count()


def at_gate(gate: int, number: str, campaign: Campaign, operator: Operator) -> Keepsake:
    return keepsakes.check_in(
        number=number, campaign=campaign, operator=operator, gate=f"Gate {gate}", key=new_id()
    )


def revoked(keepsake_id: UUID, operator: Operator) -> Keepsake:
    found = Keepsake.objects.get(pk=keepsake_id)
    return keepsakes.revoke(keepsake=found, reason="Paid back", operator=operator)


def test_fifty_gates_at_once_let_one_in_and_the_others_know_where() -> None:
    stage = cast.live()
    one = ticket(stage, cast.joins(stage, "Mia"))
    answers = all_at_once(
        [partial(at_gate, nth, one.number, stage.campaign, stage.owner) for nth in range(THREADS)]
    )
    [let_in] = [answer for answer in answers if isinstance(answer, Keepsake)]
    assert codes_of(answers) == ["used"] * (THREADS - 1)
    assert let_in.checked_in_at
    when = let_in.checked_in_at.astimezone(stage.campaign.zone)
    used = f"This ticket was used at {when.day} {when:%b %Y, %H:%M}, at the gate {let_in.gate}."
    assert {str(no) for no in answers if not isinstance(no, Keepsake)} == {used}
    assert (Keepsake.objects.get().gate, kinds("checked_in")) == (let_in.gate, 1)


def scanned_at(gate: str, page: str, number: str, operator: Operator) -> str:
    """A whole request, as a phone at that gate sends it; what stands on its screen."""
    form = {"number": number, "gate": gate, "once": new_id().hex}
    html = said(desk(operator).post(page, form, headers={"HX-Request": "true"}))
    found = re.search(r'data-answer="(\w+)"', html)
    return found[1] if found else ""


def test_two_requests_at_the_same_moment_show_one_welcome() -> None:
    stage = cast.live()
    made = edition(stage, kind="ticket", name="Reading night")
    page = address("check_in", stage.campaign.id)
    for nth in range(5):
        one = ticket(stage, cast.joins(stage, f"Ben {nth}"), of=made)
        acts = [partial(scanned_at, gate, page, one.number, stage.owner) for gate in ("North", "South")]
        assert sorted(map(str, all_at_once(acts))) == ["let_in", "used"]
    assert kinds("checked_in") == 5


def test_one_gate_that_sends_its_form_many_times_lets_in_once() -> None:
    stage = cast.live()
    one, key = ticket(stage, cast.joins(stage, "Mia")), new_id()
    act = partial(
        keepsakes.check_in,
        number=one.number,
        campaign=stage.campaign,
        operator=stage.owner,
        gate="North",
        key=key,
    )
    answers = all_at_once([act] * 20)
    assert codes_of(answers) == []
    assert kinds("checked_in") == 1


def test_revoking_and_letting_in_at_once_is_one_before_the_other() -> None:
    stage = cast.live()
    one = ticket(stage, cast.joins(stage, "Mia"))
    acts = [partial(at_gate, nth, one.number, stage.campaign, stage.owner) for nth in range(10)]
    acts += [partial(revoked, one.pk, stage.owner)] * 10
    answers = all_at_once(acts)
    one.refresh_from_db()
    let_in = 10 - len(codes_of(answers))
    assert let_in == kinds("checked_in") == (1 if one.checked_in_at else 0)
    assert set(codes_of(answers)) <= {"used", "revoked"}
    assert (one.revoke_reason, kinds("keepsake_revoked")) == ("Paid back", 1)


def test_letting_in_and_undoing_at_once_never_lets_two_in() -> None:
    stage = cast.live()
    one = ticket(stage, cast.joins(stage, "Mia"))

    def undo() -> Keepsake:
        return keepsakes.undo_check_in(keepsake=Keepsake.objects.get(pk=one.pk), operator=stage.owner)

    enter = [partial(at_gate, nth, one.number, stage.campaign, stage.owner) for nth in range(15)]
    all_at_once([*enter, *([partial(undo)] * 15)])
    one.refresh_from_db()
    assert kinds("checked_in") - kinds("check_in_undone") == (1 if one.checked_in_at else 0)


def test_issued_by_many_at_once_is_issued_once() -> None:
    stage = cast.live(capacity=20)
    journeys = [cast.joins(stage, f"Ben {nth}") for nth in range(8)]
    made, ids = edition(stage), [journey.pk for journey in journeys]
    act = partial(keepsakes.issue_to_all, edition=made, journeys=ids, operator=stage.owner)
    answers = all_at_once([act] * 10)
    assert sum(count for count in answers if isinstance(count, int)) == 8
    assert codes_of(answers) == []
    assert Keepsake.objects.count() == kinds("keepsake_issued") == 8
    assert Edition.objects.count() == 1


def gates(numbers: list[str], campaign_id: UUID, gate: object, answers: object) -> None:
    """A process of its own: connections are not to be shared with the one it came from."""
    connections.close_all()
    campaign = Campaign.objects.get(pk=campaign_id)
    operator = Operator.objects.get()
    gate.wait()  # type: ignore[attr-defined]
    acts = [
        partial(at_gate, nth, numbers[nth % TICKETS], campaign, operator)
        for nth in range(THREADS_EACH * TICKETS)
    ]
    came = all_at_once(acts)
    answers.put([one.number if isinstance(one, Keepsake) else one.code for one in came])  # type: ignore[attr-defined]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="several processes share a PostgreSQL; SQLite has its own races"
)
def test_four_processes_at_the_gates_let_in_each_ticket_once() -> None:
    stage = cast.live(capacity=20)
    made = edition(stage, kind="ticket", name="Reading night")
    journeys: list[Journey] = [cast.joins(stage, f"Ben {nth}") for nth in range(TICKETS)]
    numbers = [ticket(stage, journey, of=made).number for journey in journeys]
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    gate, answers = forks.Barrier(PROCESSES, timeout=60), forks.Queue()
    processes = [
        forks.Process(target=gates, args=(numbers, stage.campaign.id, gate, answers))
        for _each in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    outcomes = Counter(outcome for _each in processes for outcome in answers.get(timeout=90))
    for process in processes:
        process.join(timeout=30)
    knocks = PROCESSES * THREADS_EACH * TICKETS
    assert outcomes == {**dict.fromkeys(numbers, 1), "used": knocks - TICKETS}
    assert (Keepsake.objects.exclude(checked_in_at=None).count(), kinds("checked_in")) == (TICKETS, TICKETS)
