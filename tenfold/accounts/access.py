"""The only way to a row on behalf of an operator: the right is checked in the same call that finds the row."""

from __future__ import annotations

import uuid
from enum import IntEnum
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Membership, Operator, Role, Workspace
from tenfold.base.models import WorkspaceRow
from tenfold.base.refusal import Refusal

W = TypeVar("W", bound=WorkspaceRow)


class Right(IntEnum):
    """What one may do; each includes the ones before it."""

    VIEW = 1
    REVIEW = 2
    MANAGE = 3
    OWN = 4


RIGHT_OF: dict[str, Right] = {
    Role.VIEWER: Right.VIEW,
    Role.REVIEWER: Right.REVIEW,
    Role.MANAGER: Right.MANAGE,
    Role.OWNER: Right.OWN,
}


def _workspaces_with(operator: Operator, right: Right) -> models.QuerySet[Membership, uuid.UUID]:
    roles = [role for role, has in RIGHT_OF.items() if has >= right]
    return Membership.objects.filter(operator=operator, role__in=roles).values_list("workspace_id", flat=True)


def workspaces_for(operator: Operator, right: Right = Right.VIEW) -> models.QuerySet[Workspace]:
    return Workspace.objects.filter(id__in=_workspaces_with(operator, right)).order_by("created_at")


def rows_for(operator: Operator, rows: models.QuerySet[W], right: Right = Right.VIEW) -> models.QuerySet[W]:
    """Those of `rows` that lie in a workspace where `operator` has `right`."""
    return rows.filter(workspace_id__in=_workspaces_with(operator, right))


def row_for(operator: Operator, rows: models.QuerySet[W], row_id: uuid.UUID, right: Right = Right.VIEW) -> W:
    """The row, or a Refusal: 404 where the operator may not even know of it, 403 where only the right is missing."""
    row = rows_for(operator, rows, Right.VIEW).filter(pk=row_id).first()
    if row is None:
        raise Refusal("not_found", _("There is nothing here, or it is not yours to see."), status=404)
    if right > Right.VIEW:
        require(operator, row.workspace_id, right)
    return row


def right_of(operator: Operator, workspace_id: uuid.UUID) -> Right | None:
    role = Membership.objects.filter(operator=operator, workspace_id=workspace_id).values_list(
        "role", flat=True
    )
    return next((RIGHT_OF[name] for name in role), None)


def require(operator: Operator, workspace_id: uuid.UUID, right: Right) -> None:
    has = right_of(operator, workspace_id)
    if has is None or has < right:
        raise Refusal(
            "not_allowed", _("Your role does not allow this. Ask an owner of the workspace."), status=403
        )
