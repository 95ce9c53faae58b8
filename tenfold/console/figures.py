"""Numbers in forms whose unit depends on the rest of the form: money as it is written, points, or a share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenfold.base.money import plain, read_money, read_percent
from tenfold.console.forms import Form

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MONEY, POINTS, PERCENT = "money", "points", "percent"
WRONG = {
    MONEY: _("An amount of money, like 5 or 12.50."),
    POINTS: _("A whole number of points."),
    PERCENT: _("A share of 0 to 100 percent, like 10 or 12.5."),
}


def figure_field(label: str | _StrPromise, help_text: str | _StrPromise = "") -> Any:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, max_length=20, required=False, widget=widget)


class Figures(Form):
    """A form that reads figures typed in `currency`, in points or in percent."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def read(self, name: str, *, unit: str) -> int | None:
        """The figure as a whole number; an error at its field, and None, where it is none."""
        typed = str(self.cleaned_data.get(name) or "").strip()
        try:
            return figure_of(typed, unit, self.currency) if typed else None
        except ValueError:
            self.add_error(name, WRONG[unit])
            return None


def figure_of(typed: str, unit: str, currency: str) -> int:
    if unit == MONEY:
        return read_money(typed, currency)
    if unit == PERCENT:
        return read_percent(typed)
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):
        raise ValueError(typed)
    return int(typed)


def figure_text(figure: int | None, unit: str, currency: str) -> str:
    """As the form shows what is kept."""
    if figure is None:
        return ""
    return (
        plain(figure, currency) if unit == MONEY else f"{figure / 100:g}" if unit == PERCENT else str(figure)
    )
