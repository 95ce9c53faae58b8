"""The demo's stage: a workspace, its operators and a live campaign, made as an operator makes them.

Every part looks for itself first: a demo that was broken off half-way is finished by the next start, and what an
operator has changed since stays as they left it.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import time
from typing import Any

from tenfold import flow
from tenfold.accounts import actions as accounts
from tenfold.accounts.models import Language, Membership, Operator, Role, Workspace
from tenfold.accounts.rules import language_of_machine
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.codes.models import LiveCode
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.imaging.qr import qr_png
from tenfold.posters import actions as posters
from tenfold.proofs.plans import change_review_plan
from tenfold.rewards import actions as rewards
from tenfold.rewards.code_sheet import read_codes_csv
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.queries import main_reward
from tenfold.simulation import texts

Platform, Kind, When = Group.Platform, Reward.Kind, RewardRule.When
STOCK = 500
QUICK = {
    "remind_interval_minutes": 3,
    "hold_minutes": 5,
    "quiet_from": time(3, 0),
    "quiet_until": time(3, 0),
    "undo_seconds": 6,
}


@dataclass(frozen=True)
class Size:
    """How much room there is. The demo's first people fill the first group and then the WeChat group to the last
    seat: so there is something to do for a person from the beginning, and whoever scans next sees a live room."""

    first_capacity: int = 35
    wechat_capacity: int = 6
    capacity: int = 60
    last_capacity: int = 300  # so that the crowd finds room for an hour, and the console goes on living


@step
def set_up(*, email: str, password: str, robot: str, robot_password: str, size: Size) -> Campaign:
    """The workspace and its live campaign; found again if they are there. One transaction: all of it or nothing."""
    owner = _owner(email, password)
    workspace = _workspace(owner)
    _reviewer(workspace, owner, robot, robot_password)
    campaign = Campaign.objects.filter(workspace=workspace).order_by("created_at").first()
    return campaign or _campaign(workspace, owner, size)


def channel_codes(campaign: Campaign) -> list[LiveCode]:
    return list(campaign.codes.filter(channel__isnull=False).order_by("created_at"))


def _owner(email: str, password: str) -> Operator:
    found = Operator.objects.filter(email=email).first()
    if found:
        return found
    _workspace, owner = accounts.make_workspace(
        name=texts.WORKSPACE,
        email=email,
        password=password,
        language=language_of_machine(os.environ),
        operator_name=texts.OWNER_NAME,
    )
    return owner


def _workspace(owner: Operator) -> Workspace:
    home = Membership.objects.filter(operator=owner, role=Role.OWNER).order_by("created_at")
    return home.select_related("workspace")[0].workspace


def _reviewer(workspace: Workspace, owner: Operator, email: str, password: str) -> None:
    """The robot's password is its own affair: it is set anew where it does not fit any more."""
    robot = Operator.objects.filter(email=email).first()
    if robot is None:
        robot, _is_new = accounts.add_operator(
            workspace=workspace, email=email, name=texts.ROBOT_NAME, role=Role.REVIEWER, by=owner
        )
    if not robot.check_password(password):
        accounts.set_password(operator=robot, password=password)


def _campaign(workspace: Workspace, owner: Operator, size: Size) -> Campaign:
    campaign = campaigns.make_campaign(
        workspace_id=workspace.id, name=texts.CAMPAIGN, language=Language.ZH, operator=owner
    )
    campaigns.change_plan(campaign=campaign, operator=owner, **texts.PLAN, **QUICK)
    for (moment, language), text in texts.WORDS.items():
        campaigns.change_words(campaign=campaign, moment=moment, language=language, text=text, operator=owner)
    for language, elements in texts.POSTER.items():
        posters.change_text(campaign=campaign, language=language, operator=owner, **elements)
    for name, kind in texts.CHANNELS:
        codes.make_channel(campaign=campaign, name=name, kind=kind, operator=owner)
    _groups(campaign, owner, size)
    _reward(campaign, owner)
    _ladder(campaign, owner)
    change_review_plan(campaign=campaign, operator=owner, **texts.REVIEW)
    return flow.launched(campaign=campaign, operator=owner)


def _groups(campaign: Campaign, owner: Operator, size: Size) -> None:
    first, *others, last = texts.WEB_GROUPS
    _group(campaign, owner, first, Platform.WEB, size.first_capacity)
    if size.wechat_capacity:
        group = _group(campaign, owner, texts.WECHAT_GROUP, Platform.WECHAT_GROUP, size.wechat_capacity)
        picture = qr_png(f"https://weixin.qq.com/g/{secrets.token_urlsafe(12)}")
        flow.qr_uploaded(group=group, data=picture, operator=owner)
    for name in others:
        _group(campaign, owner, name, Platform.WEB, size.capacity)
    _group(campaign, owner, last, Platform.WEB, size.last_capacity)


def _group(campaign: Campaign, owner: Operator, name: str, platform: str, capacity: int) -> Group:
    return groups.add_group(
        campaign=campaign, name=name, platform=platform, capacity=capacity, operator=owner
    )


def _reward(campaign: Campaign, owner: Operator) -> None:
    """A stock from a CSV file, as an operator would upload it."""
    reward = main_reward(campaign) or rewards.give_for_task(
        campaign=campaign,
        kind=Reward.Kind.CODES,
        name=texts.REWARD,
        text="https://example.com/books",
        stock_count=None,
        operator=owner,
    )
    lines = ["code", *(f"BOOK-{clock.now():%y%m}-{secrets.token_hex(4).upper()}" for _nth in range(STOCK))]
    sheet = read_codes_csv("\r\n".join(lines).encode("utf-8-sig"))
    flow.restocked(reward=reward, codes=sheet.codes, operator=owner)


def _ladder(campaign: Campaign, owner: Operator) -> None:
    """What friends bring, both sides of it, and what waits at the end: some of it is scarce, to be seen running out."""
    _rule(campaign, owner, When.INVITES, _gift(campaign, owner, Kind.LINK, texts.NOTES), need=1)
    box = _gift(campaign, owner, Kind.PHYSICAL, texts.BOX, stock_count=30, warn_below=5, claim_hours=72)
    _rule(campaign, owner, When.INVITES, box, need=3)
    coach = _gift(campaign, owner, Kind.TEXT, texts.COACH, stock_count=3)
    _rule(campaign, owner, When.INVITES, coach, need=8, fallback=box)
    points = _gift(campaign, owner, Kind.POINTS, texts.WELCOME, amount=10)
    _rule(campaign, owner, When.JOINED, points)
    trip = _gift(campaign, owner, Kind.TEXT, texts.TRIP, stock_count=3)
    _rule(campaign, owner, When.RANK, trip, rank_from=1, rank_to=3, need=2)
    lamp = _gift(campaign, owner, Kind.PHYSICAL, texts.LAMP, stock_count=2)
    _rule(campaign, owner, When.LOTTERY, lamp, winners=2, need=1)


def _gift(campaign: Campaign, owner: Operator, kind: str, name: str, **fields: Any) -> Reward:
    text = "" if kind == Kind.POINTS else "https://example.com/books"
    return rewards.add_reward(campaign=campaign, kind=kind, name=name, text=text, operator=owner, **fields)


def _rule(campaign: Campaign, owner: Operator, when: str, reward: Reward, **fields: Any) -> None:
    rewards.make_rule(campaign=campaign, operator=owner, when=when, reward=reward, **fields)
