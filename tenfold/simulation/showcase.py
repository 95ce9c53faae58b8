"""One small live campaign of each playbook beside the demo's own, for whoever wants to play them: made as an operator
makes them, joinable by their codes, and empty until somebody comes."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid5

from tenfold import flow
from tenfold.accounts.models import Operator, Workspace
from tenfold.base.claim import step
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.codes.models import Channel
from tenfold.flow.playbooks import Playbook, every_ready
from tenfold.flow.presets import applied
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.imaging.qr import qr_png
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Reward
from tenfold.rewards.queries import rewards_of
from tenfold.simulation.stage import QUICK

SEATS, STOCK = 60, 20
SEEDS, GROUP = "种子用户 Seed users", "体验群 Playground"


def set_up(*, workspace: Workspace, owner: Operator) -> list[Campaign]:
    """Those that are not there yet; one that was begun and broken off is finished."""
    return [_played(workspace, owner, playbook) for playbook in every_ready()]


def _played(workspace: Workspace, owner: Operator, playbook: Playbook) -> Campaign:
    campaign = _prepared(workspace=workspace, owner=owner, playbook=playbook)
    if campaign.state == Campaign.State.DRAFT:
        flow.launched(campaign=campaign, operator=owner)
    return campaign


@step
def _prepared(*, workspace: Workspace, owner: Operator, playbook: Playbook) -> Campaign:
    row_id = id_of(workspace.pk, playbook.name)
    if found := Campaign.objects.filter(pk=row_id).first():
        return found
    title = playbook.about["title"]
    campaign = applied(
        workspace_id=workspace.pk,
        playbook=playbook,
        name=f"{title.in_language('zh-hans')} {title.in_language('en')}",
        language=owner.language,
        operator=owner,
        row_id=row_id,
    )
    # Nobody who tries it out waits for three days until a friend counts.
    is_slow = campaign.credit_when == Campaign.CreditWhen.STAYED
    sooner = {"credit_when": Campaign.CreditWhen.JOINED} if is_slow else {}
    campaigns.change_plan(campaign=campaign, operator=owner, **QUICK, **sooner)
    groups.add_group(
        campaign=campaign, name=GROUP, platform=Group.Platform.WEB, capacity=SEATS, operator=owner
    )
    codes.make_channel(campaign=campaign, name=SEEDS, kind=Channel.Kind.SEED, operator=owner)
    for reward in rewards_of(campaign):
        _stock(reward, owner)
    return campaign


def id_of(workspace_id: UUID, playbook: str) -> UUID:
    return uuid5(workspace_id, playbook)


def _stock(reward: Reward, owner: Operator) -> None:
    if reward.kind == Reward.Kind.CODES:
        drawn = [f"DEMO-{secrets.token_hex(4).upper()}" for _nth in range(STOCK)]
        rewards.add_codes(reward=reward, codes=drawn, operator=owner)
    if reward.kind == Reward.Kind.FILE:
        picture = qr_png("https://example.com/guide")
        rewards.set_file(reward=reward, name="guide.png", data=picture, operator=owner)
