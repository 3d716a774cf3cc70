"""Making a backup.

Why database and files fit together: the content of a stored file is on disk before its row commits,
it never changes, and while the backup runs nobody deletes it (`backstage.files.keep_content`). So
whatever the snapshot of the dump has a row for is there until it was copied, and exactly that is
copied. What commits after the snapshot is left to the next backup.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from backstage.files import content_path, keep_content
from backstage.models import StoredFile
from backstage.sealed import count_versions
from config.backups.errors import BackupError
from config.backups.manifest import (
    DUMP,
    FILES,
    FORMAT,
    Entry,
    Manifest,
    entry_of,
    list_backups,
    read_manifest,
)
from config.backups.programs import find_program, run_program
from config.lib.database_roles import as_owner
from config.lib.encryption import check_values, digest_check_value
from config.lib.rows import rows_of

logger = logging.getLogger(__name__)

_TABLES = """
SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""


def make_backup(target: Path) -> Manifest:
    """Write a backup to `target`, which appears once it is whole. Raises BackupError."""
    if target.exists():
        raise BackupError(f"{target} is there already: a backup gets a folder of its own.")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}.")
    try:
        with _workshop(target) as folder:
            manifest = _fill(folder, target)
            manifest.write(folder)
            os.sync()
            folder.rename(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}.") from error
    return manifest


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder)


def _fill(folder: Path, target: Path) -> Manifest:
    with as_owner() as owner, keep_content(owner), _snapshot(owner) as snapshot:
        program = find_program("pg_dump", release=owner.get_database_version()[0])
        _refuse_small_disk(owner, target)
        run_program(
            program,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot.name}",
            f"--file={folder / DUMP}",
            server=owner.settings_dict,
        )
        entries = {DUMP: entry_of(folder / DUMP)}
        files, missing = _copy_files(folder, _former(target))
        known = check_values()
        versions = {version for count in count_versions().values() for version in count}
        return Manifest(
            format=FORMAT,
            version=settings.VERSION,
            taken_at=snapshot.taken_at,
            database=owner.settings_dict["NAME"],
            postgresql=owner.get_database_version()[0],
            migrations=_last_migrations(owner),
            keys={version: known.get(version, "") for version in sorted(versions)},
            digest_key=digest_check_value(),
            missing=missing,
            entries=entries | files,
        )


class _Snapshot(NamedTuple):
    name: str
    taken_at: datetime


@contextmanager
def _snapshot(owner: BaseDatabaseWrapper) -> Iterator[_Snapshot]:
    """A transaction that sees the database as it stands now, and lets pg_dump see the same."""
    with transaction.atomic(), owner.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot() AS name, now() AS taken_at")
        [snapshot] = rows_of(cursor, _Snapshot)
        yield snapshot


def _refuse_small_disk(owner: BaseDatabaseWrapper, target: Path) -> None:
    """The dump is compressed and has no indexes, so it is smaller than the tables."""
    with owner.cursor() as cursor:
        cursor.execute(_TABLES)
        wanted = cursor.fetchone()[0]
    former = _former(target)
    linked = former[1].entries if former else {}
    for key in StoredFile.objects.values_list("key", flat=True).iterator():
        with suppress(FileNotFoundError):
            if f"{FILES}/{key}" not in linked:  # takes no room again
                wanted += content_path(key).stat().st_size
    free = shutil.disk_usage(target.parent).free
    if free < wanted:
        raise BackupError(
            f"{target.parent} has {free // 1024**2} MiB left; the backup may take "
            f"{wanted // 1024**2 + 1} MiB."
        )


def _former(target: Path) -> tuple[Path, Manifest] | None:
    """The newest backup beside this one."""
    for folder in list_backups(target.parent):
        return folder, read_manifest(folder)
    return None


def _copy_files(
    folder: Path, former: tuple[Path, Manifest] | None
) -> tuple[dict[str, Entry], list[str]]:
    """Copy the content of the rows in the snapshot; returns what was copied and what is lost.

    Content that the former backup has is linked to it and takes no room of its own.
    """
    (folder / FILES).mkdir(mode=0o700)
    entries, missing = {}, []
    for key in StoredFile.objects.order_by("pk").values_list("key", flat=True).iterator():
        try:
            data = content_path(key).read_bytes()
        except FileNotFoundError:
            missing.append(str(key))
            continue
        name = f"{FILES}/{key}"
        entries[name] = Entry(len(data), hashlib.sha256(data).hexdigest())
        if not (former and _link(name, entries[name], *former, folder)):
            (folder / name).write_bytes(data)
    if missing:
        logger.error("%d stored files are lost and in no backup from now on.", len(missing))
    return entries, missing


def _link(name: str, entry: Entry, former: Path, manifest: Manifest, folder: Path) -> bool:
    """Link a file to the one of the former backup, if that is the same and links are possible.

    The former file is read, so that one that was damaged since is not carried on.
    """
    if manifest.entries.get(name) != entry:
        return False
    try:
        if entry_of(former / name) != entry:
            return False
        os.link(former / name, folder / name)
    except OSError:
        return False
    return True


def _last_migrations(owner: BaseDatabaseWrapper) -> dict[str, str]:
    applied = sorted(MigrationRecorder(owner).applied_migrations())
    return dict(applied)  # of each app the last in order
