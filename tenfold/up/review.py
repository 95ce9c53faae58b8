"""Looking at pictures on disk as the worker looks at screenshots: the same child, the same rules, nothing kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.conf import settings
from django.db import DatabaseError, connection

from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.campaigns.models import Campaign
from tenfold.flow.claims import claim_of, code_minutes
from tenfold.imaging import plain
from tenfold.imaging.child import LOOKING, Child, NoChild, twice
from tenfold.imaging.examine import EVERYTHING, can_look
from tenfold.imaging.reading import MAX_BYTES, Unreadable
from tenfold.imaging.seen import Claim, Findings
from tenfold.people.models import Journey
from tenfold.proofs.case import Owner
from tenfold.proofs.copies import GRAVITY, Kind, Match, held_against
from tenfold.proofs.deciding import decide, proves_own_code
from tenfold.proofs.models import ReviewPlan
from tenfold.proofs.queries import owners_of, plan_of
from tenfold.proofs.rules import WHY_UNREADABLE
from tenfold.up import sentences
from tenfold.up.addresses import Watch
from tenfold.up.campaign_files import BadCampaign, art_of, is_address, owner_of

Belongs = Callable[[Sequence[str]], Mapping[str, Owner]]
# Options that change the campaign's plan, and the fields they change.
ASKED = {
    "place": "place",
    "is_for_everyone": "needs_everyone",
    "oldest_hours": "oldest_hours",
    "caption": "needs_caption",
}


MISSING = "error"
"""The verdict on what could not be opened: there is no picture to say anything about."""


class CannotReview(Exception):
    """Not for the pictures' sake: what they are to be held against is missing or wrong."""


@dataclass(frozen=True)
class Whose:
    """As the command line names the sender."""

    campaign: str
    code: str = ""
    journey: str = ""
    slug: str = ""
    nickname: str = ""


@dataclass(frozen=True)
class Sender:
    """Whose pictures these are to be, and what they have to show. `belongs` knows whose codes are, `code_minutes` is
    for how long they have had their own, where that is known."""

    claim: Claim
    plan: ReviewPlan
    belongs: Belongs
    code_minutes: int | None = None
    address: str = ""
    """Where the server's codes stand, if they do so at an address of ours."""


@dataclass(frozen=True)
class Copy:
    """An earlier picture that this is alike; `share` of the parts that show something."""

    file: str
    kind: Kind
    share: float
    changed: tuple[tuple[tuple[float, float], ...], ...]
    has_own_code: bool
    """The same sender's code was in it too."""

    @property
    def match(self) -> Match:
        """As the rules want to be told: it was approved, for whoever's code was in it."""
        nobody, is_own = UUID(int=0), self.has_own_code
        return Match(
            nobody, None, nobody, nobody, self.kind, self.share, self.changed, is_own, True, "approved", ""
        )


@dataclass(frozen=True)
class Reviewed:
    """What came of one picture, as it is printed. `doubts` are why a person is asked, `found` what speaks for it;
    `told` says the same in sentences, by language."""

    file: str
    verdict: str
    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    """Codes of this campaign, in it or in an earlier one, that stand at another address than the public one: the
    worker's verdict may be another."""


def sender_of(whose: Whose, asked: Mapping[str, Any]) -> Sender:
    """`asked` are options that change the plan; raises CannotReview."""
    if not can_look():
        raise CannotReview('This needs the extra "review": pip install "tenfold[review]"')
    campaign = read_id(whose.campaign)
    if campaign is None:
        return _of_files(whose, asked)
    _check_database()
    try:
        return _of_rows(campaign, whose, asked)
    except DatabaseError as error:
        raise CannotReview(f"{_database()} cannot be read: {_first_line(error)}") from error


def _check_database() -> None:
    """SQLite makes an empty file where there is none: that is no campaign's database."""
    name = str(connection.settings_dict["NAME"])
    is_file = connection.vendor == "sqlite" and "memory" not in name
    if is_file and not Path(name).is_file():
        raise CannotReview(
            f"{_database()} is not there. TENFOLD_DATA names its folder, or DATABASE_URL another."
        )


def _database() -> str:
    told = connection.settings_dict
    return f"The database {told['NAME']}" + (f" on {told['HOST']}" if told.get("HOST") else "")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [repr(error)])[0]


def _of_files(whose: Whose, asked: Mapping[str, Any]) -> Sender:
    """A campaign of two files (see `campaign_files`), without a database."""
    if not any(Path(whose.campaign).with_suffix(suffix).is_file() for suffix in (".json", ".png")):
        raise CannotReview(f"{whose.campaign}: no such file, and no campaign with that id")
    if not whose.code:
        raise CannotReview("With a campaign's file the sender's code is needed: --code")
    if not is_address(whose.code):
        click.echo(f"--code {whose.code!r} is no address: is it all that the code says?", err=True)
    plan = _changed(ReviewPlan(place=ReviewPlan.Place.ANY), asked)
    try:
        art = art_of(Path(whose.campaign))
    except BadCampaign as bad:
        raise CannotReview(str(bad)) from bad
    captions = (plan.needs_caption,) if plan.needs_caption else ()
    claim = Claim((art,), whose.code, nickname=whose.nickname, captions=captions)
    return Sender(claim, plan, lambda texts: {text: owner_of(text, whose.code) for text in texts})


def _of_rows(campaign_id: UUID, whose: Whose, asked: Mapping[str, Any]) -> Sender:
    """A participant of a campaign in the database: as if they sent the pictures now."""
    now, journey = clock.now(), _journey(campaign_id, whose)
    plan = _changed(plan_of(journey.campaign), asked)

    def belongs(texts: Sequence[str]) -> Mapping[str, Owner]:
        return {text: owner for text, (owner, _) in owners_of(texts, journey).items()}

    claim, minutes = claim_of(journey, plan, at=now), code_minutes(journey, at=now)
    return Sender(claim, plan, belongs, minutes, settings.PUBLIC_URL)


def _journey(campaign_id: UUID, whose: Whose) -> Journey:
    if not Campaign.objects.filter(pk=campaign_id).exists():
        raise CannotReview(f"{_database()} has no campaign with the id {campaign_id}.")
    journeys = Journey.objects.select_related("person", "campaign", "code__campaign")
    theirs = journeys.filter(campaign_id=campaign_id)
    if named := read_id(whose.journey):
        theirs = theirs.filter(pk=named)
    elif slug := (whose.slug or whose.code.rpartition("/")[2]):
        theirs = theirs.filter(code__slug=slug.upper())
    else:
        raise CannotReview("Whose screenshots are these? Tell --journey, --slug or --code.")
    journey = theirs.first()
    if journey is None:
        raise CannotReview("There is no such participant in that campaign.")
    return journey


def _changed(plan: ReviewPlan, asked: Mapping[str, Any]) -> ReviewPlan:
    for name, value in asked.items():
        setattr(plan, ASKED[name], value)
    return plan


@dataclass(frozen=True)
class Looked:
    """One picture on disk: known by the bytes it was sent as, and what was found in it."""

    file: str
    sha256: str
    findings: Findings
    belongs: Mapping[str, Owner]

    @property
    def has_own_code(self) -> bool:
        return proves_own_code(self.findings, self.belongs)


def reviewed(files: Iterable[Path], sender: Sender, earlier: Iterable[Path] = ()) -> Iterator[Reviewed]:
    """Each by itself, and held against the `earlier` ones. The child may die of any of them."""
    with Child(LOOKING) as child:
        known = [_known(child, path, sender) for path in earlier]
        watch = Watch(sender.address)
        before = [text for each in known for text in watch.elsewhere(each.belongs)]
        for path in files:
            each = _reviewed(child, path, sender, known)
            elsewhere = before + watch.elsewhere(each.evidence.get("belongs", {}))
            yield replace(each, elsewhere=tuple(dict.fromkeys(elsewhere)))
    watch.conclude()


def _known(child: Child, path: Path, sender: Sender) -> Looked:
    try:
        return _looked(child, path, sender)
    except (OSError, Unreadable) as error:
        raise CannotReview(f"{path}: an earlier screenshot that is unreadable") from error


def _reviewed(child: Child, path: Path, sender: Sender, known: Sequence[Looked]) -> Reviewed:
    try:
        looked = _looked(child, path, sender)
    except OSError as error:
        return Reviewed(str(path), MISSING, told={"en": f"{error.strerror or repr(error)}."})
    except Unreadable as unreadable:
        return Reviewed(
            str(path), "unreadable", ("unreadable",), told=sentences.said([WHY_UNREADABLE[unreadable.reason]])
        )
    same = _copied(looked, known)
    match = same.match if same else None
    made = decide(looked.findings, sender.plan, looked.belongs, match, code_minutes=sender.code_minutes)
    evidence = plain.told(replace(looked.findings, fingerprint=b""))
    evidence |= {"belongs": dict(looked.belongs), "same": asdict(same) if same else None}
    return Reviewed(
        str(path), made.outcome, made.reasons, made.missing, made.found, sentences.of(made), evidence
    )


def _looked(child: Child, path: Path, sender: Sender) -> Looked:
    """As the worker does: at the picture as it is kept. Raises OSError and Unreadable."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    try:
        clean = twice(lambda: child.clean(data))
        findings = twice(lambda: child.examine(clean.data, sender.claim, wants=EVERYTHING))
    except NoChild as none:
        raise CannotReview(f"No process could be started to look at pictures: {none}") from none
    belongs = sender.belongs([code.text for code in findings.codes])
    return Looked(str(path), clean.sha256, findings, belongs)


def _copied(looked: Looked, known: Iterable[Looked]) -> Copy | None:
    """The earlier picture that weighs most against it, if it is the same shot as any; of equal ones the first."""
    copies = [copy for earlier in known if (copy := _compared(looked, earlier))]
    return min(copies, key=lambda copy: _weight(copy, looked), default=None)


def _weight(copy: Copy, looked: Looked) -> int:
    return GRAVITY[held_against(copy.match, has_own_code=looked.has_own_code)]


def _compared(looked: Looked, earlier: Looked) -> Copy | None:
    from tenfold.imaging.likeness import alike

    if looked.sha256 == earlier.sha256:
        return Copy(earlier.file, "exact", 1.0, (), earlier.has_own_code)
    like = alike(looked.findings.fingerprint, earlier.findings.fingerprint)
    if like.kind == "other" or (like.kind == "likely" and not earlier.has_own_code):
        return None
    return Copy(earlier.file, like.kind, like.share, like.changed, earlier.has_own_code)


EXIT_OF = {"unreadable": 1, MISSING: 2}


def tell(each: Reviewed, is_indented: bool) -> int:
    """Print it; the exit code that it deserves."""
    click.echo(json.dumps(asdict(each), ensure_ascii=False, indent=2 if is_indented else None))
    return 2 if each.elsewhere else EXIT_OF.get(each.verdict, 0)
