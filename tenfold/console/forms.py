"""How a field of the console looks, and the small forms. The editor's own are in `forms_editor`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenfold.accounts.models import Language, Role
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import ORDER


class Drawn(forms.BoundField):
    """A field that wears the style sheet's classes, and says by one more that it is wrong."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        drawn = super().build_widget_attrs(attrs, widget)
        drawn["class"] = f"{_class_of(widget)} {'is-invalid' if self.errors else ''}".strip()
        return drawn

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class Form(forms.Form):
    bound_field_class = Drawn

    def refuse(self, refusal: Refusal, field: str | None = None) -> None:
        """Show a room's "no" at its field, beside what was typed."""
        self.add_error(field, str(refusal.message))


class LogInForm(AuthenticationForm):
    bound_field_class = Drawn
    error_messages = {
        "invalid_login": _("This address and this password do not belong together."),
        "inactive": _("This account has been closed."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autofocus": True, "autocomplete": "username"}
        )

    def clean_username(self) -> str:
        # Before the throttle counts: "Owner@" and "owner@" are one account, and must be one counter.
        return str(self.cleaned_data["username"]).strip().lower()


class ResetForm(Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    bound_field_class = Drawn

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())


class ChangePasswordForm(PasswordChangeForm):
    bound_field_class = Drawn

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())


class ProfileForm(Form):
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=80,
        required=False,
        help_text=_("Your team sees it."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)


class InviteForm(Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.REVIEWER)


class RoleForm(Form):
    role = forms.ChoiceField(choices=Role.choices)


class CampaignForm(Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=_("People who scan read it too; the poster has its own title."),
    )
    language = forms.ChoiceField(
        label=_("Main language"),
        choices=Language.choices,
        help_text=_("For the words where a participant has not chosen. Both can be written."),
    )
    playbook = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDER])


class LoadForm(Form):
    file = forms.FileField(
        label=_("Playbook"), widget=forms.FileInput(attrs={"accept": ".toml,application/toml,text/plain"})
    )
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("Empty: as the file says.")
    )
    language = forms.ChoiceField(label=_("Main language"), choices=Language.choices)


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    bound_field_class = Drawn

    class Meta:
        model = Campaign
        fields = ["name"]
