"""Phones: browsers that carry the cookie a scan gives them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from tenfold import flow
from tenfold.base import visitor
from tenfold.base.keys import new_id
from tenfold.people.models import Journey
from tests import cast
from tests.cast import Stage


def phone(who: Journey | UUID | None = None, *, language: str = "en") -> Client:
    """The browser of someone, or one that has never been here."""
    client = Client(headers={"Accept-Language": language})
    if who is not None:
        visitor_id = who.person.visitor_id if isinstance(who, Journey) else who
        client.cookies[visitor.COOKIE] = visitor.write(visitor_id)
    return client


def scans(stage: Stage, visitor_id: UUID | None = None) -> tuple[Client, flow.Shown]:
    """A phone that has just scanned, and what it was shown."""
    shown = flow.scanned(slug=stage.code.slug, visitor_id=visitor_id or new_id())
    return phone(shown.visitor_id), shown


def upload(data: bytes | None = None, name: str = "screenshot.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, cast.picture_bytes() if data is None else data, "image/png")


@pytest.fixture
def stage(db: None) -> Stage:
    return cast.live()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield
