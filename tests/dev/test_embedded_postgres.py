"""The embedded PostgreSQL for real: each test has a var/ of its own and processes that use it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from dev.embedded_postgres import BASE_DIR
from tests.connections import PATIENCE

# Reports what a user of the database learns, then lives until its stdin ends.
USER = """
import json, os, sys
from config.embedded import DatabaseUnavailable
from dev.embedded_postgres import provide_database, release_database
try:
    provide_database()
except DatabaseUnavailable as error:
    sys.exit(str(error))
print(json.dumps({name: os.environ.get(name) for name in sys.argv[1:]}), flush=True)
sys.stdin.read()
if os.environ.get("RELEASE"):
    release_database()
"""


class User:
    """A process that uses the database of `var`."""

    def __init__(self, var: Path, **environment: str) -> None:
        former = {k: v for k, v in os.environ.items() if "DATABASE" not in k}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, "DATABASE_URL", "DATABASE_OWNER_URL"],
            cwd=BASE_DIR,
            env=former | {"XUETANG_VAR": str(var)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> dict[str, str]:
        """The addresses; waits for the server."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.complaint()
        return json.loads(line)

    def complaint(self) -> str:
        """What a user without a database says; it must be one line and status 1."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 1, errors
        assert errors.count("\n") == 1, errors
        return errors.strip()

    def leave(self) -> None:
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A var/ below a folder that only we may enter; no server is left in it."""
    private = tmp_path / "私"
    private.mkdir(mode=0o700)
    yield private / "var"
    assert private.stat().st_mode & 0o777 == 0o700, "the mode of a folder above was changed"
    assert_gone(private / "var")


@pytest.fixture
def user(var: Path) -> Iterator[Callable[..., User]]:
    """Makes users of the database, and ends them."""
    users: list[User] = []

    def make(**environment: str) -> User:
        users.append(User(var, **environment))
        return users[-1]

    yield make
    for made in users:
        if made.process.poll() is None:
            made.leave()
        for stream in (made.process.stdin, made.process.stdout, made.process.stderr):
            assert stream is not None
            stream.close()


def server_pid(var: Path) -> int:
    return int((var / "postgres/data/postmaster.pid").read_text().split()[0])


def keepers(var: Path) -> list[psutil.Process]:
    processes = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "dev.postgres_keeper" in command and str(var / "postgres") in command:
            processes.append(process)
    return processes


def assert_gone(var: Path) -> None:
    """The keeper ends soon after the last user; it removes the pid file when the server ended."""
    deadline = time.monotonic() + PATIENCE
    while keepers(var) or (var / "postgres/data/postmaster.pid").exists():
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.05)


def query(url: str, statement: str) -> Any:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_two_roles_and_nothing_open_to_others(var: Path, user: Callable[..., User]) -> None:
    urls = user().ready()
    application, owner = urls["DATABASE_URL"], urls["DATABASE_OWNER_URL"]
    assert query(application, "SELECT current_user || ' ' || current_database()") == (
        "xuetang_app xuetang"
    )
    assert query(application, "SELECT rolsuper OR rolcreatedb FROM pg_roles "
                 "WHERE rolname = current_user") is False  # fmt: skip
    assert query(application, "SELECT has_schema_privilege('public', 'CREATE')") is False
    assert query(owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    assert query(owner, "SHOW listen_addresses") == "127.0.0.1"
    assert query(owner, "SHOW unix_socket_directories") == ""
    assert query(owner, "SHOW fsync") == "on"
    assert query(owner, "SHOW server_encoding") == "UTF8"
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(owner.replace("xuetang_owner:", "xuetang_owner:not"), "SELECT 1")
    assert (var / "postgres/passwords.json").stat().st_mode & 0o777 == 0o600
    assert (var / "postgres").stat().st_mode & 0o777 == 0o700


def test_chinese_characters_are_letters(user: Callable[..., User]) -> None:
    owner = user().ready()["DATABASE_OWNER_URL"]
    query(owner, "CREATE EXTENSION pg_trgm")
    assert query(owner, "SELECT similarity('西青区委党校', '西青党校') > 0.2") is True
    assert query(owner, "SELECT '学' ~ '\\w' AND lower('Ä') = 'ä'") is True


def test_users_at_the_same_moment_share_one_server_until_the_last_leaves(
    var: Path, user: Callable[..., User]
) -> None:
    users = [user() for _ in range(4)]
    assert len({made.ready()["DATABASE_URL"] for made in users}) == 1
    pid = server_pid(var)
    assert len(keepers(var)) == 1
    for made in users[1:]:
        made.leave()
    time.sleep(0.5)
    assert server_pid(var) == pid
    users[0].leave()
    assert_gone(var)


def test_a_user_that_is_killed_leaves_no_server(var: Path, user: Callable[..., User]) -> None:
    made = user()
    made.ready()
    made.process.kill()
    assert_gone(var)


def test_release_waits_for_the_end_of_the_server(var: Path, user: Callable[..., User]) -> None:
    first, last = user(RELEASE="1"), user(RELEASE="1")
    first.ready()
    last.ready()
    first.leave()
    assert keepers(var), "another user is left"
    last.leave()
    assert not (var / "postgres/data/postmaster.pid").exists()


def test_a_child_of_a_user_starts_the_server_anew(var: Path, user: Callable[..., User]) -> None:
    parent = user()
    urls = parent.ready()
    parent.leave()
    assert_gone(var)
    child = user(**urls, XUETANG_EMBEDDED_DATABASE_URL=urls["DATABASE_URL"])
    assert query(child.ready()["DATABASE_URL"], "SELECT 1") == 1


def test_data_survive_the_death_of_the_server_and_of_the_keeper(
    var: Path, user: Callable[..., User]
) -> None:
    first = user()
    query(first.ready()["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(server_pid(var), signal.SIGKILL)
    second = user()
    assert query(second.ready()["DATABASE_OWNER_URL"], "SELECT number FROM kept") == 7
    server = psutil.Process(server_pid(var))
    keeper = server.parent()
    assert keeper is not None
    keeper.kill()
    third = user()
    assert query(third.ready()["DATABASE_OWNER_URL"], "SELECT number FROM kept") == 7
    assert server_pid(var) != server.pid
    server.wait(timeout=PATIENCE)


def test_a_half_made_data_folder_is_made_anew(var: Path, user: Callable[..., User]) -> None:
    rest = var / "postgres/new/data"
    rest.mkdir(parents=True)
    (rest / "PG_VERSION").write_text("18\n")
    assert query(user().ready()["DATABASE_URL"], "SELECT 1") == 1
    assert not (var / "postgres/new").exists()


def test_a_taken_port_and_the_pid_file_of_another_program(
    var: Path, user: Callable[..., User]
) -> None:
    first = user()
    former = first.ready()["DATABASE_URL"]
    first.leave()
    assert_gone(var)
    port = int((var / "postgres/port").read_text())
    pid_file = var / "postgres/data/postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{var}\n1\n{port}\n\n127.0.0.1\n\nready\n")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        second = user().ready()["DATABASE_URL"]
    assert second != former
    assert query(second, "SELECT 1") == 1


def test_data_of_another_release_are_refused(var: Path, user: Callable[..., User]) -> None:
    data = var / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    assert "was made by PostgreSQL 16" in user().complaint()


def test_lost_passwords_are_named(var: Path, user: Callable[..., User]) -> None:
    first = user()
    first.ready()
    first.leave()
    assert_gone(var)
    (var / "postgres/passwords.json").unlink()
    assert "passwords.json is missing" in user().complaint()


def test_a_server_of_the_users_own_is_left_alone(var: Path, user: Callable[..., User]) -> None:
    url = "postgresql://somebody@db.example/portal"
    assert user(DATABASE_URL=url).ready() == {"DATABASE_URL": url, "DATABASE_OWNER_URL": None}
    assert "set both" in user(DATABASE_OWNER_URL=url).complaint()
    assert not (var / "postgres").exists()


@pytest.mark.parametrize("module", ["manage.py", "-m dev.run"])
def test_the_entries_say_in_one_line_what_is_missing(tmp_path: Path, module: str) -> None:
    (tmp_path / "file").touch()
    made = subprocess.run(
        [sys.executable, *module.split(), "check"],
        cwd=BASE_DIR,
        env={k: v for k, v in os.environ.items() if "DATABASE" not in k}
        | {"XUETANG_VAR": str(tmp_path / "file"), "PORT": "0" + str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 1
    assert made.stderr.startswith("The embedded PostgreSQL cannot start: ")
    assert made.stderr.count("\n") == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
