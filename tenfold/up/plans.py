"""Playbooks from the command line: looked through, made into a campaign, written from one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from django.utils import translation

from tenfold.accounts.access import Right, right_of
from tenfold.accounts.models import Language, Operator, Workspace
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import LARGEST_FILE, ORDER, READY
from tenfold.flow import playbooks, presets, warnings


def content_of(file: str) -> bytes:
    """Of a file, or of a playbook that comes with the install, by its name. Of a huge file, one byte too many."""
    path = READY / f"{file}.toml" if file in ORDER else Path(file)
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file}: {getattr(error, 'strerror', error)}") from error


def told(data: bytes) -> dict[str, Any]:
    """What is wrong with a file and what to be careful about, each in both languages."""
    by_language = {language: _told_in(language, data) for language in Language.values}
    first = by_language[Language.EN]
    for part in ("troubles", "warnings"):
        for nth, one in enumerate(first[part]):
            one["text"] = {language: each[part][nth]["text"] for language, each in by_language.items()}
    return {"is_good": not first["troubles"], **first}


def _told_in(language: str, data: bytes) -> dict[str, list[dict[str, Any]]]:
    with translation.override(language):
        troubles = playbooks.checked(data)
        found = [] if troubles else warnings.warnings_about(playbooks.read(data))
        return {
            "troubles": [{"place": one.place, "code": one.code, "text": one.text} for one in troubles],
            "warnings": [
                {"code": one.code, "level": one.level.value, "text": f"{one.text} ({one.source})"}
                for one in found
            ],
        }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """As a person reads it."""
    for one in found["troubles"]:
        yield f"{one['place'] or 'file'}: {one['text']['en']}"
        yield f"    {one['text']['zh-hans']}"
    for one in found["warnings"]:
        yield f"{one['level']}: {one['text']['en']}"
        yield f"    {one['text']['zh-hans']}"


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)


def apply(data: bytes, *, workspace: str, email: str, name: str, language: str) -> Campaign:
    """A draft out of a file; raises Refusal."""
    operator = Operator.objects.filter(email=email.strip().lower()).first()
    home = _workspace(workspace, operator)
    if operator is None or (right_of(operator, home.pk) or 0) < Right.MANAGE:
        raise Refusal("not_manager", "There is no owner or manager with this address in the workspace.")
    playbook = playbooks.read(data)
    spoken = language or operator.language
    with translation.override(operator.language):
        return presets.applied(
            workspace_id=home.pk,
            playbook=playbook,
            name=name or playbook.about["title"].in_language(spoken),
            language=spoken,
            operator=operator,
        )


def _workspace(name: str, operator: Operator | None) -> Workspace:
    """The one of this name; without a name the operator's own, where they have but one."""
    rows = (
        Workspace.objects.filter(name=name)
        if name
        else Workspace.objects.filter(memberships__operator=operator)
    )
    found = list(rows.distinct()[:2])
    if len(found) != 1:
        how_many = "more than one workspace" if found else "no workspace"
        raise Refusal(
            "which_workspace", f"There is {how_many} to choose from: say its name with --workspace."
        )
    return found[0]


def saved(campaign_id: str) -> str:
    known = read_id(campaign_id)
    campaign = Campaign.objects.filter(pk=known).first() if known else None
    if campaign is None:
        raise Refusal("not_found", "There is no campaign of this id.")
    return presets.saved(campaign)
