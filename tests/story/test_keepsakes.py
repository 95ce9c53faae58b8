"""From the first scan to the door of the event: a ticket is earned, given, shown, used once; its holder forgotten."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tenfold.base.keys import new_id
from tenfold.imaging.qr import read_codes
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.journal.models import Entry
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition, Keepsake
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, said
from tests.web.conftest import phone

pytestmark = pytest.mark.django_db


def at_gate(operator_desk: Client, stage: Stage, code: str, gate: str) -> str:
    form = {"number": code, "gate": gate, "once": new_id().hex}
    html = said(operator_desk.post(address("check_in", stage.campaign.id), form))
    found = re.search(r'data-answer="(\w+)"', html)
    assert found
    return found[1]


def test_a_ticket_from_the_poster_to_the_door(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=10)
    operators, campaign = desk(stage.owner), stage.campaign
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    for journey in (mia, ben):
        cast.is_approved(cast.sends(journey), stage.owner)

    form = {"kind": "ticket", "name": "Reading night", "valid_from": "2026-03-02T19:00", "once": new_id().hex}
    operators.post(address("new_edition", campaign.id), form)
    edition = Edition.objects.get()
    for _twice in range(2):
        operators.post(address("issue", campaign.id, edition.id), {"who": "finished"})
    assert sorted(Keepsake.objects.values_list("name", flat=True)) == ["Ben", "Mia"]

    # Mia has it on her phone, and its code leads whoever scans it to the page that tells the truth.
    page = phone(mia).get(f"/me/{campaign.id}/keepsakes/").content.decode()
    picture = re.search(r'src="(/me/[^"]+\.jpg)"', page)
    assert picture
    [code] = {found.text for found in read_codes(phone(mia).get(picture[1]).content)}
    stranger = Client(headers={"Accept-Language": "en"})
    path = code.removeprefix("HTTP://127.0.0.1:8000")
    assert "not valid yet" in stranger.get(path).content.decode()

    # The doors open at seven: before, nobody comes in; then once.
    assert at_gate(operators, stage, code, "North") == "early"
    frozen.advance(hours=1)
    assert "Genuine and valid" in stranger.get(path).content.decode()
    assert at_gate(operators, stage, code, "North") == "let_in"
    assert at_gate(operators, stage, code, "South") == "used"
    assert "used already" in stranger.get(path).content.decode()

    # Ben pays nothing any more, and asks to be forgotten.
    his = Keepsake.objects.get(name="Ben")
    operators.post(address("revoke_keepsake", campaign.id, his.id), {"reason": "Given back"})
    assert at_gate(operators, stage, his.number, "North") == "revoked"
    keepsakes.forget(journey=ben)
    told = stranger.get(f"/k/{his.number}").content.decode()
    assert ("Given back" in told, "Ben" in told) == (True, False)

    assert [each.text for each in story(mia)][-2:] == ["Mia was given a keepsake", "Mia was let in"]
    assert Entry.objects.filter(kind="keepsake_issued").count() == 2
    assert differences() == []
