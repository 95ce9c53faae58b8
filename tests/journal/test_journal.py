"""The journal over one whole story: every fact there is gets written, says where it belongs, and keeps no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from django.db import models, transaction
from pytest_django import DjangoDbBlocker

from tenfold import flow
from tenfold.accounts import actions as accounts
from tenfold.accounts.models import Membership, Operator, Role
from tenfold.base import clock
from tenfold.campaigns import actions as campaigns
from tenfold.flow.looks import look_next
from tenfold.groups import actions as groups
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import QUIET, SENTENCES
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Keepsake
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HookSource, HumanTask
from tenfold.people import actions as people
from tenfold.people.models import Journey, Person
from tenfold.posters import actions as posters
from tenfold.posters import renders
from tenfold.proofs import desk, keeping, looking, plans
from tenfold.proofs.models import Proof
from tenfold.rewards.books import Draw
from tenfold.rewards.models import Grant, RewardRule, StockCode
from tests import cast
from tests.conftest import FrozenClock
from tests.journal.rewards_play import rewards_are_played
from tests.keepsakes.box import edition, ticket
from tests.posters.samples import saved
from tests.story import looker

pytestmark = pytest.mark.django_db

# What changes nothing that a person would want to read in the news: counters, settings, the mailroom's own steps.
UNTOLD = {
    Fact.WORKSPACE_MADE,
    Fact.OPERATOR_ADDED,
    Fact.OPERATOR_ROLE_CHANGED,
    Fact.OPERATOR_REMOVED,
    Fact.CAMPAIGN_CHANGED,
    Fact.WORDS_CHANGED,
    Fact.GROUP_CHANGED,
    Fact.SEAT_HELD,
    Fact.HOLD_ENDED,
    Fact.SEAT_TAKEN,
    Fact.SEAT_FREED,
    Fact.LINE_LEFT,
    Fact.CODE_MADE,
    Fact.BOT_SCANNED,
    Fact.DESIGN_MADE,
    Fact.DESIGN_SAVED,
    Fact.VARIANT_CHOSEN,
    Fact.RENDERS_BEGUN,
    Fact.RENDERS_ENDED,
    Fact.PROFILE_CHANGED,
    Fact.CREDIT_PENDING,
    Fact.UNAPPROVED,
    Fact.REWARD_CHANGED,
    Fact.REWARD_RETIRED,
    Fact.REWARD_RESTORED,
    Fact.FILE_SET,
    Fact.MONEY_MOVED,
    Fact.POINTS_MOVED,
    Fact.SAID,
    Fact.TASK_OPENED,
    Fact.TASK_CLOSED,
    Fact.EDITION_MADE,
    Fact.EDITION_CHANGED,
    Fact.KEEPSAKE_SHOWN,
    Fact.KEEPSAKE_FORGOTTEN,
    Fact.HOOK_SOURCE_MADE,
    Fact.HOOK_SOURCE_CHANGED,
    Fact.HOOK_HEARD,
    Fact.SECOND_LOOK_ASKED,
    Fact.PICTURE_SEEN,
    Fact.PICTURE_ERASED,
}


class Play:
    """A story in which everything happens once, each part with people of its own where it needs some."""

    def __init__(self, frozen: FrozenClock) -> None:
        self.frozen = frozen
        self.stage = cast.draft(stock=1, reward_kind="codes", capacity=5)
        self.owner, self.campaign = self.stage.owner, self.stage.campaign

    def whole(self) -> None:
        self.team_comes_and_goes()
        self.plan_is_made()
        self.people_come()
        self.screenshots_are_judged()
        self.keepsakes_are_given()
        self.posters_are_designed_and_made()
        self.some_stall()
        self.the_room_is_full()
        self.a_wechat_group_is_counted()
        self.a_chat_fetches_a_preview()
        self.another_system_tells_us()
        self.screenshots_are_looked_at()
        self.an_operator_keeps_order()
        rewards_are_played(self.stage, self.frozen)
        flow.ended(campaign=self.campaign, operator=self.owner)

    def team_comes_and_goes(self) -> None:
        rita = cast.team_mate(self.stage.workspace, self.owner, Role.REVIEWER)
        place = Membership.objects.get(operator=rita)
        accounts.change_role(membership=place, role=Role.VIEWER, by=self.owner)
        accounts.remove_operator(membership=place, by=self.owner)

    def plan_is_made(self) -> None:
        plan = {"is_removal_on": True, "remind_count": 1, "quiet_from": time(0), "quiet_until": time(0)}
        campaigns.change_plan(campaign=self.campaign, operator=self.owner, credit_when="approved", **plan)
        campaigns.change_words(
            campaign=self.campaign, moment="join", language="en", text="Hi {nickname}", operator=self.owner
        )
        posters.change_text(campaign=self.campaign, language="en", operator=self.owner, subtitle="Now")
        for act in (flow.launched, flow.paused, flow.resumed):
            act(campaign=self.campaign, operator=self.owner)
        self.campaign.refresh_from_db()

    def people_come(self) -> None:
        self.ann = cast.joins(self.stage, "Ann")
        self.ben = cast.joins(self.stage, "Ben", by=self.ann.code)
        self.cid = cast.joins(self.stage, "Cid", by=self.ann.code)
        people.change_profile(person=self.ann.person, nickname="Anna", avatar=None, language="en")
        flow.left(journey=self.cid)
        cast.joins(self.stage, "Cid", visitor=self.cid.person.visitor_id)

    def screenshots_are_judged(self) -> None:
        cast.sends(self.ann, cast.screenshot("red"))
        flow.judged(proof=cast.sends(self.ann), operator=self.owner, is_approved=False, reason="no_poster")
        cast.settles(self.ann.proofs.get(state="rejected"))
        cast.is_approved(cast.sends(self.ann, cast.screenshot("blue")), self.owner)
        settled = cast.is_approved(cast.sends(self.ben), self.owner)
        flow.verdict_undone(proof=settled, operator=self.owner)
        cast.is_approved(Proof.objects.get(pk=settled.pk), self.owner)
        flow.restocked(reward=self.stage.reward, codes=["BOOK-NEW"], operator=self.owner)
        assert flow.debts_paid() == 1
        flow.redeemed(
            number=self.ann.grants.get().number, workspace_id=self.stage.workspace.id, operator=self.owner
        )
        cast.words_go_out()

    def keepsakes_are_given(self) -> None:
        made = edition(self.stage, kind="ticket", name="Reading night")
        dates = {"valid_from": None, "valid_until": None}
        keepsakes.change_edition(edition=made, name="Reading evening", operator=self.owner, **dates)
        hers, _his = (ticket(self.stage, one, of=made) for one in (self.ann, self.ben))
        keepsakes.revoke(keepsake=hers, reason="Paid back", operator=self.owner)
        keepsakes.restore(keepsake=hers, operator=self.owner)
        keepsakes.show_name(keepsake=hers, shown="full")
        entered = keepsakes.check_in(
            number=hers.number, campaign=self.campaign, operator=self.owner, gate="North", key=made.pk
        )
        keepsakes.undo_check_in(keepsake=entered, operator=self.owner)
        keepsakes.forget(journey=self.ben)

    def posters_are_designed_and_made(self) -> None:
        saved(self.campaign, self.owner, variant="A")
        run = flow.renders_begun(campaign=self.campaign, kind="poster", operator=self.owner)
        renders.cancel(run=run, operator=self.owner)

    def some_stall(self) -> None:
        for _step in range(3):
            cid = Journey.objects.get(pk=self.cid.pk)
            assert cid.due_at
            self.frozen.move_to(cid.due_at)
            flow.stalled(journey=cid)

    def the_room_is_full(self) -> None:
        groups.change_group(group=self.stage.group, operator=self.owner, name="Room", capacity=2)
        flow.scanned(slug=self.stage.code.slug, visitor_id=None)
        groups.change_group(group=self.stage.group, operator=self.owner, name="Room", capacity=3)
        flow.line_called(campaign=self.campaign)
        [seat] = self.stage.group.seats.filter(state="held")
        self.frozen.advance(minutes=self.campaign.hold_minutes)
        flow.hold_expired(seat=seat)

    def a_wechat_group_is_counted(self) -> None:
        other = cast.live(owner=(self.stage.workspace, self.owner), platform="wechat_group", capacity=100)
        cast.joins(other, "Dan")
        flow.members_counted(group=other.group, members=2, operator=self.owner)
        cast.words_go_out()
        task = HumanTask.objects.filter(state="open").first()
        assert task
        mailroom.close_task(task=task, state="done", operator=self.owner)

    def a_chat_fetches_a_preview(self) -> None:
        card = flow.cards_of([self.stage.code.slug])[self.stage.code.slug]
        flow.scanned_together([flow.Opening(card, None, agent="WhatsApp/2.23.20.0")])

    def another_system_tells_us(self) -> None:
        source = mailroom.add_source(workspace_id=self.stage.workspace.id, name="Shop")
        mailroom.rotate_secret(source=source)
        hook = mailroom.Hook(
            source.id.hex, source.workspace_id.hex, "msg_1", {"webhook-id": "msg_1"}, b"paid"
        )
        flow.scanned_together([], heard=[hook])

    def an_operator_keeps_order(self) -> None:
        """In a campaign of its own: a post goes and comes back, and so does its author."""
        stage = cast.live(owner=(self.stage.workspace, self.owner), capacity=20, stock=None)
        hal = cast.joins(stage, "Hal")
        post = flow.posted(journey=hal, text="Buy now", picture=None, key="spam")
        flow.post_hidden(post=post, group=stage.group, operator=self.owner)
        post.refresh_from_db()
        flow.post_shown(post=post, group=stage.group, operator=self.owner)
        flow.removed(journey=hal, operator=self.owner)
        flow.let_back(journey=hal, operator=self.owner)

    def screenshots_are_looked_at(self) -> None:
        """In a campaign of its own: by the machine, by a second person, again; and others open somebody's code."""
        stage = cast.live(owner=(self.stage.workspace, self.owner), capacity=20, stock=None)
        rita = cast.team_mate(self.stage.workspace, self.owner, Role.REVIEWER)
        asked = {"opened_by": 1, "second_percent": 100, "sample_percent": 100, "keep_days": 1}
        plans.change_review_plan(campaign=stage.campaign, operator=self.owner, **asked)
        for mode in ("off", "shadow"):
            plans.switch_mode(campaign=stage.campaign, operator=self.owner, mode=mode)
        first, second = looker.sent(stage, "Eva"), looker.sent(stage, "Finn")
        looking.look_at_all(campaign=stage.campaign)
        looker.judged(first, self.owner, is_approved=False, reason="no_poster")
        cast.settles(first)
        keeping.seen(picture_id=first.picture_id, operator=rita)
        again = desk.second_next(campaign=stage.campaign, operator=rita)
        assert again
        desk.second_look(look=again, operator=rita, is_approved=True)
        first.refresh_from_db()
        flow.appealed(journey=first.journey, proof=first, text="It is there")
        looker.judged(first, rita)
        cast.settles(first)
        looker.plan(stage, mode="automatic", automatic_at=clock.now())
        while look_next(looker.Looker(looker.PROVEN)):
            pass
        self.machine_is_wrong(stage, second, rita)
        gus = cast.joins(stage, "Gus")
        flow.scanned(slug=gus.code.slug, visitor_id=second.journey.person.visitor_id)
        self.frozen.advance(minutes=1)
        flow.codes_opened()
        cast.settles(second)
        self.frozen.advance(days=2)
        keeping.erased(clock.now())

    def machine_is_wrong(self, stage: cast.Stage, proof: Proof, rita: Operator) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tenfold.proofs.rules.LEAST_SAMPLED", 1)
            again = desk.second_next(campaign=stage.campaign, operator=rita)
            assert again
            assert again.proof == proof
            desk.second_look(look=again, operator=rita, is_approved=False, reason="wrong_code")


@pytest.fixture(scope="module")
def play(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Play]:
    """Played once for all who look at it; what a test changes is taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        told = Play(FrozenClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC)))
        told.whole()
        yield told
        clock.set_for_tests(None)
        transaction.set_rollback(True)


def test_every_fact_there_is_gets_written_and_nothing_else(play: Play) -> None:
    assert set(Entry.objects.values_list("kind", flat=True)) == set(Fact)
    assert differences() == []


def test_every_fact_has_a_sentence_or_is_left_out_on_purpose() -> None:
    assert set(SENTENCES) | UNTOLD == set(Fact)
    assert set(SENTENCES) & UNTOLD == set()
    assert set(SENTENCES) >= QUIET


def test_what_a_fact_carries_are_json_values_and_no_secret(play: Play) -> None:
    written = json.dumps(list(Entry.objects.values_list("data", flat=True)), ensure_ascii=False)
    assert len(written) > 1000
    found = [secret for secret in secrets() if secret in written]
    assert found == []


def secrets() -> Iterator[str]:
    """What opens something by itself, or is somebody's own: links, codes, passwords, names, addresses, screenshots."""
    yield from Journey.objects.values_list("page_key", flat=True)
    yield from StockCode.objects.values_list("code", flat=True)
    yield from Grant.objects.values_list("number", flat=True)
    yield from Keepsake.objects.values_list("number", flat=True)
    yield from Draw.objects.values_list("secret", flat=True)
    yield from ("13800000000", "Harbour Street 5")
    for secret, former in HookSource.objects.values_list("secret", "former_secrets"):
        yield from [secret, *(each for each, _until in former)]
    yield from Operator.objects.values_list("password", flat=True)
    yield from Operator.objects.values_list("email", flat=True)
    yield from Person.objects.values_list("nickname", flat=True)
    yield cast.PASSWORD


def test_a_fact_tells_where_it_belongs_and_its_order_is_that_of_time(play: Play) -> None:
    entries = list(Entry.objects.order_by("id"))
    assert {entry.workspace_id for entry in entries} == {play.stage.workspace.id}
    about_workspace = {
        Fact.WORKSPACE_MADE,
        *(Fact.OPERATOR_ADDED, Fact.OPERATOR_ROLE_CHANGED, Fact.OPERATOR_REMOVED),
        *(Fact.HOOK_SOURCE_MADE, Fact.HOOK_SOURCE_CHANGED, Fact.HOOK_HEARD),
    }
    assert {entry.kind for entry in entries if entry.campaign_id is None} == about_workspace
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments)


def test_what_an_operator_does_is_signed(play: Play) -> None:
    by_hand = {
        *(Fact.CAMPAIGN_MADE, Fact.CAMPAIGN_CHANGED, Fact.CAMPAIGN_LAUNCHED, Fact.CAMPAIGN_PAUSED),
        *(Fact.CAMPAIGN_RESUMED, Fact.CAMPAIGN_ENDED, Fact.WORDS_CHANGED, Fact.GROUP_ADDED),
        *(Fact.GROUP_CHANGED, Fact.GROUP_COUNTED, Fact.VERDICT_UNDONE, Fact.SECOND_LOOKED),
        *(Fact.REVIEW_PLAN_CHANGED, Fact.REVIEW_MODE_CHANGED, Fact.PICTURE_SEEN),
        *(Fact.REWARD_CHANGED, Fact.STOCK_ADDED, Fact.REDEEMED, Fact.WORKSPACE_MADE),
        *(Fact.EDITION_MADE, Fact.EDITION_CHANGED, Fact.KEEPSAKE_ISSUED, Fact.KEEPSAKE_REVOKED),
        *(Fact.KEEPSAKE_RESTORED, Fact.CHECKED_IN, Fact.CHECK_IN_UNDONE),
        *(Fact.REWARD_RETIRED, Fact.REWARD_RESTORED, Fact.FILE_SET, Fact.STOCK_TAKEN_BACK),
        *(Fact.RULE_MADE, Fact.RULE_CHANGED, Fact.RULE_RESUMED, Fact.SHIPPED, Fact.UNSHIPPED),
        *(Fact.INVITES_ADJUSTED, Fact.BLOCKED, Fact.UNBLOCKED, Fact.ORDERED, Fact.ORDER_REFUNDED),
        *(Fact.PAYOUT_MADE, Fact.PAYOUT_PAID, Fact.PAYOUT_UNPAID, Fact.PAYOUT_CANCELLED),
        *(Fact.ORDER_UNREFUNDED, Fact.DRAW_ANNOUNCED, Fact.DRAWN),
    }
    unsigned = Entry.objects.filter(kind__in=by_hand, operator_id=None).values_list("kind", flat=True)
    assert set(unsigned) == set()
    judged = Entry.objects.filter(kind=Fact.PROOF_JUDGED).values_list("operator_id", "data__by")
    assert {(by is None, who) for by, who in judged} == {(True, "machine"), (False, "person")}
    # ... and what people or the clock did is not put down to one.
    assert not Entry.objects.filter(
        kind__in=[Fact.JOINED, Fact.SAID, Fact.REMINDED], operator_id__isnull=False
    ).exists()


def test_the_ids_in_a_fact_are_those_of_rows_there_are(play: Play) -> None:
    for column, model in (
        ("journey_id", Journey),
        ("group_id", play.stage.group.__class__),
        ("code_id", play.stage.code.__class__),
        ("reward_id", play.stage.reward.__class__),
        ("operator_id", Operator),
    ):
        named = set(Entry.objects.filter(**{f"{column}__isnull": False}).values_list(column, flat=True))
        known = set(model._default_manager.filter(pk__in=named).values_list("pk", flat=True))
        assert named, column
        assert named == known, column


def test_a_fact_outlives_what_it_speaks_of(play: Play) -> None:
    """No foreign keys: erasing a person must not tear holes into the counts."""
    before = Entry.objects.count()
    assert [field.name for field in Entry._meta.fields if isinstance(field, models.ForeignKey)] == []
    Proof.objects.all().delete()
    Grant.objects.all().delete()
    RewardRule.objects.all().delete()
    play.stage.reward.delete()
    assert Entry.objects.count() == before


def test_what_is_no_json_is_refused_when_it_is_written() -> None:
    home, _olga = cast.workspace("ida@example.com")
    with pytest.raises(TypeError):
        write(Fact.SAID, cast.draft(owner=(home, _olga)).campaign, {"at": clock.now()})


def test_a_fact_keeps_its_own_copy_of_what_it_was_told() -> None:
    stage = cast.draft(owner=cast.workspace("ida@example.com"))
    told = {"one": 1}
    entry = write(Fact.SAID, stage.campaign, told)
    told["one"] = 2
    assert entry.data == {"one": 1}
    assert Entry.objects.get(pk=entry.pk).data == {"one": 1}
