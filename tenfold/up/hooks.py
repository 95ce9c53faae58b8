"""Letting other systems in from the command line."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from tenfold.accounts.models import Workspace
from tenfold.base.refusal import Refusal
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HookSource


def add(*, workspace: str, name: str, scheme: str, secret: str) -> HookSource:
    return mailroom.add_source(
        workspace_id=_workspace(workspace).id, name=name, scheme=scheme, secret=secret.strip()
    )


def rotate(*, workspace: str, name: str, secret: str) -> HookSource:
    return mailroom.rotate_secret(source=_source(workspace, name), secret=secret.strip())


def switch(*, workspace: str, name: str, is_active: bool) -> HookSource:
    return mailroom.switch_source(source=_source(workspace, name), is_active=is_active)


def every() -> QuerySet[HookSource]:
    return HookSource.objects.select_related("workspace").order_by("workspace__name", "name")


def address_of(source: HookSource) -> str:
    return f"{settings.PUBLIC_URL}/hooks/{source.id}"


def _workspace(name: str) -> Workspace:
    found = list(Workspace.objects.filter(name=name)[:2])
    if not found:
        raise Refusal("no_workspace", "There is no workspace of this name: `tenfold operator add` makes one.")
    if len(found) > 1:
        raise Refusal("two_workspaces", "There is more than one workspace of this name: rename one of them.")
    return found[0]


def _source(workspace: str, name: str) -> HookSource:
    found = HookSource.objects.filter(workspace=_workspace(workspace), name=name).first()
    if found is None:
        raise Refusal("no_source", "There is no source of this name: see `tenfold hook list`.")
    return found
