"""The embedded PostgreSQL server, used if DATABASE_URL is not set.

Its data are in var/postgres (XUETANG_VAR moves var/), and all processes of the checkout share one
server. Each process holds a shared lock on `users.lock` until it ends. The keeper
(`dev.postgres_keeper`) is a detached process and the parent of the server. It stops the server
once it gets an exclusive lock on that file. The kernel grants that lock only when no user is left,
however the last user ended.

Three locks, always taken in this order:

    start.lock   exclusive: a user that looks for the keeper or starts it
    users.lock   shared: every user; exclusive: a keeper that stops its server
    keeper.lock  exclusive: the keeper, from before it starts to the end of its server
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded import OUR_URL, DatabaseUnavailable, find_programs, uses_embedded_server

BASE_DIR = Path(__file__).resolve().parents[1]
OWNER_ROLE = "xuetang_owner"
APPLICATION_ROLE = "xuetang_app"
DATABASE = "xuetang"
START_SECONDS = 120  # for a first start on a slow machine; it usually takes less than a second
STOP_SECONDS = 30
POLL_SECONDS = 0.05
LARGEST_LOG = 5_000_000

# Descriptors of users.lock, by folder. They are closed by `release_database` or process exit.
_held: dict[Path, int] = {}


@dataclass(frozen=True)
class Home:
    """The folder of the embedded server and the file names in it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def start_lock(self) -> Path:
        return self.folder / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.folder / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.folder / "keeper.lock"

    @property
    def state(self) -> Path:
        """The keeper's report: {"port": …} or {"error": …}."""
        return self.folder / "state.json"

    @property
    def passwords(self) -> Path:
        return self.folder / "passwords.json"


def var_folder() -> Path:
    """The folder for everything the portal writes: XUETANG_VAR, or var/ in the checkout."""
    return Path(os.environ.get("XUETANG_VAR") or BASE_DIR / "var").absolute()


def provide_database() -> None:
    """Make sure that DATABASE_URL and DATABASE_OWNER_URL point to a running server.

    A DATABASE_URL set by the user is not changed. Otherwise the embedded server runs when this
    function returns, at least until this process ends. Raises DatabaseUnavailable.
    """
    url = os.environ.get("DATABASE_URL")
    if url and not uses_embedded_server():
        return
    if not url and os.environ.get("DATABASE_OWNER_URL"):
        raise DatabaseUnavailable("DATABASE_OWNER_URL is set without DATABASE_URL: set both.")
    home = Home(var_folder() / "postgres")
    try:
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        port = _find_or_start(home)
        passwords = json.loads(home.passwords.read_text())
    except OSError as error:
        raise DatabaseUnavailable(f"The embedded PostgreSQL cannot start: {error}") from error
    application_url = server_url(port, APPLICATION_ROLE, passwords[APPLICATION_ROLE])
    os.environ["DATABASE_URL"] = os.environ[OUR_URL] = application_url
    os.environ["DATABASE_OWNER_URL"] = server_url(port, OWNER_ROLE, passwords[OWNER_ROLE])
    path = os.environ.get("PATH", os.defpath)
    if str(find_programs()) not in path.split(os.pathsep):  # for dbshell; the user's psql wins
        os.environ["PATH"] = os.pathsep.join([path, str(find_programs())])


def release_database() -> None:
    """Stop using the embedded server; wait until it has ended, unless others use it.

    Only for a process that is about to end: its connections break. Does nothing if
    provide_database() did nothing.
    """
    for folder in list(_held):
        home = Home(folder)
        os.close(_held.pop(folder))
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and _keeper_lives(home) and not _is_in_use(home):
            time.sleep(POLL_SECONDS)


def database_lives() -> bool:
    """False once the embedded server that this process uses has ended."""
    return all(_keeper_lives(Home(folder)) for folder in _held)


def server_url(port: int, role: str, password: str, database: str = DATABASE) -> str:
    """The address of the embedded server for `role`.

    TLS and GSSAPI are off on the loopback interface: GSSAPI requests crash forked processes on
    macOS.
    """
    return (
        f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"
        "?sslmode=disable&gssencmode=disable"
    )


def take_lock(path: Path, operation: int) -> int | None:
    """Lock `path` and return the descriptor that holds the lock; None if LOCK_NB was refused.

    The caller closes the descriptor; child processes do not inherit it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = take_lock(path, fcntl.LOCK_EX)
    assert descriptor is not None  # noqa: S101 - a blocking lock is never refused
    try:
        yield
    finally:
        os.close(descriptor)


def _find_or_start(home: Home) -> int:
    """The port of the running server, which is started if needed. Raises DatabaseUnavailable."""
    with _locked(home.start_lock):
        if home.folder not in _held:
            # Waits while a keeper stops its server; the server is then started again.
            descriptor = take_lock(home.users_lock, fcntl.LOCK_SH)
            assert descriptor is not None  # noqa: S101 - as above
            _held[home.folder] = descriptor
        # Try twice, because the keeper may have been about to end with its server.
        state = _call_keeper(home) or _call_keeper(home)
    if state is None:
        raise DatabaseUnavailable(f"The embedded PostgreSQL ended while starting; see {home.log}")
    if "error" in state:
        raise DatabaseUnavailable(state["error"])
    port: int = state["port"]
    return port


def _call_keeper(home: Home) -> dict[str, Any] | None:
    """The keeper's state; starts a keeper if there is none. None if it ended without a report."""
    keeper_lock = take_lock(home.keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if keeper_lock is not None:
        try:
            home.state.unlink(missing_ok=True)
            _start_keeper(home, keeper_lock)
        finally:
            os.close(keeper_lock)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        alive = _keeper_lock_is_taken(home)  # read first, because a keeper writes before it ends
        state = _read_state(home)
        # A killed server does not listen, though its keeper may not know yet.
        if state is not None and ("error" in state or _listens(state["port"])):
            return state
        if not alive:
            return None
        time.sleep(POLL_SECONDS)
    return {"error": f"The embedded PostgreSQL was not ready in {START_SECONDS} s; see {home.log}"}


def _read_state(home: Home) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads(home.state.read_text())
    except FileNotFoundError:
        return None
    return state


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _start_keeper(home: Home, keeper_lock: int) -> None:
    """Start the keeper in its own session. It inherits its lock, so it counts as alive now."""
    if home.log.exists() and home.log.stat().st_size > LARGEST_LOG:
        home.log.rename(home.log.with_suffix(".log.1"))
    with home.log.open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", "dev.postgres_keeper", str(home.folder), str(keeper_lock)],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[keeper_lock],
            start_new_session=True,
            check=False,  # the lock shows whether the keeper lives
        )


def _keeper_lives(home: Home) -> bool:
    # Under the start lock, because a user that tries at the same time would see our own lock.
    with _locked(home.start_lock):
        return _keeper_lock_is_taken(home)


def _keeper_lock_is_taken(home: Home) -> bool:
    descriptor = take_lock(home.keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None


def _is_in_use(home: Home) -> bool:
    """Whether another process uses the server: only a shared lock is granted then."""
    for operation, answer in ((fcntl.LOCK_EX, False), (fcntl.LOCK_SH, True)):
        descriptor = take_lock(home.users_lock, operation | fcntl.LOCK_NB)
        if descriptor is not None:
            os.close(descriptor)
            return answer
    return False  # the keeper holds the lock: the server is stopping
