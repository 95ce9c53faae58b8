"""What leaves the house: parcels, orders and what they pay, lists to pay from, and draws."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tenfold import flow
from tenfold.flow import orders
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.rewards import actions
from tenfold.rewards.books import Balance, Order, Payout
from tenfold.rewards.draws import draw_of
from tenfold.rewards.models import Grant
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, said
from tests.console.doors_rewards import ADDRESS, csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return cast.live(stock=5)


@pytest.fixture
def ann(stage: Stage) -> Journey:
    return cast.joins(stage, "Ann")


def there(stage: Stage, name: str, *more: object) -> str:
    return address(name, stage.campaign.id, *more)


def rule(stage: Stage, when: str, **fields: Any) -> Any:
    return actions.make_rule(campaign=stage.campaign, operator=stage.owner, when=when, **fields)


def parcel(stage: Stage, journey: Journey) -> Grant:
    mug = actions.add_reward(campaign=stage.campaign, kind="physical", name="A mug", operator=stage.owner)
    given = actions.grant(rule=rule(stage, "rank", rank_from=1, rank_to=1, reward=mug), journey=journey)
    assert given
    return given


def test_a_parcel_is_to_be_sent_once_there_is_an_address(stage: Stage, ann: Journey) -> None:
    given, client = parcel(stage, ann), desk(stage.owner)
    assert "Nothing to send" in said(client.get(there(stage, "shipping")))
    flow.claimed(grant=given, address=ADDRESS)
    assert "1 Reading Lane" in said(client.get(there(stage, "shipping")))
    assert b"1 Reading Lane" in client.get(there(stage, "shipping_file")).content


def test_a_parcel_is_sent_and_the_mistake_undone(stage: Stage, ann: Journey) -> None:
    given, client = parcel(stage, ann), desk(stage.owner)
    flow.claimed(grant=given, address=ADDRESS)
    told = said(client.post(there(stage, "ship", given.id), {"tracking": " SF 12 "}, follow=True))
    assert "On its way to Ann" in told
    assert there(stage, "unship", given.id) in told
    assert "Nothing to send" in said(client.get(there(stage, "shipping")))
    sent = said(client.get(there(stage, "shipping"), {"state": "sent"}))
    assert "SF 12" in sent
    client.post(there(stage, "unship", given.id))
    assert "1 Reading Lane" in said(client.get(there(stage, "shipping")))


def test_nothing_is_sent_without_an_address(stage: Stage, ann: Journey) -> None:
    told = said(desk(stage.owner).post(there(stage, "ship", parcel(stage, ann).id), follow=True))
    assert "no address was given" in told


def order(stage: Stage, **typed: str) -> Any:
    form = {"number": "TB-1", "amount": "100", "buyer": "", "code": ""} | typed
    return desk(stage.owner).post(there(stage, "orders"), form, follow=True)


def test_an_order_pays_its_commission_and_a_refund_takes_it_back(stage: Stage, ann: Journey) -> None:
    rule(stage, "order", unit="money", direct=1000)
    assert "¥100.00" in said(order(stage, code=ann.code.slug))
    assert Balance.objects.get(journey=ann).amount == 1000
    client, row = desk(stage.owner), Order.objects.get()
    told = said(client.post(there(stage, "refund_order", row.id), follow=True))
    assert there(stage, "unrefund_order", row.id) in told
    assert Balance.objects.get(journey=ann).amount == 0
    client.post(there(stage, "unrefund_order", row.id))
    assert Balance.objects.get(journey=ann).amount == 1000


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"amount": ""}, "This field is required."),
        ({"amount": "free"}, "An amount of money"),
        ({"code": "NOBODY12"}, "is-invalid"),
        ({"number": " "}, "This field is required."),
    ],
)
def test_an_order_that_cannot_be_says_why(
    stage: Stage, ann: Journey, typed: dict[str, str], why: str
) -> None:
    answer = order(stage, **({"code": ann.code.slug} | typed))
    assert answer.status_code == 422
    assert why in said(answer)
    assert not Order.objects.exists()


def test_a_file_of_orders_names_its_bad_lines_and_takes_the_rest(stage: Stage, ann: Journey) -> None:
    data = f"number,amount,code\nA-1,10,{ann.code.slug}\nA-2,free,{ann.code.slug}\nA-3,5,{ann.code.slug}\n"
    client = desk(stage.owner)
    answer = client.post(there(stage, "import_orders"), {"orders": csv(data.encode())})
    assert answer.status_code == 422
    assert "2 added, 0 were there already" in said(answer)
    assert "1 line was left out:" in said(answer)
    assert "Line 3" in said(answer)
    again = said(client.post(there(stage, "import_orders"), {"orders": csv(data.encode())}))
    assert "0 added, 2 were there already" in again
    assert "Choose a CSV file first" in said(client.post(there(stage, "import_orders")))


def test_a_long_file_says_how_to_go_on(stage: Stage, ann: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "A_PIECE", 2)
    monkeypatch.setattr(orders, "ENOUGH", timedelta(0))
    data = "\n".join(["number,amount,code", *(f"A-{nth},10,{ann.code.slug}" for nth in range(5))]).encode()
    client, sent = desk(stage.owner), dict[str, str]()
    for added, told in (
        (2, "3 more lines wait: choose the same file once more"),
        (4, "1 more line waits"),
        (5, ""),
    ):
        page = client.post(there(stage, "import_orders"), sent | {"orders": csv(data)}).content.decode()
        assert Order.objects.count() == added
        assert told in page
        found = re.search(r'name="go_on" value="([^"]+)"', page)
        sent = {"go_on": found[1]} if found else {}
    assert sent == {}


def test_without_a_rule_orders_say_that_nobody_earns(stage: Stage) -> None:
    assert "nobody earns by them" in said(desk(stage.owner).get(there(stage, "orders")))


def owes(stage: Stage, journey: Journey) -> None:
    flow.adjusted(journey=journey, unit="money", amount=1250, note="A taxi", operator=stage.owner)


def test_a_list_to_pay_from_is_made_paid_and_taken_back(stage: Stage, ann: Journey) -> None:
    owes(stage, ann)
    client, page = desk(stage.owner), there(stage, "payouts")
    assert "¥12.50" in said(client.get(page))
    told = said(client.post(page, follow=True))
    made = Payout.objects.get()
    assert there(stage, "cancel_payout", made.id) in told
    assert "Nobody is owed money" in told
    assert b"12.50" in client.get(there(stage, "payout_file", made.id)).content
    client.post(there(stage, "payout_paid", made.id))
    assert "This payout is Paid." in said(client.post(there(stage, "cancel_payout", made.id), follow=True))
    client.post(there(stage, "payout_unpaid", made.id))
    client.post(there(stage, "cancel_payout", made.id))
    assert Balance.objects.get(journey=ann).amount == 1250


def test_what_stands_on_a_list_is_not_called_paid_before_it_is(stage: Stage, ann: Journey) -> None:
    owes(stage, ann)
    client, page = desk(stage.owner), there(stage, "payouts")
    client.post(page)
    made = Payout.objects.get()
    for name, more in (("ledger", ()), ("person_ledger", (ann.id,))):
        told = said(client.get(there(stage, name, *more)))
        assert "<td>on a list to be paid</td>" in told
        assert "<dt>On lists to be paid</dt><dd>¥12.50</dd>" in told
        assert "<dt>Money owed</dt><dd>¥0.00</dd>" in told
    assert b"on a list to be paid" in client.get(there(stage, "ledger_file")).getvalue()
    client.post(there(stage, "payout_paid", made.id))
    told = said(client.get(there(stage, "ledger")))
    assert "<td>paid out</td>" in told
    assert "On lists to be paid" not in told
    client.post(there(stage, "payout_unpaid", made.id))
    assert "<td>on a list to be paid</td>" in said(client.get(there(stage, "ledger")))
    assert Entry.objects.filter(kind=Fact.PAYOUT_MADE).count() == 1
    assert Entry.objects.filter(kind=Fact.PAYOUT_UNPAID).count() == 1


def test_what_was_paid_too_much_stands_on_every_page_of_money(stage: Stage, ann: Journey) -> None:
    rule(stage, "order", direct=1000, unit="money")
    client = desk(stage.owner)
    order(stage, code=ann.code.slug, amount="100")
    client.post(there(stage, "payouts"))
    client.post(there(stage, "payout_paid", Payout.objects.get().id))
    refund = there(stage, "refund_order", Order.objects.get().id)
    assert "had been paid out already: see Payouts" in said(client.post(refund, follow=True))
    told = said(client.get(there(stage, "payouts")))
    assert "Paid too much" in told
    assert told.count("¥10.00") >= 2
    sums = said(client.get(there(stage, "ledger")))
    assert "<dt>Money owed</dt><dd>¥0.00</dd>" in sums
    assert "<dt>Paid too much</dt><dd>¥10.00</dd>" in sums
    client.post(there(stage, "unrefund_order", Order.objects.get().id))
    assert Entry.objects.filter(kind=Fact.ORDERED).count() == 1
    assert "Paid too much" not in said(client.get(there(stage, "payouts")))


def test_with_nobody_to_pay_no_list_is_made(stage: Stage) -> None:
    assert "Nobody has money to come." in said(desk(stage.owner).post(there(stage, "payouts"), follow=True))
    assert not Payout.objects.exists()


def test_the_same_form_sent_twice_makes_one_list(stage: Stage, ann: Journey) -> None:
    owes(stage, ann)
    once = {"once": str(stage.campaign.id)}
    for _ in range(2):
        desk(stage.owner).post(there(stage, "payouts"), once)
    assert Payout.objects.count() == 1


def test_a_draw_is_sealed_before_and_told_after(stage: Stage, ann: Journey) -> None:
    lot = rule(stage, "lottery", winners=1, reward=stage.reward)
    draw = draw_of(lot)
    assert draw
    client, now = desk(stage.owner), there(stage, "draw_now", draw.id)
    page = said(client.get(there(stage, "draws")))
    assert draw.commitment in page
    assert draw.secret not in page
    assert "not over yet" in said(client.post(now, follow=True))
    cast.is_approved(cast.sends(ann), stage.owner)
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    assert "Drawn. The winners are told." in said(client.post(now, follow=True))
    told = said(client.get(there(stage, "draws")))
    assert there(stage, "person", ann.id) in told
    assert "Took part" in told


def test_a_draw_with_a_public_number_asks_for_it(stage: Stage) -> None:
    draft = cast.draft(owner=(stage.workspace, stage.owner))
    typed = {"when": "lottery", "winners": "1", "need": "0", "reward": str(draft.reward.id)}
    client = desk(stage.owner)
    client.post(there(draft, "new_rule"), typed | {"public_source": "The index of 3 July"})
    flow.launched(campaign=draft.campaign, operator=stage.owner)
    flow.ended(campaign=draft.campaign, operator=stage.owner)
    draw = draw_of(draft.campaign.reward_rules.get(when="lottery"))
    assert draw
    now = there(draft, "draw_now", draw.id)
    refused = client.post(now, {"public_text": " "})
    assert refused.status_code == 422
    assert "Type the public value" in said(refused)
    assert "Drawn" in said(client.post(now, {"public_text": "3,912.47"}, follow=True))
