"""Money is a whole number of the smallest unit (fen, cent) and the code of its currency; shares are basis points."""

from __future__ import annotations

import re
from decimal import Decimal

# Digits after the point, where they are not two, and signs that say which currency it is.
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "IDR": 0}
SIGNS = {
    "CNY": "¥",
    "HKD": "HK$",
    "TWD": "NT$",
    "SGD": "S$",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "JP¥",
    "KRW": "₩",
    "MYR": "RM",
}
MOST = 10**14
TYPED = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?", re.ASCII)
# A comma stands between groups of three; one that may be meant as the point, as in 99,00, is read as nothing.
GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3}){1,4}(\.[0-9]{1,2})?", re.ASCII)
MINUS = "\N{MINUS SIGN}"


def digits_of(currency: str) -> int:
    return DIGITS.get(currency, 2)


def plain(amount: int, currency: str) -> str:
    """As a file has it: `1234.50`."""
    digits = digits_of(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"


def written(amount: int, currency: str) -> str:
    """As a person reads it: `¥1,234.50`."""
    digits = digits_of(currency)
    figure = f"{abs(Decimal(amount)).scaleb(-digits):,.{digits}f}"
    return f"{MINUS if amount < 0 else ''}{SIGNS.get(currency, f'{currency} ')}{figure}"


def read_money(text: str, currency: str) -> int:
    """What somebody typed, in the smallest unit: digits with at most as many after the point as the currency has, and
    commas between the thousands or none. Anything else is a ValueError."""
    typed = text.strip()
    if GROUPED.fullmatch(typed):
        typed = typed.replace(",", "")
    if not TYPED.fullmatch(typed):
        raise ValueError(text)
    amount = Decimal(typed).scaleb(digits_of(currency))
    if amount != int(amount) or amount > MOST:
        raise ValueError(text)
    return int(amount)


def percent(basis_points: int) -> str:
    """`1250` is `12.5 %`."""
    return f"{Decimal(basis_points) / 100:f} %"


def read_percent(text: str) -> int:
    """`12.5` or `12.5 %` as basis points; a ValueError where it is no share of a whole."""
    typed = text.replace("%", "").strip()
    if not TYPED.fullmatch(typed) or Decimal(typed) > 100:
        raise ValueError(text)
    return int(Decimal(typed) * 100)
