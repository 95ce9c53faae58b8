"""What of a text can be drawn: names as they are where we can, never half an emoji, never a box."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.imaging.fonts import COVERED
from tenfold.imaging.texts import LONGEST, clusters, drawable, first_drawable, missing, set_quotes

FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    "text",
    [
        "小美",
        "Mia Chen",
        "José Müller",
        "Nguyễn Văn A",
        "囍喆堃玥珺",
        "さくら",
        "Привет",
        "10,000 人！",
        "①②→✓☆",
    ],
)
def test_what_the_font_has_stays(text: str) -> None:
    assert drawable(text) == text
    assert missing(text) == ()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Mia🌸 Li", "Mia Li"),
        ("🌸 Mia 🌸", "Mia"),
        (f"Li {FAMILY} Lei", "Li Lei"),
        ("👩🏽\u200d⚕️Dr", "Dr"),
        ("👍🏿ok", "ok"),
        ("❤️小美❤️", "小美"),
        ("🇨🇳中国", "中国"),
        ("1️⃣ go", "1 go"),
        ("🏴\U000e0067\U000e0062\U000e007fScot", "Scot"),
        ("𝓜𝓲𝓪", "Mia"),
        ("ﬁne", "fine"),
        ("Jiří Wałęsa", "Jirí Walesa"),
        ("مرحبا Mia", "Mia"),
        ("שלום", ""),
        ("𠮷野家", "野家"),
        ("e" + "\u0301" * 500, "e"),
    ],
)
def test_what_the_font_lacks_becomes_plain_or_goes(text: str, drawn: str) -> None:
    assert drawable(text).replace("é", "e") == drawn
    assert missing(text)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\u202eevil\u202c", "evil"),
        ("\u2066a\u2069b", "ab"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("a\0b\x1b[31m", "ab[31m"),
        ("a\ue000b\uf8ffc", "abc"),
        ("\u200d\u200d", ""),
        ("a\t\r\n b\u3000c\u2028d", "a b c d"),
        ("   ", ""),
        ("\ud800x", "x"),
    ],
)
def test_invisible_and_turning_marks_go(text: str, drawn: str) -> None:
    assert drawable(text) == drawn


def test_placeholder_stands_for_what_cannot_be_drawn() -> None:
    assert drawable("🌸🦄", "一位朋友") == "一位朋友"
    assert drawable("", "·") == "·"
    assert drawable("Mia", "·") == "Mia"


def test_decomposed_letters_are_composed() -> None:
    assert drawable(unicodedata.normalize("NFD", "José")) == "José"


def test_missing_tells_whole_clusters_in_order() -> None:
    assert missing(f"a{FAMILY}b🌸ř") == (FAMILY, "🌸", "ř")


def test_endless_text_is_cut() -> None:
    assert len(drawable("好" * 100_000)) == LONGEST


@given(st.text())
def test_only_covered_characters_come_out(text: str) -> None:
    assert set(drawable(text)) <= COVERED - {"\u00ad"}


@given(st.text())
def test_drawable_is_settled(text: str) -> None:
    once = drawable(text)
    assert drawable(once) == once
    assert missing(once) == ()


@given(st.text())
def test_clusters_lose_nothing(text: str) -> None:
    assert "".join(clusters(text)) == text


@given(st.text(st.sampled_from("ab 小美，。!")))
def test_plain_text_only_loses_extra_blanks(text: str) -> None:
    assert drawable(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "count"),
    [("abc", 3), (FAMILY, 1), ("🇨🇳🇩🇪", 2), ("👍🏿👍", 2), ("e\u0301x", 2), ("1️⃣2", 2), ("", 0)],
)
def test_clusters_are_what_a_reader_counts(text: str, count: int) -> None:
    assert len(list(clusters(text))) == count


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("mia", "M"),
        ("小美", "小"),
        ("🌸 bo", "B"),
        ("“x”", "X"),
        ("...7", "7"),
        ("ß", "ß"),
        ("🌸", ""),
        ("", ""),
    ],
)
def test_first_letter(name: str, letter: str) -> None:
    assert first_drawable(name) in {letter, letter.upper()}


@pytest.mark.parametrize(
    ("text", "narrow"),
    [("don’t “go”…", 4), ("他说：“你好”……", 0), ("“Mia”来了", 2), ("“你好” ok", 0), ("plain", 0), ("…", 0)],
)
def test_quotes_of_latin_words_are_narrow(text: str, narrow: int) -> None:
    drawn = set_quotes(text)
    assert sum("\ue000" <= character <= "\ue004" for character in drawn) == narrow
    assert len(drawn) == len(text)
