"""The mails to operators: asked for by a page, sent by the worker, each in the language of whom it reaches.

What waits to be sent is an address and no more: whether anybody has it, and the link that sets a password, are found
when it is sent. So no page waits for a mail server, none can be timed to tell who has an account, and no secret lies
in a row.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import override

from tenfold.accounts.models import Letter, Membership, Operator, Workspace
from tenfold.base import clock
from tenfold.base.claim import claim_due

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 60
AT_ONCE = 10
# While nobody sends them: whoever makes up addresses by the thousand must not fill the disk.
MOST_WAITING = 5000
# After half a minute, one, two ...: for an hour, after which nobody waits for a link any more.
MOST_TRIES = 7
FIRST_PAUSE = timedelta(seconds=30)


def ask_reset(email: str) -> None:
    """A link for a new password, if somebody has this address; at most one a minute, also if nobody has."""
    email = email.strip().lower()
    name = hashlib.sha256(email.encode()).hexdigest()
    if cache.add(f"reset:{name}", True, PAUSE_SECONDS):
        _write(Letter(kind=Letter.Kind.RESET, email=email))


def invite(operator: Operator, workspace: Workspace, by: Operator) -> None:
    """The way in: a link that sets the first password, or to the log-in for somebody who has one."""
    _write(Letter(kind=Letter.Kind.INVITATION, email=operator.email, workspace=workspace, by=by))


def _write(letter: Letter) -> None:
    if Letter.objects.count() >= MOST_WAITING:
        log.error("too_many_letters_wait")
        return
    letter.save(force_insert=True)


def password_link(operator: Operator) -> str:
    """A link with which `operator` sets a password, once. Built on our public address, never on a request's host."""
    key = urlsafe_base64_encode(force_bytes(operator.pk))
    token = default_token_generator.make_token(operator)
    return f"{settings.PUBLIC_URL}{reverse('console:set_password', args=[key, token])}"


def send_due(now: datetime) -> int:
    """Send some of what waits; how many there were. No transaction is open meanwhile: a mail server may take its time.

    A worker that dies between a mail and the end of its row sends it again, with another link that works as well."""
    letters = claim_due(
        Letter.objects.select_related("workspace", "by"), due="due_at", now=now, limit=AT_ONCE
    )
    for letter in letters:
        operator = _reader(letter)
        if operator is None or _is_sent(letter, operator) or letter.try_count + 1 >= MOST_TRIES:
            letter.delete()
        else:
            _later(letter)
    return len(letters)


def _reader(letter: Letter) -> Operator | None:
    """Whom it is for; nobody where the address is nobody's, or the invitation was taken back meanwhile."""
    operator = Operator.objects.filter(email=letter.email, is_active=True).first()
    if operator is None or letter.workspace is None:
        return operator
    members = Membership.objects.filter(operator=operator, workspace=letter.workspace)
    return operator if members.exists() else None


def _is_sent(letter: Letter, operator: Operator) -> bool:
    link = password_link(operator)
    if letter.kind == Letter.Kind.INVITATION and operator.has_usable_password():
        link = f"{settings.PUBLIC_URL}{reverse('console:home')}"
    context = {"operator": operator, "link": link, "workspace": letter.workspace, "by": letter.by}
    with override(operator.language):
        text = render_to_string(f"console/login/mail_{letter.kind}.txt", context)
    subject, body = text.strip().split("\n", 1)
    try:
        send_mail(subject, body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [operator.email])
    except (OSError, SMTPException, ValueError) as error:
        # Its kind alone: what a mail server says may name the address.
        log.warning("letter_not_sent", kind=letter.kind, tries=letter.try_count + 1, why=type(error).__name__)
        return False
    return True


def _later(letter: Letter) -> None:
    pause = FIRST_PAUSE * 2**letter.try_count
    changes = {"due_at": clock.now() + pause, "lease_until": None, "try_count": letter.try_count + 1}
    Letter.objects.filter(pk=letter.pk).update(**changes)
