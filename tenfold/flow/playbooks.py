"""What a playbook may say, part by part; a part is checked by the columns and rules of what it becomes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenfold.accounts.models import Language
from tenfold.base.refusal import Refusal
from tenfold.campaigns import playbooks as files
from tenfold.campaigns.actions import PLAN, check_plan
from tenfold.campaigns.models import Campaign, Words
from tenfold.campaigns.playbooks import NotAPlaybook, Reading, Table, Taken, Trouble, Wrong, at, plain
from tenfold.campaigns.rules import check_words
from tenfold.imaging.design import Flawed, read_design, write_design
from tenfold.keepsakes.models import Edition
from tenfold.posters import sentences
from tenfold.posters.actions import ELEMENTS
from tenfold.posters.models import PosterDesign, PosterText
from tenfold.posters.rules import ready_designs
from tenfold.proofs.models import ReviewPlan
from tenfold.proofs.plans import PLAN as REVIEW
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.rules import OF_AMOUNTS, check_reward, check_rule

FORMAT = 1
ABOUT = ("title", "does", "suits", "needs")
FOR_THE_TEAM = ("purpose", "audience", "pain_point", "process", "channel_plan")
# Of a campaign itself, and of its days, nothing is in a file.
PLANNED = tuple(name for name in PLAN if name not in ("name", "language", "starts_at", "ends_at"))
REVIEWED = tuple(name for name in REVIEW if name != "example")
REWARDED = ("kind", "name", "text", "amount", "stock_count", "warn_below", "claim_hours")
RULED = (
    *("when", "need", "rank_from", "rank_to", "winners", "direct", "second", "unit"),
    *("person_cap", "campaign_cap", "budget"),
)
LONGEST_DAYS = 366
Row = tuple[str, Table]


@dataclass(frozen=True)
class Playbook:
    """A file without a fault. Texts are `Spoken`; rows come with the place where they stand in the file."""

    name: str
    about: Table
    plan: Table
    words: tuple[tuple[str, str, str], ...] = ()
    poster: Mapping[str, Table] = field(default_factory=dict)
    designs: tuple[Row, ...] = ()
    review: Table = field(default_factory=dict)
    editions: tuple[Row, ...] = ()
    rewards: tuple[Row, ...] = ()
    rules: tuple[Row, ...] = ()

    @property
    def told(self) -> Table:
        """What it says about itself, in the language of whoever reads."""
        return plain(self.about, get_language() or "")


def checked(data: bytes) -> tuple[Trouble, ...]:
    """Everything that is wrong with a file, in the language of whoever asks; nothing where it can be used."""
    try:
        read(data)
    except NotAPlaybook as refusal:
        return refusal.troubles
    return ()


def read(data: bytes) -> Playbook:
    """The playbook; raises NotAPlaybook with every trouble."""
    return _read(files.read_toml(data))


@cache
def ready(name: str) -> Playbook | None:
    """One of the install, by its name."""
    return _read(files.ready_file(name)) if name in files.ORDER else None


def every_ready() -> list[Playbook]:
    """Those that come with the install, in the order in which they are offered."""
    return [found for name in files.ORDER if (found := ready(name))]


def _read(raw: Table) -> Playbook:
    reading = Reading()
    parts: dict[str, Taken] = {
        "format": files.one_of_numbers(FORMAT),
        "name": files.key,
        "about": partial(_about, reading),
        "plan": partial(_plan, reading),
        "words": partial(_words, reading),
        "poster": partial(_poster, reading),
        "designs": partial(_designs, reading),
        "review": partial(_review, reading),
        "editions": partial(_editions, reading),
        "rewards": partial(_rewards, reading),
        "rules": lambda rows: rows,
    }
    found = reading.table(raw, "", parts, needed=("format", "name", "about", "plan", "words"))
    found["rules"] = _rules(reading, found.get("rules", []), found.get("rewards", ()))
    _check_editions(reading, found.get("rewards", ()), found.get("editions", ()))
    if reading.troubles:
        raise NotAPlaybook(reading.troubles)
    del found["format"]
    return Playbook(**found)


# --- parts of one table -----------------------------------------------------------------------------------------


def _short(most: int) -> Taken:
    def taken(raw: object) -> str:
        return files.no_longer(files.text(raw), most)

    return taken


def _about(reading: Reading, raw: object) -> Table:
    takers = {name: files.spoken(_short(80 if name == "title" else 400)) for name in ABOUT}
    return reading.table(raw, "about", takers, needed=("title",))


def _plan(reading: Reading, raw: object) -> Table:
    takers = {name: files.of_field(Campaign, name) for name in PLANNED}
    takers |= {name: files.spoken(takers[name]) for name in FOR_THE_TEAM}
    found = reading.table(raw, "plan", takers | {"days": _days})
    fields = {name: value for name, value in plain(found, "").items() if name != "days"}
    _checked_as_row(reading, "plan", Campaign(name="-", **fields), check_plan)
    return found


def _days(raw: object) -> int:
    days = files.whole(raw)
    if not 1 <= days <= LONGEST_DAYS:
        raise Wrong("bad_days", _("Between a day and a year, please."))
    return days


def _words(reading: Reading, raw: object) -> tuple[tuple[str, str, str], ...]:
    moments = {moment: partial(_said, moment) for moment in Words.Moment.values}
    takers = {
        language: partial(reading.table, place=f"words.{language}", takers=moments, needed=files.USUAL)
        for language in Language.values
    }
    found = reading.table(raw, "words", takers, needed=Language.values)
    return tuple(
        (language, moment, text)
        for language, texts in found.items()
        for moment, text in texts.items()
        if text
    )


def _said(moment: str, raw: object) -> str:
    return check_words(moment, files.text(raw))


def _poster(reading: Reading, raw: object) -> Table:
    elements = {name: files.of_field(PosterText, name) for name in ELEMENTS}
    takers = {
        language: partial(reading.table, place=f"poster.{language}", takers=elements, needed=("title",))
        for language in Language.values
    }
    return reading.table(raw, "poster", takers)


def _review(reading: Reading, raw: object) -> Table:
    return reading.table(raw, "review", {name: files.of_field(ReviewPlan, name) for name in REVIEWED})


# --- parts of many rows -----------------------------------------------------------------------------------------


def _rows(
    reading: Reading, raw: object, place: str, takers: Mapping[str, Taken], needed: Iterable[str]
) -> tuple[Row, ...]:
    rows = [(where, reading.table(row, where, takers, needed)) for where, row in reading.rows(raw, place)]
    return tuple((where, row) for where, row in rows if all(name in row for name in needed))


def _checked_as_row(reading: Reading, place: str, row: models.Model, check: Callable[[Any], None]) -> None:
    """By the rule that decides when it is written; the row is never saved."""
    try:
        check(row)
    except Refusal as refusal:
        reading.note(place, refusal.code, refusal.message)


def _once(reading: Reading, rows: Iterable[Row], *names: str) -> None:
    seen: set[tuple[Any, ...]] = set()
    for place, row in rows:
        name = tuple(row.get(each, "") for each in names)
        if name in seen:
            reading.note(at(place, names[-1]), "twice", _("This stands here twice."))
        seen.add(name)


def _designs(reading: Reading, raw: object) -> tuple[Row, ...]:
    takers: dict[str, Taken] = {
        "kind": files.of_field(PosterDesign, "kind"),
        "name": files.spoken(files.of_field(PosterDesign, "name")),
        "variant": files.one_of(("A", "B")),
        "ready": files.one_of(ready_designs()),
        "content": _content,
    }
    rows = _rows(reading, raw, "designs", takers, needed=("kind",))
    for place, row in rows:
        row.setdefault("variant", "A")
        _check_design(reading, place, row)
    _once(reading, rows, "kind", "variant")
    return rows


def _content(raw: object) -> Table:
    """A design as data; what pictures it names is looked for where it is put to use."""
    try:
        return write_design(read_design(raw))
    except Flawed as flawed:
        raise Wrong(
            "bad_design", " ".join(f"{one.where}: {sentences.of_flaw(one)}" for one in flawed.flaws[:5])
        ) from flawed


def _check_design(reading: Reading, place: str, row: Table) -> None:
    if ("ready" in row) == ("content" in row):
        reading.note(place, "no_design", _("Either “ready” or “content” belongs here."))
        return
    drawn = ready_designs()[row["ready"]].kind if "ready" in row else row["content"]["kind"]
    if drawn != row["kind"]:
        reading.note(
            at(place, "kind"), "other_kind", _("This design is of another kind: %(kind)s.") % {"kind": drawn}
        )


def _editions(reading: Reading, raw: object) -> tuple[Row, ...]:
    takers: dict[str, Taken] = {
        "key": files.key,
        "kind": files.of_field(Edition, "kind"),
        "name": files.spoken(files.of_field(Edition, "name")),
    }
    rows = _rows(reading, raw, "editions", takers, needed=tuple(takers))
    _once(reading, rows, "key")
    return rows


def _rewards(reading: Reading, raw: object) -> tuple[Row, ...]:
    takers: dict[str, Taken] = {name: files.of_field(Reward, name) for name in REWARDED}
    takers |= {name: files.spoken(takers[name]) for name in ("name", "text")}
    takers |= {"key": files.key, "edition": files.key}
    rows = _rows(reading, raw, "rewards", takers, needed=("key", "kind", "name"))
    _once(reading, rows, "key")
    for place, row in rows:
        _check_reward(reading, place, row)
    return rows


def _check_reward(reading: Reading, place: str, row: Table) -> None:
    if reading.is_clear(place):
        _checked_as_row(reading, place, reward_of_row(row, ""), check_reward)
    if row["kind"] == Reward.Kind.CODES and "stock_count" in row:
        reading.note(
            at(place, "stock_count"),
            "no_stock",
            _("The stock of codes is what is uploaded: none is in a file."),
        )
    if "edition" in row and row["kind"] != Reward.Kind.KEEPSAKE:
        reading.note(at(place, "edition"), "no_edition", _("Only a keepsake has an edition."))


def reward_of_row(row: Table, language: str) -> Reward:
    """The reward that a row stands for, not saved."""
    values = plain(row, language)
    return Reward(**{name: values[name] for name in REWARDED if name in values})


def _check_editions(reading: Reading, rewards: Collection[Row], editions: Collection[Row]) -> None:
    known = {row["key"] for _place, row in editions}
    named = [(place, row) for place, row in rewards if "edition" in row]
    for place, row in named:
        if row["edition"] not in known:
            reading.note(at(place, "edition"), "unknown_edition", _("There is no edition of this key."))
    _once(reading, named, "edition")


def _rules(reading: Reading, raw: object, rewards: Iterable[Row]) -> tuple[Row, ...]:
    takers: dict[str, Taken] = {name: files.of_field(RewardRule, name) for name in RULED}
    takers |= {"reward": files.key, "fallback": files.key}
    rows = _rows(reading, raw, "rules", takers, needed=("when",))
    known = {row["key"]: reward_of_row(row, "") for _place, row in rewards}
    for place, row in rows:
        unknown = [name for name in ("reward", "fallback") if name in row and row[name] not in known]
        for name in unknown:
            reading.note(at(place, name), "unknown_reward", _("There is no reward of this key."))
        if reading.is_clear(place):
            rule = RewardRule(**rule_fields(row, known))
            _checked_as_row(reading, place, rule, check_rule)
    _once(reading, [row for row in rows if row[1]["when"] in OF_AMOUNTS], "when")
    alone = [row for row in rows if row[1]["when"] not in (*OF_AMOUNTS, RewardRule.When.LOTTERY)]
    _once(reading, alone, "need", "reward", "rank_from", "when")
    return rows


def rule_fields(row: Table, rewards: Mapping[str, Reward]) -> Table:
    """The columns of the rule that a row stands for. What gives points or money is counted in them."""
    reward = rewards.get(row.get("reward", ""))
    unit = reward.kind if reward and reward.is_amount else ""
    named = {"reward": reward, "fallback": rewards.get(row.get("fallback", ""))}
    return {"unit": unit} | {name: row[name] for name in RULED if name in row} | named
