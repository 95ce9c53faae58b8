"""Making, issuing, finding and revoking keepsakes in the console; and the gate."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.imaging.qr import read_codes
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.rules import in_groups, new_number
from tenfold.people.models import Journey
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, mate, said
from tests.console.test_costs import costs
from tests.keepsakes.box import edition, ticket

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def stage() -> Stage:
    return cast.live(capacity=20)


def enters(client: Client, stage: Stage, number: str, **more: str) -> str:
    told = {"number": number, "gate": "North", "once": new_id().hex} | more
    answer = client.post(address("check_in", stage.campaign.id), told)
    assert answer.status_code == 200
    return said(answer)


def code_of(html: str) -> str:
    found = re.search(r'data-answer="(\w+)"', html)
    return found[1] if found else ""


# --- made, issued, found --------------------------------------------------------------------------------------


def test_from_nothing_to_a_certificate_in_somebodys_hand(stage: Stage) -> None:
    client, campaign = desk(stage.owner), stage.campaign
    for name in ("Ann", "Ben"):
        cast.is_approved(cast.sends(cast.joins(stage, name)), stage.owner)
    cast.joins(stage, "Cai")
    assert "Something to show off" in said(client.get(address("keepsakes", campaign.id)))
    made = client.post(
        address("new_edition", campaign.id),
        {"kind": "certificate", "name": "Ten books", "once": new_id().hex},
    )
    found = Edition.objects.get()
    assert made["Location"] == address("edition", campaign.id, found.id)
    answer = client.post(address("issue", campaign.id, found.id), {"who": "finished"}, follow=True)
    assert "Issued to 2 people." in said(answer)
    answer = client.post(address("issue", campaign.id, found.id), {"who": "finished"}, follow=True)
    assert "There is nobody who has none yet." in said(answer)
    listed = said(client.get(address("keepsakes", campaign.id)))
    assert ("Ann" in listed, "Ben" in listed, "Cai" in listed) == (True, True, False)
    one = Keepsake.objects.get(name="Ann")
    shown = said(client.get(address("keepsake", campaign.id, one.id)))
    assert in_groups(one.number) in shown
    picture = client.get(address("keepsake_picture", campaign.id, one.id, "jpg")).content
    assert {code.text for code in read_codes(picture)} == {f"HTTP://127.0.0.1:8000/K/{one.number}"}


def test_a_form_sent_twice_makes_one_edition(stage: Stage) -> None:
    form = {"kind": "award", "name": "Best reader", "once": new_id().hex}
    for _each in range(2):
        assert desk(stage.owner).post(address("new_edition", stage.campaign.id), form).status_code == 302
    assert Edition.objects.count() == 1


def test_dates_are_those_of_the_campaigns_clock(stage: Stage) -> None:
    form = {
        "kind": "ticket",
        "name": "Night",
        "valid_from": "2026-03-02T19:00",
        "valid_until": "2026-03-02T18:00",
    }
    answer = desk(stage.owner).post(address("new_edition", stage.campaign.id), form)
    assert answer.status_code == 422
    assert "The end comes before the beginning." in said(answer)
    desk(stage.owner).post(
        address("new_edition", stage.campaign.id), form | {"valid_until": "2026-03-02T23:00"}
    )
    assert str(Edition.objects.get().valid_from) == "2026-03-02 11:00:00+00:00"
    page = said(desk(stage.owner).get(address("edition", stage.campaign.id, Edition.objects.get().id)))
    assert 'value="2026-03-02T19:00"' in page


def test_dates_move_and_the_name_of_an_issued_one_does_not(stage: Stage) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    page = address("edition", stage.campaign.id, one.edition_id)
    answer = desk(stage.owner).post(page, {"name": "Other", "valid_until": ""})
    assert answer.status_code == 422
    assert "The name cannot change" in said(answer)
    moved = {"name": "Reading night", "valid_until": "2030-01-01T00:00", "kind": "award"}
    assert desk(stage.owner).post(page, moved).status_code == 302
    found = Edition.objects.get()
    assert (found.kind, found.name, found.valid_until is not None) == ("ticket", "Reading night", True)


def test_one_person_is_found_and_given_one_with_their_real_name(stage: Stage) -> None:
    mia, made = cast.joins(stage, "Mia"), edition(stage)
    client, page = desk(stage.owner), address("edition", stage.campaign.id, made.id)
    assert "Nobody of that name" in said(client.get(page, {"q": "zzz"}))
    assert str(mia.id) in said(client.get(page, {"q": "mi"}))
    form = {"journey": str(mia.id), "name": "Mia Miller"}
    client.post(address("issue_one", stage.campaign.id, made.id), form)
    assert Keepsake.objects.get().name == "Mia Miller"
    assert "Has one" in said(client.get(page, {"q": "mi"}))
    for wrong in ("", "rubbish", str(new_id())):
        answer = client.post(
            address("issue_one", stage.campaign.id, made.id), {"journey": wrong}, follow=True
        )
        assert "not in the campaign" in said(answer)
    assert Keepsake.objects.count() == 1


def test_inviters_from_a_number_of_invites_on(stage: Stage) -> None:
    mia, made = cast.joins(stage, "Mia"), edition(stage, kind="achievement")
    for name in ("Ben", "Cai"):
        cast.joins(stage, name, by=mia.code)
    to = address("issue", stage.campaign.id, made.id)
    for at_least, count in (("3", 0), ("2", 1), ("1", 1), ("-1", 1), ("x", 1)):
        desk(stage.owner).post(to, {"who": "inviters", "at_least": at_least})
        assert Keepsake.objects.count() == count, at_least
    desk(stage.owner).post(to, {"who": "everybody on earth"})
    assert Keepsake.objects.count() == 1


def test_issuing_to_many_asks_first_shows_one_and_can_be_taken_back(stage: Stage) -> None:
    client, campaign, made = desk(stage.owner), stage.campaign, edition(stage)
    for name in ("Ann", "مريم", "Evil Ω\u0e01"):
        cast.joins(stage, name)
    to = address("issue", campaign.id, made.id)
    assert f'method="get" action="{to}"' in said(client.get(address("edition", campaign.id, made.id)))
    html = said(client.get(to, {"who": "members"}))
    assert not Keepsake.objects.exists()
    for told in ("Issue it to 3 people?", "2 of 3 names cannot be drawn whole:", "<b>A friend</b>", "مريم"):
        assert told in html
    [preview] = re.findall(r'src="(/console/[^"]+[.]jpg)"', html)
    picture = client.get(preview)
    assert {code.text for code in read_codes(picture.content)} == {f"HTTP://127.0.0.1:8000/K/{'0' * 17}"}
    assert "no-store" in picture["Cache-Control"]
    html = said(client.post(to, {"who": "members"}, follow=True))
    assert "Issued to 3 people." in html
    [undo] = re.findall(r'action="([^"]+/issue/undo/[^"]+)"', html)
    base = undo.partition("?")[0]
    for wrong in (base, f"{base}?since=x&until=y", f"{base}?since=2026-01-01&until=2030-01-01"):
        client.post(wrong)
    assert not Keepsake.objects.exclude(revoked_at=None).exists()
    assert "Taken back: 3 are revoked." in said(client.post(undo.replace("&amp;", "&"), follow=True))
    assert set(Keepsake.objects.values_list("revoke_reason", flat=True)) == {"Issued by mistake"}
    assert "nobody who has none" in said(client.get(to, {"who": "members"}, follow=True))
    assert "nobody who has none" in said(client.get(to, {"who": "rubbish"}, follow=True))


def test_a_name_our_font_lacks_is_told_where_one_is_issued(stage: Stage) -> None:
    cast.joins(stage, "김민준")
    page = address("edition", stage.campaign.id, edition(stage).id)
    assert "drawn as “A friend”" in said(desk(stage.owner).get(page, {"q": "김"}))


def test_found_by_name_by_number_and_by_state(stage: Stage) -> None:
    mia, ben = (ticket(stage, cast.joins(stage, name)) for name in ("Mia", "Ben"))
    keepsakes.revoke(keepsake=ben, reason="Paid back", operator=stage.owner)
    client, page = desk(stage.owner), address("keepsakes", stage.campaign.id)

    def found(**query: str) -> tuple[bool, bool]:
        html = said(client.get(page, query, headers=FRAGMENT))
        return "Mia" in html, "Ben" in html

    assert found() == (True, True)
    assert found(q="mi") == (True, False)
    assert found(q=in_groups(ben.number).lower()) == (False, True)
    assert found(q=f"https://example.com/k/{mia.number}") == (True, False)
    assert (found(state="valid"), found(state="revoked")) == ((True, False), (False, True))
    assert found(state="used") == (False, False)
    assert found(state="rubbish") == (True, True)
    assert "Nothing found" in said(client.get(page, {"q": new_number()}))


def test_revoking_needs_a_reason_and_is_undone_from_the_toast(stage: Stage) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    client, campaign = desk(stage.owner), stage.campaign
    to = address("revoke_keepsake", campaign.id, one.id)
    assert "Say why" in said(client.post(to, {"reason": " "}, follow=True))
    html = said(client.post(to, {"reason": "Paid <back>"}, follow=True))
    assert "Paid &lt;back&gt;" in html
    undo = address("restore_keepsake", campaign.id, one.id)
    assert undo in html
    assert "Valid again." in said(client.post(undo, follow=True))
    one.refresh_from_db()
    assert one.revoked_at is None


def test_an_erased_holder_leaves_pages_that_stand(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    one = ticket(stage, mia)
    keepsakes.forget(journey=mia)
    client = desk(stage.owner)
    for page in ("keepsakes", "check_in"):
        assert "Mia" not in said(client.get(address(page, stage.campaign.id)))
    assert "erased" in said(client.get(address("keepsake", stage.campaign.id, one.id)))
    assert code_of(enters(client, stage, one.number)) == "let_in"


def test_a_page_of_many_costs_as_much_as_one_of_few(stage: Stage) -> None:
    made = edition(stage, kind="ticket", name="Night")
    client, told = desk(stage.owner), []
    pages = [address(name, stage.campaign.id) for name in ("keepsakes", "check_in")]
    pages += [address("edition", stage.campaign.id, made.id) + "?q=N"]
    for nth in range(3):
        one = ticket(stage, cast.joins(stage, f"N{nth}"), of=made)
        edition(stage, name=f"More {nth}")
        enters(client, stage, one.number)
        told.append([costs(client, page) for page in pages])
    assert told[0] == told[1] == told[2]


# --- the gate -------------------------------------------------------------------------------------------------


def test_in_once_and_then_when_and_where(stage: Stage, frozen: FrozenClock) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    client = desk(mate(stage, Role.REVIEWER))
    html = enters(client, stage, in_groups(one.number).lower())
    assert (code_of(html), "Come in" in html, "Mia" in html) == ("let_in", True, True)
    frozen.advance(minutes=1)
    again = enters(client, stage, f"HTTPS://EXAMPLE.COM/K/{one.number}", gate="South")
    assert code_of(again) == "used"
    assert "used at 2 Mar 2026, 18:00, at the gate North" in again


def test_the_same_form_sent_again_says_the_same(stage: Stage) -> None:
    one, once = ticket(stage, cast.joins(stage, "Mia")), new_id().hex
    answers = {code_of(enters(desk(stage.owner), stage, one.number, once=once)) for _each in range(3)}
    assert answers == {"let_in"}


def test_each_reason_is_told_by_word_and_colour(stage: Stage, frozen: FrozenClock) -> None:
    client, sister = desk(stage.owner), cast.live(owner=(stage.workspace, stage.owner))
    foreign = cast.live(owner=cast.workspace("faye@example.org"))
    mia = cast.joins(stage, "Mia")
    revoked = keepsakes.revoke(keepsake=ticket(stage, mia), reason="Paid back", operator=stage.owner)
    letter = keepsakes.issue_one(edition=edition(stage), journey=mia, operator=stage.owner)
    told = {
        ticket(stage, mia, hours=(1, 2)).number: ("early", "Too early"),
        ticket(stage, mia, hours=(-2, -1)).number: ("over", "Over"),
        revoked.number: ("revoked", "Paid back"),
        letter.number: ("no_ticket", "Not a ticket"),
        ticket(sister, cast.joins(sister, "Eve")).number: ("elsewhere", "Ten Books"),
        ticket(foreign, cast.joins(foreign, "Zoe")).number: ("unknown", "Unknown"),
        new_number(): ("unknown", "Unknown"),
        "<script>": ("unknown", "mistyped?"),
        "\x00": ("unknown", "Unknown"),
        "x" * 5000: ("unknown", "Unknown"),
    }
    for number, (code, words) in told.items():
        html = enters(client, stage, number)
        assert (code_of(html), words in html) == (code, True), number[:40]
        assert "Zoe" not in html
        assert "<script>" not in html
    assert not Keepsake.objects.filter(checked_in_at__isnull=False).exists()


def test_a_mistake_is_taken_back_but_not_another_gates(stage: Stage, frozen: FrozenClock) -> None:
    one, client = ticket(stage, cast.joins(stage, "Mia")), desk(stage.owner)
    enters(client, stage, one.number)
    undo = address("undo_check_in", stage.campaign.id, one.id)
    wrong = clock.now() - timedelta(seconds=1)
    for at in ("", "x", wrong.isoformat()):
        assert "Nothing was taken back" in said(client.post(undo, {"at": at}, follow=True))
    html = enters(client, stage, one.number)
    assert code_of(html) == "used"
    assert "Taken back" in said(client.post(undo, {"at": clock.now().isoformat()}, follow=True))
    assert code_of(enters(client, stage, one.number)) == "let_in"


def test_only_the_gate_and_the_counter_may_ask_for_the_camera(stage: Stage) -> None:
    client = desk(stage.owner)
    for page in (address("check_in", stage.campaign.id), address("redeem")):
        answer = client.get(page)
        assert "camera=(self)" in answer["Permissions-Policy"]
        assert 'id="camera-on"' in said(answer)
    assert "camera=()" in client.get(address("keepsakes", stage.campaign.id))["Permissions-Policy"]


def test_a_viewer_lets_nobody_in(stage: Stage) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    answer = desk(mate(stage, Role.VIEWER)).post(
        address("check_in", stage.campaign.id), {"number": one.number}
    )
    assert answer.status_code == 403
    assert not Journey.objects.filter(keepsakes__checked_in_at__isnull=False).exists()
