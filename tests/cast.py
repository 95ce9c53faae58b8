"""A named cast and a live campaign, made through the rooms' own actions. For tests of every room."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from PIL import Image

from tenfold import flow
from tenfold.accounts import actions as accounts
from tenfold.accounts import letters
from tenfold.accounts.models import Operator, Role, Workspace
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.codes.models import Channel, LiveCode
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.imaging.qr import qr_png
from tenfold.imaging.reading import CleanPicture, clean_picture
from tenfold.mailroom import actions as mailroom
from tenfold.people.models import Journey
from tenfold.posters import actions as posters
from tenfold.proofs.models import Proof
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Reward

PASSWORD = "a long enough password"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Stage:
    """A live campaign with what belongs to it."""

    workspace: Workspace
    owner: Operator
    campaign: Campaign
    group: Group
    code: LiveCode
    reward: Reward


def workspace(email: str = "olga@example.com") -> tuple[Workspace, Operator]:
    return accounts.make_workspace(
        name="Reading Club", email=email, password=PASSWORD, language="en", operator_name="Olga Owner"
    )


def session(operator: Operator) -> str:
    """The key of a session as a log-in leaves it, without all that a log-in looks at."""
    store = SessionStore()
    store[SESSION_KEY] = str(operator.pk)
    store[BACKEND_SESSION_KEY] = BACKEND
    store[HASH_SESSION_KEY] = operator.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def team_mate(of: Workspace, by: Operator, role: Role) -> Operator:
    email = f"{role}-{new_id().hex[-6:]}@example.com"
    mate, _is_new = accounts.add_operator(workspace=of, email=email, name=f"{role} mate", role=role, by=by)
    accounts.set_password(operator=mate, password=PASSWORD)
    return mate


def draft(
    *,
    owner: tuple[Workspace, Operator] | None = None,
    capacity: int = 10,
    platform: str = "web",
    stock: int | None = 5,
    reward_kind: str = "text",
) -> Stage:
    """A campaign that could be launched."""
    home, olga = owner or workspace()
    campaign = campaigns.make_campaign(workspace_id=home.id, name="Ten Books", language="en", operator=olga)
    group = groups.add_group(
        campaign=campaign, name="Readers 1", platform=platform, capacity=capacity, operator=olga
    )
    if platform == "wechat_group":
        group = flow.qr_uploaded(group=group, data=wechat_qr("readers-1"), operator=olga)
    code = codes.make_channel(campaign=campaign, name="Seeds", kind=Channel.Kind.SEED, operator=olga)
    for language, title in (("en", "Read ten books with us"), ("zh-hans", "一起读十本书")):
        posters.change_text(campaign=campaign, language=language, operator=olga, title=title)
    text = "" if reward_kind == "codes" else "https://example.com/books"
    reward = rewards.give_for_task(
        campaign=campaign, kind=reward_kind, name="A free book", text=text, stock_count=stock, operator=olga
    )
    if reward_kind == "codes":
        rewards.add_codes(reward=reward, codes=[f"BOOK-{n:04}" for n in range(stock or 0)], operator=olga)
        reward.refresh_from_db()
    return Stage(home, olga, campaign, group, code, reward)


def live(**wishes: object) -> Stage:
    stage = draft(**wishes)  # type: ignore[arg-type]
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    stage.campaign.refresh_from_db()
    return stage


def joins(stage: Stage, name: str, *, by: LiveCode | None = None, visitor: UUID | None = None) -> Journey:
    """Scan, join, and read from the database what became of it."""
    shown = flow.scanned(slug=(by or stage.code).slug, visitor_id=visitor)
    assert shown.group is not None, shown.outcome
    journey = flow.joined(
        group=shown.group,
        visitor_id=shown.visitor_id,
        nickname=name,
        has_consented=True,
        language="en",
    )
    return Journey.objects.select_related("campaign", "person", "group", "code", "seat").get(pk=journey.pk)


def sends(journey: Journey, picture: CleanPicture | None = None) -> Proof:
    return flow.proof_sent(journey=journey, picture=picture or screenshot(), source="page")


def is_approved(proof: Proof, by: Operator) -> Proof:
    """Judged, and the time for taking it back is over."""
    flow.judged(proof=proof, operator=by, is_approved=True)
    return settles(proof)


def settles(proof: Proof) -> Proof:
    proof = Proof.objects.get(pk=proof.pk)
    return flow.settled(proof=proof)


def letters_go_out() -> int:
    """The mails to operators, as the worker sends them."""
    at = clock.now() + timedelta(seconds=1)
    return sum(iter(lambda: letters.send_due(at), 0))


def words_go_out() -> int:
    return mailroom.deliver_due(clock.now() + timedelta(seconds=1))


def picture_bytes(colour: str = "teal", size: tuple[int, int] = (360, 640), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


@cache
def screenshot(colour: str = "teal") -> CleanPicture:
    return clean_picture(picture_bytes(colour))


@cache
def wechat_qr(name: str) -> bytes:
    """A QR picture as WeChat would show for a group."""
    return qr_png(f"https://weixin.qq.com/g/{name}")
