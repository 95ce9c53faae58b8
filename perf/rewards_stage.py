"""A campaign as large as wished in which everybody came through somebody, for `./dev bench rewards`.

python -m perf.rewards_stage FILE --people 1000000

fills the database that the environment names (TENFOLD_DATA, DATABASE_URL), whose tables are there and empty, and
writes into FILE a line a participant: the slug of their code and how many friends count for them. The campaign and its
rules are made by the product's own actions. The participants come as rows that the database makes itself out of a
table with a line for each, with all that follows from them: seats, credits, places on the board, grants, points, the
ledger, what was said, and the facts that tell of it; so that `tenfold rebuild` finds no difference.

Most bring nobody, some one, few very many: half of all newcomers come through anybody, the other half through somebody
who has brought somebody before.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tenfold.rewards.models import Reward, RewardRule
    from tests.cast import Stage

# As many as a group of WeChat takes.
ROOM = 500
# Rooms that newcomers find, beside those that are full.
FREE_ROOMS = 6
# One in so many comes by a channel's code.
SEED_IN = 20
# The ladder: something for the first friend, a code of the stock for three, points for four.
STEPS = (1, 3, 4)
POINTS_A_FRIEND, POINTS_A_STEP = 10, 100
# Codes that are left in stock.
LEFT = 5_000


@dataclass(frozen=True)
class Crowd:
    """Of each participant: through whom they came (-1: nobody), how many count for them, and as which of those with as
    many they reached that. `reached` says of each count how many ever reached it."""

    above: Sequence[int]
    counts: Sequence[int]
    numbers: Sequence[int]
    reached: Mapping[int, int]


def crowd_of(people: int, seed: int = 1) -> Crowd:
    """The same one each time."""
    dice = Random(seed)
    above, counts, numbers, reached = list[int](), [0] * people, [0] * people, Counter[int]()
    for nth in range(people):
        inviter = _inviter(nth, above, dice)
        above.append(inviter)
        if inviter >= 0:
            counts[inviter] += 1
            numbers[inviter] = reached[counts[inviter]]
            reached[counts[inviter]] += 1
    return Crowd(above, counts, numbers, reached)


def _inviter(nth: int, above: Sequence[int], dice: Random) -> int:
    if nth == 0 or dice.randrange(SEED_IN) == 0:
        return -1
    somebody = dice.randrange(nth)
    return above[somebody] if dice.random() < 0.5 and above[somebody] >= 0 else somebody


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--people", default=1_000_000, show_default=True)
def main(file: Path, people: int) -> None:
    """Fill the database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
    import django

    django.setup()
    from perf.rewards_rows import be_fast, be_ready

    be_fast()
    slugs = filled(people)[1]
    be_ready()
    file.write_text("\n".join(f"{slug} {count}" for slug, count in slugs))


def filled(people: int) -> tuple[Stage, list[tuple[str, int]]]:
    """In one transaction: the stage, and of each participant their slug and their count."""
    from perf.rewards_rows import Filling
    from perf.stage import _slugs
    from tenfold.base.claim import one_transaction

    crowd, slugs = crowd_of(people), list(_slugs(people))
    with one_transaction():
        stage, rules = _campaign()
        Filling(stage, rules, crowd, slugs).fill()
    return stage, list(zip(slugs, crowd.counts, strict=True))


def _campaign() -> tuple[Stage, Mapping[int, RewardRule]]:
    """Live, with its ladder: the rule of each step. Each friend brings points too, which is the rule of 0."""
    from tenfold import flow
    from tenfold.campaigns import actions as campaigns
    from tenfold.groups import actions as groups
    from tests import cast

    stage = cast.draft(capacity=ROOM, stock=None)
    for nth in range(2, FREE_ROOMS + 1):
        groups.add_group(
            campaign=stage.campaign,
            name=f"Readers {nth}",
            platform="web",
            capacity=ROOM,
            operator=stage.owner,
        )
    for language in ("en", "zh-hans"):
        campaigns.change_words(
            campaign=stage.campaign,
            moment="progress",
            language=language,
            text="{newcomer}: {count}. {next}",
            operator=stage.owner,
        )
    rules = _rules(stage)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    type(stage.campaign).objects.filter(pk=stage.campaign.pk).update(board="public")
    stage.campaign.refresh_from_db()
    return stage, rules


def _rules(stage: Stage) -> Mapping[int, RewardRule]:
    from tenfold.rewards import actions as rewards
    from tenfold.rewards.models import RewardRule

    campaign, operator = stage.campaign, stage.owner

    def reward(kind: str, name: str, **more: Any) -> Reward:
        return rewards.add_reward(campaign=campaign, operator=operator, kind=kind, name=name, **more)

    def rule(when: str, **more: Any) -> RewardRule:
        return rewards.make_rule(campaign=campaign, operator=operator, when=when, **more)

    book = reward("codes", "A free book")
    rewards.add_codes(reward=book, codes=[f"BOOK-{nth:07}" for nth in range(LEFT)], operator=operator)
    ladder = (
        reward("text", "A bookmark", text="Yours"), book, reward("points", "Points", amount=POINTS_A_STEP),
    )  # fmt: skip
    each = rule(RewardRule.When.INVITE, unit=RewardRule.Unit.POINTS, direct=POINTS_A_FRIEND)
    steps = zip(STEPS, ladder, strict=True)
    return {0: each} | {need: rule(RewardRule.When.INVITES, need=need, reward=given) for need, given in steps}


if __name__ == "__main__":
    main()
