"""The contract that every platform keeps, and the feed of the built-in one."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.platforms
from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.groups.models import Group
from tenfold.journal.models import Entry
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask, Message
from tenfold.platforms.contract import Failed, NeedsHuman, Outcome, Platform, Sent
from tenfold.platforms.registry import PLATFORMS
from tenfold.platforms.web import actions as web
from tenfold.platforms.web.models import Post
from tenfold.platforms.web.queries import latest_posts, posts_after, posts_before, posts_for_operators
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
EVERY = pytest.mark.parametrize("name", sorted(PLATFORMS))

# --- the contract ---------------------------------------------------------------------------------------------


def test_what_is_in_the_registry_can_be_chosen_has_a_folder_and_nothing_else_has() -> None:
    home = Path(tenfold.platforms.__file__).parent
    folders = {path.parent.name for path in home.glob("*/platform.py")}
    assert set(PLATFORMS) == set(Group.Platform.values) == folders


@EVERY
def test_a_platform_takes_what_the_contract_names_and_no_more(name: str) -> None:
    for act in ("say", "remove"):
        asked = inspect.signature(getattr(Platform, act)).parameters
        given = inspect.signature(getattr(PLATFORMS[name].__class__, act)).parameters
        assert list(given) == list(asked)
        assert {p.kind for p in list(given.values())[1:]} == {inspect.Parameter.KEYWORD_ONLY}
    assert isinstance(PLATFORMS[name].sees_joins, bool)
    assert isinstance(PLATFORMS[name].says_privately, bool)


@EVERY
def test_who_says_privately_says_it_to_nobody_else(name: str) -> None:
    """Where it cannot, nothing that is for one alone is asked of it: what is said there, everybody reads."""
    room, mia, ben = new_id(), new_id(), new_id()
    PLATFORMS[name].say(room_id=room, text="For Mia", key="k", reader_id=mia)
    assert (
        latest_posts(room)
        == latest_posts(room, reader_id=ben)
        == posts_after(room, None, reader_id=ben)
        == []
    )
    heard = [post.text for post in latest_posts(room, reader_id=mia)]
    assert heard == [post.text for post in posts_after(room, None, reader_id=mia)]
    assert heard == (["For Mia"] if name == "web" else [])
    assert posts_for_operators(room, None) == []


@EVERY
def test_every_answer_is_one_of_three(name: str) -> None:
    platform, room = PLATFORMS[name], new_id()
    assert isinstance(platform.say(room_id=room, text="Hi!", key="k"), Outcome)
    assert isinstance(platform.remove(room_id=room, name="Mia", key="k"), Outcome)
    assert set(get_args(Outcome)) == {Sent, NeedsHuman, Failed}
    assert [field.name for field in fields(Failed)] == ["error", "is_permanent"]


@EVERY
def test_said_twice_with_one_key_is_said_once(name: str) -> None:
    platform, room = PLATFORMS[name], new_id()
    first = platform.say(room_id=room, text="Hi!", key="join:1")
    posts = list(Post.objects.values())
    assert platform.say(room_id=room, text="Hi!", key="join:1") == first
    assert list(Post.objects.values()) == posts
    assert len(posts) <= 1


@EVERY
def test_a_message_is_said_or_becomes_a_task_with_the_text_and_never_neither(name: str) -> None:
    home = cast.workspace()[0]
    where = mailroom.Where(home.id, new_id(), new_id(), name)
    mailroom.say(where=where, moment="join", text="Welcome!", key="join:1")
    for _twice in range(2):
        cast.words_go_out()
    said, asked = Post.objects.filter(text="Welcome!"), HumanTask.objects.filter(text="Welcome!")
    assert said.count() + asked.count() == 1
    assert Message.objects.get().state == ("sent" if said.exists() else "human")
    assert Entry.objects.filter(kind__in=["said", "task_opened"]).count() == 1


@EVERY
def test_removing_somebody_takes_them_out_or_asks_a_person(name: str) -> None:
    stage = cast.live(platform=name, capacity=100)
    mia = flow.arrival_confirmed(journey=cast.joins(stage, "Mia"))
    for _twice in range(2):
        flow.removed(journey=mia)
    asked = HumanTask.objects.filter(kind="remove").values_list("text", flat=True)
    answer = PLATFORMS[name].remove(room_id=stage.group.id, name="Mia", key="k")
    assert list(asked) == (["Mia"] if answer == NeedsHuman() else [])
    stage.group.refresh_from_db()
    assert stage.group.taken_count == 0


# --- posting in a room of ours --------------------------------------------------------------------------------


def post(room: UUID, text: str = "hello", **fields: object) -> Post:
    wishes = {"kind": Post.Kind.TEXT, "key": new_id().hex, "author_id": new_id(), "author_name": "Mia"}
    return web.post(room_id=room, text=text, **(wishes | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00", " \x00 "])
def test_a_post_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        post(new_id(), text)
    assert (refused.value.code, refused.value.status) == ("post_empty", 400)
    assert not Post.objects.exists()


def test_a_person_writes_a_thousand_letters_and_the_assistant_what_it_has_to_say() -> None:
    room = new_id()
    assert len(post(room, "书" * 1000).text) == 1000
    with pytest.raises(Refusal) as refused:
        post(room, "x" * 1001)
    assert (refused.value.code, refused.value.status) == ("post_too_long", 400)
    assert len(post(room, "x" * 5000, author_id=None, kind=Post.Kind.BOT).text) == 5000


def test_the_same_key_gives_the_post_that_is_there_whoever_asks() -> None:
    room = new_id()
    first = post(room, "one", key="k")
    assert post(room, "two", key="k") == first
    assert post(new_id(), "", key="k") == first
    assert Post.objects.get().text == "one"


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_whatever_is_written_is_kept_as_it_was_written(text: str) -> None:
    kept = text.replace("\x00", "").strip()
    if not kept:
        return
    written = post(new_id(), text)
    assert Post.objects.get(pk=written.pk).text == kept
    written.delete()


def test_one_member_has_their_share_of_a_room_and_no_more(frozen: FrozenClock) -> None:
    room, mia, ben = new_id(), new_id(), new_id()

    def is_too_fast(author: UUID, where: UUID) -> bool:
        return web.posts_too_fast(room_id=where, author_id=author, now=frozen.now)

    for _nth in range(web.MOST_POSTS_A_MINUTE):
        assert not is_too_fast(mia, room)
        post(room, author_id=mia)
    assert (is_too_fast(mia, room), is_too_fast(ben, room), is_too_fast(mia, new_id())) == (
        True,
        False,
        False,
    )
    frozen.advance(seconds=61)
    assert not is_too_fast(mia, room)


# --- the feed -------------------------------------------------------------------------------------------------


def test_each_room_has_a_feed_of_its_own() -> None:
    here, there = new_id(), new_id()
    mine, _theirs = post(here, "mine"), post(there, "theirs")
    assert latest_posts(here) == posts_after(here, None) == posts_before(here, None) == [mine]
    assert latest_posts(new_id()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 50])
def test_read_back_piece_by_piece_a_feed_comes_whole_once_and_in_order(size: int) -> None:
    room = new_id()
    posts = [post(room, f"{nth}") for nth in range(7)]
    backwards: list[Post] = []
    while piece := posts_before(room, backwards[0].id if backwards else None, limit=size):
        assert len(piece) <= size
        backwards = [*piece, *backwards]
    forwards: list[Post] = []
    while piece := posts_after(room, forwards[-1].id if forwards else None, limit=size):
        forwards += piece
    assert backwards == forwards == posts


def test_a_mark_that_is_gone_or_never_was_still_divides_before_from_after() -> None:
    room = new_id()
    first, second, third = (post(room, text) for text in ("1", "2", "3"))
    second.delete()
    assert posts_before(room, _id_between(first, third)) == [first]
    assert posts_after(room, _id_between(first, third)) == [third]
    assert posts_after(room, UUID(int=0)) == [first, third]
    assert posts_after(room, UUID(int=2**128 - 1)) == []


def _id_between(first: Post, third: Post) -> UUID:
    return UUID(int=(first.id.int + third.id.int) // 2)
