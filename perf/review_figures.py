"""What a measured set has to show: a line a target, and a table by kind of screen and level of damage."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from perf.review_looks import Seen
from perf.review_pairs import NAMED, CopySeen, Pairs
from perf.review_pasted import PastedSeen
from perf.review_set import Label
from tenfold.imaging.seen import PERSON_ALIKE

VISIBLE, THUMBNAILS, APPROVED = 0.985, 0.97, 0.90
TRIALS, REASONS = 30_000, 0.99
FEWEST_TRIALS, SPARE = 30, 1.15
RECALL, NAMES = 0.98, 0.9
GRIDS, PERSONS = 0.60, 0.95
COST, TAIL, MEMORY_MB = 75.0, 2.5, 768.0
MOST_TOLD = 40


@dataclass(frozen=True)
class Figure:
    name: str
    value: float | int | str
    target: str
    ok: bool


def figures(seen: Sequence[Seen], art: float, margin: float) -> Iterator[Figure]:
    """Of the looks alone; `art` and `margin` are the product's own thresholds."""
    good = [each for each in seen if each.label.is_genuine and each.label.qr_visible]
    small = [each for each in good if each.label.kind in ("feed", "detail")]
    yield _share("code proven, of visible codes", good, lambda each: each.is_proven, VISIBLE)
    yield _share("code proven, feed and detail", small, lambda each: each.is_proven, THUMBNAILS)
    is_both = "poster and code both proven, of visible codes"
    yield _told_share(is_both, good, lambda each: each.is_proven and each.art >= art)
    decoded = "read by the decoder alone, of visible codes"
    yield _told_share(decoded, good, lambda each: each.label.qr_text in _texts(each))
    honest = [each for each in good if not each.label.is_restricted]
    yield _share("genuine, approved without a person", honest, lambda each: each.outcome == "pass", APPROVED)
    yield _none("genuine, refused", sum(each.outcome == "fail" for each in honest))
    wrong = [each for each in seen if each.label.truths]
    yield _none("wrong, approved", sum(each.outcome == "pass" for each in wrong))
    yield from _tricks(wrong)
    yield from _impostors(seen, art, margin)
    wrong = [each for each in wrong if not each.label.trick]
    shown = [each for each in wrong if not (each.label.is_genuine and each.label.is_grid)]
    yield _share("wrong, with the right reason", shown, lambda each: each.is_right, REASONS)
    whole = [each for each in wrong if not each.label.is_grid]
    yield _share("wrong, with the right reason, grids left out", whole, lambda each: each.is_right, REASONS)
    yield from _grids(seen, art)
    yield from _costs(seen)


def _impostors(seen: Iterable[Seen], art: float, margin: float) -> Iterator[Figure]:
    tried = [lead for each in seen if each.art >= art for lead in each.margins]
    name = "impostors' codes tried, where the poster is proven"
    yield Figure(name, len(tried), f">= {TRIALS}", len(tried) >= TRIALS)
    yield _none("impostors' codes accepted", sum(lead >= margin for lead in tried))
    largest = round(max(tried, default=0.0), 3)
    yield Figure("largest lead of an impostor's code", largest, f"< {margin}", largest < margin)


def _tricks(wrong: Iterable[Seen]) -> Iterator[Figure]:
    """Of dishonest ones, none of which may be approved; which reason is named is not asked of what was hidden."""
    tricks: dict[str, list[Seen]] = {}
    for each in wrong:
        if each.label.trick:
            tricks.setdefault(each.label.trick, []).append(each)
    for name, some in sorted(tricks.items()):
        yield _none(f"trick {name}, approved ({len(some)})", sum(each.outcome == "pass" for each in some))


def impostors_each(labels: Sequence[Label]) -> int:
    """So many codes a picture that there are enough, with some pictures on which the poster is not proven."""
    ours = sum(label.is_own or label.cls == "neg_qrswap" for label in labels)
    return max(FEWEST_TRIALS, math.ceil(TRIALS * SPARE / max(1, ours)))


def _grids(seen: Iterable[Seen], art: float) -> Iterator[Figure]:
    grids = [each for each in seen if each.label.is_grid]
    ours = [each for each in grids if each.label.is_genuine]
    yield _share("small pictures in a post, poster proven", ours, lambda each: each.art >= art, GRIDS)
    foreign = [each for each in seen if each.label.cls in ("neg_sibling", "neg_other", "neg_noposter")]
    yield _none("foreign posters, proven as ours", sum(each.art >= art for each in foreign))


def _costs(seen: Sequence[Seen]) -> Iterator[Figure]:
    looks, passes = [each.cpu_ms for each in seen], [each.decoder_ms for each in seen]
    mean = statistics.fmean(looks)
    times = round(mean / statistics.fmean(passes), 1)
    yield Figure("CPU of a look, ms", round(mean, 1), "told only", True)
    yield Figure("CPU of the decoder alone, ms", round(statistics.fmean(passes), 2), "told only", True)
    yield Figure("a look, in passes of the decoder", times, f"<= {COST:g}", times <= COST)
    tail = round(sorted(looks)[min(len(looks) - 1, int(len(looks) * 0.95))] / mean, 2)
    yield Figure("95th percentile of looks, of the mean", tail, f"<= {TAIL}", tail <= TAIL)


def copy_figures(copies: Sequence[CopySeen], in_set: Pairs, drawn: Pairs) -> Iterator[Figure]:
    yield _share("edited copies found again", copies, lambda each: each.is_found, RECALL)
    for edit in dict.fromkeys(each.edit for each in copies):
        yield _told_share(
            f"  {edit}", [each for each in copies if each.edit == edit], lambda each: each.is_found
        )
    named = [each for each in copies if each.edit in NAMED]
    yield _share("edited clock or age, named so", named, lambda each: each.kind == NAMED[each.edit], NAMES)
    yield _none("edited copies approved", sum(each.approvals for each in copies))
    yield Figure("honest pairs of the set", in_set.compared, "> 0", in_set.compared > 0)
    yield _none("honest pairs of the set taken for one shot", in_set.false)
    yield Figure("honest pairs of one layout, drawn", drawn.compared, "> 0", drawn.compared > 0)
    yield _none("honest pairs of one layout taken for one shot", drawn.false)


def pasted_figures(pasted: Sequence[PastedSeen], drawn: Pairs) -> Iterator[Figure]:
    """Of a friend's screenshots with an own code put in; and of honest ones, whether they pass for their own."""
    for place in dict.fromkeys(each.place for each in pasted):
        some = [each for each in pasted if each.place == place]
        name = f"own code put in {place}, approved ({len(some)})"
        yield _none(name, sum(each.approvals > 0 for each in some))
    yield Figure("friend's screenshots with an own code put in", len(pasted), "> 0", bool(pasted))
    alike = sum(share >= PERSON_ALIKE for share in drawn.persons)
    share = alike / len(drawn.persons) if drawn.persons else 0.0
    name = f"honest ones drawn, face and name taken as theirs ({len(drawn.persons)})"
    yield Figure(name, round(share, 4), f">= {PERSONS}", share >= PERSONS)


def memory_figure(megabytes: float) -> Figure:
    name = "memory of the process that looks, at its peak, MB"
    return Figure(name, round(megabytes), f"<= {MEMORY_MB:g}", megabytes <= MEMORY_MB)


def table(seen: Sequence[Seen], art: float) -> Iterator[str]:
    """By kind and level: how many, and of these the shares with poster and code proven, passed, refused, asked about,
    and of wrong ones with the right reason."""
    names = ("art", "code", "pass", "fail", "ask", "right", "ms")
    yield f"{'class':15}{'kind':12}{'level':9}{'n':>4}" + "".join(f"{name:>7}" for name in names)
    groups: dict[tuple[str, str, str], list[Seen]] = {}
    for each in seen:
        label = each.label
        cls = "pos restricted" if label.is_genuine and label.is_restricted else label.cls
        level = label.level if label.is_genuine else label.trick
        groups.setdefault((cls, label.kind, level), []).append(each)
    for key in sorted(groups):
        yield _row(key, groups[key], art)


def _row(key: tuple[str, str, str], some: list[Seen], art: float) -> str:
    outcomes = Counter(each.outcome for each in some)
    shares = [
        sum(each.art >= art for each in some),
        sum(each.is_proven for each in some),
        *(outcomes[outcome] for outcome in ("pass", "fail", "ask")),
        sum(each.is_right for each in some),
    ]
    told = "".join(f"{count / len(some):7.2f}" for count in shares)
    head = "".join(f"{word:{width}}" for word, width in zip(key, (15, 12, 9), strict=True))
    return f"{head}{len(some):4}{told}{statistics.fmean(each.cpu_ms for each in some):7.0f}"


def misses(seen: Iterable[Seen]) -> Iterator[str]:
    """Each picture that is not decided as it should be, and why: for those who want to look at it."""
    for each in seen:
        label = each.label
        is_good = each.outcome == "pass" if not label.truths else each.is_right
        if is_good or (label.is_grid and each.outcome == "ask"):
            continue
        code = each.findings.code
        audience = each.findings.post.audience if each.findings.post else "-"
        yield (
            f"{label.file} module {label.module_px:.2f} art {each.art:.2f} code"
            f" {(code.proven or 'no') if code else '-'} {code.margin if code else 0:.3f} {each.findings.screen}"
            f" {audience} -> {each.outcome} {','.join(each.reasons)} | {','.join(each.missing)}"
        )


def line_of(figure: Figure) -> str:
    return (
        f"{'ok' if figure.ok else 'FAIL':4} {figure.name:52} {figure.value!s:>9}   (target: {figure.target})"
    )


def _texts(each: Seen) -> list[str]:
    return [code.text for code in each.findings.codes]


def _share(
    name: str, some: Sequence[Seen] | Sequence[CopySeen], is_so: Callable[..., bool], least: float
) -> Figure:
    share = _of(some, is_so)
    return Figure(f"{name} ({len(some)})", round(share, 4), f">= {least}", bool(some) and share >= least)


def _told_share(name: str, some: Sequence[Seen] | Sequence[CopySeen], is_so: Callable[..., bool]) -> Figure:
    return Figure(f"{name} ({len(some)})", round(_of(some, is_so), 4), "told only", True)


def _of(some: Sequence[Seen] | Sequence[CopySeen], is_so: Callable[..., bool]) -> float:
    return sum(bool(is_so(each)) for each in some) / len(some) if some else 0.0


def _none(name: str, count: int) -> Figure:
    return Figure(name, count, "0", count == 0)
