"""Letting operators in from the command line, where nobody is logged in yet."""

from __future__ import annotations

import os

from tenfold.accounts import actions as accounts
from tenfold.accounts.models import Membership, Role, Workspace
from tenfold.accounts.rules import language_of_machine
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal


@step
def add_operator(*, email: str, workspace_name: str, role: str, password: str) -> bool:
    """Add to the workspace of that name, which is made if there is none; whether the operator is new to Tenfold."""
    workspaces = list(Workspace.objects.filter(name=workspace_name)[:2])
    if len(workspaces) > 1:
        raise Refusal("two_workspaces", "There is more than one workspace of this name: use the console.")
    if not workspaces:
        return _add_first(email=email, name=workspace_name, role=role, password=password)
    # Whoever runs commands on this machine acts with the right of an owner.
    owner = (
        Membership.objects.filter(workspace=workspaces[0], role=Role.OWNER).order_by("created_at")[0].operator
    )
    operator, is_new = accounts.add_operator(
        workspace=workspaces[0], email=email, name="", role=role, by=owner
    )
    if is_new:
        accounts.set_password(operator=operator, password=password)
    return is_new


def _add_first(*, email: str, name: str, role: str, password: str) -> bool:
    if role != Role.OWNER:
        raise Refusal("owner_first", "The first operator of a workspace is its owner.")
    _workspace, operator = accounts.make_workspace(
        name=name, email=email, password=password, language=language_of_machine(os.environ)
    )
    return operator.check_password(password)
