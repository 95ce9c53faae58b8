"""A program beside a started product, on its data: for each line of wishes a live campaign, and how to reach it."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 - after the setup
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from tenfold import flow  # noqa: E402
from tenfold.accounts import actions as accounts  # noqa: E402
from tenfold.accounts.models import Operator  # noqa: E402
from tenfold.base import visitor  # noqa: E402
from tenfold.base.keys import new_id  # noqa: E402
from tenfold.campaigns import actions as campaigns  # noqa: E402
from tenfold.codes.queries import address_of  # noqa: E402
from tenfold.imaging import plain  # noqa: E402
from tenfold.imaging.seen import CodeSeen, Findings, PosterSeen, PostSeen, Quad  # noqa: E402
from tenfold.keepsakes import actions as keepsakes  # noqa: E402
from tenfold.people.models import Journey  # noqa: E402
from tenfold.posters import actions as posters  # noqa: E402
from tenfold.proofs.models import Look, Proof, ReviewPlan  # noqa: E402
from tenfold.rewards.models import Grant  # noqa: E402
from tests import cast  # noqa: E402
from tests.keepsakes import box  # noqa: E402

TEXTS = {
    "en": {
        "title": "Read ten books with us",
        "subtitle": "Thirty days, fifteen minutes a day",
        "points": "A good book every week\nA guest every evening",
        "endorsement": "Southhill Library",
        "offer": "A free e-book for sharing",
    },
    "zh-hans": {
        "title": "一起读完10本书",
        "subtitle": "30 天，每天 15 分钟",
        "points": "每周一本好书\n每晚嘉宾分享",
        "endorsement": "南山图书馆",
        "offer": "转发即得电子书一本",
    },
}

POSTER: Quad = ((120, 200), (260, 200), (260, 450), (120, 450))
CODE: Quad = ((200, 380), (250, 380), (250, 430), (200, 430))
FOUND = Findings(
    width=360,
    height=640,
    screen="post",
    poster=PosterSeen("art", POSTER, 0.94),
    code=CodeSeen("matched", 0.4, 2.2, CODE),
    post=PostSeen(audience="restricted", audience_quad=((130, 465), (150, 465), (150, 485), (130, 485))),
)

KEEPSAKES = {
    "certificate": "Ten books in thirty days",
    "ticket": "Reading night 读书之夜",
    "award": "Best reader",
}

# So tall that a few of them are more than a phone shows.
LONG = "Post number {}\n" + "\n".join("A good book every week, and a guest every evening." for _ in range(8))


def live(wishes: dict[str, Any]) -> dict[str, Any]:
    """Wishes: `platform`; `people` who join, each through the one before; those of them who sent a screenshot
    (`proofs`), and who has their reward already (`approved`, its number is in `numbers`); how many `posts` stand in
    the room; `keepsakes` of these kinds that each of them holds; `capacity`; `undo_seconds`; what the `review` plan
    says; which screenshots the machine has `looked` at, and what it made of each ("pass", "fail" or "ask"). "none" is
    a workspace without anything, whose owner speaks `language`.
    """
    platform = wishes["platform"]
    owner = cast.workspace(f"{platform}-{new_id().hex[-8:]}@example.com")
    if platform == "none":
        accounts.change_profile(operator=owner[1], name="欧嘉", language=wishes.get("language", "zh-hans"))
        return {"email": owner[1].email, "password": cast.PASSWORD, "session": session(owner[1])}
    stage = cast.draft(
        owner=owner, reward_kind="codes", platform=platform, capacity=wishes.get("capacity", 10)
    )
    for language, texts in TEXTS.items():
        posters.change_text(campaign=stage.campaign, language=language, operator=stage.owner, **texts)
    # Where nobody takes a verdict back it may take effect at once.
    undo_seconds = wishes.get("undo_seconds", 0)
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, undo_seconds=undo_seconds)
    # Unless it is wished for, the machine that runs here says nothing: it would say it at some moment of its own.
    review = wishes.get("review", {"mode": ReviewPlan.Mode.OFF})
    ReviewPlan.objects.create(workspace=stage.workspace, campaign=stage.campaign, **review)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    stage.campaign.refresh_from_db()
    visitors = peopled(stage, wishes)
    grants = Grant.objects.filter(campaign=stage.campaign)
    numbers = dict(grants.values_list("journey__person__nickname", "number"))
    kept = given(stage, wishes.get("keepsakes", []))
    return reach(stage) | {"visitors": visitors, "keepsakes": kept, "numbers": numbers}


def reach(stage: cast.Stage) -> dict[str, Any]:
    return {
        "email": stage.owner.email,
        "password": cast.PASSWORD,
        "session": session(stage.owner),
        "campaign": str(stage.campaign.id),
        "group": str(stage.group.id),
        "scan": address_of(stage.code),
        "code": str(stage.code.id),
    }


def peopled(stage: cast.Stage, wishes: dict[str, Any]) -> dict[str, str]:
    """Everyone's name with the cookie of their phone."""
    found: dict[str, Journey] = {}
    last: Journey | None = None
    for name in wishes.get("people", []):
        last = found[name] = cast.joins(stage, name, by=last.code if last else None)
    said = wishes.get("looked", {})
    for name in wishes.get("proofs", []):
        proof = cast.sends(found[name])
        if name in said:
            looks_at(proof, said[name])
    for name in wishes.get("approved", []):
        cast.is_approved(cast.sends(found[name]), by=stage.owner)
    for number in range(wishes.get("posts", 0)):
        assert last
        flow.posted(journey=last, text=LONG.format(number), picture=None, key=new_id().hex)
    return {name: visitor.write(journey.person.visitor_id) for name, journey in found.items()}


def looks_at(proof: Proof, outcome: str) -> None:
    """As if the machine had found a poster and a code in it, and had made this of it."""
    reasons = [] if outcome == "pass" else [Proof.Reason.RESTRICTED_AUDIENCE.value]
    Look.objects.create(
        workspace_id=proof.workspace_id,
        campaign_id=proof.campaign_id,
        proof=proof,
        state=Look.State.DONE,
        due_at=None,
        outcome=outcome,
        reasons=reasons,
        findings=plain.told(FOUND) | {"fingerprint": ""},
        looked_at=proof.sent_at,
    )
    Proof.objects.filter(pk=proof.pk).update(alike_key=outcome)


def given(stage: cast.Stage, kinds: list[str]) -> dict[str, dict[str, str]]:
    """Of each kind the numbers by whose they are."""
    journeys = list(Journey.objects.filter(campaign=stage.campaign).select_related("person"))
    found: dict[str, dict[str, str]] = {}
    for kind in kinds:
        made = box.edition(stage, kind=kind, name=KEEPSAKES[kind])
        issued = keepsakes.issue(edition=made, journeys=journeys, operator=stage.owner)
        found[kind] = {one.name: one.number for one in issued}
    return found


def session(operator: Operator) -> str:
    """The key of a session as a log-in makes it."""
    store = SessionStore()
    store[SESSION_KEY] = str(operator.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = operator.get_session_auth_hash()
    store.create()
    return str(store.session_key)


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = live(json.loads(line))
        except Exception:  # noqa: BLE001 - whatever it is, the test tells it
            answer = {"went_wrong": traceback.format_exc()}
        print(json.dumps(answer), flush=True)  # noqa: T201
