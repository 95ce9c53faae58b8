"""Which language to speak with someone who has not chosen one yet."""

from __future__ import annotations

from collections.abc import Mapping

from tenfold.accounts.models import Language


def language_of_machine(environ: Mapping[str, str]) -> Language:
    """The language of whoever started us, by POSIX's order of variables; English where nothing says Chinese."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN
