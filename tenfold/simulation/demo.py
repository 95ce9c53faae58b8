"""The demo: a live campaign, three generations of people who came in through the real doors, and a campaign of each
playbook beside it."""

from __future__ import annotations

import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from uuid import UUID

from django.conf import settings

from tenfold.accounts.models import Operator
from tenfold.people.models import Journey
from tenfold.simulation import showcase, stage
from tenfold.simulation.doors import Doors
from tenfold.simulation.phone import Phone, Step

EMAIL = "demo@tenfold.example"
ROBOT = "robot@tenfold.example"
# Newcomers that each of the generation before brings; the first are seeds.
SEEDS, BROUGHT = 4, ((3, 3, 3, 2), (3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 1))
PEOPLE_AT_ONCE = 4


@dataclass(frozen=True)
class Demo:
    """How to reach the demo. Kept beside the data, for its owner's eyes: there are passwords in it."""

    email: str = EMAIL
    password: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    robot: str = ROBOT
    robot_password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    campaign_id: str = ""
    codes: tuple[str, ...] = ()
    invitations: tuple[str, ...] = ()

    @property
    def scan_url(self) -> str:
        return f"{settings.PUBLIC_URL}/C/{self.codes[0]}"

    @property
    def poster_url(self) -> str:
        return f"{settings.PUBLIC_URL}/poster/{self.codes[0]}.jpg"


def prepare(size: stage.Size | None = None, *, has_people: bool = True) -> Demo:
    """Make what of the demo is not there yet; the server has to run, since its people come in through the doors."""
    kept = read() or Demo()
    _keep(kept)  # before anything is made: a password that is known is worth nothing if it is not kept
    campaign = stage.set_up(
        email=kept.email,
        password=kept.password,
        robot=kept.robot,
        robot_password=kept.robot_password,
        size=size or stage.Size(),
    )
    codes = tuple(code.slug for code in stage.channel_codes(campaign))
    made = replace(kept, campaign_id=str(campaign.id), codes=codes)
    _keep(made)
    if has_people and not _is_peopled(campaign.id):
        friends = people_come(made, Random())  # noqa: S311 - a play, not a secret
        _keep(replace(made, invitations=tuple(friends)))
    showcase.set_up(workspace=campaign.workspace, owner=Operator.objects.get(email=made.email))
    return _as_told(made)


def _as_told(demo: Demo) -> Demo:
    """Nobody is shown a password that does not open the console any more."""
    if Operator.objects.get(email=demo.email).check_password(demo.password):
        return demo
    return replace(demo, password="(the one you have set)")  # noqa: S106 - said in its place


def read() -> Demo | None:
    """The demo of this data folder, if there is one."""
    with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
        known = json.loads(_file().read_text())
        lists = {name: tuple(known[name]) for name in ("codes", "invitations")}
        return Demo(**known | lists)
    return None


def people_come(demo: Demo, dice: Random) -> list[str]:
    """Three generations, each brought by the one before: every phone scans the code off its friend's poster.

    Gives the codes of those whose friends are still to come.
    """
    doors, shared = Doors(settings.PUBLIC_URL), list[str]()
    try:
        brought = [f"{settings.PUBLIC_URL}/C/{demo.codes[nth % len(demo.codes)]}" for nth in range(SEEDS)]
        for counts in (*BROUGHT, ()):
            came = _come(doors, brought, dice, are_last=not counts)
            inviters = [phone.own_code for phone in came if phone.own_code]
            shared += inviters[::2]
            brought = [code for code, n in zip(inviters, counts, strict=False) for _nth in range(n)]
    finally:
        doors.close()
    return shared


def _come(doors: Doors, codes: list[str], dice: Random, *, are_last: bool) -> list[Phone]:
    phones = [Phone(doors, code=code, dice=Random(dice.random())) for code in codes]  # noqa: S311
    # The last to come find room in the WeChat group, where a screenshot also shows that somebody is in it.
    sharers = phones[-8:] if are_last else phones
    with ThreadPoolExecutor(PEOPLE_AT_ONCE) as pool:
        list(pool.map(lambda phone: _takes_part(phone, may_share=phone in sharers), phones))
    return phones


def _takes_part(phone: Phone, *, may_share: bool) -> None:
    phone.do(Step.SCAN)
    phone.do(Step.JOIN)
    if may_share:
        phone.do(Step.READ)
        phone.do(Step.PROVE)


def _is_peopled(campaign_id: UUID) -> bool:
    """Whether the third generation has come; a demo broken off before that gets its people once more."""
    return Journey.objects.filter(campaign_id=campaign_id, generation=len(BROUGHT)).exists()


def _keep(demo: Demo) -> None:
    unfinished = _file().with_suffix(".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(demo), file)
    unfinished.replace(_file())


def _file() -> Path:
    return Path(settings.DATA_DIR) / "demo.json"
