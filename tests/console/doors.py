"""Every address of the console, read from the addresses themselves, with who may come through and what a form sends.

A new address has to be entered in RIGHTS (and in FORMS, if it takes one), or the tests say that it was forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern

from tenfold import flow
from tenfold.accounts.models import Membership, Role
from tenfold.base import clock
from tenfold.base.keys import new_id, sign
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import READY
from tenfold.console.forms_editor import PLAN_FIELDS, SpanWidget
from tenfold.console.urls import urlpatterns
from tenfold.keepsakes.rules import new_number
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.platforms.web import actions as web_room
from tenfold.platforms.web.models import Post
from tenfold.posters.rules import ready_designs
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.plans import change_review_plan
from tests import cast
from tests.cast import Stage
from tests.console import doors_rewards
from tests.console.desk import address
from tests.console.drafts import CONTENT, design_of
from tests.keepsakes.box import ticket

ROLES = [Role.VIEWER, Role.REVIEWER, Role.MANAGER, Role.OWNER]
VIEW, REVIEW, MANAGE, OWN = (ROLES[n:] for n in range(4))
CLOSED: list[Role] = []  # this method is not answered here

# name -> who may read it, who may post to it
RIGHTS: dict[str, tuple[list[Role], list[Role]]] = {
    "profile": (VIEW, VIEW),
    "password": (CLOSED, VIEW),
    "workspace": (CLOSED, VIEW),
    "team": (VIEW, CLOSED),
    "invite": (CLOSED, OWN),
    "role": (CLOSED, OWN),
    "remove_operator": (CLOSED, OWN),
    "take_back": (CLOSED, OWN),
    "home": (VIEW, CLOSED),
    "make": (MANAGE, MANAGE),
    "load_playbook": (CLOSED, MANAGE),
    "save_playbook": (VIEW, CLOSED),
    "campaign": (VIEW, CLOSED),
    "rename": (MANAGE, MANAGE),
    "clone": (CLOSED, MANAGE),
    "launch": (MANAGE, MANAGE),
    "pause": (CLOSED, MANAGE),
    "resume": (CLOSED, MANAGE),
    "end": (CLOSED, MANAGE),
    "plan": (VIEW, MANAGE),
    "dry_run": (VIEW, CLOSED),
    "words": (VIEW, MANAGE),
    "words_preview": (CLOSED, VIEW),
    "groups": (VIEW, CLOSED),
    "add_group": (CLOSED, MANAGE),
    "order_groups": (CLOSED, MANAGE),
    "change_group": (CLOSED, MANAGE),
    "group_state": (CLOSED, MANAGE),
    "group_qr": (CLOSED, MANAGE),
    "group_qr_picture": (VIEW, CLOSED),
    "count_group": (CLOSED, MANAGE),
    "room": (REVIEW, CLOSED),
    "hide_post": (CLOSED, REVIEW),
    "show_post": (CLOSED, REVIEW),
    "poster": (VIEW, MANAGE),
    "poster_preview": (CLOSED, VIEW),
    "poster_file": (VIEW, CLOSED),
    "designs": (VIEW, CLOSED),
    "new_design": (MANAGE, CLOSED),
    "design": (VIEW, CLOSED),
    "design_version": (VIEW, CLOSED),
    "design_file": (VIEW, CLOSED),
    "design_card": (VIEW, CLOSED),
    "ready_card": (VIEW, CLOSED),
    "design_preview": (CLOSED, VIEW),
    "save_design": (CLOSED, MANAGE),
    "design_upload": (CLOSED, MANAGE),
    "renders": (VIEW, MANAGE),
    "renders_now": (VIEW, CLOSED),
    "change_render": (CLOSED, MANAGE),
    "render_file": (VIEW, CLOSED),
    "codes": (VIEW, MANAGE),
    "code_qr": (VIEW, CLOSED),
    "code_poster": (VIEW, CLOSED),
    "live": (VIEW, CLOSED),
    "live_now": (VIEW, CLOSED),
    "review": (REVIEW, CLOSED),
    "review_count": (REVIEW, CLOSED),
    "review_poster": (REVIEW, CLOSED),
    "judged": (REVIEW, CLOSED),
    "judge": (CLOSED, REVIEW),
    "undo_verdict": (CLOSED, REVIEW),
    "hold_proof": (CLOSED, REVIEW),
    "appeals": (REVIEW, CLOSED),
    "second_looks": (REVIEW, CLOSED),
    "judge_second": (CLOSED, REVIEW),
    "alike": (REVIEW, REVIEW),
    "undo_together": (CLOSED, REVIEW),
    "proof_history": (REVIEW, CLOSED),
    "machine": (REVIEW, CLOSED),
    "switch_review": (CLOSED, MANAGE),
    "checks": (REVIEW, MANAGE),
    "board": (VIEW, CLOSED),
    "tree": (VIEW, CLOSED),
    "tree_branch": (VIEW, CLOSED),
    "tree_list": (VIEW, CLOSED),
    "people": (VIEW, CLOSED),
    "person": (VIEW, CLOSED),
    "confirm_arrival": (CLOSED, REVIEW),
    "remove_person": (MANAGE, MANAGE),
    "keep_out": (CLOSED, MANAGE),
    "let_back": (CLOSED, MANAGE),
    "tasks": (REVIEW, CLOSED),
    "close_task": (CLOSED, REVIEW),
    "reopen_task": (CLOSED, REVIEW),
    "picture": (REVIEW, CLOSED),
    "redeem": (REVIEW, REVIEW),
    "keepsakes": (VIEW, CLOSED),
    "new_edition": (MANAGE, MANAGE),
    "edition": (VIEW, MANAGE),
    "issue": (MANAGE, MANAGE),
    "take_back_issued": (CLOSED, MANAGE),
    "issue_preview": (MANAGE, CLOSED),
    "issue_one": (CLOSED, MANAGE),
    "keepsake": (VIEW, CLOSED),
    "keepsake_picture": (VIEW, CLOSED),
    "revoke_keepsake": (CLOSED, MANAGE),
    "restore_keepsake": (CLOSED, MANAGE),
    "check_in": (REVIEW, REVIEW),
    "undo_check_in": (CLOSED, REVIEW),
}
RIGHTS |= doors_rewards.RIGHTS
# The door itself: for whoever stands before it.
OPEN = {"login", "logout", "language", "reset", "reset_sent", "set_password"}


def all_addresses() -> dict[str, list[str]]:
    """Every name of the console with the names of what stands in its address."""
    return {
        one.name: list(one.pattern.converters)
        for one in urlpatterns
        if isinstance(one, URLPattern) and one.name
    }


PARTS = all_addresses()


@dataclass(frozen=True)
class World:
    """A campaign that runs in a WeChat group, with one of everything that an address can name."""

    stage: Stage
    ids: dict[str, UUID | str]
    number: str

    def address(self, name: str, **instead: UUID | str) -> str:
        ids = self.ids | instead
        return address(name, *(ids[part] for part in PARTS[name]))


@dataclass(frozen=True)
class Worlds:
    ours: World
    sister: World
    foreign: World


def world(stage: Stage) -> World:
    """`stage` plays in a WeChat group. Ann waits for her verdict, Ben has his reward, Cai is on the way."""
    ann, ben, cai = (cast.joins(stage, name) for name in ("Ann", "Ben", "Cai"))
    for journey in (ann, ben):
        flow.arrival_confirmed(journey=journey)
    cast.words_go_out()
    waiting = cast.sends(Journey.objects.get(pk=ann.pk))
    mate = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    change_review_plan(campaign=stage.campaign, operator=stage.owner, second_percent=100)
    settled = cast.is_approved(cast.sends(Journey.objects.get(pk=ben.pk)), stage.owner)
    design = design_of(stage)
    held = ticket(stage, Journey.objects.get(pk=ben.pk))
    run = flow.renders_begun(campaign=stage.campaign, kind="poster", operator=stage.owner)
    flow.rendered(run=run)
    post = web_room.post(room_id=stage.group.id, kind=Post.Kind.NOTICE, key=new_id().hex, text="Hello")
    ids: dict[str, UUID | str] = {
        "post_id": post.id,
        "run_id": run.id,
        "form": "zip",
        "edition_id": held.edition_id,
        "keepsake_id": held.id,
        "campaign_id": stage.campaign.id,
        "group_id": stage.group.id,
        "code_id": stage.code.id,
        "proof_id": waiting.id,
        "look_id": SecondLook.objects.get(proof=settled).id,
        "batch_id": batch_of(settled),
        "picture_id": waiting.picture_id,
        "journey_id": cai.id,
        "task_id": HumanTask.objects.filter(campaign_id=stage.campaign.id).order_by("id")[0].id,
        "membership_id": Membership.objects.get(workspace=stage.workspace, operator=mate).id,
        "pledge": sign("take_back", f"{stage.workspace.id}.{mate.id}.reviewer"),
        "design_id": design.id,
        "number": "1",
        "ready": next(iter(ready_designs())),
        "language": "en",
        "kind": "png",
    }
    ids |= doors_rewards.rows(stage, Journey.objects.get(pk=ben.pk), Journey.objects.get(pk=cai.pk))
    return World(stage, ids, ben.grants.get(reward=stage.reward).number)


def batch_of(settled: Proof) -> UUID:
    """As if it had been judged together with others."""
    batch_id = new_id()
    Proof.objects.filter(pk=settled.pk).update(batch_id=batch_id)
    return batch_id


Fields = dict[str, object]


def playbook_file(name: str = "group_fission") -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.toml", (READY / f"{name}.toml").read_bytes(), "application/toml")


def _plan(world: World) -> Fields:
    campaign: Campaign = world.stage.campaign
    fields: Fields = {}
    for name in PLAN_FIELDS:
        value = getattr(campaign, name)
        if name.endswith("_minutes"):
            fields[f"{name}_0"], fields[f"{name}_1"] = SpanWidget().decompress(value)
        else:
            fields[name] = value
    ends_at = f"{clock.now() + timedelta(days=30):%Y-%m-%dT%H:%M}"
    dates = {"starts_at": "", "ends_at": ends_at, "is_removal_on": "on"}
    return fields | dates


# What each form sends when nothing is wrong with it.
FORMS: dict[str, Callable[[World], Fields]] = {
    "profile": lambda _: {"name": "Olga", "language": "en"},
    "password": lambda _: {
        "old_password": cast.PASSWORD,
        "new_password1": "nine lives of a cat",
        "new_password2": "nine lives of a cat",
    },
    "workspace": lambda world: {"workspace": str(world.stage.workspace.id)},
    "invite": lambda _: {"email": "nina@example.com", "name": "Nina", "role": "viewer"},
    "role": lambda _: {"role": "manager"},
    "make": lambda _: {"name": "Spring", "language": "en"},
    "load_playbook": lambda _: {"file": playbook_file(), "name": "Spring", "language": "en"},
    "rename": lambda _: {"name": "Twelve Books"},
    "plan": _plan,
    "words": lambda _: {"join.en": "Hello {nickname}", "join.zh-hans": "你好 {nickname}"},
    "words_preview": lambda _: {"name": "join.en", "join.en": "Hello {nickname}"},
    "add_group": lambda _: {"name": "Readers 2", "platform": "web", "capacity": 20},
    "order_groups": lambda world: {"ids": str(world.ids["group_id"]), "by": "up", "group": "x"},
    "change_group": lambda _: {"name": "Readers One", "capacity": 50, "others_count": 1},
    "group_state": lambda _: {"state": "draining"},
    "group_qr": lambda _: {"qr": SimpleUploadedFile("qr.png", cast.wechat_qr("fresh"), "image/png")},
    "count_group": lambda _: {"members": 3},
    "poster": lambda _: {
        "en-title": "Read",
        "zh-hans-title": "读书",
        "en-points": "One",
        "en-offer": "A book",
    },
    "poster_preview": lambda _: {"language": "en", "en-title": "Read"},
    "design_preview": lambda _: {"design": json.dumps(CONTENT), "language": "en", "person": "long"},
    "save_design": lambda _: {"design": json.dumps(CONTENT), "name": "Night", "number": "0"},
    "design_upload": lambda _: {"picture": SimpleUploadedFile("art.png", cast.picture_bytes(), "image/png")},
    "renders": lambda world: {"what": str(world.ids["edition_id"]), "language": "en"},
    "change_render": lambda _: {"act": "cancel"},
    "codes": lambda _: {"name": "Old Wang", "kind": "kol"},
    "judge": lambda _: {"reason": "other", "note": "too dark"},
    "judge_second": lambda _: {"reason": "not_yet"},
    "alike": lambda world: {"proof": str(world.ids["proof_id"]), "approve": "1"},
    "switch_review": lambda _: {"mode": "off"},
    "checks": lambda _: {
        "place": "moments",
        "opened_by": 3,
        "sample_percent": 5,
        "bound_percent": 2,
        "second_percent": 10,
        "keep_days": 30,
    },
    "close_task": lambda _: {"done": "1"},
    "redeem": lambda world: {"number": world.number},
    "new_edition": lambda _: {"kind": "award", "name": "Best reader"},
    "edition": lambda _: {"name": "Reading night", "valid_from": "2026-03-02T19:00"},
    "issue": lambda _: {"who": "members"},
    "issue_one": lambda world: {"journey": str(world.ids["journey_id"]), "name": "Cai"},
    "revoke_keepsake": lambda _: {"reason": "Paid back"},
    "check_in": lambda _: {"number": new_number(), "gate": "North"},
}

FORMS |= doors_rewards.FORMS


def form(name: str, world: World) -> Fields:
    return FORMS[name](world) if name in FORMS else {}
