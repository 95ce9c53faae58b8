"""Whatever a person reads is there in both languages, with the same blanks to fill."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.template import Node, Template, Variable
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from tests.house.tree import PACKAGE, product_code, shown

CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
BLANK = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")

# Which of their arguments these functions translate.
TRANSLATORS = {"_": [0], "gettext": [0], "gettext_lazy": [0], "gettext_noop": [0], "pgettext": [1]}
TRANSLATORS |= {"ngettext": [0, 1], "ngettext_lazy": [0, 1], "pgettext_lazy": [1]}


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def test_nothing_is_left_untranslated_or_guessed(chinese: Catalog) -> None:
    entries = [message for message in chinese if message.id]
    assert entries
    assert [message.id for message in entries if message.fuzzy or not all(strings(message.string))] == []


def test_every_translation_fills_the_same_blanks(chinese: Catalog) -> None:
    differing = [message.id for message in chinese if message.id and not fills_the_same_blanks(message)]
    assert differing == []


def test_every_text_of_the_product_is_in_the_catalogue(chinese: Catalog) -> None:
    known = {text for message in chinese for text in strings(message.id)}
    missing = {text: where for where, text in [*texts_in_code(), *texts_in_templates()] if text not in known}
    assert missing == {}


def strings(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """One text or, of a plural, its forms; a text that is not there is an empty one."""
    return (value or "",) if isinstance(value, str | None) else tuple(value)


def fills_the_same_blanks(message: Message) -> bool:
    """Of a plural the last English form counts: "one person" may leave out the number that others have."""
    wanted = sorted(BLANK.findall(strings(message.id)[-1]))
    return all(sorted(BLANK.findall(text)) == wanted for text in strings(message.string))


def texts_in_code() -> Iterator[tuple[str, str]]:
    for path in product_code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                for text in (node.args[place] for place in TRANSLATORS.get(str(name), [])):
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield f"{shown(path)}:{node.lineno}", text.value


def texts_in_templates() -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in (PACKAGE / "templates").rglob("*") if path.is_file()):
        source = path.read_text()
        for text in re.findall(r"""\b_\((?:"([^"]+)"|'([^']+)')\)""", source):
            yield shown(path), "".join(text)
        for kind in (TranslateNode, BlockTranslateNode):
            for node in Template(source).nodelist.get_nodes_by_type(kind):
                yield from ((shown(path), text) for text in texts_of(node))


def texts_of(node: Node) -> Iterator[str]:
    """What Django looks up for the node: a percent sign of the page is doubled in the catalogue."""
    if isinstance(node, TranslateNode) and isinstance(node.filter_expression.var, Variable):
        if isinstance(literal := node.filter_expression.var.literal, str):
            yield literal.replace("%", "%%")
    elif isinstance(node, BlockTranslateNode):
        for tokens in (node.singular, node.plural or []):
            if tokens:
                yield node.render_token_list(tokens)[0]
