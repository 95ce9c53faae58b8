"""The machine looks at a screenshot: what is claimed, what is found, what follows. Whatever happens to it, the
screenshot is seen: by the machine, else by people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Protocol

import structlog
from django.db import InterfaceError, OperationalError

from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.models import Picture
from tenfold.flow.claims import claim_of, code_minutes
from tenfold.imaging import plain
from tenfold.imaging.child import Died, NoChild
from tenfold.imaging.examine import EVERYTHING
from tenfold.imaging.headers import Unreadable
from tenfold.imaging.seen import Claim, Findings, Want
from tenfold.people.models import Journey
from tenfold.proofs import likeness, looking
from tenfold.proofs.case import Owner
from tenfold.proofs.copies import Match
from tenfold.proofs.deciding import Judgement, decide, proves_own_code, unread
from tenfold.proofs.models import Look, Proof, ReviewPlan, Shot
from tenfold.proofs.queries import findings_of, owners_of, plan_of
from tenfold.proofs.rules import ENGINE, alike_key, plan_then

log = structlog.get_logger(__name__)
WANTS = EVERYTHING


class Looker(Protocol):
    """A child process that looks (`imaging.child`)."""

    def ready(self) -> None: ...

    def examine(self, picture: bytes, claim: Claim, *, wants: frozenset[Want] = frozenset()) -> Findings: ...

    def sift(self, pairs: Sequence[tuple[bytes, bytes]]) -> Sequence[bool]: ...


def look_next(looker: Looker) -> bool:
    """Begin, make and conclude the next look that is due. False if there is none, or nobody to make it now."""
    if not looking.is_due(now=clock.now()) or not _is_ready(looker):
        return False
    look = looking.begin(now=clock.now())
    if look is None:
        return False
    try:
        _looked(look, looker)
    except NoChild as error:
        log.info("no_child", look=str(look.pk), why=error.reason)
        looking.put_back(look=look)
        return False
    except Died as died:
        _died(look, died)
    except Unreadable as error:
        log.info("unreadable", look=str(look.pk), why=error.reason)
        looking.conclude(look=look, judgement=unread(), state=Look.State.UNREADABLE)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # A mistake of ours with this one picture must not keep the others waiting.
        log.exception("look_failed", look=str(look.pk), why=repr(error)[:200])
        looking.try_again(look=look)
    return True


def _is_ready(looker: Looker) -> bool:
    """Loading takes as long as a look, and nothing is begun before."""
    try:
        looker.ready()
    except NoChild as error:
        log.info("no_child", why=error.reason)
        return False
    return True


def _died(look: Look, died: Died) -> None:
    """Whoever had no core all the time says nothing about the picture."""
    log.warning("looker_died", look=str(look.pk), why=died.reason, told=died.told[:200])
    if died.reason == "late":
        looking.put_back(look=look, is_late=True)
    else:
        looking.try_again(look=look)


def _looked(look: Look, looker: Looker) -> None:
    journey = Journey.objects.select_related("person", "campaign", "code__campaign").get(
        pk=look.proof.journey_id
    )
    plan = plan_then(look.asked, plan_of(journey.campaign))
    content = Picture.objects.values_list("content", flat=True).get(pk=look.proof.picture_id)
    claim = claim_of(journey, plan, at=look.proof.sent_at)
    findings = looker.examine(bytes(content), claim, wants=WANTS)
    concluded(look=look, journey=journey, plan=plan, findings=findings, sift=partial(_sifted, looker))


def _sifted(looker: Looker, pairs: Sequence[tuple[bytes, bytes]]) -> Sequence[bool]:
    """Whoever dies of comparing has found all the rest: nothing of that is looked at again."""
    try:
        return looker.sift(pairs)
    except (Died, NoChild) as error:
        log.warning("not_sifted", why=error.reason)
        return likeness.all_of(pairs)


def concluded(
    *,
    look: Look,
    journey: Journey,
    plan: ReviewPlan,
    findings: Findings,
    sift: likeness.Sift = likeness.all_of,
) -> Judgement:
    """What follows from what was found: whose the codes are, whether the shot was there before, and the verdict. Those
    sent later that were looked at before it are thought over first: whoever dies between begins with them again."""
    owners = owners_of((code.text for code in findings.codes), journey)
    shot = likeness.keep(
        proof=look.proof,
        fingerprint=findings.fingerprint,
        has_own_code=proves_own_code(findings, _belongs(owners)),
    )
    for later, like in likeness.later_than(shot, sift):
        _thought_over(shot=later, match=like)
    told = plain.told(findings)
    told.pop("fingerprint")
    minutes = code_minutes(journey, at=look.proof.sent_at)
    judge = cache(partial(decide, findings, plan, _belongs(owners), code_minutes=minutes))
    match = likeness.first_of(shot, sift)
    judge(match)  # mostly nothing graver is noted meanwhile, and within the step the answer is there
    kept = {"findings": told, "belongs": owners, "engine": ENGINE}
    return _concluded(look=look, findings=findings, judge=judge, shot=shot, match=match, kept=kept)


@step
def _concluded(
    *,
    look: Look,
    findings: Findings,
    judge: Callable[[Match | None], Judgement],
    shot: Shot,
    match: Match | None,
    kept: Mapping[str, Any],
) -> Judgement:
    gravest = likeness.note_match(shot=shot, match=match)
    judgement = judge(gravest)
    key = _alike_key(findings, judgement, gravest)
    spent = round(sum(findings.spent_ms.values()))
    looking.conclude(look=look, judgement=judgement, alike_key=key, spent_ms=spent, **kept)
    return judgement


@step
def _thought_over(*, shot: Shot, match: Match) -> None:
    """A screenshot is held against one sent later. Who is still looking at that one finds the note."""
    gravest = likeness.note_match(shot=shot, match=match)
    looks = Look.objects.select_related("campaign", "proof__journey__code")
    look = looks.filter(proof=shot.proof_id, state=Look.State.DONE).first()
    findings = findings_of(look) if look else None
    if look is None or findings is None:
        return
    plan = plan_then(look.asked, plan_of(look.campaign))
    minutes = code_minutes(look.proof.journey, at=look.proof.sent_at)
    judgement = decide(findings, plan, _belongs(look.belongs), gravest, code_minutes=minutes)
    key = _alike_key(findings, judgement, gravest)
    if looking.revise(look=look, judgement=judgement, alike_key=key):
        log.info("thought_over", look=str(look.pk), outcome=judgement.outcome)


def _belongs(owners: Mapping[str, tuple[Owner, str]]) -> dict[str, Owner]:
    return {text: owner for text, (owner, _journey) in owners.items()}


def _alike_key(findings: Findings, judgement: Judgement, match: Match | None) -> str:
    doubts = (judgement.outcome, *judgement.reasons, *judgement.missing)
    is_copy = match is not None and Proof.Reason.ALREADY_USED in judgement.reasons
    return alike_key(
        art=findings.poster.art if findings.poster else "",
        doubts=doubts,
        copy_of=str(match.proof_id) if match and is_copy else "",
    )
