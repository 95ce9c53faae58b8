"""Every expected "no": one exception, a stable code for machines and a sentence for people."""

from __future__ import annotations

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
