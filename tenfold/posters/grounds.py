"""What is the same for everybody is drawn once a process and kept; personal pictures are made when they are asked for,
and kept nowhere."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from PIL import Image

from tenfold.base.models import Picture
from tenfold.imaging.compose import Given, Ground, MediaType, encode, prepare
from tenfold.imaging.splice import bytes_of
from tenfold.posters.drawing import Drawing
from tenfold.posters.queries import pictures_of

# Of one process. A ground of 1080 by 1920 takes 9 to 10 MB, so that six stay.
MOST_BYTES = 64 * 1024 * 1024


class Grounds:
    """The grounds used last, as long as together they take no more than `most_bytes`. For all threads of a process: of
    those who ask for one that is not there, one draws it and the others wait."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Ground, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._drawing: dict[str, threading.Lock] = {}

    def of(self, key: str, draw: Callable[[], Ground]) -> Ground:
        if (ground := self._found(key)) is not None:
            return ground
        with self._lock:
            turn = self._drawing.setdefault(key, threading.Lock())
        try:
            with turn:
                return self._found(key) or self._keep(key, draw())
        finally:
            with self._lock:
                self._drawing.pop(key, None)

    @property
    def size(self) -> int:
        """Bytes of what is kept, roughly."""
        return self._bytes

    def _found(self, key: str) -> Ground | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def _keep(self, key: str, ground: Ground) -> Ground:
        with self._lock:
            # Drawn twice after all, where it had to go while somebody waited for it.
            _ground, before = self._kept.pop(key, (None, 0))
            self._kept[key] = ground, size_of(ground)
            self._bytes += size_of(ground) - before
            # The newest stays even if it is too large alone: it is about to be used.
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _key, (_ground, size) = self._kept.popitem(last=False)
                self._bytes -= size
        return ground


def size_of(ground: Ground) -> int:
    """Bytes that it holds: its pixels and those below what differs, pieces of the JPEG, patches and logos."""
    patches = [patch for kept in ground.lasting.values() for patch in kept]
    held = [ground.image, *ground.logos.values(), *(patch.mask for patch in patches)]
    held += [patch.source for patch in patches if isinstance(patch.source, Image.Image)]
    return ground.spliced.held + sum(bytes_of(image) for image in held if image is not None)


GROUNDS = Grounds()


def picture_of(drawing: Drawing, *, media_type: MediaType) -> bytes:
    """The picture's bytes, drawn now."""
    face = _face(drawing.avatar_id) if drawing.avatar_id and _shows_face(drawing) else None
    return drawn(drawing, face, media_type)


def drawn(drawing: Drawing, face: bytes | None, media_type: MediaType) -> bytes:
    """As `picture_of`, for who has read the face already."""
    ground = ground_of(drawing)
    return encode(
        ground, Given(dict(drawing.personal), drawing.language, drawing.code_text, face), media_type
    )


def ground_of(drawing: Drawing) -> Ground:
    """What all people share of it, as a picture."""
    return GROUNDS.of(drawing.ground_key, lambda: _ground(drawing))


def _ground(drawing: Drawing) -> Ground:
    design = drawing.chosen.design
    pictures = pictures_of(design, drawing.workspace_id) if design.pictures else {}
    shared, facts = dict(drawing.shared), drawing.chosen.facts
    return prepare(design, shared, language=drawing.language, pictures=pictures, facts=facts)


def _shows_face(drawing: Drawing) -> bool:
    return any(layer.type == "avatar" for layer in drawing.chosen.design.layers)


def _face(avatar_id: UUID) -> bytes | None:
    content = Picture.objects.filter(pk=avatar_id).values_list("content", flat=True).first()
    return bytes(content) if content is not None else None
