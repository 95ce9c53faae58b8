"""The rows of `perf.rewards_stage`: each table is filled by one statement, from a table with a line a participant.

A row is like the one of the model that is given; columns that differ are expressions of SQL, the same for both
databases but for the few names in `Dialect`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import F, Field, Model

from perf.rewards_stage import LEFT, POINTS_A_FRIEND, POINTS_A_STEP, ROOM, STEPS, Crowd
from tenfold.base import bulk, clock
from tenfold.base.keys import new_id
from tenfold.codes.models import LiveCode, Scan, ScanTally
from tenfold.groups.models import Group, Seat
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.mailroom.models import Message
from tenfold.people.board import BLOCK
from tenfold.people.models import Credit, Journey, Person, Standing
from tenfold.rewards.books import Balance, LedgerRow, Unit
from tenfold.rewards.models import Grant, Reward, RewardRule, StockCode
from tests.cast import Stage

TABLE = "CREATE TEMP TABLE crowd (nth INTEGER PRIMARY KEY, above INTEGER, depth INTEGER, friends INTEGER, number INTEGER, slug TEXT)"  # noqa: E501
COLUMNS = ("nth", "above", "depth", "friends", "number", "slug")
IN_ROOM = f"nth / {ROOM}"
EVERYBODY, INVITED, INVITERS = "TRUE", "above >= 0", "friends > 0"
# Rows of one statement that are not in memory yet: SQLite keeps its pages here while it fills.
CACHE_KIB = 2_000_000


def be_fast() -> None:
    """Nothing here has to outlive a power cut, and all keys are right."""
    if bulk.is_shared():
        wishes = ["session_replication_role=replica", "synchronous_commit=off"]
        _run(*[f"SET {wish}" for wish in (*wishes, "idle_in_transaction_session_timeout=0")])
        return
    wishes = ["foreign_keys=OFF", "synchronous=OFF", "journal_mode=OFF", f"cache_size=-{CACHE_KIB}"]
    _run(*[f"PRAGMA {wish}" for wish in wishes])


def be_ready() -> None:
    """What a database in use has long since done."""
    _run(*(["VACUUM ANALYZE", "CHECKPOINT"] if bulk.is_shared() else ["PRAGMA journal_mode=WAL"]))


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Keys:
    """Ids of one kind, one for each number; they sort as the numbers do, and before all that are made later."""

    _kinds = count()

    def __init__(self) -> None:
        # 12 of the 16 letters are the moment; no two kinds are made with one number.
        self._head = f"{new_id().hex[:12]}{next(self._kinds):04x}"

    def of(self, number: str) -> str:
        return f"'{self._head}' || {_hex(number, 16)}"

    def spelled(self, number: str) -> str:
        """With hyphens, as texts hold them."""
        head, tail = self._head, _hex(number, 16)
        return f"'{head[:8]}-{head[8:12]}-{head[12:]}-' || substr({tail}, 1, 4) || '-' || substr({tail}, 5)"


def _hex(number: str, width: int) -> str:
    if bulk.is_shared():
        return f"lpad(to_hex(({number})::bigint), {width}, '0')"
    return f"printf('%%0{width}x', {number})"  # as a statement with values says it


class _Kinds:
    """Of each row that others point to."""

    def __init__(self) -> None:
        self.person, self.visitor, self.code, self.group = Keys(), Keys(), Keys(), Keys()
        self.seat, self.scan, self.journey, self.credit = Keys(), Keys(), Keys(), Keys()


def fill(like: Model, where: str = EVERYBODY, **columns: str) -> int:
    """A row like this one for each participant of whom `where` is true; how many there were."""
    fields = like._meta.concrete_fields
    given = [columns.pop(field.attname, None) for field in fields]
    if columns:
        raise ValueError(f"{like._meta.label} has no {sorted(columns)}")
    values = [
        field.get_db_prep_save(getattr(like, field.attname), connection)
        for field, expression in zip(fields, given, strict=True)
        if expression is None
    ]
    told = [_typed(expression or "%s", field) for field, expression in zip(fields, given, strict=True)]
    names = ", ".join(f'"{field.column}"' for field in fields)
    selected = f"SELECT {', '.join(told)} FROM crowd WHERE {where} ORDER BY nth"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {like._meta.db_table} ({names}) {selected}", values)
        return int(cursor.rowcount)


def _typed(expression: str, field: Field[Any, Any]) -> str:
    """PostgreSQL wants to be told what a text is."""
    return f"CAST({expression} AS {field.db_type(connection)})" if bulk.is_shared() else expression


@dataclass(frozen=True)
class Filling:
    """All rows of a campaign whose `rules` are keyed by the friends they take (0: each friend)."""

    stage: Stage
    rules: Mapping[int, RewardRule]
    crowd: Crowd
    slugs: Sequence[str]

    def fill(self) -> None:
        self._lines()
        keys = _Kinds()
        self._people(keys)
        self._journeys(keys)
        self._facts(keys)
        self._friends(keys)
        for need in STEPS:
            self._step(keys, need)
        self._balances(keys)
        self._board()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE crowd")

    def _lines(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
        depths = list[int]()
        for above in self.crowd.above:
            depths.append(depths[above] + 1 if above >= 0 else 0)
        told = (self.crowd.above, depths, self.crowd.counts, self.crowd.numbers, self.slugs)
        bulk.insert("crowd", COLUMNS, list(zip(range(len(depths)), *told, strict=True)))
        if bulk.is_shared():
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE crowd")

    def _people(self, keys: _Kinds) -> None:
        home, now, room = self._home, clock.now(), keys.group.of(IN_ROOM)
        fill(Person(workspace=self.stage.workspace, nickname="Reader", consented_at=now),
             id=keys.person.of("nth"), visitor_id=keys.visitor.of("nth"))  # fmt: skip
        fill(LiveCode(**home), id=keys.code.of("nth"), slug="slug")
        rest = len(self.slugs)
        taken = f"CASE WHEN {rest} - nth < {ROOM} THEN {rest} - nth ELSE {ROOM} END"
        # Those that are full come before those with room, as they were made before them.
        self.stage.campaign.groups.update(position=F("position") + rest)
        fill(Group(**home, capacity=ROOM), f"nth %% {ROOM} = 0",
             id=keys.group.of(IN_ROOM), name="'Full ' || nth", position="nth", taken_count=taken)  # fmt: skip
        fill(Seat(**home, state=Seat.State.TAKEN, taken_at=now),
             id=keys.seat.of("nth"), group_id=room, visitor_id=keys.visitor.of("nth"))  # fmt: skip
        self._scans(keys)

    def _scans(self, keys: _Kinds) -> None:
        campaign, channel = self.stage.campaign, self.stage.code
        scan = Scan(at=clock.now(), workspace_id=campaign.workspace_id, campaign_id=campaign.id)
        scan.code_id, scan.outcome, scan.is_first, scan.is_hold = channel.id, "group", True, False
        common = {"visitor_id": keys.visitor.of("nth"), "group_id": keys.group.of(IN_ROOM)}
        seeds = fill(scan, "above < 0", id=keys.scan.of("nth"), **common)
        rest = fill(scan, INVITED, id=keys.scan.of("nth"), code_id=keys.code.of("above"), **common)
        assert channel.channel_id
        for source, many in ((channel.channel_id, seeds), (campaign.id, rest)):
            ScanTally.objects.create(
                campaign_id=campaign.id, source_id=source, slot=0, scan_count=many, visitor_count=many
            )

    def _journeys(self, keys: _Kinds) -> None:
        now = clock.now()
        like = Journey(
            **self._home,
            channel_code=self.stage.code,
            origin=Journey.Origin.SEED,
            joined_at=now,
        )
        at = f"CASE WHEN {INVITERS} THEN '{bulk.moment(now)}' END"
        own = {name: getattr(keys, name).of("nth") for name in ("person", "code", "seat")}
        common = {f"{name}_id": expression for name, expression in own.items()} | {
            "id": keys.journey.of("nth"),
            "group_id": keys.group.of(IN_ROOM),
            "page_key": "'page-' || nth",
            "valid_count": "friends",
            "board_count": "friends",
            "counted_seq": "number",
            "sharing_at": at,
            "rewarded_at": at,  # the first friend brings the first reward
        }
        fill(like, "above < 0", **common)
        like.origin, like.channel_code = Journey.Origin.INVITED, None
        fill(like, INVITED, **common, inviter_id=keys.journey.of("above"), generation="depth")

    def _facts(self, keys: _Kinds) -> None:
        room, journey = keys.group.of(IN_ROOM), keys.journey.of("nth")
        self._fact(Fact.SEAT_TAKEN, group_id=room)
        self._fact(Fact.JOINED, journey_id=journey, group_id=room)
        campaign, now = self.stage.campaign, clock.now()
        said = Message(
            workspace_id=campaign.workspace_id, campaign_id=campaign.id, platform="web", moment="join"
        )
        said.text, said.state, said.due_at, said.sent_at = "Welcome, Reader!", Message.State.SENT, None, now
        fill(said, id=Keys().of("nth"), group_id=room, journey_id=journey,
             key=f"'join:' || {keys.journey.spelled('nth')}")  # fmt: skip

    def _friends(self, keys: _Kinds) -> None:
        """What each newcomer is to whoever brought them: a credit, a row of the ledger, and points."""
        rule, inviter = self.rules[0], keys.journey.of("above")
        newcomer = keys.journey.of("nth")
        credit = Credit(**self._home, state=Credit.State.VALID, turn_count=1)
        many = fill(credit, INVITED, id=keys.credit.of("nth"), inviter_id=inviter, newcomer_id=newcomer)
        self._fact(Fact.CREDIT_VALID, INVITED, journey_id=inviter)
        counted = LedgerRow(
            **self._home, unit=Unit.INVITE, amount=1, level=1, reason=LedgerRow.Reason.COUNTED
        )
        fill(counted, INVITED, id=Keys().of("nth"), journey_id=inviter, newcomer_id=newcomer,
             key=f"'credit:' || {keys.credit.spelled('nth')} || ':1'")  # fmt: skip
        self._points(
            LedgerRow.Reason.INVITE_PAID, POINTS_A_FRIEND, rule, INVITED, journey_id=inviter,
            newcomer_id=newcomer, key=f"'{rule.line.hex}:' || {newcomer} || ':1:0'",
        )  # fmt: skip
        self._used(rule, many, POINTS_A_FRIEND)

    def _points(self, reason: str, amount: int, rule: RewardRule, where: str, **columns: str) -> None:
        paid = LedgerRow(
            **self._home, unit=Unit.POINTS, amount=amount, reason=reason, rule=rule, line=rule.line
        )
        paid.level = int(reason == LedgerRow.Reason.INVITE_PAID)
        fill(paid, where, id=Keys().of("nth"), **columns)
        told = {"amount": amount, "reason": reason, "note": ""}
        self._fact(Fact.POINTS_MOVED, where, told, journey_id=columns["journey_id"])

    def _step(self, keys: _Kinds, need: int) -> None:
        """The reward of one step, for everybody who has come so far."""
        rule, granted, where, journey = self.rules[need], Keys(), f"friends >= {need}", keys.journey.of("nth")
        reward = rule.reward
        assert reward
        given = Grant(**self._home, rule=rule, line=rule.line, reward=reward, claimed_at=clock.now())
        number = f"upper({_hex(f'nth + {need * 2**28}', 8)})"
        many = fill(given, where, id=granted.of("nth"), journey_id=journey, number=number)
        self._fact(
            Fact.REWARDED, where, {"when": rule.when}, journey_id=journey, reward_id=f"'{reward.id.hex}'"
        )
        booked = {"journey_id": journey, "grant_id": granted.of("nth"), "reward_id": f"'{reward.id.hex}'",
                  "key": f"'grant:' || {granted.spelled('nth')}"}  # fmt: skip
        if reward.is_amount:
            self._points(LedgerRow.Reason.GRANTED, POINTS_A_STEP, rule, where, **booked)
        else:
            item = LedgerRow(**self._home, unit=Unit.ITEM, amount=1, reason=LedgerRow.Reason.GRANTED)
            item.rule, item.line = rule, rule.line
            fill(item, where, id=Keys().of("nth"), **booked)
        if reward.kind == Reward.Kind.CODES:
            self._codes(reward, granted, where, many)
        Reward.objects.filter(pk=reward.pk).update(granted_count=many)
        self._used(rule, many, reward.amount)

    def _codes(self, reward: Reward, granted: Keys, where: str, many: int) -> None:
        """Those that were given out; the rest was added by the product."""
        code = StockCode(workspace_id=reward.workspace_id, reward=reward)
        fill(code, where, id=Keys().of("nth"), code="'GIVEN-' || nth", grant_id=granted.of("nth"))
        Reward.objects.filter(pk=reward.pk).update(stock_count=many + LEFT)
        if many:
            self._fact(Fact.STOCK_ADDED, "nth = 0", {"added": many}, reward_id=f"'{reward.id.hex}'")

    def _used(self, rule: RewardRule, many: int, amount: int) -> None:
        RewardRule.objects.filter(pk=rule.pk).update(used_count=many, spent=many * amount)

    def _balances(self, keys: _Kinds) -> None:
        steps = f"CASE WHEN friends >= {STEPS[-1]} THEN {POINTS_A_STEP} ELSE 0 END"
        fill(Balance(**self._home, unit=Unit.POINTS), INVITERS, id=Keys().of("nth"),
             journey_id=keys.journey.of("nth"), amount=f"friends * {POINTS_A_FRIEND} + {steps}")  # fmt: skip

    def _board(self) -> None:
        blocks = Counter(
            (many, number // BLOCK)
            for many, number in zip(self.crowd.counts, self.crowd.numbers, strict=True)
            if many
        )
        Standing.objects.bulk_create(
            Standing(
                **self._home,
                valid_count=many,
                block=block,
                given_count=min(BLOCK, self.crowd.reached[many] - block * BLOCK),
                people_count=people,
            )
            for (many, block), people in blocks.items()
        )

    @property
    def _home(self) -> dict[str, Any]:
        return {"workspace": self.stage.workspace, "campaign": self.stage.campaign}

    def _fact(
        self, kind: Fact, where: str = EVERYBODY, told: Mapping[str, object] | None = None, **about: str
    ) -> None:
        campaign = self.stage.campaign
        entry = Entry(kind=kind, workspace_id=campaign.workspace_id, campaign_id=campaign.id)
        entry.data = dict(told or {})
        fill(entry, where, id=Keys().of("nth"), **about)
