"""What a backup holds: `manifest.json` names every file with its size and digest.

    database.dump   the database, by pg_dump in its custom format
    files/KEY       the content of each stored file, encrypted as it lies in the portal
    manifest.json   this, written last

Keys are in none of them: the manifest has the versions that are needed, each with a check value.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.backups.errors import BackupError

logger = logging.getLogger(__name__)

MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One file of a backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The content of `manifest.json`.

    `taken_at` is the moment of the snapshot, `migrations` the last one of each app, and `missing`
    the stored files that were lost already when the backup was made.
    """

    format: int
    version: str
    taken_at: datetime
    database: str
    postgresql: int
    migrations: dict[str, str]
    keys: dict[str, str]
    digest_key: str
    missing: list[str]
    entries: dict[str, Entry]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries.values())

    def write(self, folder: Path) -> None:
        """Write it into the folder of its backup."""
        values = asdict(self) | {"taken_at": self.taken_at.isoformat()}
        text = json.dumps(values, ensure_ascii=False, indent=1)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError if there is none or it is of a later format."""
    try:
        values: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise BackupError(f"{folder} is a backup of another format ({values['format']}).")
        values["taken_at"] = datetime.fromisoformat(values["taken_at"])
        values["entries"] = {name: Entry(**one) for name, one in values["entries"].items()}
        return Manifest(**values)
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(f"{folder} is no backup: it has no {MANIFEST}.") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read: {error}") from None


def check_content(folder: Path, manifest: Manifest) -> list[str]:
    """What is missing, changed, or too much in a backup, a line for each."""
    found = {str(path.relative_to(folder)): path for path in _files(folder)}
    del found[MANIFEST]
    problems = [f"{name} is missing" for name in sorted(manifest.entries.keys() - found.keys())]
    problems += [
        f"{name} does not belong here" for name in sorted(found.keys() - manifest.entries.keys())
    ]
    for name in sorted(manifest.entries.keys() & found.keys()):
        if entry_of(found[name]) != manifest.entries[name]:
            problems.append(f"{name} was changed")
    return problems


def entry_of(path: Path) -> Entry:
    """Size and digest of a file as it lies there."""
    with path.open("rb") as file:
        return Entry(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def list_backups(folder: Path) -> list[Path]:
    """The backups in a folder, the newest snapshot first, without those being written.

    One that cannot be read is an ERROR line and left out, so that the next backup is made.
    """
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if not path.name.startswith(".") and (path / MANIFEST).is_file():
            try:
                found.append((read_manifest(path).taken_at, path))
            except BackupError as error:
                logger.error("%s", error)  # noqa: TRY400 - no fault of the code
    return [path for _taken_at, path in sorted(found, reverse=True)]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir())
