"""Addresses in what people write: links, wherever Chinese stands around them, and nothing else gets onto the page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.web.tags import linked

HERE = "http://127.0.0.1:8790/me/01a2"


class Read(HTMLParser):
    """What a browser makes of it: the words, where the links lead, and every other element."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words, self.links, self.others = "", list[str](), list[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "a" and "href" in held and set(held) <= {"href", "rel"}:
            self.links.append(held["href"] or "")
        else:
            self.others.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    "text",
    [
        f"在你的页面查看：{HERE}",
        f"在你的页面查看：{HERE}。谢谢！",
        f"（{HERE}）",
        f"查看{HERE}，然后截图",
        f"打开「{HERE}」；再试一次",
        f"打开{HERE}查看",
        f"Look at {HERE}.",
        f"Look ({HERE}) please",
        f"On it is your page:\n{HERE}\n",
    ],
)
def test_an_address_is_a_link_without_what_stands_around_it(text: str) -> None:
    read = Read(linked(text))
    assert (read.links, read.others, read.words) == ([HERE], [], text)


def test_several_addresses_are_several_links_and_long_ones_are_written_short() -> None:
    read = Read(linked(f"一：{HERE}，二：{HERE}?b=1&c=2", 20))
    assert read.links == [HERE, f"{HERE}?b=1&c=2"]
    assert read.words == "一：http://127.0.0.1:87…，二：http://127.0.0.1:87…"


@pytest.mark.parametrize(
    "text",
    [
        "看：javascript:alert(1)",
        "看：<script>alert(1)</script>",
        "<b>：</b>",
        "看：data:text/html,x",
        "看：xhttp://a.b",
        "&lt;img src=x&gt;：",
    ],
)
def test_what_is_no_address_stays_words(text: str) -> None:
    read = Read(linked(text))
    assert (read.links, read.others, read.words) == ([], [], text)


def test_an_address_carries_nothing_else_onto_the_page() -> None:
    read = Read(linked('看：http://a.b/" onclick="alert(1)，http://a.b/<script>alert(1)</script>'))
    assert read.links == ["http://a.b/", "http://a.b/"]
    assert read.others == []


@given(
    st.lists(
        st.sampled_from(
            [
                "http://",
                "https://a.b/",
                "www.a.b",
                "<b>",
                '"',
                "'",
                "&lt;",
                "：",
                "，",
                "（",
                "x",
                " ",
                "c@d.com",
                "\n",
            ]
        )
    ).map("".join)
)
def test_whatever_is_written_is_said_and_leads_to_pages_and_letters_alone(text: str) -> None:
    read = Read(linked(text))
    assert read.others == []
    assert read.words == text
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in read.links)
