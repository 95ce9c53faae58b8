"""The files of a run: a ZIP a part, there before its row counts it, and all of them handed out as one."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from tenfold.base.keys import read_id
from tenfold.imaging.pdf import pdf_of
from tenfold.posters.models import RenderRun

ROOT = "renders"


def part_name(run: RenderRun, nth: int) -> str:
    """The file of a part that counts."""
    return f"{_folder(run.pk)}/{run.parts[nth]}"


def _folder(run_id: UUID) -> str:
    return f"{ROOT}/{run_id.hex}"


def written(run: RenderRun, pieces: Iterable[tuple[str, bytes]]) -> str:
    """Keep the pieces as what may become the run's next part, under a name that nobody else writes to, and return it.
    What storage raises is raised, and then nothing stays."""
    name = f"{run.part_count:05}-{secrets.token_hex(8)}.zip"
    path = f"{_folder(run.pk)}/{name}"
    try:
        default_storage.save(path, ContentFile(_packed(pieces)))
        _made_lasting(path)
    except Exception:
        default_storage.delete(path)
        raise
    return name


def taken_back(run: RenderRun, name: str) -> None:
    """Throw away what was `written` and did not come to count."""
    default_storage.delete(f"{_folder(run.pk)}/{name}")
    if not RenderRun.objects.filter(pk=run.pk).exists():
        thrown_away(run.pk)


def _packed(pieces: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as packed:
        for name, data in pieces:
            packed.writestr(ZipInfo(name), data)
    return out.getvalue()


def _made_lasting(name: str) -> None:
    """Through a power cut, where it is a file of ours: its bytes, its name, and the name of its folder."""
    if not isinstance(default_storage, FileSystemStorage):  # an object store answers when it has it
        return
    file = Path(default_storage.path(name))
    for path in (file, file.parent, file.parent.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# --- thrown away ----------------------------------------------------------------------------------------------


def thrown_away(run_id: UUID) -> None:
    """All files of a run that has no row any more, with those that never counted."""
    folder = _folder(run_id)
    for name in _listed(folder)[1]:
        default_storage.delete(f"{folder}/{name}")
    with suppress(OSError):  # written to at this moment: whoever does it finds no row, and comes here too
        default_storage.delete(folder)


def swept() -> int:
    """Throw away what workers left behind that died: files of runs without a row, and those that no row counts. How
    many runs had some."""
    # The files first, the rows after them. A row is there before its first file; and of a run that stands still no
    # file written before can come to count any more.
    ids = [run_id for name in _listed(ROOT)[0] if (run_id := read_id(name))]
    found = {run_id: _listed(_folder(run_id))[1] for run_id in ids}
    runs = RenderRun.objects.in_bulk(ids)
    return sum(_swept(run_id, files, runs.get(run_id)) for run_id, files in found.items())


def _swept(run_id: UUID, files: Iterable[str], run: RenderRun | None) -> bool:
    if run is None:
        thrown_away(run_id)
        return True
    if run.state == RenderRun.State.RUNNING:
        return False
    left = set(files) - set(run.parts)
    for name in left:
        default_storage.delete(f"{_folder(run_id)}/{name}")
    return bool(left)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in it."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return folders, files


# --- handed out -----------------------------------------------------------------------------------------------


def pieces_of(run: RenderRun) -> Iterator[tuple[str, bytes]]:
    """What is made so far: name and JPEG of each."""
    for nth in range(run.part_count):
        with default_storage.open(part_name(run, nth)) as file, ZipFile(file) as packed:
            for entry in packed.infolist():
                yield entry.filename, packed.read(entry)


def zip_of(run: RenderRun) -> Iterator[bytes]:
    """One ZIP of all pieces, piece by piece, so that 10,000 of them need no more memory than one."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as packed:
        for name, data in pieces_of(run):
            packed.writestr(ZipInfo(name), data)
            yield sink.taken()
    yield sink.taken()


def print_of(run: RenderRun) -> Iterator[bytes]:
    """One PDF, a page a piece, without another loss of quality."""
    return pdf_of(data for _name, data in pieces_of(run))


class _Sink:
    """A file whose beginning was sent off already. A ZIP goes back no further than to the head of its last entry."""

    def __init__(self) -> None:
        self._sent, self._kept = 0, io.BytesIO()

    def write(self, data: bytes) -> int:
        return self._kept.write(data)

    def tell(self) -> int:
        return self._sent + self._kept.tell()

    def seek(self, to: int, whence: int = 0) -> int:
        return self._sent + self._kept.seek(to - self._sent if whence == 0 else to, whence)

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """It is nobody's."""

    def taken(self) -> bytes:
        data, self._sent = self._kept.getvalue(), self.tell()
        self._kept = io.BytesIO()
        return data
