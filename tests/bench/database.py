"""A separate database for the benchmark, on the server of DATABASE_OWNER_URL; dropped after it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from dev.embedded_postgres import BASE_DIR, provide_database

NAME = "xuetang_bench"
MEMBERS = 38_000


class SetUpFailed(Exception):
    """The database cannot be created. The message is one line for the terminal."""


@contextmanager
def own_database() -> Iterator[None]:
    """Create the database, point DATABASE_URL and DATABASE_OWNER_URL to it, and drop it after."""
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
    """Update the statistics and the visibility maps, as the owner."""
    tell(os.environ["DATABASE_OWNER_URL"], "VACUUM (ANALYZE)")


def _for_bench(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))


def tell(url: str, *statements: str) -> None:
    """Execute `statements` one by one."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def run_python(*arguments: str) -> bytes:
    """The output of Python with `arguments`. Raises SetUpFailed with the output if it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=BASE_DIR, capture_output=True, check=False
    )
    if done.returncode != 0:
        error = done.stderr.decode(errors="replace").strip()
        raise SetUpFailed(f"{' '.join(arguments)} failed: {error}")
    return done.stdout
