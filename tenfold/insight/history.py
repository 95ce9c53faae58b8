"""What happened to one screenshot: who sent it, who looked, what each of them said, the machine too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tenfold.insight.telling import Told, told
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.proofs.models import Proof

KINDS = (
    Fact.PROOF_SENT,
    Fact.LOOKED,
    Fact.PICTURE_SEEN,
    Fact.PROOF_JUDGED,
    Fact.VERDICT_UNDONE,
    Fact.PROOF_WITHDRAWN,
    Fact.APPEALED,
    Fact.SECOND_LOOK_ASKED,
    Fact.SECOND_LOOKED,
    Fact.PICTURE_ERASED,
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
    """In the order it happened; of a proof that thousands opened, the first `MOST`."""
    facts = Entry.objects.filter(journey_id=proof.journey_id, kind__in=KINDS, data__proof=str(proof.id))
    entries = list(facts.order_by("id")[:MOST])
    return [_happened(entry, sentence) for entry, sentence in zip(entries, told(entries), strict=True)]


def _happened(entry: Entry, sentence: Told) -> Happened:
    data = entry.data
    reasons = [*data.get("reasons", []), data.get("reason", "")]
    return Happened(
        at=entry.at,
        kind=entry.kind,
        icon=sentence.icon,
        colour=sentence.colour,
        text=sentence.text,
        verdict=str(data.get("verdict") or data.get("outcome") or ""),
        reasons=tuple(str(reason) for reason in reasons if reason),
        note=str(data.get("note", "")),
    )
