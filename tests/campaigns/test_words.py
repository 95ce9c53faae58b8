"""Words are checked when they are saved, so that nothing is missing when they are said."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.accounts.models import Language
from tenfold.base.refusal import Refusal
from tenfold.campaigns import rules
from tenfold.campaigns.models import Words
from tenfold.campaigns.playbooks import USUAL, usual_words

TEXT = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "words_empty"),
        (" \n\t ", "words_empty"),
        ("\x00", "words_empty"),
        ("x" * 1001, "words_too_long"),
        ("Hello {}", "words_unfilled"),
        ("Hello {  }", "words_unfilled"),
        ("Hello {name}", "words_unknown"),
        ("Hello {Nickname}", "words_unknown"),
        ("Hello { nickname }", "words_unknown"),
        ("Hello {nickname!r}", "words_unknown"),
        ("Hello {nickname.__class__}", "words_unknown"),
        ("Hello {reason}", "words_unknown"),
        ("Hello {nickname", "words_open"),
        ("Hello nickname}", "words_open"),
        ("Hello }{", "words_open"),
        ("Hello {{nickname}}", "words_open"),
    ],
)
def test_words_that_would_come_out_wrong_are_refused_when_saved(text: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.check_words("join", text)
    assert (refused.value.code, refused.value.status) == (why, 400)


def test_the_refusal_names_the_unknown_variable_and_the_known_ones() -> None:
    with pytest.raises(
        Refusal, match=r"\{hours\}.*\{nickname\} \{campaign\} \{group\} \{page_link\} \{inviter\}"
    ):
        rules.check_words("join", "{hours} left")


def test_words_are_kept_without_space_around_and_without_what_a_database_cannot_keep() -> None:
    assert rules.check_words("join", "  Hi\x00 {nickname} \n") == "Hi {nickname}"


def test_a_campaign_starts_with_good_words_for_every_usual_moment_in_every_language() -> None:
    words = list(usual_words())
    assert sorted((spoken, moment) for spoken, moment, _text in words) == sorted(
        (spoken, moment) for spoken in Language.values for moment in USUAL
    )
    for _spoken, moment, text in words:
        assert rules.check_words(moment, text) == text


def test_every_variable_has_a_meaning_for_the_one_who_writes() -> None:
    assert {name for names in rules.VARIABLES.values() for name in names} == set(rules.MEANING)
    assert set(rules.VARIABLES) == set(Words.Moment.values)


@given(values=st.fixed_dictionaries({name: st.text(max_size=30) for name in rules.MEANING}))
def test_a_value_is_never_read_for_variables_itself(values: dict[str, str]) -> None:
    for moment, names in rules.VARIABLES.items():
        text = "|".join(f"{{{name}}}" for name in names)
        assert rules.fill(rules.check_words(moment, text), values) == "|".join(values[name] for name in names)


def test_a_nickname_that_looks_like_a_variable_is_said_as_it_is() -> None:
    told = rules.fill("{nickname} in {group}", {"nickname": "{group}", "group": "{nickname}"})
    assert told == "{group} in {nickname}"


@given(
    moment=st.sampled_from(Words.Moment.values), pieces=st.lists(TEXT, min_size=1, max_size=6), data=st.data()
)
def test_whatever_passes_the_check_can_be_filled(moment: str, pieces: list[str], data: st.DataObject) -> None:
    names = data.draw(
        st.lists(st.sampled_from(rules.VARIABLES[moment]), min_size=len(pieces), max_size=len(pieces))
    )
    raw = "".join(piece + f"{{{name}}}" for piece, name in zip(pieces, names, strict=True))
    told = rules.fill(rules.check_words(moment, raw), dict.fromkeys(rules.VARIABLES[moment], "<>"))
    assert "{" not in told
    assert told.count("<>") >= len(names)


@given(raw=st.text(st.sampled_from("{}abn ickame"), max_size=25))
def test_any_text_is_either_refused_or_filled_without_a_bracket_left(raw: str) -> None:
    with suppress(Refusal):
        told = rules.fill(rules.check_words("join", raw), dict.fromkeys(rules.VARIABLES["join"], "x"))
        assert not set("{}") & set(told)


@pytest.mark.parametrize("moment", rules.OPTIONAL)
def test_a_moment_that_need_not_be_spoken_of_may_be_left_empty(moment: str) -> None:
    assert rules.check_words(moment, " \n ") == ""
