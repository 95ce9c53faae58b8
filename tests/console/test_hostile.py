"""Whatever is typed into whichever field: an answer and never an error, and nothing half kept."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Model

from tenfold.accounts.models import Operator, Workspace
from tenfold.campaigns.models import Campaign, Words
from tenfold.codes.models import Channel
from tenfold.groups.models import Group
from tenfold.people.models import Person
from tenfold.posters.models import PosterText
from tenfold.proofs.models import Proof
from tenfold.rewards.books import LedgerRow, Order
from tenfold.rewards.models import Grant, Reward
from tests.console.desk import desk, said
from tests.console.doors import FORMS, RIGHTS, Fields, World, Worlds, form
from tests.console.reading import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_at_one_size")]

BAD = {
    "nul": "a\x00b",
    "empty": "",
    "huge": "字" * 70_000,
    "negative": "-1",
    "endless number": "9" * 60,
    "just too large for the database": str(2**63),
    "no number": "1e999",
    "fraction": "1.5",
    "digits of another script": "٣",
    "half a character": "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "turned round": "\u202eevil\u202c",
    "unseen": "\u200b\u2060",
    "markup": "</textarea><script>alert(1)</script>",
    "template": "{{ 7|add:7 }}{% now 'Y' %} %(x)s {0}",
    "formula": '=HYPERLINK("http://example.com")',
    "far date": "9999-12-31T23:59",
    "first date": "0001-01-01T00:00",
    "no date": "2026-02-31T25:61",
}
# Of these a database makes no more than of any other text, or every one the same.
MERE_TEXT = {
    "empty",
    "negative",
    "turned round",
    "unseen",
    "markup",
    "template",
    "formula",
    "fraction",
    "digits of another script",
    "half a character",
    "no number",
    "no date",
}
# What passes a form's own checks and could fail behind them.
SHARP = {"nul", "just too large for the database", "far date", "first date"}
# On both databases, unless it is mere text.
TRIED = {
    kind: pytest.param(kind, marks=pytest.mark.pages if kind in MERE_TEXT else ()) for kind in sorted(BAD)
}
FILES = {
    "group_qr": ["qr"],
    "restock": ["codes"],
    "reward_file": ["file"],
    "import_orders": ["orders"],
}
TAKEN = sorted(FORMS)
TEXTS: list[type[Model]] = [
    Campaign,
    Words,
    Group,
    Channel,
    PosterText,
    Reward,
    Grant,
    LedgerRow,
    Order,
    Person,
    Proof,
    Operator,
    Workspace,
]


@pytest.fixture
def there(worlds: Worlds) -> World:
    return worlds.ours


def sends(there: World, name: str, data: Fields) -> None:
    """Answered within what a form may answer; if it comes back, it comes back sound; and no NUL was kept."""
    with transaction.atomic():
        answer = desk(there.stage.owner).post(there.address(name), data)
        assert answer.status_code in (200, 302, 400, 404, 409, 413, 422)
        if answer.get("Content-Type", "").startswith("text/html") and answer.content:
            assert "<script>alert(1)" not in said(answer)
            if answer.status_code == 422:
                faults = Page(said(answer)).faults
                assert [each for each in faults if not each.startswith("unfilled")] == []
        assert not is_nul_kept()
        transaction.set_rollback(True)


def is_nul_kept() -> bool:
    """In any text of ours. PostgreSQL need not be asked: it takes none, and that would have been an error."""
    if connection.vendor == "postgresql":
        return False
    with connection.cursor() as cursor:
        for model in TEXTS:
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            if any(isinstance(each, str) and "\x00" in each for row in cursor for each in row):
                return True
    return False


@pytest.mark.parametrize("kind", TRIED.values())
@pytest.mark.parametrize("name", TAKEN)
def test_each_field_may_hold_anything(there: World, name: str, kind: str) -> None:
    """One field after the other is bad, the rest of the form is good. Of long forms, for most kinds, all together."""
    fields = [field for field in form(name, there) if field not in FILES.get(name, [])]
    is_long = len(fields) > 8 and kind not in SHARP
    for bad in [fields] if is_long else [[field] for field in fields]:
        sends(there, name, form(name, there) | dict.fromkeys(bad, BAD[kind]))


@pytest.mark.parametrize("name", TAKEN)
def test_a_form_may_be_cut_short_or_sent_twice_over(there: World, name: str) -> None:
    whole = form(name, there)
    for field in whole:
        sends(there, name, {key: value for key, value in form(name, there).items() if key != field})
        if field not in FILES.get(name, []):
            sends(there, name, form(name, there) | {field: [BAD["nul"], str(whole[field]), "more"]})


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"a" * 100_000,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
        b"code\n" + b'"' * 99,
        b"\n" * 9000,
    ],
)
def test_a_file_may_hold_anything(there: World, name: str, content: bytes) -> None:
    [field] = FILES[name]
    sends(there, name, {field: SimpleUploadedFile("../../x\x00.csv", content, "text/html")})
    sends(there, name, {field: "not a file at all"})


READ = sorted(name for name, (readers, _) in RIGHTS.items() if readers)
ASKED = [
    "q",
    "state",
    "page",
    "proof",
    "span",
    "of",
    "offset",
    "number",
    "days",
    "lang",
    "next",
    "language",
    "download",
    "unit",
    "reason",
    "kind",
    "when",
    "people",
]


@pytest.mark.parametrize("name", READ)
def test_an_address_may_ask_for_anything(there: World, name: str) -> None:
    client = desk(there.stage.owner)
    for kind, bad in BAD.items():
        if kind in MERE_TEXT and connection.vendor == "postgresql":
            continue
        asked = dict.fromkeys(ASKED, bad[:2000])
        answer = client.get(there.address(name), asked)
        if answer.streaming:  # of downloads there may be only two at once
            assert list(answer)
        assert answer.status_code in (200, 302, 404), kind
        if answer.get("Content-Type", "").startswith("text/html"):
            assert "<script>alert(1)" not in said(answer)
            assert said(answer).strip() != "14"
    assert connection.is_usable()


@pytest.mark.parametrize("field", ["warn_after_minutes_0", "remind_count", "warn_after_minutes_1"])
@pytest.mark.parametrize("kind", [TRIED[kind] for kind in TRIED if kind != "nul"])  # that leads nowhere
def test_the_dry_run_reads_a_form_that_is_not_finished(there: World, field: str, kind: str) -> None:
    answer = desk(there.stage.owner).get(there.address("dry_run"), {field: BAD[kind][:2000], "days": "30"})
    assert answer.status_code == 200
    assert Page(said(answer)).faults == []


def test_every_form_there_is_was_tried() -> None:
    """A form with nothing to fill in needs nothing tried."""
    without = {name for name, (_, writers) in RIGHTS.items() if writers} - set(FORMS)
    assert without == {
        "cancel_payout",
        "clone",
        "confirm_arrival",
        "end",
        "hide_post",
        "hold_proof",
        "keep_out",
        "launch",
        "let_back",
        "pause",
        "payout_paid",
        "payout_unpaid",
        "payouts",
        "refund_order",
        "remove_operator",
        "remove_person",
        "reopen_task",
        "restore_keepsake",
        "restore_reward",
        "resume",
        "resume_rule",
        "retire_reward",
        "show_post",
        "stop_rule",
        "take_back",
        "take_back_issued",
        "take_back_stock",
        "unblock_person",
        "undo_adjust",
        "undo_check_in",
        "undo_together",
        "undo_verdict",
        "unrefund_order",
        "unship",
    }
