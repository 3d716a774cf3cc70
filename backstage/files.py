"""Uploaded and generated files: encrypted on disk under random names; expired ones are deleted.

The content is on disk before its row commits, and what it says never changes. It is deleted after
the deletion of its row commits, and encrypted anew by `reseal_files`, but neither while a backup is
made (`keep_content`): so a backup finds the content of every row in its snapshot.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from accounts.models import User
from backstage.kept_files import list_once_kept, list_unexplained_files
from backstage.models import StoredFile
from config.lib.disks import is_full
from config.lib.encryption import decrypt_bytes, encrypt_bytes, newest_version, version_of
from config.lib.lock_classes import LockClass

logger = logging.getLogger(__name__)

KEEP_DAYS = 7
# A younger file may belong to a transaction that has not ended.
_ORPHAN_AFTER = timedelta(hours=24)
# Our advisory lock: shared by those who delete content, exclusive for a backup.
_CONTENT_LOCK = (LockClass.STORED_FILES, 0)


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
    try:
        _write(content_path(key), data)
    except OSError as error:
        if not is_full(error):
            raise
        raise FileError(_("There is no room left for files. Tell the administrator.")) from error
    return StoredFile.objects.create(
        key=key,
        name=name,
        media_type=media_type,
        size=len(data),
        digest=sha256(data).hexdigest(),
        owner=owner,
        created_at=at,
        expires_at=None if keep_days is None else at + timedelta(days=keep_days),
    )


def read_file(stored: StoredFile) -> bytes:
    """The content of a stored file. Raises FileError if it is gone from the disk."""
    try:
        return decrypt_bytes(content_path(stored.key).read_bytes())
    except FileNotFoundError as error:
        lost = "Lost: stored file %d is not in the files folder (%s)."
        logger.error(lost, stored.pk, stored.key)  # noqa: TRY400 - no fault of the code
        raise FileError(_("This file is no longer kept.")) from error


def delete_file(stored: StoredFile) -> None:
    """Delete a file: its row in this transaction, its content after the commit."""
    path = content_path(stored.key)
    stored.delete()
    transaction.on_commit(lambda: _delete_content([path]))


def sweep_files(*, at: datetime) -> int:
    """Delete expired files, and content without a row; return the number of deleted rows.

    What was kept for good once does not expire. While a kept file is not as its act left it,
    content without a row may be its own, and is left alone.
    """
    count = 0
    expired = StoredFile.objects.filter(expires_at__lte=at)
    kept = list_once_kept(expired.values_list("pk", flat=True))
    for stored in expired.exclude(pk__in=kept):
        with transaction.atomic():
            delete_file(stored)
        count += 1
    known = {str(key) for key in StoredFile.objects.values_list("key", flat=True)}
    orphans = []
    for path in _contents():
        with suppress(FileNotFoundError):  # deleted meanwhile
            age = at.timestamp() - path.stat().st_mtime
            if age > _ORPHAN_AFTER.total_seconds() and path.stem not in known:
                orphans.append(path)
    if orphans and (unexplained := list_unexplained_files()):
        logger.error("Nothing swept: no act explains %s.", ", ".join(unexplained))
    else:
        _delete_content(orphans)
    return count


@contextmanager
def keep_content(of: BaseDatabaseWrapper) -> Iterator[None]:
    """Let nobody delete content meanwhile; the next sweep does it. Waits for who is deleting.

    The lock belongs to this connection, so it ends with it at the latest.
    """
    with of.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", _CONTENT_LOCK)
    try:
        yield
    finally:
        with of.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _CONTENT_LOCK)


@dataclass
class FilesCheck:
    """The result of `check_files`: keys of rows, and names in the folder that belong to no row.

    `unexplained` are rows of kept files that are gone, changed or there without an act.
    """

    checked: int = 0
    missing: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    @property
    def findings(self) -> int:
        """How many rows are not what was stored. Strangers are swept and no finding."""
        return len(self.missing) + len(self.broken) + len(self.unexplained)


def check_files(fits: Callable[[StoredFile, bytes], bool]) -> FilesCheck:
    """Read and decrypt the content of every stored file and compare its size and digest.

    `fits` compares it with what rows of higher apps say of it.
    """
    check, strangers = FilesCheck(), {path.name for path in _contents()}
    check.unexplained = list_unexplained_files()
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=2000):
        check.checked += 1
        strangers.discard(str(stored.key))
        try:
            data = decrypt_bytes(content_path(stored.key).read_bytes())
        except FileNotFoundError:
            # An expired file may have been swept since its row was read.
            if StoredFile.objects.filter(pk=stored.pk).exists():
                check.missing.append(str(stored.key))
        except (InvalidTag, KeyError):
            check.broken.append(str(stored.key))
        else:
            if len(data) != stored.size or not _fits(stored, data) or not fits(stored, data):
                check.broken.append(str(stored.key))
    known = {str(key) for key in StoredFile.objects.values_list("key", flat=True)}
    check.strangers = sorted(strangers - known)
    return check


def _fits(stored: StoredFile, data: bytes) -> bool:
    return not stored.digest or hmac.compare_digest(stored.digest, sha256(data).hexdigest())


def reseal_files(keys: Collection[UUID]) -> int:
    """Encrypt the content of these files with the newest key; returns how many had another.

    Call it in a transaction, which keeps their rows, and so their content, from being deleted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", _CONTENT_LOCK)
    count = 0
    for stored in StoredFile.objects.filter(key__in=keys).select_for_update().order_by("pk"):
        path = content_path(stored.key)
        with suppress(FileNotFoundError):
            encrypted = path.read_bytes()
            if version_of(encrypted) != newest_version():
                _write(path, decrypt_bytes(encrypted))
                count += 1
    return count


def _write(path: Path, data: bytes) -> None:
    """Write content encrypted, whole or not at all."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as target:
            target.write(encrypt_bytes(data))
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _delete_content(paths: Iterable[Path]) -> None:
    """Delete content without a row, unless a backup is being made that may still need it."""
    with suppress(Error), connection.cursor() as cursor:  # the sweep deletes what is left
        cursor.execute("SELECT pg_try_advisory_lock_shared(%s, %s)", _CONTENT_LOCK)
        if not cursor.fetchone()[0]:
            return
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        finally:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s, %s)", _CONTENT_LOCK)


def _contents() -> Iterator[Path]:
    folder = Path(settings.MEDIA_ROOT)
    paths = folder.iterdir() if folder.exists() else iter(())
    return (path for path in paths if not path.name.startswith("."))  # the folder's own mark


def has_content(stored: StoredFile) -> bool:
    """Whether the content of a stored file is on the disk."""
    return content_path(stored.key).exists()


def content_path(key: UUID) -> Path:
    """Where the content of a stored file lies, encrypted."""
    return Path(settings.MEDIA_ROOT) / str(key)
