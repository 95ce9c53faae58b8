"""The house stays readable: short files, short functions, everything annotated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import product_code, shown

FILE_LINES = 500
FUNCTION_LINES = 50


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in product_code()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {name: (function.end_lineno or 0) - function.lineno + 1 for name, function in functions()}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_every_function_tells_its_types() -> None:
    assert [name for name, function in functions() if not is_annotated(function)] == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Otherwise two test files of one name in two folders are taken for one."""
    tests = Path(__file__).parents[1]
    folders = {path.parent for path in tests.rglob("test_*.py")}
    assert [shown(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in product_code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{shown(path)}:{node.lineno} {node.name}", node


def is_annotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    if named and named[0].arg in ("self", "cls"):
        named = named[1:]
    named += arguments.kwonlyargs
    named += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return function.returns is not None and all(argument.annotation for argument in named)
