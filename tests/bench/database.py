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
        tell(owner, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")
    except psycopg2.Error as error:
        raise SetUpFailed(f"{NAME} cannot be made: {' '.join(str(error).split())}") from None
    try:
        run_python("manage.py", "migrate", "--no-input", "--verbosity=0")
        run_python("manage.py", "seed_demo", f"--members={MEMBERS}")
        yield
    finally:
        tell(owner, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def vacuum() -> None:
    """Bring the statistics and the visibility maps up to date, as the owner."""
    tell(os.environ["DATABASE_OWNER_URL"], "VACUUM (ANALYZE)")


def _for_bench(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))


def tell(url: str, *statements: str) -> None:
    """Carry out `statements`, each by itself."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def run_python(*arguments: str) -> bytes:
    """What Python prints with `arguments`. Raises SetUpFailed with what it said, if it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=BASE_DIR, capture_output=True, check=False
    )
    if done.returncode != 0:
        error = done.stderr.decode(errors="replace").strip()
        raise SetUpFailed(f"{' '.join(arguments)} failed: {error}")
    return done.stdout
