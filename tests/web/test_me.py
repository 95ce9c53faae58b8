"""The participant's own page: what is left, the poster, the screenshot, the newcomers, the reward."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tenfold import flow
from tenfold.base import visitor
from tenfold.base.keys import new_id
from tenfold.groups.models import Group
from tenfold.people.models import Credit, Journey, Person
from tenfold.posters.drawing import poster_of
from tenfold.proofs.models import Proof
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.web.conftest import phone, upload

pytestmark = pytest.mark.django_db


def me(stage: Stage, rest: str = "") -> str:
    return f"/me/{stage.campaign.id}/{rest}"


def page_of(journey: Journey) -> str:
    answer = phone(journey).get(f"/me/{journey.campaign_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def sends(client: Client, stage: Stage, picture: SimpleUploadedFile | None = None) -> int:
    return client.post(me(stage, "proof"), {"picture": picture or upload()}).status_code


# --- one next thing to do -------------------------------------------------------------------------------------


def test_a_newcomer_is_told_to_forward_the_poster(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    page = page_of(mia)
    assert "<h1>Forward your poster</h1>" in page
    assert f'src="/poster/{mia.code.slug}/en/' in page
    assert f"/c/{mia.code.slug}" in page
    assert re.findall(r'<li class="(done|now|)"', page) == ["done", "now", "", ""]


def test_a_screenshot_waits_until_the_verdict_can_no_longer_be_taken_back(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert sends(phone(mia), stage) == 302
    assert "A person will look at your screenshot" in page_of(mia)
    proof = Proof.objects.get(journey=mia)
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="restricted_audience")
    page = page_of(mia)
    assert "A person will look at your screenshot" in page
    assert "visible to some people only" not in page
    cast.settles(proof)
    page = page_of(mia)
    assert "<h1>One more try: a new screenshot</h1>" in page
    assert "The post is visible to some people only. Make it visible to everyone." in page


def test_the_reviewers_own_words_are_shown(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    flow.judged(
        proof=proof, operator=stage.owner, is_approved=False, reason="other", note="Wrong <b>group</b>"
    )
    cast.settles(proof)
    assert "Wrong &lt;b&gt;group&lt;/b&gt;" in page_of(mia)


def test_the_same_screenshot_twice_is_one(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert [sends(phone(mia), stage), sends(phone(mia), stage)] == [302, 302]
    assert Proof.objects.count() == 1


def test_a_code_as_reward_is_shown_with_its_number_to_redeem() -> None:
    stage = cast.live(reward_kind="codes", stock=1)
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    page = page_of(mia)
    grant = Journey.objects.get(pk=mia.pk).grants.get()
    assert "<h1>Your reward is here</h1>" in page
    assert "BOOK-0000" in page
    assert grant.number in page
    assert "<svg xmlns" in page
    cast.is_approved(cast.sends(ben, cast.screenshot("red")), by=stage.owner)
    page = page_of(ben)
    assert "Approved! Your reward follows" in page
    assert "BOOK-" not in page
    flow.redeemed(number=grant.number, workspace_id=stage.workspace.id, operator=stage.owner)
    page = page_of(mia)
    assert "All done. Bring the next ten!" in page
    assert "Redeemed on" in page


@pytest.mark.parametrize(
    ("text", "is_link"),
    [("https://example.com/a?b=1&c=2", True), ("javascript:alert(1)", False), ("data:text/html,x", False)],
)
def test_only_a_web_address_becomes_a_link(text: str, is_link: bool) -> None:
    stage = cast.live(reward_kind="link", stock=None)
    stage.reward.text = text
    stage.reward.save()
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    page = page_of(mia)
    assert ("Open my reward" in page) is is_link
    assert 'href="javascript' not in page
    assert 'href="data:' not in page


def test_the_newcomers_are_counted_exactly_and_told_why_not(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    ben, zoe = (cast.joins(stage, name, by=mia.code) for name in ("Ben", "Zoe"))
    flow.left(journey=zoe)
    page = page_of(mia)
    assert "1 counted · 0 not yet · 1 not counted" in page
    assert "they left too soon" in page
    assert {credit.newcomer_id for credit in Credit.objects.all()} == {ben.id, zoe.id}


def test_a_pending_newcomer_is_explained() -> None:
    stage = cast.live()
    stage.campaign.credit_when = "approved"
    stage.campaign.save()
    mia = cast.joins(stage, "Mia")
    cast.joins(stage, "Ben", by=mia.code)
    page = page_of(mia)
    assert "0 counted · 1 not yet · 0 not counted" in page
    assert "counts once their own screenshot is approved" in page


def test_a_wechat_newcomer_has_a_poster_at_once_and_is_told_what_their_screenshot_shows() -> None:
    stage = cast.live(platform="wechat_group", capacity=100)
    mia = cast.joins(stage, "Mia")
    page = page_of(mia)
    assert "also shows that you are in “Readers 1”" in page
    assert "/poster/" in page
    assert phone(mia).get(f"/g/{stage.group.id}/")["Location"] == me(stage)
    cast.is_approved(cast.sends(mia), by=stage.owner)
    page = page_of(mia)
    assert "/poster/" in page
    assert f"/g/{stage.group.id}/" not in page


def test_what_was_said_to_them_is_on_the_page() -> None:
    stage = cast.live(platform="wechat_group", capacity=100)
    mia = cast.joins(stage, "Mia")
    flow.arrival_confirmed(journey=mia)
    assert "Said to me" not in page_of(mia)
    cast.words_go_out()
    page = page_of(mia)
    assert "Said to me" in page
    assert "Welcome to Readers 1, Mia!" in page


@pytest.mark.parametrize("platform", ["web", "wechat_group"])
def test_a_refusal_in_the_campaign_s_own_words_is_on_the_page_wherever_the_group_is(platform: str) -> None:
    stage = cast.live(platform=platform, capacity=100)
    mia = cast.joins(stage, "Mia")
    flow.arrival_confirmed(journey=mia)
    flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=False, reason="no_poster")
    cast.settles(Proof.objects.get())
    cast.words_go_out()
    told = page_of(mia).partition("Said to me")[2]
    assert "Mia, this screenshot does not count yet" in told
    assert "something new on your page" not in told


@pytest.mark.parametrize("platform", ["web", "wechat_group"])
def test_what_the_campaign_has_no_words_for_is_not_said_on_the_page(platform: str) -> None:
    stage = cast.live(platform=platform, capacity=100)
    stage.campaign.words.filter(moment="reject").delete()
    mia = cast.joins(stage, "Mia")
    flow.arrival_confirmed(journey=mia)
    flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=False, reason="no_poster")
    cast.settles(Proof.objects.get())
    cast.words_go_out()
    assert "something new on your page" not in page_of(mia)
    assert "does not count yet" not in page_of(mia).partition("Said to me")[2]


@pytest.mark.parametrize(
    ("change", "told"), [("paused", "A short break"), ("ended", "This campaign is over")]
)
def test_a_campaign_that_rests_says_so(stage: Stage, change: str, told: str) -> None:
    mia = cast.joins(stage, "Mia")
    getattr(flow, change)(campaign=stage.campaign, operator=stage.owner)
    page = page_of(mia)
    assert f"<h1>{told}</h1>" in page
    assert 'id="proof-form"' not in page


# --- bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"GIF89a not really", "not a picture we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not a picture we can read"),
        (cast.picture_bytes()[:-40], "damaged"),
    ],
)
@pytest.mark.parametrize("is_live", [True, False])
def test_hostile_uploads_are_refused_with_a_reason(
    stage: Stage, data: bytes, told: str, is_live: bool
) -> None:
    mia = cast.joins(stage, "Mia")
    headers = {"HX-Request": "true"} if is_live else {}
    answer = phone(mia).post(me(stage, "proof"), {"picture": upload(data)}, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page or told == "empty"
    assert 'role="alert"' in page
    assert ("<html" in page) is not is_live
    assert not Proof.objects.exists()


def test_no_picture_chosen(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    for sent in ({}, {"picture": "text instead of a file"}):
        answer = phone(mia).post(me(stage, "proof"), sent)
        assert answer.status_code == 400
        assert "Choose a picture first." in answer.content.decode()


@pytest.mark.parametrize("cookie", [None, "", "garbage", "a:b:c", visitor.write(new_id())[:-1] + "_"])
@pytest.mark.parametrize("rest", ["", "leave", "profile"])
def test_a_stranger_is_told_how_to_get_back(stage: Stage, cookie: str | None, rest: str) -> None:
    client = phone()
    if cookie is not None:
        client.cookies[visitor.COOKIE] = cookie
    answer = client.get(me(stage, rest))
    assert answer.status_code == 403
    assert "personal link" in answer.content.decode()


def test_a_known_phone_that_has_not_joined_here(stage: Stage) -> None:
    answer = phone(new_id()).get(me(stage))
    assert answer.status_code == 403
    assert "You have not joined here yet" in answer.content.decode()


# --- leaving, the profile, the personal link ------------------------------------------------------------------


def test_leaving_tells_the_consequences_first(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    page = phone(ben).get(me(stage, "leave")).content.decode()
    assert "you no longer count for the friend who invited you" in page
    ben.refresh_from_db()
    assert ben.is_member
    frozen.advance(minutes=stage.campaign.grace_minutes)
    assert "keeps the credit for you" in phone(ben).get(me(stage, "leave")).content.decode()
    assert "friend who invited you" not in phone(mia).get(me(stage, "leave")).content.decode()


def test_leaving_twice_is_leaving_once(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    for _again in range(2):
        assert phone(ben).post(me(stage, "leave")).status_code == 302
    assert "<h1>You have left the group</h1>" in page_of(ben)
    assert Group.objects.get().taken_count == 1
    assert Credit.objects.get().reason == "left"


def test_name_language_and_face_can_be_changed(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    sent = {"nickname": "Mia M.", "language": "zh-hans", "picture": upload()}
    assert phone(mia).post(me(stage, "profile"), sent).status_code == 302
    person = Person.objects.get(pk=mia.person_id)
    assert (person.nickname, person.language) == ("Mia M.", "zh-hans")
    assert person.avatar is not None
    assert (person.avatar.width, person.avatar.height) == (256, 256)
    assert f"/picture/{person.avatar_id}" in page_of(mia)


def test_a_refused_profile_keeps_what_was_typed(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    answer = phone(mia).post(me(stage, "profile"), {"nickname": "M" * 30, "language": "zh-hans"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'value="{"M" * 30}"' in page
    assert 'value="zh-hans" selected' in page
    assert Person.objects.get(pk=mia.person_id).nickname == "Mia"


def test_the_personal_link_brings_another_phone_back(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert f"/p/{mia.page_key}" in page_of(mia)
    other = phone()
    answer = other.get(f"/p/{mia.page_key}")
    assert (answer.status_code, answer["Location"]) == (302, me(stage))
    cookie = answer.cookies[visitor.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "Forward your poster" in other.get(me(stage)).content.decode()


def test_somebody_elses_personal_link_does_not_take_over_a_phone(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    client = phone(ben)
    answer = client.get(f"/p/{mia.page_key}")
    assert answer.status_code == 200
    assert "Continue as “Mia”?" in answer.content.decode()
    assert visitor.COOKIE not in answer.cookies
    assert client.post(f"/p/{mia.page_key}").status_code == 302
    assert visitor.read(client.cookies[visitor.COOKIE].value) == mia.person.visitor_id


@pytest.mark.parametrize("key", ["x", "A" * 22, "..", "a/b", "%00"])
def test_a_wrong_personal_link_is_not_found(stage: Stage, key: str) -> None:
    assert phone().get(f"/p/{key}").status_code == 404


def test_htmx_gets_the_piece_and_caches_do_not_mix_the_two(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    whole = phone(mia).get(me(stage))
    piece = phone(mia).get(me(stage), headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert piece.content.decode().strip().startswith('<div id="me"')
    assert "HX-Request" in whole["Vary"]
    assert "no-store" in whole["Cache-Control"]


# --- the line -------------------------------------------------------------------------------------------------


def test_the_place_in_line_is_exact_and_the_call_shows_the_way(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    waiting = []
    for _nth in range(2):
        frozen.advance(seconds=1)
        waiting.append(flow.scanned(slug=stage.code.slug, visitor_id=None).visitor_id)
    line = f"/line/{stage.campaign.id}/"
    assert "You are the next in line." in phone(waiting[0]).get(line).content.decode()
    assert "You are number 2 in line." in phone(waiting[1]).get(line).content.decode()
    assert phone(waiting[0]).post(line, {"name": "Ben"}).status_code == 302
    assert 'value="Ben"' in phone(waiting[0]).get(line).content.decode()
    flow.left(journey=mia)
    assert flow.line_called(campaign=stage.campaign) == 1
    page = phone(waiting[0]).get(line).content.decode()
    assert "A seat is free for you" in page
    assert "15 minutes left" in page
    assert f'href="/g/{stage.group.id}/"' in page
    assert "You are the next in line." in phone(waiting[1]).get(line).content.decode()


def test_a_missed_call_says_so(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None)
    flow.left(journey=mia)
    flow.line_called(campaign=stage.campaign)
    frozen.move_to(frozen.now + timedelta(minutes=16))
    assert (
        "Your seat went to the next"
        in phone(shown.visitor_id).get(f"/line/{stage.campaign.id}/").content.decode()
    )


def test_strangers_have_no_place_in_line(stage: Stage) -> None:
    for client in (phone(), phone(new_id())):
        assert client.get(f"/line/{stage.campaign.id}/").status_code == 403
        assert client.post(f"/line/{stage.campaign.id}/", {"name": "x"}).status_code == 403


def test_a_bad_name_in_line_is_kept_and_refused() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None)
    answer = phone(shown.visitor_id).post(f"/line/{stage.campaign.id}/", {"name": "B" * 30})
    assert answer.status_code == 400
    assert f'value="{"B" * 30}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "drawn"),
    [("Evil Ω\u0e01", "Evil Ω"), ("مريم", "A friend"), ("김민준", "A friend"), ("Mia", ""), ("王小明", "")],
)
def test_the_profile_tells_what_the_poster_will_show(stage: Stage, name: str, drawn: str) -> None:
    mia = cast.joins(stage, name)
    page = phone(mia).get(me(stage, "profile")).content.decode()
    assert ("Your poster will show" in page) == bool(drawn)
    assert not drawn or f"Your poster will show: {drawn}" in page
    personal = dict(poster_of(mia.code, language="en").personal)
    assert personal == {"nickname": drawn or name, "invite": f"{drawn or name} invites you"}


def test_a_name_that_begins_with_an_emoji_of_several_parts_stands_for_itself(stage: Stage) -> None:
    mia = cast.joins(stage, "👩\u200d👧悦悦")
    assert (
        '<span class="face" aria-hidden="true">👩\u200d👧</span>'
        in phone(mia).get(me(stage)).content.decode()
    )
