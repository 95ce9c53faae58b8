"""How the house looks inside: lengths of functions and files, annotations, tests a line of code.

`--json` prints one object a line. A median and a 90th percentile, because one long table of words says nothing.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence

from tests.house.test_sizes import functions, is_annotated
from tests.house.tree import ROOT, product_code

Row = tuple[str, float, str, bool]


def percentile_90(lengths: Sequence[int]) -> float:
    return statistics.quantiles(lengths, n=10)[-1]


def measured() -> list[Row]:
    code = [len(path.read_text().splitlines()) for path in product_code()]
    tests = sum(len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py"))
    found = [function for _name, function in functions()]
    lengths = [(function.end_lineno or 0) - function.lineno + 1 for function in found]
    annotated = 100 * sum(is_annotated(function) for function in found) / len(found)
    ratio = tests / sum(code)
    return [
        ("lines of code", sum(code), "", True),
        ("function lines, median", statistics.median(lengths), "<= 8", statistics.median(lengths) <= 8),
        ("function lines, 90 %", percentile_90(lengths), "<= 30", percentile_90(lengths) <= 30),
        ("function lines, longest", max(lengths), "<= 50", max(lengths) <= 50),
        ("file lines, median", statistics.median(code), "", True),
        ("file lines, 90 %", percentile_90(code), "<= 300", percentile_90(code) <= 300),
        ("file lines, longest", max(code), "<= 500", max(code) <= 500),
        ("functions fully annotated, %", annotated, "100", annotated == 100),
        ("test lines a line of code", round(ratio, 2), "1.3 to 2", 1.3 <= ratio <= 2),
    ]


def main() -> int:
    rows = measured()
    for name, value, target, is_ok in rows:
        if "--json" in sys.argv:
            print(json.dumps({"name": name, "value": value, "target": target, "ok": is_ok}))
        else:
            print(f"{name:32}{value:>10g}   {target:10}{'' if is_ok else 'missed'}")
    return 0 if all(row[3] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
