"""Uploaded and generated files: encrypted on disk under random names; expired ones are deleted."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from backstage.models import StoredFile
from config.lib.encryption import decrypt_bytes, encrypt_bytes

logger = logging.getLogger(__name__)

KEEP_DAYS = 7
# A younger file may belong to a transaction that has not ended.
_ORPHAN_AFTER = timedelta(hours=24)


class FileError(Exception):
    """The file cannot be stored or is gone. The message is for the user."""


def store_file(
    *,
    data: bytes,
    name: str,
    media_type: str,
    owner: User | None,
    at: datetime,
    keep_days: int | None = KEEP_DAYS,
) -> StoredFile:
    """Store `data` encrypted for `keep_days`, or until `delete_file` if None. Writes atomically.

    Raises FileError on a full disk.
    """
    key = uuid4()
    path = _path(key)
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as target:
            target.write(encrypt_bytes(data))
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise FileError(_("There is no room left for files. Tell the administrator.")) from error
    return StoredFile.objects.create(
        key=key,
        name=name,
        media_type=media_type,
        size=len(data),
        owner=owner,
        created_at=at,
        expires_at=None if keep_days is None else at + timedelta(days=keep_days),
    )


def read_file(stored: StoredFile) -> bytes:
    """The content of a stored file. Raises FileError if it is gone from the disk."""
    try:
        return decrypt_bytes(_path(stored.key).read_bytes())
    except FileNotFoundError as error:
        lost = "Lost: stored file %d is not in the files folder (%s)."
        logger.error(lost, stored.pk, stored.key)  # noqa: TRY400 - no fault of the code
        raise FileError(_("This file is no longer kept.")) from error


def delete_file(stored: StoredFile) -> None:
    """Delete a file: its row in this transaction, its content after the commit."""
    path = _path(stored.key)
    stored.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def sweep_files(*, at: datetime) -> int:
    """Delete expired files, and content without a row; return the number of deleted rows."""
    count = 0
    for stored in StoredFile.objects.filter(expires_at__lte=at):
        with transaction.atomic():
            delete_file(stored)
        count += 1
    known = set(StoredFile.objects.values_list("key", flat=True))
    for path in _contents():
        with suppress(FileNotFoundError):  # deleted meanwhile
            age = at.timestamp() - path.stat().st_mtime
            if age > _ORPHAN_AFTER.total_seconds() and path.stem not in map(str, known):
                path.unlink()
    return count


def _contents() -> Iterator[Path]:
    folder = Path(settings.MEDIA_ROOT)
    paths = folder.iterdir() if folder.exists() else iter(())
    return (path for path in paths if not path.name.startswith("."))  # the folder's own mark


def has_content(stored: StoredFile) -> bool:
    """Whether the content of a stored file is on the disk."""
    return _path(stored.key).exists()


def _path(key: UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / str(key)
