"""The door of the console: log-in with its throttle, log-out, lost passwords, one's own profile."""

from __future__ import annotations

import time
from math import ceil
from threading import Lock
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView

from tenfold.accounts import actions, letters
from tenfold.accounts.access import workspaces_for
from tenfold.accounts.models import Language
from tenfold.base.keys import read_id
from tenfold.base.rates import Bucket, key_of
from tenfold.console import layout
from tenfold.console.forms import ChangePasswordForm, LogInForm, NewPasswordForm, ProfileForm, ResetForm
from tenfold.console.layout import operator_of, operator_required

# Lost passwords of one client address: a whole office behind one, or somebody who makes up addresses.
_resets, _lock = Bucket(burst=20, rate=0.1), Lock()


def speak(response: HttpResponse, language: str) -> HttpResponse:
    """Answer in `language` from the next page on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.IS_TLS,
        httponly=True,
    )
    return response


class LogIn(LoginView):
    template_name = "console/login/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        return speak(super().form_valid(form), form.get_user().language)


@never_cache
def locked_out(request: HttpRequest, *_told: object) -> HttpResponse:
    """What django-axes shows after too many wrong passwords: when to try again, and the other way in."""
    wait = get_cool_off(request)
    minutes = ceil(wait.total_seconds() / 60) if wait else 0
    answer = render(request, "console/login/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("console:login")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(_next(request))
    if chosen not in Language.values:
        return answer
    if request.user.is_authenticated:
        operator = operator_of(request)
        actions.change_profile(operator=operator, name=operator.name, language=chosen)
    return speak(answer, chosen)


def _next(request: HttpRequest) -> str:
    """Where the form stood, unless that leads out of the console."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None) and address.startswith("/")
    return address if is_ours else reverse("console:home")


@operator_required
@require_POST
def choose_workspace(request: HttpRequest) -> HttpResponse:
    chosen = read_id(request.POST.get("workspace"))
    if chosen and workspaces_for(operator_of(request)).filter(pk=chosen).exists():
        request.session[layout.WORKSPACE] = str(chosen)
    return redirect("console:home")


@operator_required
def profile(request: HttpRequest) -> HttpResponseBase:
    operator = operator_of(request)
    known = {"name": operator.name, "language": operator.language}
    form = ProfileForm(request.POST or None, initial=known)
    if not form.is_valid():
        return _profile_page(request, form, ChangePasswordForm(operator))
    actions.change_profile(operator=operator, **form.cleaned_data)
    with override(form.cleaned_data["language"]):
        layout.say(request, gettext("Your profile is saved."))
    return speak(redirect("console:profile"), form.cleaned_data["language"])


@operator_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponseBase:
    operator = operator_of(request)
    form = ChangePasswordForm(operator, request.POST)
    if not form.is_valid():
        known = ProfileForm(initial={"name": operator.name, "language": operator.language})
        return _profile_page(request, known, form)
    form.save()
    update_session_auth_hash(request, operator)  # stay logged in here; every other session ends
    layout.say(request, _("Your password is changed. Other devices have been logged out."))
    return redirect("console:profile")


def _profile_page(request: HttpRequest, form: ProfileForm, password: ChangePasswordForm) -> HttpResponse:
    bad = 422 if form.errors or password.errors else 200
    return layout.page(
        request, "console/login/profile.html", {"form": form, "password_form": password}, status=bad
    )


class AskReset(FormView):  # type: ignore[type-arg]
    """Answers the same, and takes as long, whether or not the address is known."""

    template_name = "console/login/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("console:reset_sent")

    def form_valid(self, form: ResetForm) -> HttpResponse:
        with _lock:
            may = _resets.may(key_of(self.request.META.get("REMOTE_ADDR", "")), time.monotonic())
        if not may:
            form.add_error(
                None, _("Many links were asked for from here. Please wait a minute, then try again.")
            )
            answer = self.render_to_response(self.get_context_data(form=form), status=429)
            answer["Retry-After"] = "60"
            return answer
        letters.ask_reset(form.cleaned_data["email"])
        return super().form_valid(form)


@require_safe
def reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "console/login/reset_sent.html")


class SetPassword(PasswordResetConfirmView):
    """Behind the link in a letter: for a lost password, and for the first one of somebody invited."""

    template_name = "console/login/set_password.html"
    form_class = NewPasswordForm
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("console:home")

    def form_valid(self, form: Any) -> HttpResponse:
        return speak(super().form_valid(form), form.user.language)
