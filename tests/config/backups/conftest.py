"""PostgreSQL servers of their own, and a portal in another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from dev.embedded_postgres import APPLICATION_ROLE, OWNER_ROLE, Home, server_url
from dev.postgres_keeper import Server


class OwnServer:
    """A running server in `folder`; its roles and database are those of the embedded one."""

    def __init__(self, folder: Path, **extra: str) -> None:
        self.home = Home(folder)
        folder.mkdir(exist_ok=True)
        self.server = Server(self.home, **extra)
        self.port = self.server.start()

    def url(self, role: str = OWNER_ROLE) -> str:
        return server_url(self.port, role, json.loads(self.home.passwords.read_text())[role])

    def ask(self, statement: str) -> list[tuple]:
        """The rows of a statement, which commits by itself."""
        with closing(psycopg2.connect(self.url())) as owner:
            owner.autocommit = True
            with owner.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def manage(self, *arguments: str, var: Path) -> subprocess.CompletedProcess[str]:
        """A command of a portal on this server, with its files below `var`."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DATABASE_URL": self.url(APPLICATION_ROLE),
                "DATABASE_OWNER_URL": self.url(),
                "XUETANG_VAR": str(var),
            },
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def own_server(folder: Path, **extra: str) -> Iterator[OwnServer]:
    """A server of its own until the end of the block."""
    started = OwnServer(folder, **extra)
    try:
        yield started
    finally:
        started.server.stop()


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """An empty server beside that of the tests."""
    with own_server(tmp_path_factory.mktemp("server") / "postgres") as started:
        yield started
