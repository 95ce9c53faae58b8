"""The mails to operators: asked for by a page, sent by the worker, each in the language of whom it reaches.

What waits to be sent is an address and no more: whether anybody has it, and the link that sets a password, are found
when it is sent. So no page waits for a mail server, none can be timed to tell who has an account, and no secret lies
in a row.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from threading import Lock

import structlog
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import override

from tenfold.accounts.models import Letter, Membership, Operator, Workspace
from tenfold.base import clock
from tenfold.base.claim import changes_one, claim_due, step
from tenfold.base.rates import Bucket

log = structlog.get_logger(__name__)

# Of links for a new password, while nobody sends them: whoever makes up addresses by the thousand must not fill the
# disk. Invitations are an owner's, and always kept.
MOST_WAITING = 5000
# After half a minute, one, two ...: for an hour, after which nobody waits for a link any more.
MOST_TRIES = 7
FIRST_PAUSE = timedelta(seconds=30)
# One a minute for each address. It remembers so many that made-up ones do not push a real one out.
_asked, _lock = Bucket(burst=1, rate=1 / 60), Lock()


def ask_reset(email: str) -> None:
    """A link for a new password, if somebody has this address; at most one a minute, also if nobody has."""
    email = email.strip().lower()
    with _lock:
        may = _asked.may(email, time.monotonic())
    if may:
        _ask_reset(email)


@step
def _ask_reset(email: str) -> None:
    """One that waits already is due again. Either way one row is written, so that nobody can tell by the time."""
    waiting = Letter.objects.filter(kind=Letter.Kind.RESET)
    if waiting.filter(email=email).update(due_at=clock.now()):
        return
    if waiting.count() >= MOST_WAITING:
        log.error("too_many_letters_wait")
        return
    Letter.objects.create(kind=Letter.Kind.RESET, email=email)


def invite(operator: Operator, workspace: Workspace, by: Operator) -> None:
    """The way in: a link that sets the first password, or to the log-in for somebody who has one."""
    Letter.objects.create(kind=Letter.Kind.INVITATION, email=operator.email, workspace=workspace, by=by)


def password_link(operator: Operator) -> str:
    """A link with which `operator` sets a password, once. Built on our public address, never on a request's host."""
    key = urlsafe_base64_encode(force_bytes(operator.pk))
    token = default_token_generator.make_token(operator)
    return f"{settings.PUBLIC_URL}{reverse('console:set_password', args=[key, token])}"


def send_due(now: datetime) -> int:
    """Send the next that waits; how many there were. No transaction is open meanwhile: a mail server may take its time.

    One by one, so that none is leased while those before it are slow. A worker that dies between a mail and the end of
    its row sends it again, with another link that works as well."""
    letters = claim_due(Letter.objects.select_related("workspace", "by"), due="due_at", now=now, limit=1)
    for letter in letters:
        if _is_counted(letter):
            _send(letter)
    return len(letters)


def _is_counted(letter: Letter) -> bool:
    """Count the try before it is made: one that ends its worker is given up, too. False if another worker has it."""
    is_ours = changes_one(_as_it_is(letter), try_count=letter.try_count + 1)
    letter.try_count += 1
    return is_ours


def _as_it_is(letter: Letter) -> QuerySet[Letter]:
    """Its row, unless another worker has tried it since."""
    return Letter.objects.filter(pk=letter.pk, try_count=letter.try_count)


def _send(letter: Letter) -> None:
    operator = _reader(letter) if letter.try_count <= MOST_TRIES else None
    if operator is None or _is_sent(letter, operator):
        letter.delete()  # whoever has it now: it is done
    elif letter.try_count == MOST_TRIES:
        _as_it_is(letter).delete()
    else:
        _later(letter)


def _reader(letter: Letter) -> Operator | None:
    """Whom it is for; nobody where the address is nobody's, or the invitation was taken back meanwhile."""
    operator = Operator.objects.filter(email=letter.email, is_active=True).first()
    if operator is None or letter.workspace is None:
        return operator
    members = Membership.objects.filter(operator=operator, workspace=letter.workspace)
    return operator if members.exists() else None


def _is_sent(letter: Letter, operator: Operator) -> bool:
    try:
        subject, body = _text(letter, operator)
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [operator.email])
    except Exception as error:  # noqa: BLE001  whatever a way of sending raises: it must not keep the others waiting
        # Its kind alone: what a mail server says may name the address.
        log.warning("letter_not_sent", kind=letter.kind, tries=letter.try_count, why=type(error).__name__)
        return False
    return True


def _text(letter: Letter, operator: Operator) -> tuple[str, str]:
    link = password_link(operator)
    if letter.kind == Letter.Kind.INVITATION and operator.has_usable_password():
        link = f"{settings.PUBLIC_URL}{reverse('console:home')}"
    context = {"operator": operator, "link": link, "workspace": letter.workspace, "by": letter.by}
    with override(operator.language):
        text = render_to_string(f"console/login/mail_{letter.kind}.txt", context)
    subject, body = text.strip().split("\n", 1)
    return subject, body.strip() + "\n"


def _later(letter: Letter) -> None:
    pause = FIRST_PAUSE * 2 ** (letter.try_count - 1)
    _as_it_is(letter).update(due_at=clock.now() + pause, lease_until=None)
