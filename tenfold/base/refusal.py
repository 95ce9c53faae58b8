"""Every expected "no": one exception, a stable code for machines and a sentence for people."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise


class Refusal(Exception):
    """The rules say no. `message` is lazy, so that each reader gets it in their own language."""

    def __init__(self, code: str, message: str | Promise, *, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status

    def __str__(self) -> str:
        return str(self.message)


def refusal_of(error: ValidationError, row: models.Model, *, code: str) -> Refusal:
    """A field that Django's own validation turned down, named as the reader sees it on the form."""
    name, messages = next(iter(error.message_dict.items()))
    label = getattr(row._meta.get_field(name), "verbose_name", name)
    return Refusal(code, f"{label}: {' '.join(messages)}", status=400)
