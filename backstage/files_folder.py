"""The folder of stored files carries a mark, so that a wrong or empty mount is noticed.

The mark is a file with a random id, which stands in the database too (`FolderMark`). The worker
makes it, since a migration may run as another user or on a machine without the folder.
"""

from __future__ import annotations

import logging
import os
import tempfile
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from backstage.files import has_content
from backstage.models import FolderMark, StoredFile

logger = logging.getLogger(__name__)

# Its name begins with a dot, so the sweep of files leaves it alone.
MARK_NAME = ".xuetang-folder"
# A folder without a mark belongs to this database if it holds all of its newest files.
_LOOKED_AT = 100


class FolderState(StrEnum):
    """What a look at the folder says."""

    OK = "ok"
    UNMARKED = "unmarked"  # a new site: nothing is stored under a mark yet
    LOST_MARK = "mark missing"
    WRONG = "another folder"
    UNWRITABLE = "not writable"


def look_at_folder() -> FolderState:
    """Whether files can be written, and whether it is the folder that the database knows."""
    folder = Path(settings.MEDIA_ROOT)
    known = FolderMark.objects.values_list("folder_id", flat=True).first()
    if known is None:
        folder = next(path for path in (folder, *folder.parents) if path.exists())
        return FolderState.UNMARKED if _is_writable(folder) else FolderState.UNWRITABLE
    found = _read_mark()
    if not found:
        return FolderState.LOST_MARK
    if found != str(known):
        return FolderState.WRONG
    return FolderState.OK if _is_writable(folder) else FolderState.UNWRITABLE


def mark_new_folder() -> None:
    """Mark the folder if the database knows none yet and all its files are there."""
    if FolderMark.objects.exists():
        return
    if _read_mark() or list_missing():
        logger.error("The files folder is not that of this database: it is not marked.")
        return
    mark_folder()


@transaction.atomic
def mark_folder() -> None:
    """Make the present folder that of this database, under the same id as before if it has one.

    An OSError undoes the row.
    """
    mark, _made = FolderMark.objects.get_or_create(pk=1, defaults={"folder_id": uuid4()})
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{MARK_NAME}.{os.getpid()}"
    part.write_text(f"{mark.folder_id}\n", encoding="ascii")
    part.rename(folder / MARK_NAME)


def list_missing(most: int = _LOOKED_AT) -> list[int]:
    """The numbers of those of the `most` newest stored files that are not in the folder."""
    newest = StoredFile.objects.order_by("-id")[:most]
    return [stored.pk for stored in newest if not has_content(stored)]


def _read_mark() -> str:
    try:
        return (Path(settings.MEDIA_ROOT) / MARK_NAME).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"A full disk shows only when something is written.")
    except OSError:
        return False
    return True
