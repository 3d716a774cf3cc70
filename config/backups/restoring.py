"""Restoring a backup into an empty database and an empty folder of files."""

import os
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from backstage.files_folder import mark_folder
from backstage.relay import give_up_unfinished
from config.backups.errors import BackupError
from config.backups.manifest import DUMP, FILES, Manifest, check_content, read_manifest
from config.backups.programs import find_program, run_program
from config.lib.database_roles import as_owner
from config.lib.encryption import check_values, digest_check_value

_MOST_JOBS = 4
_OWN_TABLES = """
SELECT count(*) FROM pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


def restore_backup(folder: Path) -> Manifest:
    """Restore a backup; tables of an older version are migrated. Raises BackupError.

    The manifest, every digest, the keys and the version are checked before anything is written.
    """
    manifest = read_manifest(folder)
    refuse_foreign(manifest)
    refuse_changed(folder, manifest)
    with as_owner() as owner:
        _refuse_filled(owner)
        release = owner.get_database_version()[0]
        if release < manifest.postgresql:
            raise BackupError(
                f"The backup is of PostgreSQL {manifest.postgresql}, this server is {release}: "
                f"use {manifest.postgresql} or later."
            )
        program = find_program("pg_restore", release=release)
        server = owner.settings_dict
        owner.close()  # `migrate` connects anew
    run_program(
        program,
        f"--dbname={server['NAME']}",
        f"--jobs={min(os.cpu_count() or 1, _MOST_JOBS)}",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--no-comments",  # on extensions, which a superuser may have made
        str(folder / DUMP),
        server=server,
    )
    # Grants the application's role its rights, which are not in the dump.
    call_command("migrate", interactive=False, verbosity=0)
    with as_owner() as owner, owner.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    give_up_unfinished()
    _copy_files(folder)
    mark_folder()
    return manifest


def refuse_foreign(manifest: Manifest) -> None:
    """Raise BackupError for a backup that this portal cannot read with its version and keys."""
    existing = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    replaced = {key for migration in existing.values() for key in migration.replaces}
    for app, name in manifest.migrations.items():
        if (app, name) not in existing and (app, name) not in replaced:
            raise BackupError(
                f"The backup is of version {manifest.version}, which has the migration "
                f"{app}.{name}; this is {settings.VERSION}: install {manifest.version} or later."
            )
    here = check_values()
    for version, value in manifest.keys.items():
        if version not in here:
            raise BackupError(f"The backup needs the key {version}: add it to ENCRYPTION_KEYS.")
        if value and here[version] != value:
            raise BackupError(f"The key {version} in ENCRYPTION_KEYS is not that of the backup.")
    if manifest.digest_key != digest_check_value():
        raise BackupError(
            "The key of look-up hashes and digests is not that of the backup: it is DIGEST_KEY, or "
            "the oldest of ENCRYPTION_KEYS."
        )


def refuse_changed(folder: Path, manifest: Manifest) -> None:
    """Raise BackupError for a backup whose files are not those that were written."""
    problems = check_content(folder, manifest)
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise BackupError(f"{folder} is not whole: {'; '.join(problems[:3])}{more}.")


def _refuse_filled(owner: BaseDatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute(_OWN_TABLES)
        tables = cursor.fetchone()[0]
    if tables:
        raise BackupError(
            f"The database {owner.settings_dict['NAME']} has {tables} tables: a backup is restored "
            "into an empty one."
        )
    files = Path(settings.MEDIA_ROOT)
    if files.exists() and any(files.iterdir()):
        raise BackupError(f"{files} is not empty: move it away first.")


def _copy_files(folder: Path) -> None:
    files = Path(settings.MEDIA_ROOT)
    files.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for source in (folder / FILES).iterdir():
            shutil.copyfile(source, files / source.name)
    except OSError as error:
        raise BackupError(f"{files} cannot be written: {error.strerror}.") from error
