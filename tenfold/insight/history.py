"""What happened to one screenshot: who sent it, who looked, what each of them said, the machine too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.insight.telling import SENTENCES, SOMEONE, told
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.proofs.models import Proof

# What is worth telling of a single screenshot only; the rest is told as everywhere (`telling.SENTENCES`).
OWN: dict[str, tuple[str, str, Promise | str]] = {
    Fact.PICTURE_SEEN: ("eye", "secondary", _("%(operator)s opened the screenshot")),
    Fact.SECOND_LOOK_ASKED: ("eye-off", "secondary", _("Drawn by chance to be looked at again")),
    Fact.PICTURE_ERASED: ("trash", "secondary", _("The picture was erased: its time was over")),
}
KINDS = (
    Fact.PROOF_SENT,
    Fact.LOOKED,
    Fact.PROOF_JUDGED,
    Fact.VERDICT_UNDONE,
    Fact.PROOF_WITHDRAWN,
    Fact.APPEALED,
    Fact.SECOND_LOOKED,
    *OWN,
)
MOST = 200


@dataclass(frozen=True)
class Happened:
    """One fact as a sentence, and what exactly was said: codes of `Proof.State`, `Look.Outcome`, `Proof.Reason`."""

    at: datetime
    kind: str
    icon: str
    colour: str
    text: str
    verdict: str
    reasons: tuple[str, ...]
    note: str


def history(proof: Proof) -> list[Happened]:
    """In the order it happened; of a screenshot with more to tell, the latest `MOST`."""
    facts = Entry.objects.filter(journey_id=proof.journey_id, kind__in=KINDS, data__proof=str(proof.id))
    entries = list(facts.order_by("-id")[:MOST])[::-1]
    known = [entry for entry in entries if entry.kind in SENTENCES]
    sentences = {
        entry.pk: (each.icon, each.colour, each.text) for entry, each in zip(known, told(known), strict=True)
    }
    names = _names([entry.operator_id for entry in entries])
    for entry in entries:
        if entry.kind not in SENTENCES:
            icon, colour, sentence = OWN[entry.kind]
            text = str(sentence) % {"operator": names.get(entry.operator_id, str(SOMEONE))}
            sentences[entry.pk] = (icon, colour, text)
    return [_happened(entry, *sentences[entry.pk]) for entry in entries]


def _names(ids: Sequence[UUID | None]) -> dict[UUID | None, str]:
    wanted = {each for each in ids if each}
    return {one.pk: str(one) for one in Operator.objects.filter(pk__in=wanted)} if wanted else {}


def _happened(entry: Entry, icon: str, colour: str, text: str) -> Happened:
    data = entry.data
    reasons = [*data.get("reasons", []), data.get("reason", "")]
    return Happened(
        at=entry.at,
        kind=entry.kind,
        icon=icon,
        colour=colour,
        text=text,
        verdict=str(data.get("verdict") or data.get("outcome") or ""),
        reasons=tuple(str(reason) for reason in reasons if reason),
        note=str(data.get("note", "")),
    )
