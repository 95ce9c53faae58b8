"""Moderating the built-in community: a post is taken away from its members, and put back."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base import clock, visitor
from tenfold.base.keys import new_id
from tenfold.edge.hub import Topic
from tenfold.edge.live import _missed
from tenfold.edge.watch import Eyes
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
from tenfold.platforms.web.queries import latest_posts, posts_after
from tests import cast
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, mate, outsider, said
from tests.console.reading import Page
from tests.console.test_costs import costs

pytestmark = pytest.mark.django_db
SPAM = "Cheap watches at my shop"


@pytest.fixture
def stage() -> cast.Stage:
    return cast.live()


def posts(stage: cast.Stage, journey: Journey, text: str, *, has_picture: bool = False) -> Post:
    picture = cast.screenshot("navy") if has_picture else None
    return flow.posted(journey=journey, text=text, picture=picture, key=new_id().hex)


def listens(stage: cast.Stage) -> set[Topic]:
    return {("room", str(stage.group.id), "en")}


def phone(journey: Journey) -> Client:
    client = Client()
    client.cookies[visitor.COOKIE] = visitor.write(journey.person.visitor_id)
    return client


def test_a_removed_post_is_seen_by_no_member_and_undone_on_the_same_page(stage: cast.Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    spam, fine = posts(stage, mia, SPAM), posts(stage, ben, "A good book")
    client = desk(mate(stage, Role.REVIEWER))
    where = (stage.campaign.id, stage.group.id)
    page = said(client.get(address("room", *where)))
    assert page.index("A good book") < page.index(SPAM), "the newest first"
    assert address("person", stage.campaign.id, mia.id) in page
    answer = client.post(address("hide_post", *where, spam.id), follow=True)
    assert answer.redirect_chain[-1][0].endswith(f"?changed={spam.id}")
    assert address("show_post", *where, spam.id) in said(answer)
    assert "The post is removed." in said(answer)
    for journey in (mia, ben):
        room = said(phone(journey).get(f"/g/{stage.group.id}/"))
        assert (SPAM in room, "A good book" in room) == (False, True)
    assert latest_posts(stage.group.id)[-1:] == posts_after(stage.group.id, spam.id)[-1:] == [fine]
    client.post(address("show_post", *where, spam.id))
    assert SPAM in said(phone(ben).get(f"/g/{stage.group.id}/"))


def test_what_is_said_to_one_alone_is_not_there_to_be_removed(stage: cast.Stage) -> None:
    mia = cast.joins(stage, "Mia")
    private = posts(stage, mia, "To Mia alone")
    Post.objects.filter(pk=private.pk).update(reader_id=mia.person_id)
    where = (stage.campaign.id, stage.group.id)
    client = desk(mate(stage, Role.REVIEWER))
    assert "To Mia alone" not in said(client.get(address("room", *where)))
    assert client.post(address("hide_post", *where, private.id)).status_code == 404
    private.refresh_from_db()
    assert private.hidden_at is None


def test_it_is_a_fact_without_what_was_said_and_twice_is_once(stage: cast.Stage) -> None:
    mia = cast.joins(stage, "Mia")
    spam = posts(stage, mia, SPAM)
    client, where = desk(stage.owner), (stage.campaign.id, stage.group.id, spam.id)
    for name in ("hide_post", "hide_post", "show_post", "show_post", "hide_post"):
        client.post(address(name, *where))
    facts = Entry.objects.filter(kind__startswith="post_").order_by("id")
    assert list(facts.values_list("kind", "journey_id", "group_id", "operator_id", "data")) == [
        (kind, mia.id, stage.group.id, stage.owner.id, {"post": str(spam.id)})
        for kind in ("post_hidden", "post_shown", "post_hidden")
    ]
    assert "Olga Owner removed a post of Mia in Readers 1" in [each.text for each in story(mia)]
    assert differences() == []


def test_a_picture_goes_with_its_post_and_a_screenshot_is_still_reviewed(stage: cast.Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    shot = posts(stage, mia, "", has_picture=True)
    address_of_it = f"/picture/{shot.picture_id}"
    assert phone(ben).get(address_of_it).status_code == 200
    flow.post_hidden(post=shot, group=stage.group, operator=stage.owner)
    assert phone(ben).get(address_of_it).status_code == 404
    assert phone(mia).get(address_of_it).status_code == 200, "it is their own screenshot"
    assert mia.proofs.get().state == "waiting"
    room = desk(stage.owner).get(address("room", stage.campaign.id, stage.group.id))
    assert address("picture", shot.picture_id) in said(room)


def test_pages_that_are_open_are_told(stage: cast.Stage) -> None:
    mia = cast.joins(stage, "Mia")
    spam = posts(stage, mia, SPAM)
    eyes, topics = Eyes(), listens(stage)
    assert SPAM in "".join(event.data.decode() for event in eyes.look(topics, clock.now()))
    flow.post_hidden(post=spam, group=stage.group, operator=stage.owner)
    [told] = eyes.look(topics, clock.now())
    assert f'id="{spam.id}" data-hidden' in told.data.decode()
    assert SPAM not in told.data.decode()
    assert not re.search(rb"^id:", told.data, re.MULTILINE), "the stream goes on where it was"
    assert eyes.look(topics, clock.now()) == []
    missed = b"".join(event.data for event in _missed(stage.group.id, spam.id, "en")).decode()
    assert (SPAM in missed, f'id="{spam.id}" data-hidden' in missed) == (False, True)


def test_pages_that_are_open_are_told_what_is_shown_again(stage: cast.Stage, frozen: FrozenClock) -> None:
    spam = posts(stage, cast.joins(stage, "Mia"), SPAM)
    eyes, topics = Eyes(), listens(stage)
    ids = [event.id for event in eyes.look(topics, clock.now())]
    for _ in range(2):
        frozen.advance(minutes=10)
        flow.post_hidden(post=spam, group=stage.group, operator=stage.owner)
        [gone] = eyes.look(topics, clock.now())
        assert f'id="{spam.id}" data-hidden' in gone.data.decode()
        frozen.advance(minutes=1)
        assert eyes.look(topics, clock.now()) == []
        flow.post_shown(post=spam, group=stage.group, operator=stage.owner)
        [told] = eyes.look(topics, clock.now())
        assert SPAM in told.data.decode()
        assert "data-hidden" not in told.data.decode()
        assert not re.search(rb"^id:", told.data, re.MULTILINE), "the stream goes on where it was"
        assert eyes.look(topics, clock.now()) == []
        ids += [gone.id, told.id]
    assert len(ids) == len(set(ids)), "a stream leaves out an event of an id that it has told"


def test_of_many_that_were_removed_a_page_that_comes_back_keeps_none(stage: cast.Stage) -> None:
    room, now = stage.group.id, clock.now()
    spam = [
        Post.objects.create(room_id=room, key=f"{n}", text=SPAM, at=now, hidden_at=now) for n in range(200)
    ]
    missed = b"".join(event.data for event in _missed(stage.group.id, spam[-1].id, "en")).decode()
    assert all(f'id="{each.id}" data-hidden' in missed for each in spam)


def test_a_post_removed_before_anybody_was_told_of_it_is_not_told(stage: cast.Stage) -> None:
    spam = posts(stage, cast.joins(stage, "Mia"), SPAM)
    flow.post_hidden(post=spam, group=stage.group, operator=stage.owner)
    told = Eyes().look(listens(stage), clock.now())
    assert SPAM not in "".join(event.data.decode() for event in told)


def test_who_may_moderate_and_where(stage: cast.Stage) -> None:
    spam = posts(stage, cast.joins(stage, "Mia"), SPAM)
    sister = cast.live(owner=(stage.workspace, stage.owner))
    here = (stage.campaign.id, stage.group.id, spam.id)
    assert desk(mate(stage, Role.VIEWER)).post(address("hide_post", *here)).status_code == 403
    assert desk(outsider()).post(address("hide_post", *here)).status_code == 404
    elsewhere = (sister.campaign.id, sister.group.id, spam.id)
    assert desk(stage.owner).post(address("hide_post", *elsewhere)).status_code == 404
    assert Post.objects.get(pk=spam.pk).hidden_at is None


def test_the_groups_lead_to_their_rooms_for_who_may_review_and_only_where_there_is_one(
    stage: cast.Stage,
) -> None:
    wechat = cast.live(owner=(stage.workspace, stage.owner), platform="wechat_group")
    for role, one, is_there in (
        (Role.REVIEWER, stage, True),
        (Role.VIEWER, stage, False),
        (Role.REVIEWER, wechat, False),
    ):
        page = Page(said(desk(mate(stage, role)).get(address("groups", one.campaign.id))))
        assert (address("room", one.campaign.id, one.group.id) in page.links()) == is_there


def test_the_page_costs_the_same_for_one_post_and_for_many(stage: cast.Stage) -> None:
    client, page = desk(stage.owner), address("room", stage.campaign.id, stage.group.id)
    told = []
    for nth in range(3):
        posts(stage, cast.joins(stage, f"N{nth}"), f"Post {nth}")
        client.get(page)
        told.append(costs(client, page))
    assert told[0] == told[1] == told[2]


def test_long_rooms_come_in_pages_and_a_removal_stays_on_its_page(
    stage: cast.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfold.console.room.SHOWN", 2)
    mia = cast.joins(stage, "Mia")
    first, *_rest = [posts(stage, mia, f"Post {nth}") for nth in range(4)]
    client, where = desk(stage.owner), (stage.campaign.id, stage.group.id)
    found = re.search(r'href="\?before=([0-9a-f-]+)"', said(client.get(address("room", *where))))
    assert found
    answer = client.post(address("hide_post", *where, first.id), {"before": found[1]}, follow=True)
    page = said(answer)
    assert ("Post 0" in page, "Post 3" in page) == (True, False)
    assert re.search(r"<button[^>]*autofocus", page)
