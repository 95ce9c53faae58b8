"""How long ago a post says that it was made: the words of Chinese and English phones as spans of minutes.

"2 hours ago" is anything from two hours to three, and "yesterday" anything from a minute to two days: what a phone
writes is never an instant, so that what must not be too old is only refused, or passed, where its whole span agrees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tenfold.imaging.places import PLACES

HOUR = 60
DAY = 24 * HOUR

Span = tuple[int, int]

# Of the words that are looked for (ages, buttons, who may see it, phones and places), those written otherwise.
_SIMPLER = str.maketrans(
    "剛鐘鍾時週個內編輯開見僅絲級關摯親對體給誰屬來華為榮網頁慶遼龍蘇東廣貴雲陝灣臺寧門：﹕（）",
    "刚钟钟时周个内编辑开见仅丝级关挚亲对体给谁属来华为荣网页庆辽龙苏东广贵云陕湾台宁门::()",
)
_CLOCK = r"(?:(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?\d{1,2}[:.]\d{2}(?:am|pm)?)"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = f"(?P<name>{'|'.join(_MONTHS)})[a-z]*"


@dataclass(frozen=True)
class Age:
    """What the first `length` characters say. Without a span they are an age, but it is not known which."""

    length: int
    span: Span | None


def plain(text: str) -> str:
    """The text as ages and buttons are compared: narrow, lower, simplified; as many characters as before."""
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    narrow = unicodedata.normalize("NFKC", character).lower()
    return (narrow if len(narrow) == 1 else character).translate(_SIMPLER)


def age_at_start(text: str, today: date | None) -> Age | None:
    """The age that a text without blanks, made `plain`, starts with.

    `today` is the day when the picture was sent: without it a date has no span.
    """
    for pattern, span in _FORMS:
        if found := pattern.match(text):
            return Age(found.end(), span(found, today)) if _is_sane(found) else None
    return None


def digits_of(text: str) -> int:
    """How many figures the age starts with."""
    return len(text) - len(text.lstrip("0123456789"))


def _is_sane(found: re.Match[str]) -> bool:
    """No phone writes 0 minutes or 75: a figure that it would not write was not read rightly."""
    groups = found.groupdict()
    count, most = groups.get("n"), _MOST.get(groups.get("unit") or "")
    return count is None or (not count.startswith("0") and (most is None or int(count) <= most))


def _counted(found: re.Match[str], _today: date | None) -> Span:
    count = int(found["n"])
    least, unit = _UNITS[found["unit"]]
    if unit < DAY:
        return count * unit, (count + 1) * unit
    # Some count days by the calendar, some by the hours: either may be meant.
    return max(1, count * least - DAY), (count + 1) * unit + (DAY if unit > DAY else 0)


def _always(youngest: int, oldest: int) -> Callable[[re.Match[str], date | None], Span]:
    return lambda _found, _today: (youngest, oldest)


def _untold(_found: re.Match[str], _today: date | None) -> None:
    """An age of which only a day that is not named would say how old."""


def _dated(found: re.Match[str], today: date | None) -> Span | None:
    """A date on the phone's calendar, which may be a day before or behind ours."""
    if today is None:
        return None
    groups = found.groupdict()
    month = _MONTHS.index(groups["name"]) + 1 if groups.get("name") else int(groups["month"])
    try:
        day = date(int(groups.get("year") or today.year), month, int(groups["day"]))
        if not groups.get("year") and (day - today).days > 1:
            day = day.replace(year=today.year - 1)
    except ValueError:
        return None
    days = (today - day).days
    return (max(0, (days - 1) * DAY), max(1, days + 2) * DAY) if days >= -1 else None


# The shortest that a unit may be, and the longest, in minutes.
_UNITS: dict[str, Span] = {}
_MOST: dict[str, int] = {}
for _names, _least, _longest, _most in (
    ("分钟|分|minutes|minute(s)|minute|mins|min(s)|min|m", 1, 1, 59),
    ("小时|hours|hour(s)|hour|hrs|hr(s)|hr|h", HOUR, HOUR, 24),
    ("天|日|days|day(s)|day|d", DAY, DAY, 31),
    ("周|星期|weeks|week(s)|week|w", 7 * DAY, 7 * DAY, 8),
    ("个月|月|months|month(s)|month", 28 * DAY, 31 * DAY, 12),
    ("年|years|year(s)|year|y", 365 * DAY, 366 * DAY, 20),
):
    for _name in _names.split("|"):
        _UNITS[_name], _MOST[_name] = (_least, _longest), _most

_UNIT = f"(?P<unit>{'|'.join(re.escape(name) for name in sorted(_UNITS, key=len, reverse=True))})"
# What may follow an age that is so short: nothing that makes another word of it.
_AFTER = r"$|[^a-z0-9]|delete|edit|private|public|everyone|anyone|friends|followers|shared|visible|onlyme"
# And after one that is no more than a length of time: what shows that it stands by itself.
_APART = r"$|[·•∙・|]|delete|删除|刪除"
# And after "today" without a clock, which no phone writes often and many people do.
_ALONE = (
    rf"$|[^a-z\u4e00-\u9fff]|at|delete|删除|edit|编辑|已编辑|公开|不公开|所有|全部|仅|部分|好友|朋友|粉丝|私密|来自|发布|ip|via"
    rf"|sent|public|private|everyone|anyone|friends|followers|only|visible|shared|{PLACES}"
)
# Without blanks a day runs into the clock: only of two figures and two is it known where the one ends.
_RUN_IN = r"(?=\d\d:)" + _CLOCK
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], Span | None]], ...] = tuple(
    (re.compile(pattern), span)
    for pattern, span in (
        (rf"刚刚|刚才|justnow|now(?={_AFTER})", _always(0, 1)),
        (r"半(?:个)?(?:小时|钟头)(?:以|之)?前|halfanhourago", _always(30, HOUR)),
        (rf"(?P<n>\d{{1,2}}){_UNIT}(?:以)?(?:之)?(?:前|ago)", _counted),
        (rf"(?P<n>\d{{1,2}})(?P<unit>mins?|m|hrs?|h|d|w)(?={_AFTER})", _counted),
        (rf"(?P<n>\d{{1,2}})(?P<unit>分钟|小时|天|周)(?={_APART})", _counted),
        (r"aminuteago", _always(1, 2)),
        (r"anhourago", _always(HOUR, 2 * HOUR)),
        (rf"(?:昨天|昨日|昨晚|yesterday)(?:at|,)?{_CLOCK}?", _always(1, 2 * DAY)),
        (rf"前天{_CLOCK}?", _always(DAY, 3 * DAY)),
        (rf"(?:今天|today)(?:(?:at|,)?{_CLOCK}|(?={_ALONE}))", _always(0, DAY)),
        (rf"(?:(?P<year>20\d\d)年)?(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日{_CLOCK}?", _dated),
        (rf"(?P<year>20\d\d)[-/.](?P<month>\d{{2}})[-/.](?P<day>\d{{2}}){_RUN_IN}", _dated),
        (rf"(?P<year>20\d\d)[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?!\d){_CLOCK}?", _dated),
        (rf"(?P<month>\d{{2}})-(?P<day>\d{{2}}){_RUN_IN}", _dated),
        (r"\d{1,2}:\d{2}(?=delete|删除|刪除)", _untold),
        (rf"{_MONTH}(?P<day>\d{{1,2}})(?!\d)(?:,?(?P<year>20\d\d))?", _dated),
        (rf"(?P<day>\d{{1,2}}){_MONTH}(?:,?(?P<year>20\d\d))?", _dated),
    )
)
