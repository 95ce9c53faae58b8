from __future__ import annotations

from django.apps import AppConfig


class TenfoldConfig(AppConfig):
    name = "tenfold"
    default_auto_field = "django.db.models.BigAutoField"
