"""A campaign out of a playbook in one step, and a playbook out of a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import tomli_w
from django.db import models

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import NotAPlaybook, Table, Trouble, clean, plain
from tenfold.flow.playbooks import (
    FOR_THE_TEAM,
    FORMAT,
    LONGEST_DAYS,
    PLANNED,
    REVIEWED,
    REWARDED,
    RULED,
    Playbook,
    rule_fields,
)
from tenfold.imaging.design import read_design
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition
from tenfold.posters import actions as posters
from tenfold.posters.rules import ready_designs
from tenfold.proofs.models import ReviewPlan
from tenfold.proofs.plans import change_review_plan
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.queries import rewards_of, rules_of

HEAD = """\
# A playbook: a campaign without its people, groups, codes and dates. Give it to anybody; it is loaded where a campaign
# is made, or checked with: tenfold plan check FILE
# 玩法文件：不含成员、群、兑换码和日期，可放心分享。新建活动时载入即可使用。
"""
DAY = timedelta(days=1)


# --- out of a playbook ------------------------------------------------------------------------------------------


@step
def applied(
    *,
    workspace_id: UUID,
    playbook: Playbook,
    name: str,
    language: str,
    operator: Operator,
    row_id: UUID | None = None,
) -> Campaign:
    """A draft with everything that is in the playbook, or a Refusal and nothing of it. What participants read once, as
    the names of rewards, is in `language`; what the team reads, in the operator's. With `row_id` it is made once."""
    made = Campaign.objects.filter(pk=row_id, workspace_id=workspace_id) if row_id else None
    if made and (found := made.first()):
        return found
    campaign = campaigns.make_campaign(
        workspace_id=workspace_id,
        name=name,
        language=language,
        operator=operator,
        row_id=row_id,
        playbook=playbook.name,
        words=playbook.words,
    )
    with _placed("plan"):
        campaigns.change_plan(campaign=campaign, operator=operator, **_plan_of(playbook, operator))
    _take_posters(campaign, playbook, operator)
    if playbook.review:
        change_review_plan(campaign=campaign, operator=operator, **playbook.review)
    _take_rules(campaign, playbook, _take_rewards(campaign, playbook, operator), operator)
    return campaign


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """What a room refuses is told with the place in the file."""
    try:
        yield
    except NotAPlaybook:
        raise
    except Refusal as refusal:
        raise NotAPlaybook([Trouble(place, refusal.code, str(refusal.message))]) from refusal


def _plan_of(playbook: Playbook, operator: Operator) -> Table:
    fields = plain(playbook.plan, operator.language)
    if days := fields.pop("days", None):
        fields["ends_at"] = clock.now().replace(second=0, microsecond=0) + days * DAY
    return fields


def _take_posters(campaign: Campaign, playbook: Playbook, operator: Operator) -> None:
    for language, elements in playbook.poster.items():
        posters.change_text(campaign=campaign, language=language, operator=operator, **elements)
    for place, row in playbook.designs:
        content = ready_designs()[row["ready"]].content if "ready" in row else row["content"]
        with _placed(place):
            posters.take_design(
                campaign=campaign,
                name=_name_of(row, operator),
                design=read_design(content),
                variant=row["variant"],
                operator=operator,
            )


def _name_of(row: Table, operator: Operator) -> str:
    """Of a design: its own, else that of the ready one; it is read by the team."""
    if "name" in row:
        return str(plain(row, operator.language)["name"])
    title = ready_designs()[row["ready"]].title if "ready" in row else {}
    return title.get(operator.language) or str(row["kind"])


def _take_rewards(campaign: Campaign, playbook: Playbook, operator: Operator) -> dict[str, Reward]:
    editions = {
        row["key"]: keepsakes.make_edition(
            campaign=campaign, operator=operator, kind=row["kind"], name=plain(row, campaign.language)["name"]
        )
        for _place, row in playbook.editions
    }
    return {
        row["key"]: _take_reward(campaign, place, row, editions, operator) for place, row in playbook.rewards
    }


def _take_reward(
    campaign: Campaign, place: str, row: Table, editions: Mapping[str, Edition], operator: Operator
) -> Reward:
    fields = plain(row, campaign.language)
    with _placed(place):
        reward = rewards.add_reward(
            campaign=campaign,
            operator=operator,
            **{name: fields[name] for name in REWARDED if name in fields},
        )
        if edition := editions.get(row.get("edition", "")):
            keepsakes.reward_with(edition=edition, reward=reward, operator=operator)
    return reward


def _take_rules(
    campaign: Campaign, playbook: Playbook, made: Mapping[str, Reward], operator: Operator
) -> None:
    for place, row in playbook.rules:
        with _placed(place):
            rewards.make_rule(campaign=campaign, operator=operator, **rule_fields(row, made))


# --- out of a campaign ------------------------------------------------------------------------------------------


def saved(campaign: Campaign) -> str:
    """The campaign as a playbook file: applied again it makes the same plan. It holds no codes of a stock and no files,
    no people, groups, channels or dates."""
    told = _without_nothing(_told(campaign)) | {"designs": [*_designs_told(campaign)]}
    return HEAD + tomli_w.dumps(told, multiline_strings=True)


def _told(campaign: Campaign) -> Table:
    kept = list(rewards_of(campaign))
    rules = [rule for rule in rules_of(campaign) if rule.stop != RewardRule.Stop.OPERATOR]
    kept += [reward for reward in _given_by(rules) if reward not in kept]
    keys = {reward.pk: f"reward_{number}" for number, reward in enumerate(kept, start=1)}
    editions = list(campaign.editions.order_by("created_at", "id"))
    names = {edition.pk: f"edition_{number}" for number, edition in enumerate(editions, start=1)}
    held_by = {edition.reward_id: names[edition.pk] for edition in editions if edition.reward_id}
    return {
        "format": FORMAT,
        "name": campaign.playbook,
        "about": {"title": clean(campaign.name) or "-"},
        "plan": _plan_told(campaign),
        "words": _by_language(campaign.words.order_by("id"), "moment", "text"),
        "poster": _poster_told(campaign),
        "review": _review_told(campaign),
        "editions": [{"key": names[one.pk], **_fields(one, ("kind", "name"))} for one in editions],
        "rewards": [_reward_told(one, keys[one.pk], held_by.get(one.pk)) for one in kept],
        "rules": [_rule_told(rule, keys) for rule in rules],
    }


def _given_by(rules: Iterable[RewardRule]) -> list[Reward]:
    """Also what was put away, as long as a rule gives it."""
    found = [reward for rule in rules for reward in (rule.reward, rule.fallback) if reward]
    return list(dict.fromkeys(found))


def _fields(row: models.Model, names: Iterable[str]) -> Table:
    return {name: getattr(row, name) for name in names}


def _plan_told(campaign: Campaign) -> Table:
    told = _fields(campaign, PLANNED)
    begun_at = campaign.starts_at or campaign.launched_at or campaign.created_at
    if campaign.ends_at:
        told["days"] = min(max(1, round((campaign.ends_at - begun_at) / DAY)), LONGEST_DAYS)
    return told | {name: told[name] or None for name in FOR_THE_TEAM}


def _by_language(rows: Iterable[Any], key: str, value: str) -> Table:
    found: Table = {}
    for row in rows:
        found.setdefault(row.language, {})[getattr(row, key)] = getattr(row, value)
    return found


def _poster_told(campaign: Campaign) -> Table:
    """A language without a title is one that nobody has written."""
    texts = campaign.poster_texts.exclude(title="").order_by("language")
    return {text.language: _fields(text, posters.ELEMENTS) for text in texts}


def _designs_told(campaign: Campaign) -> Iterator[Table]:
    used = campaign.designs.exclude(variant="").filter(shown__isnull=False).select_related("shown")
    for design in used.order_by("kind", "variant"):
        assert design.shown
        named = {"kind": design.kind, "name": clean(design.name), "variant": design.variant}
        yield named | {"content": design.shown.content}


def _review_told(campaign: Campaign) -> Table:
    plan = ReviewPlan.objects.filter(campaign=campaign).first()
    return _fields(plan, REVIEWED) if plan else {}


def _reward_told(reward: Reward, key: str, edition: str | None) -> Table:
    told = {"key": key, **_fields(reward, REWARDED), "edition": edition, "amount": reward.amount or None}
    return told | ({"stock_count": None} if reward.kind == Reward.Kind.CODES else {})


def _rule_told(rule: RewardRule, keys: Mapping[UUID, str]) -> Table:
    named = {"reward": keys.get(rule.reward_id) if rule.reward_id else None}
    named["fallback"] = keys.get(rule.fallback_id) if rule.fallback_id else None
    return {name: value or None for name, value in _fields(rule, RULED).items()} | named


def _without_nothing(part: Any) -> Any:
    """TOML has no word for nothing: what is not said is not there. Texts are as they will be read."""
    if isinstance(part, dict):
        cleaned = {str(key): _without_nothing(value) for key, value in part.items() if value is not None}
        return {key: value for key, value in cleaned.items() if value not in ("", {}, [])}
    if isinstance(part, list | tuple):
        return [_without_nothing(value) for value in part]
    return clean(part) if isinstance(part, str) else part
