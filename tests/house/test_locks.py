"""What is locked is not locked for those who only refer to it, but for a few that say why (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import product_code, shown

WHOLE = {
    "tenfold/accounts/actions.py _refuse_losing_last_owner",
    "tenfold/campaigns/actions.py change_plan",
    "tenfold/insight/sources.py put_right",
    "tenfold/keepsakes/actions.py change_edition",
    "tenfold/keepsakes/actions.py reward_with",
    "tenfold/proofs/keeping.py _erase",
    "tenfold/rewards/actions.py change_reward",
}


def test_rows_are_locked_whole_only_where_that_is_needed() -> None:
    assert {name for path in product_code() for name in locked_whole(path)} == WHOLE


def locked_whole(path: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef) and any(map(is_whole, ast.walk(function))):
            yield f"{shown(path)} {function.name}"


def is_whole(node: ast.AST) -> bool:
    is_lock = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "select_for_update"
    return is_lock and "no_key" not in [word.arg for word in node.keywords]  # type: ignore[attr-defined]
