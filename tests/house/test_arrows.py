"""No room escapes the order of the rooms."""

from __future__ import annotations

from tests.house.tree import PACKAGE, project

# What Django needs by name at the top; everything else has its place in the order.
WIRING = {"__init__", "__main__", "apps", "asgi", "migrations", "models", "settings", "urls", "wsgi"}


def test_every_room_has_its_place_in_the_order() -> None:
    contracts = project()["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip().removeprefix("tenfold.") for layer in layers for name in layer.split("|")}
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert (modules | rooms) - WIRING - placed == set()
