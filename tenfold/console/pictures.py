"""Faces, for operators of their workspace, and screenshots, for its reviewers: whoever opens one is noted."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base.models import Picture
from tenfold.console.layout import operator_of
from tenfold.proofs import keeping

# Long enough for the next screenshot to be there before it is asked for, short enough for a shared screen.
KEPT_SECONDS = 300


@require_safe
def show(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    right = Right.REVIEW if keeping.is_screenshot(picture_id) else Right.VIEW
    picture = row_for(operator_of(request), Picture.objects.all(), picture_id, right)
    if picture.erased_at is not None:
        return HttpResponse(status=410)
    keeping.seen(picture_id=picture_id, operator=operator_of(request))
    response = HttpResponse(bytes(picture.content), content_type=picture.media_type)
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
