"""The whole product behind one port: the doors in front, the pages behind them."""

from __future__ import annotations

import gc

from tenfold.wsgi import application as wsgi  # first, as it sets Django up

# isort: split
from django.conf import settings
from django.urls import get_resolver
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from tenfold import parent
from tenfold.edge.front import Front
from tenfold.edge.pages import Pages
from tenfold.edge.protocol import App

# Importing every page now keeps the first visitor from waiting for it.
_ = get_resolver().url_patterns

parent.end_with_parent()
application: App = Front(Pages(wsgi))
if settings.TRUSTED_PROXIES:
    application = wrap_asgi_with_proxy_headers(application, settings.TRUSTED_PROXIES)

# What is loaded by now stays. A collector that looks through all of it again and again, as it does after every few
# hundred new objects, takes up to a fifth of a launch night's time; 20,000 of them are 10 MB at most.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 100)
