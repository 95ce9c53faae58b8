"""The mails the console sends: each in the language of whom it reaches."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import override

from tenfold.accounts.models import Operator, Workspace

log = logging.getLogger(__name__)


def password_link(operator: Operator) -> str:
    """A link with which `operator` sets a password, once. Built on our public address, never on a request's host."""
    key = urlsafe_base64_encode(force_bytes(operator.pk))
    token = default_token_generator.make_token(operator)
    return f"{settings.PUBLIC_URL}{reverse('console:set_password', args=[key, token])}"


def send_reset(operator: Operator) -> bool:
    return _send("reset", operator, {"link": password_link(operator)})


def send_invitation(operator: Operator, workspace: Workspace, by: Operator, link: str) -> bool:
    """`link` sets the first password; for someone who has one it leads to the log-in."""
    return _send("invitation", operator, {"link": link, "workspace": workspace, "by": by})


def _send(name: str, operator: Operator, context: dict[str, object]) -> bool:
    """False where the mail server is not to be had; the page must not fail for that."""
    with override(operator.language):
        text = render_to_string(f"console/login/mail_{name}.txt", {"operator": operator, **context})
    subject, body = text.strip().split("\n", 1)
    try:
        send_mail(subject, body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [operator.email])
    except (OSError, SMTPException):
        log.exception("mail not sent: %s", name)
        return False
    return True
