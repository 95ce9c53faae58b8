"""The forms that set a campaign up. They check shape; the rooms' actions decide."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from tenfold.campaigns.actions import PLAN
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Channel
from tenfold.console.forms import Drawn, Form
from tenfold.groups.models import Group
from tenfold.posters.models import PosterText

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

UNITS = [(1, _("minutes")), (60, _("hours")), (1440, _("days"))]
LONGEST_MINUTES = 366 * 1440
SELECTED = mark_safe(" selected")
NEAREST_ZONES = ["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC"]
# What the action can change, but the name: that has a form of its own.
PLAN_FIELDS = [name for name in PLAN if name != "name"]


class SpanWidget(forms.MultiWidget):
    template_name = "console/editor/span_widget.html"

    def __init__(self) -> None:
        number = forms.NumberInput(attrs={"min": 0, "inputmode": "numeric"})
        super().__init__([number, forms.Select(choices=UNITS)])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        unit = context["widget"]["subwidgets"][1]["attrs"]
        unit["class"] = unit.get("class", "").replace("form-control", "form-select")
        unit["aria-label"] = _("Unit")
        return context

    def id_for_label(self, id_: str) -> str:
        """The label belongs to the number; the unit has one of its own."""
        return f"{id_}_0" if id_ else id_

    def decompress(self, value: int | None) -> list[int | None]:
        """The largest unit that says it in a whole number: 2880 is 2 days, 90 is 90 minutes."""
        if value is None:
            return [None, 60]
        unit = next(unit for unit, _name in reversed(UNITS) if value % unit == 0 or unit == 1)
        return [value // unit, unit if value else 60]


class SpanField(forms.MultiValueField):
    """A length of time, typed as a number and a unit, kept in minutes."""

    widget = SpanWidget

    def __init__(
        self, *, label: str | _StrPromise, least: int = 1, help_text: str | _StrPromise = ""
    ) -> None:
        self.least = least
        number = forms.IntegerField(min_value=0, max_value=1_000_000)
        unit = forms.TypedChoiceField(choices=UNITS, coerce=int)
        super().__init__((number, unit), label=label, help_text=help_text)

    def compress(self, data_list: list[int]) -> int | None:
        if not data_list:
            return None
        minutes = data_list[0] * int(data_list[1])
        if not self.least <= minutes <= LONGEST_MINUTES:
            raise forms.ValidationError(_("Between one minute and a year, please."))
        return minutes


@cache
def _zones() -> list[tuple[str, str]]:
    others = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [(zone, zone.replace("_", " ")) for zone in dict.fromkeys([*NEAREST_ZONES, *others])]


class LongSelect(forms.Select):
    """For hundreds of options. Django renders two templates for each of them: four fifths of the whole page's time."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: object = None
    ) -> SafeString:
        del renderer  # no templates here
        chosen = {str(each) for each in self.format_value(value)}
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if key in chosen else "", label) for key, label in self.choices),
        )
        shown = flatatt({**self.attrs, **(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", shown, options)


class MomentField(forms.DateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        """The ends of the calendar are refused: in another time zone they would lie beyond it."""
        found = super().to_python(value)
        if found and not 1970 < found.year < 9999:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


def _moment(label: str | _StrPromise) -> MomentField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return MomentField(label=label, required=False, widget=widget)


def _hour(label: str | _StrPromise) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """Validated against a campaign of its own, so that the action still sees what was there before."""

    bound_field_class = Drawn
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, widget=LongSelect)
    starts_at = _moment(_("Starts"))
    ends_at = _moment(_("Ends"))
    quiet_from = _hour(_("Quiet from"))
    quiet_until = _hour(_("Quiet until"))
    hold_minutes = SpanField(
        label=_("A shown seat is held for"), help_text=_("Who has not joined by then gives it back.")
    )
    remind_interval_minutes = SpanField(label=_("Between two reminders"))
    warn_after_minutes = SpanField(label=_("From the last reminder to the warning"))
    remove_after_minutes = SpanField(label=_("From the warning to the removal"))
    grace_minutes = SpanField(
        label=_("Leaving undoes the inviter's credit within"), least=0, help_text=_("0: never.")
    )

    class Meta:
        model = Campaign
        fields = PLAN_FIELDS
        labels = {
            "is_removal_on": _("Remove those who never act"),
            "undo_seconds": _("A verdict can be taken back for"),
            "stay_hours": _("Where they have to stay: so long"),
            "board": _("Leaderboard for"),
            "board_names": _("Names on it"),
        }
        help_texts = {"currency": _("Three letters, as CNY. Rewards of money are counted in it.")}
        widgets = {
            name: forms.Textarea(attrs={"rows": rows})
            for name, rows in [
                ("purpose", 2),
                ("audience", 2),
                ("pain_point", 2),
                ("process", 3),
                ("channel_plan", 3),
            ]
        }


class GroupForm(Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    platform = forms.ChoiceField(label=_("Platform"), choices=Group.Platform.choices)
    capacity = forms.IntegerField(
        label=_("Seats"),
        initial=200,
        min_value=1,
        help_text=_("WeChat lets at most 200 people join a group by its QR code."),
    )


class ChangeGroupForm(Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    capacity = forms.IntegerField(label=_("Seats"), min_value=1)
    others_count = forms.IntegerField(
        label=_("Members who were there before"),
        min_value=0,
        required=False,
        help_text=_("You, your colleagues, a bot: they are taken off the member count."),
    )


class CountForm(Form):
    members = forms.IntegerField(label=_("Members the chat shows now"), min_value=0, max_value=100_000)


class PosterForm(forms.ModelForm):  # type: ignore[type-arg]
    bound_field_class = Drawn

    class Meta:
        model = PosterText
        fields = ["title", "subtitle", "points", "endorsement", "offer"]
        widgets = {"points": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"points": _("One a line; three read best.")}


class ChannelForm(Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Who or where: a person, a partner, a shop window."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Channel.Kind.choices)


def plan_initial(campaign: Campaign) -> dict[str, Any]:
    return {name: getattr(campaign, name) for name in PLAN_FIELDS}
