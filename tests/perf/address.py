"""The tests' own database, as a drill would be told of it."""

from __future__ import annotations

from django.db import connection


def address() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(known["NAME"])
    return f"postgresql://{known['USER']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
