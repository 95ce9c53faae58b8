"""The forms of changes by hand and of orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenfold.console.figures import MONEY, POINTS, Figures, figure_field

ADJUSTED = [("invite", _("friends who count")), (POINTS, _("points")), (MONEY, _("money"))]


class AdjustForm(Figures):
    """A change by hand: never without saying why, since its owner reads it."""

    unit = forms.ChoiceField(label=_("What"), choices=ADJUSTED)
    is_less = forms.ChoiceField(
        label=_("How"), choices=[("", _("Add")), ("1", _("Take away"))], required=False
    )
    amount = figure_field(_("How much"))
    note = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("They read it beside the change."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].required = True

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        unit = MONEY if found.get("unit") == MONEY else POINTS
        amount = self.read("amount", unit=unit)
        if amount == 0:
            self.add_error("amount", _("Nothing would change."))
        found["amount"] = -(amount or 0) if found.get("is_less") else amount
        return found


class OrderForm(Figures):
    number = forms.CharField(
        label=_("Order number"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    amount = figure_field(_("Amount"))
    buyer = forms.CharField(
        label=_("Code of the buyer"),
        max_length=40,
        required=False,
        help_text=_("The code on their own poster, if they take part."),
    )
    code = forms.CharField(
        label=_("Or the code they came by"),
        max_length=40,
        required=False,
        help_text=_("The code on the poster that brought them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].required = True

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        found["amount"] = self.read("amount", unit=MONEY)
        return found
