"""What a chat's preview gets for a code: words, and nothing that counts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.accounts.models import Language
from tenfold.campaigns.models import Campaign
from tenfold.edge.preview import PERSON, Words, not_ahead, preview, words_of
from tenfold.posters.models import PosterText
from tests import cast

SUMMER = Words("en", "Ten days of reading", "With a friend · A book for everybody")


class Page(HTMLParser):
    """Its meta tags by name, its attributes, its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append((tag, told))
        if tag == "meta" and (name := told.get("property") or told.get("name")):
            self.meta[name] = told.get("content") or ""

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_chat_gets_the_words_of_its_card() -> None:
    page = Page(preview(SUMMER, "ABCDEFGH").body)
    assert page.meta["og:title"] == SUMMER.title
    assert page.meta["og:description"] == SUMMER.description
    assert page.meta["og:url"] == "http://127.0.0.1:8000/c/ABCDEFGH"
    assert "noindex" in page.meta["robots"]


def test_a_person_who_reads_it_gets_in_by_its_button() -> None:
    page = Page(preview(SUMMER, "ABCDEFGH").body)
    form = next(told for tag, told in page.tags if tag == "form")
    query = next(f"{told['name']}={told['value']}" for tag, told in page.tags if tag == "input")
    assert (form["action"], form.get("method", "get"), query.encode()) == ("/c/ABCDEFGH", "get", PERSON)
    assert "Join" in page.text
    assert not [told for tag, told in page.tags if tag in ("a", "script")]  # nothing a program would follow


def test_it_names_nobody_sets_nothing_and_is_kept_by_the_asker_alone() -> None:
    headers = dict(preview(SUMMER, "ABCDEFGH").all_headers())
    assert b"set-cookie" not in headers
    assert headers[b"cache-control"] == b"private, max-age=60"
    assert headers[b"vary"] == b"user-agent"
    assert {b"content-security-policy", b"x-content-type-options", b"referrer-policy"} <= set(headers)


def test_it_speaks_the_campaigns_language() -> None:
    page = preview(Words("zh-hans", "夏日共读", ""), "ABCDEFGH").body.decode()
    assert '<html lang="zh-hans"' in page
    assert "进群" in page
    assert "zh_CN" in page


WORDS = st.builds(
    Words,
    language=st.sampled_from(Language.values),
    title=st.text(max_size=60),
    description=st.text(max_size=160),
)


@given(words=WORDS)
def test_whatever_a_campaign_is_called_it_is_text_and_small(words: Words) -> None:
    answer = preview(words, "ABCDEFGH")
    assert len(answer.body) <= 4096
    page = Page(answer.body)
    assert {tag for tag, _told in page.tags} <= {
        *("html", "head", "meta", "link", "title", "style", "body", "main", "svg", "g", "circle", "h1", "p"),
        *("form", "input", "button"),
    }
    assert [told for _tag, told in page.tags if any(name.startswith("on") for name in told)] == []


@pytest.mark.django_db
def test_the_words_are_those_of_the_poster_in_the_campaigns_language() -> None:
    stage = cast.live()
    Campaign.objects.update(language=Language.ZH)
    PosterText.objects.all().delete()
    campaign = Campaign.objects.get()
    assert words_of(campaign) == Words("zh-hans", campaign.name[:60], "")
    for language, title in (("en", "Summer"), ("zh-hans", "夏天")):
        PosterText.objects.create(
            workspace=stage.campaign.workspace, campaign=campaign, language=language, title=title,
            subtitle=f"{title}!", offer=" ", points=f"{title} 1\n\n {title} 2 \n" + "x" * 390,
        )  # fmt: skip
    words = words_of(Campaign.objects.get())
    assert (words.language, words.title) == ("zh-hans", "夏天")
    assert words.description.startswith("夏天! · 夏天 1 · 夏天 2 · xxx")
    assert len(words.description) == 160


@pytest.mark.django_db
def test_words_that_are_too_many_end_with_a_whole_word() -> None:
    stage = cast.live()
    PosterText.objects.filter(campaign=stage.campaign, language="en").update(
        subtitle="Read " * 20, offer="A gift box by post", points="friends " * 20
    )
    told = words_of(Campaign.objects.get()).description
    assert told.startswith("Read Read")
    assert told.endswith(" friends…")
    assert 150 < len(told) <= 160


def test_a_browser_that_reads_ahead_is_sent_away_unkept() -> None:
    answer = not_ahead()
    assert answer.status == 403
    assert dict(answer.all_headers())[b"cache-control"] == b"no-store"
