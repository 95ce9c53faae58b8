"""Writes tenfold/static/web/weui.css: of WeUI only what our pages use.

    python tools/trim_weui.py

The whole sheet is 23 KB even when compressed, more than a third of what a page may weigh on a phone. A rule stays if
all classes its selector names are in KEPT; the explicit themes go (our pages follow the phone's), and so do variables
that nothing reads any more. Run it again after raising WeUI's version or using another of its classes; a test
compares the copy with what this writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "tenfold" / "static"
WHOLE = STATIC / "vendor" / "weui" / "weui.min.css"
OURS = STATIC / "web" / "web.css"
TRIMMED = STATIC / "web" / "weui.css"

KEPT = {
    *("weui-btn", "weui-btn_primary", "weui-btn_default", "weui-btn_warn", "weui-btn_mini"),
    *("weui-badge", "weui-footer", "weui-footer__text"),
    *("weui-msg", "weui-msg__icon-area", "weui-msg__text-area", "weui-msg__title", "weui-msg__desc"),
    "weui-msg__opr-area",
}
GONE = re.compile(
    r"^\.wx-root|\bpage\b|navigator|^(body)?\[data-weui-(theme|mode)|data-weui-mode|\[class[*^]"
)
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
NEGATED = re.compile(r":not\([^)]*\)")
DECLARED = re.compile(r"(--weui-[\w-]+):[^;}]*;?")


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """(selector or at-rule, body) of each rule at the top level."""
    depth = start = opened = 0
    for at, letter in enumerate(sheet):
        if letter == "{":
            opened = opened if depth else at
            depth += 1
        elif letter == "}":
            depth -= 1
            if not depth:
                yield sheet[start:opened].strip(), sheet[opened + 1 : at]
                start = at + 1


def is_kept(selector: str) -> bool:
    return not GONE.search(selector) and set(CLASS.findall(NEGATED.sub("", selector))) <= KEPT


def trimmed(sheet: str) -> str:
    kept = []
    for head, body in rules(sheet):
        if head.startswith("@media"):
            if inner := trimmed(body):
                kept.append(f"{head}{{{inner}}}")
        elif not head.startswith("@"):
            selectors = [selector for selector in head.split(",") if is_kept(selector)]
            if selectors and body:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def without_unread(sheet: str) -> str:
    """The sheet without variables that nothing reads, until none is left."""
    read = set(re.findall(r"var\((--weui-[\w-]+)", sheet + OURS.read_text()))
    shorter = DECLARED.sub(lambda match: match[0] if match[1] in read else "", sheet)
    shorter = re.sub(r"[^{}]+\{\}", "", shorter)
    return sheet if shorter == sheet else without_unread(shorter)


def main() -> str:
    whole = WHOLE.read_text()
    licence, sheet = whole[: whole.index("*/") + 2], whole[whole.index("*/") + 2 :]
    note = "/* Trimmed by tools/trim_weui.py; the licence is in static/vendor/weui/LICENSE. */"
    return f"{licence}\n{note}\n{without_unread(trimmed(sheet))}\n"


if __name__ == "__main__":
    TRIMMED.write_text(main())
