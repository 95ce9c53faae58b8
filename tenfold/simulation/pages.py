"""What a simulated phone reads off a page: its forms, links and pictures, as a browser would find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

Attributes = dict[str, str]
UNSENT = ("submit", "button", "reset", "image")


@dataclass
class Form:
    """A form as it stands: `fields` is what a browser would send with nothing filled in."""

    action: str
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **answers: str) -> dict[str, str]:
        """The fields with these answers; raises KeyError for a question that the form does not ask."""
        known = {*self.fields, *self.boxes, *(name for name, _value in self.buttons)}
        if unknown := set(answers) - known:
            raise KeyError(f"no {sorted(unknown)} in the form to {self.action}")
        return self.fields | answers


@dataclass(frozen=True)
class Page:
    """An answer that was read: `address` is its path and query."""

    address: str
    status: int
    text: str

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader(self.address)
        reader.feed(self.text)
        reader.close()
        return reader

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def links(self) -> list[Attributes]:
        """The attributes of every link that leads somewhere."""
        return self._read.links

    @property
    def pictures(self) -> list[str]:
        return self._read.pictures

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    def form_to(self, ending: str) -> Form | None:
        """The first form that is sent to an address with this ending."""
        return next((form for form in self.forms if urlsplit(form.action).path.endswith(ending)), None)

    def link_to(self, beginning: str) -> str | None:
        return next((link["href"] for link in self.links if link["href"].startswith(beginning)), None)

    def picture_at(self, beginning: str) -> str | None:
        return next((picture for picture in self.pictures if picture.startswith(beginning)), None)


class _Reader(HTMLParser):
    """Collects; rubbish between the tags is skipped, as in a browser."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[Attributes] = []
        self.pictures: list[str] = []
        self._address = address
        self._form: Form | None = None
        # The text area and the choice that are open, each with the form it belongs to.
        self._area: tuple[Form, str] | None = None
        self._choice: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of an attribute that stands there twice the first counts.
        of: Attributes = {name: value or "" for name, value in reversed(attrs)}
        if tag == "form":
            self._form = Form(urljoin(self._address, of.get("action", "")), of.get("id", ""))
            self.forms.append(self._form)
        elif tag == "a" and of.get("href"):
            self.links.append(of)
        elif tag == "img" and of.get("src"):
            self.pictures.append(of["src"])
        elif form := self._form_of(of):
            self._ask(form, tag, of)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._choice = None

    def handle_data(self, data: str) -> None:
        if self._area:
            form, name = self._area
            form.fields[name] += data

    def _form_of(self, of: Attributes) -> Form | None:
        named = of.get("form")
        return next((form for form in self.forms if named and form.id == named), self._form)

    def _ask(self, form: Form, tag: str, of: Attributes) -> None:
        name = of.get("name", "")
        if tag == "button":
            form.buttons.append((name, of.get("value", "")))
        elif tag == "textarea" and name:
            self._area, form.fields[name] = (form, name), ""
        elif tag == "select" and name:
            self._choice = (form, name)
        elif tag == "option" and self._choice:
            _choose(*self._choice, of)
        elif tag == "input" and name:
            _put_in(form, name, of)


def _choose(form: Form, name: str, of: Attributes) -> None:
    """The chosen one, else the first."""
    if "selected" in of or name not in form.fields:
        form.fields[name] = of.get("value", "")


def _put_in(form: Form, name: str, of: Attributes) -> None:
    kind, value = of.get("type", "text"), of.get("value", "")
    if kind == "file":
        form.files.append(name)
    elif kind in ("checkbox", "radio"):
        form.boxes[name] = value or "on"
        if "checked" in of:
            form.fields[name] = form.boxes[name]
    elif kind in UNSENT:
        form.buttons.append((name, value))
    else:
        form.fields[name] = value
