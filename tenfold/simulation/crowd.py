"""A crowd of simulated phones that comes in through the real doors, at a gentle pace, for as long as it may.

It is bounded in memory (what has nothing to do any more is forgotten), and it outlives the product: when nobody
answers it waits, longer each time, and goes on where it was.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import structlog
from django.conf import settings

from tenfold.simulation import demo
from tenfold.simulation.doors import Doors, Unreachable
from tenfold.simulation.history import History
from tenfold.simulation.phone import Common, Phone, Step
from tenfold.simulation.plans import after_rejection, may_linger, some_plan, something_later
from tenfold.simulation.reviewer import Reviewer, WrongPassword

log = structlog.get_logger(__name__)

MOST_INVITATIONS = 300
MOST_MEMBERS = 120
LONGEST_PAUSE = 10.0
REVIEWER_TURNS = 2
CURIOUS = 0.4


class NoStage(Exception):
    """Nowhere to begin."""


@dataclass(frozen=True)
class Temper:
    """How a crowd behaves: `pace` turns a second by all `hands` together, about `active` people busy at once."""

    pace: float = 1.0
    hands: int = 2
    active: int = 10
    longest_pause: float = LONGEST_PAUSE


@dataclass
class Guest:
    """A phone and what it still has in mind."""

    phone: Phone
    plan: deque[Step]


class Crowd:
    def __init__(
        self,
        doors: Doors,
        codes: Sequence[str],
        *,
        invitations: Sequence[str] = (),
        seed: int | None = None,
        temper: Temper | None = None,
        reviewer: Reviewer | None = None,
        history: History | None = None,
        common: Common | None = None,
    ) -> None:
        self.temper = temper or Temper()
        self._doors, self._codes, self._reviewer = doors, list(codes), reviewer
        self._history = history or History()
        self._dice = Random(seed)  # noqa: S311 - a play, not a secret
        self._lock = threading.Lock()
        self._busy: list[Guest] = []
        self._members: deque[Phone] = deque(maxlen=MOST_MEMBERS)
        self._invitations = deque(invitations, maxlen=MOST_INVITATIONS)
        self._common = common or Common()
        self._is_full = False

    def run(self, stopping: threading.Event) -> None:
        """Go on until told to stop."""
        hands = [
            threading.Thread(target=self._hand, args=(stopping, nth), name=f"hand-{nth}")
            for nth in range(self.temper.hands)
        ]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()

    def turn(self) -> None:
        """One step of somebody. Raises Unreachable; they try the same step again later."""
        guest = self._pick()
        try:
            self._step(guest)
        finally:
            self._put_back(guest)

    def _hand(self, stopping: threading.Event, nth: int) -> None:
        pause = failures = 0.0
        while not stopping.wait(pause):
            try:
                if nth == 0:
                    self._review_now_and_then()
                self.turn()
                failures = 0
                pause = self._between_turns()
            except Unreachable as away:
                failures += 1
                pause = min(self.temper.longest_pause, 0.25 * 2**failures)
                log.info("product_away", why=str(away)[:200], pause=pause)
            except Exception:
                # A page that nobody foresaw ends one person's plans, and not the crowd.
                log.exception("lost_the_thread")
                pause = self.temper.longest_pause / 2

    def _between_turns(self) -> float:
        with self._lock:
            return self._dice.expovariate(self.temper.pace / self.temper.hands)

    def _review_now_and_then(self) -> None:
        with self._lock:
            is_time = self._dice.randrange(REVIEWER_TURNS) == 0
        if self._reviewer is None or not is_time:
            return
        try:
            self._reviewer.judge_one()
        except WrongPassword:
            log.warning("reviewer_not_let_in")
            self._reviewer = None

    # --- who is next ------------------------------------------------------------------------------------------

    def _pick(self) -> Guest:
        with self._lock:
            if self._wants_newcomer():
                return self._newcomer()
            if self._busy and self._dice.random() < 0.85:
                return self._busy.pop(self._dice.randrange(len(self._busy)))
            if self._members:
                return self._member()
            return self._busy.pop() if self._busy else self._newcomer()

    def _wants_newcomer(self) -> bool:
        """Fewer come when all groups are full; never none, since a seat may have come free."""
        chance = 0.04 if self._is_full else 0.5
        return len(self._busy) < self.temper.active and self._dice.random() < chance

    def _newcomer(self) -> Guest:
        code = self._dice.choice(self._codes)
        if self._invitations and self._dice.random() < 0.9:
            # The one that waits longest, or any: some friends react at once and some after days.
            self._invitations.rotate(-self._dice.randrange(len(self._invitations)))
            code = self._invitations.popleft()
        dice = Random(self._dice.random())  # noqa: S311 - a play, not a secret
        phone = Phone(self._doors, code=code, dice=dice, history=self._history, common=self._common)
        return Guest(phone, deque(some_plan(dice)))

    def _member(self) -> Guest:
        """Somebody from before, who says something, looks again or goes. Who waits for an answer looks often."""
        self._members.rotate(-self._dice.randrange(len(self._members)))
        if self._dice.random() < CURIOUS:
            eager = next((phone for phone in self._members if phone.awaits_answer), None)
            if eager is not None:
                self._members.remove(eager)
                return Guest(eager, deque([Step.LOOK]))
        phone = self._members.popleft()
        return Guest(phone, deque([something_later(self._dice, is_waiting=phone.is_waiting)]))

    def _put_back(self, guest: Guest) -> None:
        with self._lock:
            if guest.plan:
                self._busy.append(guest)
            elif may_linger(guest.phone):
                self._members.append(guest.phone)

    # --- what they do -----------------------------------------------------------------------------------------

    def _step(self, guest: Guest) -> None:
        step = guest.plan[0]
        try:
            guest.phone.do(step)
        except Unreachable:
            raise
        except Exception:
            guest.plan.clear()
            raise
        guest.plan.popleft()
        self._think(guest, step)

    def _think(self, guest: Guest, done: Step) -> None:
        """What follows from how it went."""
        phone = guest.phone
        with self._lock:
            if done == Step.SCAN and not phone.is_member:
                self._is_full = phone.is_waiting
            if done in (Step.SCAN, Step.JOIN) and not phone.is_member and Step.JOIN not in guest.plan:
                guest.plan.clear()
            if phone.is_waiting:
                guest.plan.clear()
            if done == Step.READ and phone.own_code:
                friends = self._dice.choices((0, 1, 2, 3, 5), weights=(20, 25, 30, 18, 7))[0]
                self._invitations.extend([phone.own_code] * friends)
            if done == Step.LOOK and phone.is_rejected:
                guest.plan.append(after_rejection(self._dice))
            elif done == Step.LOOK and (errand := phone.errand):
                guest.plan.append(errand)


def demo_crowd(*, base: str, codes: Sequence[str], pace: float, seed: int | None) -> Crowd:
    """A crowd for these codes; for none, one for the demo of this data folder, with its reviewer."""
    doors, temper = Doors(base or settings.PUBLIC_URL), Temper(pace=pace)
    if codes:
        return Crowd(doors, codes, seed=seed, temper=temper)
    known = demo.read()
    if known is None or not known.codes:
        raise NoStage("There is no demo in this data folder. Say where to begin: --scan-url")
    common = Common()
    reviewer = Reviewer(
        doors,
        email=known.robot,
        password=known.robot_password,
        campaign_id=known.campaign_id,
        seen=common.seen,
    )
    starts = [f"/C/{slug}" for slug in known.codes]
    return Crowd(
        doors,
        starts,
        invitations=known.invitations,
        seed=seed,
        temper=temper,
        reviewer=reviewer,
        common=common,
    )


def run(
    stopping: threading.Event,
    *,
    base: str = "",
    codes: Sequence[str] = (),
    pace: float = 1.0,
    seed: int | None = None,
) -> None:
    """What `tenfold crowd` does."""
    demo_crowd(base=base, codes=codes, pace=pace, seed=seed).run(stopping)
