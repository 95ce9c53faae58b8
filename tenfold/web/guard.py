"""The last word on every answer: headers that protect the reader, and every "no" told in their language."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import IO

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.imaging.reading import MAX_BYTES
from tenfold.web.asking import is_fragment

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The largest picture, with room for the form around it.
LARGEST_BODY = MAX_BYTES + 256 * 1024
# What cannot be answered now may be asked again after so many seconds.
AGAIN_SECONDS = 5
# How much of a refused body is still read: a phone shows our answer only after it could send what it had to say.
DRAINED = 64 * 1024 * 1024

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)

Answer = Callable[[HttpRequest], HttpResponseBase]
TOO_LARGE = Refusal(
    "too_large", _("That is more than 8 MB, the most we take at once. Send less."), status=413
)


NOWHERE = Refusal("not_found", _("There is no page at this address."), status=404)
FORMS_ONLY = Refusal("forms_only", _("This address only takes what a form sends."), status=405)


class Guard:
    """Stands after the static files and before everything of ours."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _length(request) > LARGEST_BODY:
            response: HttpResponseBase = too_large(request)
        else:
            response = _told(request, self.get_response(request))
        return _guarded(response)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """An address with a NUL in it leads nowhere: PostgreSQL cannot even look for one."""
        asked = [request.path, *(text for texts in request.GET.lists() for text in texts[1])]
        return refused(request, NOWHERE) if any("\x00" in text for text in asked) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return refused(request, exception)
        if isinstance(exception, TOO_MUCH):
            return refused(request, TOO_LARGE)
        return None


def refused(request: HttpRequest, refusal: Refusal, *, page: str = "", up: str = "") -> HttpResponse:
    """A refusal as a page, or as the piece of one that htmx puts where the page shows such things. `up` is where to go
    from there."""
    context = {"refusal": refusal, "message": str(refusal), "status": refusal.status, "up": up}
    template = "web/_refusal.html" if is_fragment(request) else page or _page_for(request)
    response = render(request, template, context, status=refusal.status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """An address that only takes forms, opened again by a phone that kept the tab: not a blank page, but a way on."""
    if response.status_code != FORMS_ONLY.status or request.method != "GET" or is_fragment(request):
        return response
    page = refused(request, FORMS_ONLY, up=_above(request.path))
    page.headers["Allow"] = response.headers.get("Allow", "")
    return page


def _above(path: str) -> str:
    """The nearest address above that is a page."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            return path
    return path


def _page_for(request: HttpRequest) -> str:
    is_console = request.path.startswith("/console/") and request.user.is_authenticated
    return "console/refusal.html" if is_console else "web/refusal.html"


def too_large(request: HttpRequest) -> HttpResponse:
    """Said before any of it is kept: before sessions, so the page knows nobody, and the language is looked up."""
    _drain(request)
    with translation.override(translation.get_language_from_request(request)):
        response = refused(request, TOO_LARGE, page="web/too_large.html")
    response.headers["Connection"] = "close"
    return response


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _drain(request: HttpRequest) -> None:
    stream: IO[bytes] | None = request.META.get("wsgi.input")
    left = min(_length(request), DRAINED)
    while stream is not None and left > 0:
        chunk = stream.read(min(left, 64 * 1024))
        left = left - len(chunk) if chunk else 0


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault(
        "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    )
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", str(AGAIN_SECONDS))
    # What everybody may keep for good is the same in every language.
    if (
        response.headers.get("Cache-Control", "").startswith("public")
        and "immutable" in response["Cache-Control"]
    ):
        del response.headers["Vary"]
    # What somebody may see depends on their cookies: nobody in between keeps it.
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
