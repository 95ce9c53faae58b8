"""The form reader against pages nobody would write, and against every page that hypothesis can think of."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.simulation.pages import Page

NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def page(text: str, address: str = "/g/1/") -> Page:
    return Page(address, 200, text)


@given(
    fields=st.dictionaries(NAMES, TEXTS, max_size=5),
    hidden=st.dictionaries(NAMES.map(lambda name: "h-" + name), TEXTS, max_size=3),
    area=TEXTS,
)
def test_what_a_form_says_is_what_is_read(fields: dict[str, str], hidden: dict[str, str], area: str) -> None:
    inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in fields.items())
    inputs += "".join(
        f"<input type='hidden' name='{name}' value='{escape(value)}'/>" for name, value in hidden.items()
    )
    html = f'<p>x<form action="/join">{inputs}<textarea name="area">{escape(area)}</textarea></form></p>'
    form = page(html).form_to("/join")
    assert form is not None
    assert form.fields == {**fields, **hidden, "area": area}
    assert form.filled() == form.fields


@given(text=st.text(max_size=300))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    read = page(text)
    assert [form for form in read.forms if not isinstance(form.action, str)] == []
    assert read.form_to("/nowhere-at-all") is None


TAGS = st.sampled_from(
    [
        *('<form action="/a">', "</form>", '<form id="f" action="/b">', '<input name="x" value="1">'),
        *('<input name="y" form="f" value="2">', '<select name="s">', "</select>", '<option value="o">'),
        *('<option value="p" selected>', '<textarea name="t">', "</textarea>", "words", "<!--", "-->"),
        *('<button name="b" value="1">', "<input>", "<input type=checkbox name=c checked>", "</p>", "<"),
        *('<a href="/me/1/">', "<img src=x>", "<script>", "</script>", '<input name="x" disabled'),
    ]
)


@given(tags=st.lists(TAGS, max_size=25))
def test_tags_in_any_order_never_break_the_reader_and_leave_fields_with_the_forms(tags: list[str]) -> None:
    read = page("".join(tags))
    assert len(read.forms) <= sum("<form" in tag for tag in tags)
    for form in read.forms:
        assert set(form.fields) <= {"x", "y", "s", "t", "c"}
        assert all(isinstance(value, str) for value in form.fields.values())
    if not read.forms:
        assert read.form_to("/a") is None


@pytest.mark.parametrize(
    ("action", "address", "goes"),
    [
        ("", "/me/1/proof?x=1", "/me/1/proof?x=1"),
        ("join", "/g/1/", "/g/1/join"),
        ("../leave", "/g/1/", "/g/leave"),
        ("/x", "/g/1/", "/x"),
        ("?again=1", "/g/1/", "/g/1/?again=1"),
        ("#there", "/g/1/", "/g/1/#there"),
        ("https://elsewhere.example/x", "/g/1/", "https://elsewhere.example/x"),
    ],
)
def test_a_form_goes_where_a_browser_would_send_it(action: str, address: str, goes: str) -> None:
    assert page(f'<form action="{action}"><input name="a"></form>', address).forms[0].action == goes


def test_the_first_choice_counts_where_none_is_marked_and_a_marked_one_wherever_it_stands() -> None:
    form = page(
        '<form action="/x"><select name="a"><option value="1"><option value="2"></select>'
        '<select name="b"><option value="1"><option value="2" selected><option value="3"></select>'
        '<select name="c"></select></form>'
    ).forms[0]
    assert form.fields == {"a": "1", "b": "2"}


def test_what_stands_outside_of_a_form_and_belongs_to_it_is_its_own() -> None:
    first, second = page(
        '<form id="one" action="/1"></form><form id="two" action="/2">'
        '<textarea name="t" form="one">words</textarea><select name="s" form="one"><option value="1"></select>'
        '<input name="a"></form><textarea name="u" form="two">more</textarea>'
    ).forms
    assert first.fields == {"t": "words", "s": "1"}
    assert second.fields == {"a": "", "u": "more"}


def test_boxes_are_sent_when_they_are_ticked_and_offered_when_not() -> None:
    form = page(
        '<form action="/x"><input type="checkbox" name="a"><input type="checkbox" name="b" value="yes" checked>'
        '<input type="radio" name="c" value="1"><input type="radio" name="c" value="2" checked></form>'
    ).forms[0]
    assert form.fields == {"b": "yes", "c": "2"}
    assert form.boxes == {"a": "on", "b": "yes", "c": "2"}
    assert form.filled(a=form.boxes["a"]) == {"a": "on", "b": "yes", "c": "2"}


@pytest.mark.parametrize("kind", ["submit", "button", "reset", "image"])
def test_a_button_is_sent_only_when_it_is_pressed(kind: str) -> None:
    form = page(f'<form action="/x"><input type="{kind}" name="go" value="1"><input name="a"></form>').forms[
        0
    ]
    assert form.fields == {"a": ""}
    assert form.filled(go="1") == {"a": "", "go": "1"}


def test_of_an_attribute_that_stands_there_twice_the_first_counts() -> None:
    assert page('<form action="/x"><input name="a" name="b" value="1" value="2"></form>').forms[0].fields == {
        "a": "1"
    }


def test_links_without_an_address_lead_nowhere_and_script_is_no_link() -> None:
    read = page(
        """<a>no</a><a href="">no</a><a href="/g/1/" data-key="j">yes</a>
        <script>document.write('<a href="/g/2/">no</a>')</script><!-- <a href="/g/3/">no</a> -->"""
    )
    assert [link["href"] for link in read.links] == ["/g/1/"]
    assert read.links[0]["data-key"] == "j"
    assert read.link_to("/g/2") is None


def test_a_page_knows_its_path_without_what_was_asked_of_it() -> None:
    assert page("", "/line/1/?again=1#x").path == "/line/1/"
