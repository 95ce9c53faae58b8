"""All addresses of the pages. Scans, live updates and health stand before them: see `edge`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("console/", include("tenfold.console.urls")),
    path("", include("tenfold.web.urls")),
]

handler400 = "tenfold.web.front.bad_request"
handler403 = "tenfold.web.front.forbidden"
handler404 = "tenfold.web.front.not_found"
handler500 = "tenfold.web.front.server_error"
