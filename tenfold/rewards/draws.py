"""Draws: promised when their rule is made, drawn once, read by everybody. What they compute is in `lottery`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import step
from tenfold.base.keys import new_hex
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people import board
from tenfold.people.models import Journey
from tenfold.rewards import lottery
from tenfold.rewards.books import Draw, DrawEntry
from tenfold.rewards.models import RewardRule

LONGEST_PUBLIC = 200
PIECE = 2_000
"""So many entries are written at once."""
ATTEMPTS = 5
"""So often they are numbered anew where somebody was excluded or let in again meanwhile."""


@step
def announce(*, rule: RewardRule, operator: Operator | None, public_source: str = "") -> Draw:
    """Promise the draw of a lottery: its secret is chosen, and the fingerprint of it is there for everybody. Another
    version of the rule has the same draw."""
    if found := Draw.objects.filter(line=rule.line).first():
        return found
    secret = lottery.new_secret()
    draw = Draw.objects.create(
        workspace_id=rule.workspace_id,
        campaign_id=rule.campaign_id,
        line=rule.line,
        secret=secret,
        commitment=lottery.commitment_of(secret),
        public_source=_clean(public_source),
        made_at=clock.now(),
    )
    _note(Fact.DRAW_ANNOUNCED, draw, operator, commitment=draw.commitment, public_source=draw.public_source)
    return draw


@step
def set_public_source(*, draw: Draw, text: str, operator: Operator) -> Draw:
    """Say beforehand which public value will be mixed in. Once people take part it stays as it was: who knows their
    numbers and the secret could choose among values that are known already."""
    draw.refresh_from_db(
        from_queryset=Draw.objects.select_for_update(of=("self",), no_key=True).select_related("campaign")
    )
    source = _clean(text)
    if draw.public_source == source:
        return draw
    if not may_announce(draw):
        message = _("People take part already: where the public value comes from cannot change any more.")
        raise Refusal("announced", message)
    draw.public_source = source
    draw.save(update_fields=["public_source"])
    _note(Fact.DRAW_ANNOUNCED, draw, operator, commitment=draw.commitment, public_source=source)
    return draw


def may_announce(draw: Draw) -> bool:
    """Whether it may still be said, or said otherwise, which public value will be mixed in."""
    if draw.drawn_at is not None or draw.campaign.state == Campaign.State.ENDED:
        return False
    return not Journey.objects.filter(campaign_id=draw.campaign_id).exists()


def draw_lots(*, draw: Draw, rule: RewardRule, public_text: str, operator: Operator | None) -> Draw:
    """Number the entries, draw, and publish it all; once. A second time it is the first one's result.

    A hundred thousand entries are written a piece at a time, so that nobody else waits for long. Whatever cuts that
    off, the next who draws goes on behind the last one. Nobody is told a number before the draw: if who takes part has
    changed since they were written, everybody is numbered anew."""
    public, left = _clean(public_text), ATTEMPTS
    while not _is_drawn(draw, public):
        if not left:
            message = _("Who takes part is changing at this moment. Please draw again in a minute.")
            raise Refusal("entries_moving", message)
        left -= 1
        keys = _keys(rule)
        while _number_some(draw=draw, keys=keys):
            pass
        _publish(draw=draw, rule=rule, found=_lots(draw, rule, keys, public), operator=operator)
    return draw


def _keys(rule: RewardRule) -> list[UUID]:
    """Of those who qualify now, in the order in which they entered the campaign."""
    return list(qualified(rule).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000))


@dataclass(frozen=True)
class Lots:
    """What was found for those who take part by `keys`."""

    keys: list[UUID]
    entrants_hash: str
    public_text: str
    winners_count: int
    winners: list[int]


def _lots(draw: Draw, rule: RewardRule, keys: list[UUID], public: str) -> Lots:
    prints = lottery.entrants_hash(lottery.token_of(draw.pk, key) for key in keys)
    lots = lottery.winners_of(
        secret=draw.secret, public_text=public, entrants=len(keys), winners=rule.winners
    )
    return Lots(keys, prints, public, rule.winners, lots)


def _is_drawn(draw: Draw, public: str) -> bool:
    """And if not, whether it can be by this value."""
    draw.refresh_from_db()
    if draw.drawn_at is None and draw.public_source and not public:
        raise Refusal("public_value_needed", _("Type the public value that was announced for this draw."))
    if draw.drawn_at is None and public and not draw.public_source:
        raise Refusal("no_public_value", _("No public value was announced for this draw."))
    return draw.drawn_at is not None


def _locked(draw: Draw) -> Draw:
    """Only while this is locked are entries added, in the order of their keys, or all of them thrown away."""
    return Draw.objects.select_for_update(no_key=True).get(pk=draw.pk)


@step
def _number_some(*, draw: Draw, keys: Sequence[UUID]) -> bool:
    """Number the next of those who qualify, in the order of `keys`. False behind the last."""
    kept = _locked(draw)
    last = DrawEntry.objects.filter(draw=kept).order_by("-number").first()
    start = bisect_right(keys, last.journey_id) if last else 0
    piece = keys[start : start + PIECE] if kept.drawn_at is None else []
    bulk.insert(
        "tenfold_drawentry",
        ("id", "workspace_id", "draw_id", "number", "journey_id"),
        [
            (new_hex(), draw.workspace_id.hex, draw.pk.hex, number, key.hex)
            for number, key in enumerate(piece, start=last.number + 1 if last else 1)
        ],
    )
    return len(piece) == PIECE


@step
def _publish(*, draw: Draw, rule: RewardRule, found: Lots, operator: Operator | None) -> None:
    """The result, unless it is there already, or is not that of those who qualify now. Numbers that are not theirs are
    thrown away: who was let in again has none yet, and who was excluded, or whose entry is gone, could win a prize that
    nobody gets. To compare fifty thousand takes about half a second, once."""
    kept = _locked(draw)
    if kept.drawn_at is not None:
        return
    keys, entries = _keys(rule), DrawEntry.objects.filter(draw=kept)
    numbered = entries.order_by("number").values_list("number", "journey_id")
    if list(numbered.iterator(chunk_size=5000)) != list(enumerate(keys, start=1)):
        entries.delete()
        return
    if found.keys == keys:
        _keep(kept, found, operator)


def _keep(draw: Draw, found: Lots, operator: Operator | None) -> None:
    draw.public_text = found.public_text
    draw.entrants_count, draw.entrants_hash = len(found.keys), found.entrants_hash
    draw.winners_count, draw.winners = found.winners_count, found.winners
    draw.drawn_at, draw.drawn_by = clock.now(), operator
    draw.save()
    told = {"entrants": draw.entrants_count, "hash": draw.entrants_hash, "winners": draw.winners}
    _note(Fact.DRAWN, draw, operator, **told)


def qualified(rule: RewardRule) -> QuerySet[Journey]:
    """Who takes part in a lottery: with as many friends as it needs, or where it needs none, with the task done. Nobody
    who is excluded: on the board they stand with none."""
    inside = Journey.objects.filter(campaign_id=rule.campaign_id)
    if rule.need:
        return inside.filter(board_count__gte=rule.need)
    return inside.filter(approved_at__isnull=False, person__blocked_at=None)


# --- reading --------------------------------------------------------------------------------------------------


def draw_of(rule: RewardRule) -> Draw | None:
    return Draw.objects.filter(line=rule.line).first()


def draws_of(campaign_id: UUID) -> QuerySet[Draw]:
    return Draw.objects.filter(campaign_id=campaign_id).order_by("made_at", "pk")


def rule_of(draw: Draw) -> RewardRule:
    """As it holds now. A draw that was made followed the one that held then: see its `winners_count`."""
    return RewardRule.objects.select_related("reward").get(line=draw.line, replaced_at=None)


def odds_of(rule: RewardRule, draw: Draw | None = None) -> lottery.Odds:
    """How likely somebody who takes part is to win: of the draw, or as it stands now."""
    if draw is not None and draw.drawn_at:
        return lottery.Odds(draw.winners_count, draw.entrants_count)
    return lottery.Odds(rule.winners, entrants_of(rule))


def entrants_of(rule: RewardRule) -> int:
    """How many would take part now. By friends the board knows it; by the task everybody is counted, which takes
    seconds among a million."""
    if rule.need:
        return board.people_count(rule.campaign_id, least=rule.need)
    return qualified(rule).count()


def entry_of(draw: Draw, journey: Journey) -> DrawEntry | None:
    """Somebody's number; None before the draw, and for who did not qualify."""
    return DrawEntry.objects.filter(draw=draw, journey=journey).first() if draw.drawn_at else None


def token_of(draw: Draw, journey: Journey) -> str:
    return lottery.token_of(draw.pk, journey.pk)


def tokens_of(draw: Draw) -> Iterator[str]:
    keys = DrawEntry.objects.filter(draw=draw).order_by("number").values_list("journey_id", flat=True)
    return (lottery.token_of(draw.pk, key) for key in keys.iterator(chunk_size=5000))


def winners_of(draw: Draw, limit: int | None = None) -> list[DrawEntry]:
    """The entries that won, the first prize first; at most `limit` of them."""
    rows = DrawEntry.objects.filter(draw=draw, number__in=draw.winners[:limit])
    found = {row.number: row for row in rows.select_related("journey__person", "journey__campaign")}
    return [found[number] for number in draw.winners[:limit] if number in found]


def _clean(text: str) -> str:
    """Spaces at the ends are nobody's; what a line of text cannot hold is refused, as others have to copy it."""
    clean = text.strip()
    if len(clean) > LONGEST_PUBLIC or (clean and not clean.isprintable()):
        raise Refusal("bad_public_value", _("A single line of at most 200 characters, please."), status=400)
    return clean


def _note(fact: Fact, draw: Draw, operator: Operator | None, **told: object) -> None:
    about = {"campaign_id": draw.campaign_id, "operator_id": operator.id if operator else None}
    write(fact, draw, {"draw": str(draw.pk), **told}, **about)
