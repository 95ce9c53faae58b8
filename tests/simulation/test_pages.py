"""The form reader sends what a browser would send."""

from __future__ import annotations

import pytest

from tenfold.simulation.pages import Page

JOIN = Page(
    "/g/1/",
    200,
    """
    <a href="/me/7/">mine</a> <a>nowhere</a> <img src="/poster/AB.jpg?lang=en"><br/>
    <form action="/language"><input name="next" value="/"></form>
    <form id="f" method="post" action="join?x=1"><input type="hidden" name="csrfmiddlewaretoken" value="t&amp;1">
    <input name="nickname" value="Mia"><input type="checkbox" name="consent" value="yes" required>
    <input type="checkbox" name="news" checked><textarea name="text">a &lt; b</textarea>
    <select name="language"><option value="en">E</option><option value="zh-hans" selected>Z</option></select>
    <button name="approve" value="1">ok</button><input type="submit" name="go" value="Go"></form>
    <input type="file" name="picture" form="f"><input name="stray" value="1">
    """,
)


def test_a_form_is_found_by_where_it_goes_and_resolved_against_the_page() -> None:
    form = JOIN.form_to("/join")
    assert form is not None
    assert form.action == "/g/1/join?x=1"
    assert JOIN.form_to("/leave") is None


def test_what_stands_in_a_form_is_what_a_browser_would_send() -> None:
    form = JOIN.form_to("/join")
    assert form is not None
    assert form.fields == {
        "csrfmiddlewaretoken": "t&1",
        "nickname": "Mia",
        "news": "on",
        "text": "a < b",
        "language": "zh-hans",
    }
    assert form.files == ["picture"]  # stands outside, belongs to it by its id
    assert form.buttons == [("approve", "1"), ("go", "Go")]


def test_answers_replace_what_stood_there_and_a_question_nobody_asked_is_an_error() -> None:
    form = JOIN.form_to("/join")
    assert form is not None
    sent = form.filled(nickname="Ben", consent=form.boxes["consent"])
    assert (sent["nickname"], sent["consent"]) == ("Ben", "yes")
    with pytest.raises(KeyError, match="nick_name"):
        form.filled(nick_name="Ben")


def test_links_and_pictures_are_found_by_their_beginning() -> None:
    assert JOIN.link_to("/me/") == "/me/7/"
    assert JOIN.picture_at("/poster/") == "/poster/AB.jpg?lang=en"
    assert JOIN.link_to("/line/") is None


@pytest.mark.parametrize(
    "rubbish", ["", "<form", "<form><input name=>", "</form></select>", "<option value=1>", "\x00<"]
)
def test_rubbish_is_read_as_a_page_without_forms_to_send(rubbish: str) -> None:
    page = Page("/", 200, rubbish)
    assert [form for form in page.forms if form.fields] == []
