"""The drill: the newest backup is restored beside the portal, verified, and thrown away.

It runs `manage.py restore` in a process of its own, with a second database on the same server and a
temporary folder, so that it tries exactly what an office would do after a fire.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, ProgrammingError
from django.db.backends.base.base import BaseDatabaseWrapper

from config.backups.errors import BackupError
from config.backups.manifest import list_backups
from config.lib.database_roles import as_owner
from config.lib.lock_classes import LockClass
from config.lib.rows import rows_of

_LOCK = (LockClass.DRILL, 0)
_AS_THE_PORTAL = """
SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale
FROM pg_database WHERE datname = %s
"""
# In the order of a URL.
_PARTS = ("USER", "PASSWORD", "HOST", "PORT")


def newest_backup() -> Path:
    """The newest backup in BACKUP_DIR. Raises BackupError if there is none."""
    if not settings.BACKUP_DIR:
        raise BackupError("BACKUP_DIR is not set.")
    for folder in list_backups(Path(settings.BACKUP_DIR)):
        return folder
    raise BackupError(f"There is no backup in {settings.BACKUP_DIR}.")


def rehearse(folder: Path) -> str:
    """Restore a backup beside the portal and verify it; returns what was found.

    Raises BackupError if it cannot be restored or something is wrong with it.
    """
    with as_owner() as owner, _second_database(owner) as name, _temporary_folder() as var:
        done = subprocess.run(
            [sys.executable, "manage.py", "restore", str(folder.resolve())],
            cwd=settings.BASE_DIR,
            env=os.environ | _environment(name, owner, var),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode != 0:
        lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
        raise BackupError(f"{folder.name}: {lines[-1] if lines else f'status {done.returncode}'}")
    return f"{folder.name}: {done.stdout.splitlines()[-1]}"


class _Text(NamedTuple):
    encoding: str
    locale: str


@contextmanager
def _second_database(owner: BaseDatabaseWrapper) -> Iterator[str]:
    """An empty database `NAME_drill`, dropped after. Raises BackupError if there may be none."""
    name = f"{owner.settings_dict['NAME']}_drill"
    quoted = owner.ops.quote_name(name)
    with owner.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK)
        if not cursor.fetchone()[0]:
            raise BackupError("Another drill is under way.")
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
        try:
            # Encoding and order are those of the portal's own database, whatever the server's are.
            cursor.execute(_AS_THE_PORTAL, [owner.settings_dict["NAME"]])
            [text] = rows_of(cursor, _Text)
            cursor.execute(
                f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING %s LOCALE %s",
                text,
            )
            cursor.execute(f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC")
            role = owner.ops.quote_name(settings.DATABASES[DEFAULT_DB_ALIAS]["USER"])
            cursor.execute(f"GRANT CONNECT ON DATABASE {quoted} TO {role}")
        except ProgrammingError as error:
            user = owner.settings_dict["USER"]
            raise BackupError(
                f"{name} cannot be made ({str(error).strip()}): ALTER ROLE {user} CREATEDB."
            ) from error
    try:
        yield name
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _LOCK)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=settings.VAR_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _environment(name: str, owner: BaseDatabaseWrapper, var: Path) -> dict[str, str]:
    """The environment in which the portal is the restored one."""
    application = settings.DATABASES[DEFAULT_DB_ALIAS]
    return {
        "DATABASE_URL": _url(application, name),
        "DATABASE_OWNER_URL": _url(owner.settings_dict, name),
        "XUETANG_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }


def _url(server: dict, name: str) -> str:
    user, password, host, port = (quote(str(server.get(part) or ""), safe="") for part in _PARTS)
    query = urlencode(server.get("OPTIONS", {}))
    return f"postgresql://{user}:{password}@{host}:{port}/{quote(name, safe='')}?{query}"
