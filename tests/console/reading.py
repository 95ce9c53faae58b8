"""Reads a page as a browser and a screen reader would, and says what is unsound about it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "input", "br", "hr", "source", "wbr", "col"}
# What HTML lets out without an end; the templates always write it.
NAMED = {"button", "a", "summary"}
POINTING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
UNFILLED = re.compile(r"%\(\w+\)|\{\{|\{%|&lt;django|Undefined|\bNone\b")


# One tag is not another, though it may look the same; and to compare all within them takes long.
@dataclass(eq=False)
class Tag:
    name: str
    attributes: dict[str, str]
    text: str = ""
    tags: list[Tag] = field(default_factory=list)

    def all(self, name: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.name == name]

    @property
    def label(self) -> str:
        """What a screen reader says: the name given, the text, or those of the pictures inside."""
        said = [self.attributes.get("aria-label", ""), self.attributes.get("title", ""), self.text]
        said += [tag.attributes.get("alt", "") for tag in self.all("img")]
        return " ".join(said).strip()


class Page(HTMLParser):
    """All tags in order; `faults` are sentences, empty for a sound page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.open: list[Tag] = []
        self.faults: list[str] = []
        self.feed(html)
        self.faults += [f"<{tag.name}> is never closed" for tag in self.open]
        self.labels = [tag for tag in self.tags if tag.name == "label"]
        self._check_ids()
        for tag in self.tags:
            self._check(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        found = Tag(tag, {name: value or "" for name, value in attrs})
        for around in self.open:
            around.tags.append(found)
        self.tags.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].name != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1].name if self.open else 'nothing'}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if any(tag.name in ("script", "style", "textarea") for tag in self.open):
            return
        if found := UNFILLED.search(data):
            self.faults.append(f"unfilled: {found[0]!r} in {data.strip()[:80]!r}")
        for tag in self.open:
            tag.text += data

    def _check_ids(self) -> None:
        ids = Counter(tag.attributes["id"] for tag in self.tags if "id" in tag.attributes)
        self.faults += [f"id twice: {each}" for each, count in ids.items() if count > 1]
        for tag in self.tags:
            for name in POINTING:
                for target in tag.attributes.get(name, "").split():
                    if target not in ids:
                        self.faults.append(f"<{tag.name} {name}> points at {target!r}, which is not there")

    def _check(self, tag: Tag) -> None:
        if tag.name == "img" and "alt" not in tag.attributes:
            self.faults.append(f"a picture without a text: {tag.attributes.get('src')}")
        if tag.name in NAMED and not tag.label and "aria-hidden" not in tag.attributes:
            self.faults.append(f"<{tag.name}> has no name: {tag.attributes}")
        if tag.name == "form" and tag.attributes.get("method") == "post":
            self._check_token(tag)
        if tag.name in ("input", "select", "textarea") and tag.attributes.get("type") != "hidden":
            self._check_label(tag)
        self.faults += [f"script in <{tag.name} {name}>" for name in tag.attributes if name.startswith("on")]
        if tag.attributes.get("target") == "_blank" and tag.attributes.get("href", "").startswith("http"):
            self.faults += (
                [] if "noopener" in tag.attributes.get("rel", "") else ["a window that can reach back"]
            )

    def _check_token(self, form: Tag) -> None:
        names = [tag.attributes.get("name") for tag in form.all("input")]
        if "csrfmiddlewaretoken" not in names:
            self.faults.append(f"a form without its token: {form.attributes}")

    def _check_label(self, asked: Tag) -> None:
        is_named = asked.attributes.get("aria-label") or asked.attributes.get("aria-labelledby")
        is_around = any(asked in label.tags for label in self.labels)
        points = any(label.attributes.get("for") == asked.attributes.get("id") for label in self.labels)
        if not (is_named or is_around or points):
            self.faults.append(f"a field without a label: {asked.attributes}")

    @property
    def title(self) -> str:
        return next((tag.text.strip() for tag in self.tags if tag.name == "title"), "")

    @property
    def language(self) -> str:
        return next((tag.attributes.get("lang", "") for tag in self.tags if tag.name == "html"), "")

    def links(self) -> set[str]:
        """Addresses of our own console that this page leads to."""
        found = {tag.attributes.get("href", "") for tag in self.tags if tag.name == "a"}
        return {each.split("#")[0] for each in found if each.startswith("/console/")}

    def forms(self, method: str) -> set[str]:
        """Where its forms of this method send what is typed."""
        found = [tag.attributes for tag in self.tags if tag.name == "form"]
        return {each.get("action", "") for each in found if each.get("method", "get") == method} - {""}
