"""The pages alone, for a WSGI server; scans and live updates need `tenfold.asgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")

application = get_wsgi_application()
