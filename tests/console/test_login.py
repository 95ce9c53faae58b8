"""The door of the console."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from itertools import pairwise
from smtplib import SMTPServerDisconnected
from unittest import mock

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tenfold.accounts import actions as accounts
from tenfold.accounts import letters
from tenfold.accounts.models import Letter, Operator, Workspace
from tenfold.base import clock
from tenfold.base.rates import Bucket
from tenfold.console import login
from tenfold.flow import postman
from tests import cast
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, said

pytestmark = pytest.mark.django_db
OLGA = "olga@example.com"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(letters, "_asked", Bucket(burst=1, rate=1 / 60))
    monkeypatch.setattr(login, "_resets", Bucket(burst=20, rate=0.1))
    translation.activate("en")


@pytest.fixture
def olga() -> Operator:
    return cast.workspace(OLGA)[1]


def log_in(client: Client, email: str = OLGA, password: str = cast.PASSWORD, **extra: str) -> None:
    client.post(address("login"), {"username": email, "password": password, **extra})


def without_tokens(page: str) -> str:
    """A page but for what differs between any two answers."""
    return re.sub(r"[A-Za-z0-9]{64}", "", page)


def link_in(text: str) -> str:
    found = re.search(r"http://\S+(/console/reset/\S+)", text)
    assert found, text
    return found[1]


def test_nobody_sees_the_console_without_logging_in() -> None:
    answer = desk().get(address("team"))
    assert (answer.status_code, answer["Location"]) == (302, "/console/login/?next=%2Fconsole%2Fteam%2F")


def test_fragment_of_a_session_that_is_over_moves_the_whole_window_to_the_log_in() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8000/console/team/"}
    answer = desk().get(address("team"), headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/console/login/?next=%2Fconsole%2Fteam%2F"
    assert answer.content == b""


def test_owner_logs_in_and_comes_back_to_where_they_wanted_to_be(olga: Operator) -> None:
    client = desk()
    answer = client.post(
        address("login"),
        {"username": "Olga@Example.com ", "password": cast.PASSWORD, "next": address("team")},
    )
    assert (answer.status_code, answer["Location"]) == (302, address("team"))
    assert client.get(address("team")).status_code == 200


def test_log_in_leads_nowhere_outside(olga: Operator) -> None:
    client = desk()
    answer = client.post(
        address("login"),
        {"username": OLGA, "password": cast.PASSWORD, "next": "https://evil.example/console/"},
    )
    assert answer["Location"] == address("home")


def test_console_speaks_the_operators_language_after_log_in(olga: Operator) -> None:
    accounts.change_profile(operator=olga, name="Olga", language="zh-hans")
    client = desk(language="en")
    log_in(client)
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert '<html lang="zh-Hans"' in said(client.get(address("home")))


def test_wrong_password_keeps_the_address_and_does_not_say_which_was_wrong(olga: Operator) -> None:
    known = desk().post(address("login"), {"username": OLGA, "password": "wrong"})
    unknown = desk().post(address("login"), {"username": "nobody@example.com", "password": "wrong"})
    assert f'value="{OLGA}"' in said(known)
    sentence = "This address and this password do not belong together."
    assert sentence in said(known)
    assert sentence in said(unknown)


def test_five_wrong_passwords_close_the_door_even_for_the_right_one(olga: Operator) -> None:
    client = desk()
    for spelling in (OLGA, "OLGA@example.com", "Olga@example.com ", OLGA):
        assert client.post(address("login"), {"username": spelling, "password": "no"}).status_code == 200
    last = client.post(address("login"), {"username": OLGA, "password": "no"})
    assert (last.status_code, last["Retry-After"]) == (429, "900")
    assert "15 minutes" in said(last)
    assert client.post(address("login"), {"username": OLGA, "password": cast.PASSWORD}).status_code == 429


def test_guesser_elsewhere_does_not_lock_the_owner_out(olga: Operator) -> None:
    guesser = Client(REMOTE_ADDR="203.0.113.9")
    for _nth in range(6):
        guesser.post(address("login"), {"username": OLGA, "password": "no"})
    assert desk().post(address("login"), {"username": OLGA, "password": cast.PASSWORD}).status_code == 302


def test_log_out_is_a_post(olga: Operator) -> None:
    client = desk(olga)
    assert client.get(address("logout")).status_code == 405
    assert client.post(address("logout")).status_code == 302
    assert client.get(address("home")).status_code == 302


def test_lost_password_is_set_anew_by_the_link_in_the_mail(olga: Operator) -> None:
    client = desk()
    client.post(address("reset"), {"email": " OLGA@example.com"})
    assert mail.outbox == [], "no page waits for a mail server"
    cast.letters_go_out()
    [letter] = mail.outbox
    assert letter.to == [OLGA]
    assert letter.subject == "A new password for Tenfold"
    form = client.get(link_in(str(letter.body)), follow=True)
    here = form.redirect_chain[-1][0]
    short = client.post(here, {"new_password1": "short", "new_password2": "short"})
    assert "at least 10 characters" in said(short)
    done = client.post(here, {"new_password1": "nine lives of a cat", "new_password2": "nine lives of a cat"})
    assert done["Location"] == address("home")
    olga.refresh_from_db()
    assert olga.check_password("nine lives of a cat")
    again = desk().get(link_in(str(letter.body)), follow=True)
    assert "This link no longer works" in said(again)


def test_mail_comes_in_the_language_of_whom_it_reaches(olga: Operator) -> None:
    accounts.change_profile(operator=olga, name="Olga", language="zh-hans")
    seen: list[str | None] = []

    def spoken(*_args: object, **_kwargs: object) -> str:
        seen.append(translation.get_language())
        return "subject\nbody"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenfold.accounts.letters.render_to_string", spoken)
        desk(language="en").post(address("reset"), {"email": OLGA})
        cast.letters_go_out()
    assert seen == ["zh-hans"]


def test_reset_never_says_whether_an_address_exists(olga: Operator) -> None:
    known = desk().post(address("reset"), {"email": OLGA}, follow=True)
    unknown = desk().post(address("reset"), {"email": "nobody@example.com"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert without_tokens(said(known)) == without_tokens(said(unknown))
    cast.letters_go_out()
    assert len(mail.outbox) == 1


def test_reset_asks_the_database_the_same_whether_or_not_an_address_exists(olga: Operator) -> None:
    """So that it takes as long, too."""
    asked = []
    for email in (OLGA, "nobody@example.com", OLGA, "nobody@example.com"):
        with CaptureQueriesContext(connection) as found:
            desk().post(address("reset"), {"email": email})
        asked.append([re.sub(r"'[^']*'", "?", query["sql"]) for query in found.captured_queries])
    assert asked[0] == asked[1] != []
    assert asked[2] == asked[3], "asked again within the minute"
    assert not any("tenfold_operator" in sql for sql in asked[0])


def test_what_waits_to_be_sent_holds_no_secret_and_is_gone_afterwards(olga: Operator) -> None:
    for email in (OLGA, "nobody@example.com"):
        desk().post(address("reset"), {"email": email})
    assert set(Letter.objects.values_list("kind", "email", "try_count")) == {
        ("reset", OLGA, 0),
        ("reset", "nobody@example.com", 0),
    }
    names = {field.name for field in Letter._meta.fields}
    assert names == {"id", "kind", "email", "workspace", "by", "due_at", "lease_until", "try_count"}
    assert cast.letters_go_out() == 2
    assert ([letter.to for letter in mail.outbox], Letter.objects.count()) == ([[OLGA]], 0)
    assert cast.letters_go_out() == 0


def test_somebody_who_makes_up_addresses_fills_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.accounts.letters.MOST_WAITING", 3)
    for nth in range(5):
        answer = desk().post(address("reset"), {"email": f"made-up-{nth}@example.com"})
        assert answer["Location"] == address("reset_sent")
    assert Letter.objects.count() == 3


def test_made_up_addresses_keep_no_invitation_back(olga: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_WAITING", 1)
    desk().post(address("reset"), {"email": "made-up@example.com"})
    for _nth in range(2):
        letters.invite(olga, Workspace.objects.get(), olga)
    desk().post(address("reset"), {"email": OLGA})
    assert sorted(Letter.objects.values_list("kind", flat=True)) == ["invitation", "invitation", "reset"]


def test_made_up_addresses_do_not_end_the_pause_of_a_real_one(olga: Operator) -> None:
    letters.ask_reset(OLGA)
    cast.letters_go_out()
    for nth in range(400):
        assert letters._asked.may(f"made-up-{nth}@example.com", 0)
    letters.ask_reset(OLGA)
    assert not Letter.objects.exists()


def test_one_that_waits_is_due_again_and_no_second_is_written(
    olga: Operator, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock
) -> None:
    for email in (OLGA, "nobody@example.com"):
        letters.ask_reset(email)
    Letter.objects.update(due_at=clock.now() + timedelta(hours=1), try_count=3)
    monkeypatch.setattr(
        letters, "_asked", Bucket(burst=1, rate=1 / 60)
    )  # as another process, or after a restart
    for email in (OLGA, "nobody@example.com"):
        letters.ask_reset(email)
    assert list(Letter.objects.values_list("due_at", "try_count")) == [(clock.now(), 3)] * 2


def test_who_asks_for_many_links_waits_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_resets", Bucket(burst=2, rate=0.001))
    asked = [desk().post(address("reset"), {"email": f"{nth}@example.com"}) for nth in range(3)]
    assert [answer.status_code for answer in asked] == [302, 302, 429]
    assert asked[2]["Retry-After"] == "60"
    assert "Please wait a minute" in said(asked[2])
    assert Letter.objects.count() == 2
    elsewhere = Client(REMOTE_ADDR="203.0.113.9").post(address("reset"), {"email": OLGA})
    assert elsewhere.status_code == 302


def test_reset_refuses_an_address_longer_than_any() -> None:
    too_long = f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example.com"
    assert len(too_long) > 254
    assert "is-invalid" in said(desk().post(address("reset"), {"email": too_long}))
    assert not Letter.objects.exists()


def test_reset_mails_one_address_once_a_minute(olga: Operator) -> None:
    for _nth in range(3):
        desk().post(address("reset"), {"email": OLGA})
    cast.letters_go_out()
    assert len(mail.outbox) == 1


def test_reset_link_stands_on_our_own_address_whatever_host_was_asked(olga: Operator) -> None:
    desk().post(address("reset"), {"email": OLGA}, headers={"Host": "localhost"})
    cast.letters_go_out()
    assert f"{settings.PUBLIC_URL}/console/reset/" in str(mail.outbox[0].body)


def test_a_mail_server_that_is_gone_is_tried_again_and_given_up_after_an_hour_without_a_word_of_the_link(
    olga: Operator, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[datetime] = []

    def gone(*_args: object, **_kwargs: object) -> int:
        tried.append(clock.now())
        raise SMTPServerDisconnected(f"who is {OLGA}?")

    began = clock.now()
    monkeypatch.setattr("tenfold.accounts.letters.send_mail", gone)
    assert desk().post(address("reset"), {"email": OLGA})["Location"] == address("reset_sent")
    for _minute in range(180):
        cast.letters_go_out()
        frozen.advance(seconds=30)
    pauses = [round((later - earlier).total_seconds()) for earlier, later in pairwise(tried)]
    assert pauses == [30, 60, 120, 240, 480, 960]
    assert tried[-1] - began < timedelta(hours=1)
    assert not Letter.objects.exists()
    assert "reset/" not in caplog.text
    assert OLGA not in caplog.text


def test_a_mail_that_fails_once_comes_later(
    olga: Operator, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tenfold.accounts.letters.send_mail", mock.Mock(side_effect=TimeoutError))
        desk().post(address("reset"), {"email": OLGA})
        cast.letters_go_out()
    frozen.advance(minutes=1)
    cast.letters_go_out()
    assert ([letter.to for letter in mail.outbox], Letter.objects.count()) == ([[OLGA]], 0)


def test_a_mail_that_fails_in_a_way_of_its_own_keeps_no_other_waiting(
    olga: Operator, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    cast.workspace("otto@example.org")
    tried: list[str] = []

    def api(_subject: str, _body: str, _sender: str, to: list[str]) -> None:
        tried.extend(to)
        if to == [OLGA]:
            raise LookupError(f"who is {OLGA}?")

    monkeypatch.setattr(letters, "send_mail", api)
    for email in (OLGA, "otto@example.org"):
        letters.ask_reset(email)
        frozen.advance(seconds=1)
    cast.letters_go_out()
    assert tried == [OLGA, "otto@example.org"]
    assert list(Letter.objects.values_list("email", "try_count")) == [(OLGA, 1)]
    assert OLGA not in caplog.text


def test_a_try_counts_before_it_is_made(olga: Operator, frozen: FrozenClock) -> None:
    """A mail that ends its worker each time is given up as any other."""
    letters.ask_reset(OLGA)
    tries = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(letters, "send_mail", mock.Mock(side_effect=SystemExit))
        for _nth in range(letters.MOST_TRIES):
            with pytest.raises(SystemExit):
                cast.letters_go_out()
            tries.append(Letter.objects.get().try_count)
            frozen.advance(minutes=2)
    assert tries == [1, 2, 3, 4, 5, 6, 7]
    cast.letters_go_out()
    assert (mail.outbox, Letter.objects.count()) == ([], 0)


def test_a_slow_mail_is_not_put_off_by_whom_it_was_taken_from(
    olga: Operator, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock
) -> None:
    letters.ask_reset(OLGA)
    seen: list[tuple[datetime, int]] = []

    def slow(*_args: object) -> None:
        frozen.advance(minutes=2)
        if len(seen) == 0:
            seen.append((clock.now(), 0))
            letters.send_due(clock.now())  # another worker, after the lease; it fails as well
            seen.append(Letter.objects.values_list("due_at", "try_count").get())
        raise TimeoutError

    monkeypatch.setattr(letters, "send_mail", slow)
    letters.send_due(clock.now())
    assert Letter.objects.values_list("due_at", "try_count").get() == seen[1]
    assert seen[1][1] == 2


def test_two_workers_that_find_the_same_mail_send_it_once(olga: Operator) -> None:
    letters.ask_reset(OLGA)
    one, other = Letter.objects.get(), Letter.objects.get()
    assert [letters._is_counted(one), letters._is_counted(other)] == [True, False]


def test_each_mail_is_claimed_by_itself(olga: Operator) -> None:
    for _nth in range(3):
        letters.invite(olga, Workspace.objects.get(), olga)
    assert letters.send_due(clock.now() + timedelta(seconds=1)) == 1
    assert (len(mail.outbox), Letter.objects.filter(lease_until=None).count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_mails_on_a_thread_of_its_own_and_survives_a_bad_one(
    olga: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping, sent = threading.Event(), threading.Event()
    real, tries = letters.send_due, [0]

    def send_due(now: datetime) -> int:
        tries[0] += 1
        if tries[0] == 1:
            raise ZeroDivisionError
        count = real(now)
        if count:
            sent.set()
        return count

    monkeypatch.setattr(postman, "TROUBLE_SECONDS", 0)
    monkeypatch.setattr(letters, "send_due", send_due)
    desk().post(address("reset"), {"email": OLGA})
    thread = postman.Postman(stopping)
    thread.start()
    assert sent.wait(20)
    stopping.set()
    thread.leave()
    assert ([letter.to for letter in mail.outbox], Letter.objects.count()) == ([[OLGA]], 0)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_told_to_stop_ends_after_the_mail_it_is_at(
    olga: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _nth in range(3):
        letters.invite(olga, Workspace.objects.get(), olga)
    stopping = threading.Event()
    monkeypatch.setattr(letters, "send_mail", lambda *_: stopping.set())
    thread = postman.Postman(stopping)
    thread.start()
    assert stopping.wait(20)
    thread.leave()
    assert Letter.objects.filter(lease_until=None, try_count=0).count() == 2


def test_reset_refuses_what_is_not_an_address() -> None:
    answer = desk().post(address("reset"), {"email": "not an address"})
    assert "is-invalid" in said(answer)
    assert mail.outbox == []


def test_profile_is_changed_and_speaks_at_once(olga: Operator) -> None:
    client = desk(olga)
    answer = client.post(address("profile"), {"name": " Olga O. ", "language": "zh-hans"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    olga.refresh_from_db()
    assert (olga.name, olga.language) == ("Olga O.", "zh-hans")


def test_profile_refuses_an_unknown_language_and_keeps_what_was_typed(olga: Operator) -> None:
    answer = desk(olga).post(address("profile"), {"name": "Changed", "language": "xx"})
    assert answer.status_code == 422
    assert 'value="Changed"' in said(answer)
    olga.refresh_from_db()
    assert olga.name == "Olga Owner"


def test_new_password_keeps_this_browser_in_and_puts_the_others_out(olga: Operator) -> None:
    here, elsewhere = desk(olga), desk(olga)
    new = "nine lives of a cat"
    form = {"old_password": cast.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(address("password"), form).status_code == 302
    assert here.get(address("home")).status_code == 200
    assert elsewhere.get(address("home")).status_code == 302


def test_new_password_needs_the_old_one(olga: Operator) -> None:
    form = {"old_password": "guessed", "new_password1": "nine lives of", "new_password2": "nine lives of"}
    answer = desk(olga).post(address("password"), form)
    assert answer.status_code == 422
    olga.refresh_from_db()
    assert olga.check_password(cast.PASSWORD)


def test_language_switch_works_before_and_after_log_in(olga: Operator) -> None:
    client = desk()
    answer = client.post(address("language"), {"language": "zh-hans", "next": address("login")})
    assert answer["Location"] == address("login")
    assert '<html lang="zh-Hans"' in said(client.get(address("login")))
    desk(olga).post(address("language"), {"language": "zh-hans", "next": "//evil.example"})
    olga.refresh_from_db()
    assert olga.language == "zh-hans"


@pytest.mark.parametrize("next_address", ["//evil.example", "https://evil.example", "javascript:x", ""])
def test_language_switch_leads_nowhere_outside(next_address: str) -> None:
    answer = desk().post(address("language"), {"language": "en", "next": next_address})
    assert answer["Location"] == address("home")


def test_unknown_language_changes_nothing() -> None:
    answer = desk().post(address("language"), {"language": "tlh"})
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_workspace_switch_only_opens_ones_own(olga: Operator) -> None:
    second, _same = cast.workspace(OLGA)
    Workspace.objects.filter(pk=second.pk).update(name="Second brand")
    theirs, _otto = cast.workspace("otto@example.org")
    client = desk(olga)
    client.post(address("workspace"), {"workspace": str(second.id)})
    assert client.session["workspace_id"] == str(second.id)
    client.post(address("workspace"), {"workspace": str(theirs.id)})
    client.post(address("workspace"), {"workspace": "rubbish"})
    assert client.session["workspace_id"] == str(second.id)


def test_operator_without_a_workspace_reads_what_to_do() -> None:
    lonely = Operator.objects.create(email="lonely@example.com")
    client = desk(lonely)
    assert "Ask an owner to add lonely@example.com" in said(client.get(address("home")))
    assert client.get(address("team")).status_code == 403
