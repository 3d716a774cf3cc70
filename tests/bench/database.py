"""A database of the benchmark's own, on the server of DATABASE_OWNER_URL, dropped at the end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from config.embedded_postgres import BASE_DIR, provide_database

NAME = "xuetang_bench"
MEMBERS = 38_000


class SetUpFailed(Exception):
    """The database cannot be made. The message is one line for the person at the keyboard."""


@contextmanager
def own_database() -> Iterator[None]:
    """Make the database and let DATABASE_URL and DATABASE_OWNER_URL lead to it; drop it after."""
    provide_database()
    application = os.environ["DATABASE_URL"]
    owner = os.environ.get("DATABASE_OWNER_URL") or application
    os.environ["DATABASE_URL"] = _for_bench(application)
    os.environ["DATABASE_OWNER_URL"] = _for_bench(owner)
    try:
        _tell(owner, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")
    except psycopg2.Error as error:
        raise SetUpFailed(f"{NAME} cannot be made: {' '.join(str(error).split())}") from None
    try:
        _manage("migrate", "--no-input", "--verbosity=0")
        _manage("seed_demo", f"--members={MEMBERS}")
        yield
    finally:
        _tell(owner, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def vacuum() -> None:
    """Bring the statistics and the visibility maps up to date, as the owner."""
    _tell(os.environ["DATABASE_OWNER_URL"], "VACUUM (ANALYZE)")


def _for_bench(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))


def _tell(url: str, *statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _manage(*arguments: str) -> None:
    """Run a command of manage.py. Raises SetUpFailed with what it said, if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SetUpFailed(f"manage.py {arguments[0]} failed: {done.stderr.strip()}")
