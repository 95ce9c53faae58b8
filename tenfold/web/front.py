"""The front door, the language switch, and the pages for what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from tenfold.base.refusal import Refusal
from tenfold.web.guard import TOO_LARGE, TOO_MUCH, refused

language = require_POST(set_language)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, TOO_MUCH):
        return refused(request, TOO_LARGE)
    return _error(request, "bad_request", _("We could not understand this request."), 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    return _error(request, "forbidden", _("This is not open to you."), 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    return _error(request, "not_found", _("There is no page at this address."), 404)


def csrf_failed(request: HttpRequest, **_why: object) -> HttpResponse:
    return _error(
        request,
        "csrf",
        _("The page had been open for too long. Go back, load it again and send once more."),
        403,
    )


def server_error(_request: HttpRequest) -> HttpResponse:
    """Something of ours broke: say so from a template that needs neither the database nor the session."""
    return HttpResponse(render_to_string("web/500.html"), status=500)


def _error(request: HttpRequest, code: str, message: str | Promise, status: int) -> HttpResponse:
    return refused(request, Refusal(code, message, status=status), page="web/refusal.html")
