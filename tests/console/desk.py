"""Desks: browsers of operators who have logged in to the console."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.test import Client
from django.urls import reverse

from tenfold.accounts.models import Operator, Role
from tests import cast
from tests.cast import Stage

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Answer(Protocol):
    """What the test client gives back, as far as tests read it."""

    @property
    def content(self) -> bytes: ...


def desk(operator: Operator | None = None, *, language: str = "en") -> Client:
    """The browser of an operator, or one where nobody has logged in."""
    client = Client(headers={"Accept-Language": language})
    if operator is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = cast.session(operator)
    return client


def mate(stage: Stage, role: Role) -> Operator:
    return cast.team_mate(stage.workspace, stage.owner, role)


def outsider() -> Operator:
    """An owner, but of another workspace."""
    return cast.workspace("otto@example.org")[1]


def address(name: str, *args: object) -> str:
    return reverse(f"console:{name}", args=args)


def said(answer: Answer) -> str:
    """What a page says, as one string."""
    return answer.content.decode()
