"""One picture for one person: which design, which words, whose face, which code. Nothing of it is drawn yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.imaging.texts import legible
from tenfold.people.models import Journey, Person
from tenfold.posters.models import PosterDesign, PosterText
from tenfold.posters.queries import Chosen, chosen_for, shared_values, text_of

# Goes up with a release that draws the same design in another way: pictures kept elsewhere are then asked anew.
ENGINE = 2

Values = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Drawing:
    """Everything that decides what the picture looks like. A face that changes is another row with another id."""

    chosen: Chosen
    workspace_id: UUID
    language: str
    shared: Values
    personal: Values
    code_text: str
    avatar_id: UUID | None = None

    @property
    def ground_key(self) -> str:
        """Changes exactly when what all have in common does."""
        return _digest(ENGINE, self.chosen.key, self.language, self.shared)

    @cached_property
    def etag(self) -> str:
        """Changes exactly when the picture does."""
        return _digest(self.ground_key, self.personal, self.code_text, self.avatar_id)


def drawing(
    *,
    chosen: Chosen,
    text: PosterText,
    code_text: str,
    person: Person | None,
    personal: Mapping[str, str] | None = None,
) -> Drawing:
    """Put a drawing together. `text` (`queries.text_of`) says the language and what all share; `personal` adds to the
    person's nickname and invitation, or stands in for them: `number`, `date`, `award`, `rank`, `group`."""
    values = (_of_person(person, text.language) if person else {}) | dict(personal or {})
    return Drawing(
        chosen=chosen,
        workspace_id=text.campaign.workspace_id,
        language=text.language,
        shared=tuple(sorted(shared_values(text).items())),
        personal=tuple(sorted(values.items())),
        code_text=code_text,
        avatar_id=person.avatar_id if person else None,
    )


def poster_of(
    code: LiveCode,
    *,
    language: str,
    owner: Journey | None = None,
    chosen: Chosen | None = None,
    text: PosterText | None = None,
) -> Drawing:
    """A participant's poster, or that of a channel, which names nobody. `owner` is the code's journey, where it is at
    hand with its person; `chosen` and `text` save asking, where many are drawn."""
    owner = owner or Journey.objects.select_related("person").filter(code=code).first()
    return drawing(
        chosen=chosen or chosen_for(code.campaign, PosterDesign.Kind.POSTER, code.id),
        text=text or text_of(code.campaign, language),
        code_text=address_of(code),
        person=owner.person if owner else None,
    )


def drawn_name(name: str, language: str) -> str:
    """The name as a picture shows it. Where our font has nothing of it another word stands there: a poster without a
    name would invite in nobody's name."""
    with translation.override(language):
        return legible(name, _("A friend"))


def _of_person(person: Person, language: str) -> dict[str, str]:
    name = drawn_name(person.nickname, language)
    with translation.override(language):
        invite = _("%(name)s invites you") % {"name": name}
    return {"nickname": name, "invite": invite}


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:32]
