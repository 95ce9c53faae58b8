"""The form of an edition of keepsakes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from tenfold.console.forms import Form
from tenfold.console.forms_editor import MomentField
from tenfold.keepsakes.models import Edition


def _moment(label: Any, help_text: Any = "") -> MomentField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return MomentField(label=label, required=False, widget=widget, help_text=help_text)


class EditionForm(Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Edition.Kind.choices)
    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("It stands on each of them: “Ten books in thirty days”, “Best reader”."),
    )
    valid_from = _moment(gettext_lazy("Valid from"), gettext_lazy("Of a ticket: when the doors open."))
    valid_until = _moment(gettext_lazy("Valid until"))
