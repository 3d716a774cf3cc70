"""`make run`: the database, the web server, the Celery worker and beat, together until the end.

Each child leads a session of its own, so that a Ctrl-C in the terminal reaches this process only,
which then stops them in order. A guard process reads from a pipe which sessions there are; when
the pipe breaks because this process was killed outright, the guard ends them.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

import psycopg2
import redis

from config.embedded_postgres import (
    BASE_DIR,
    DatabaseUnavailable,
    database_lives,
    provide_database,
    release_database,
    var_folder,
)

HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 10
WATCH_SECONDS = 0.2
# Celery's warning to whoever is root, which a container makes of everybody.
CELERY_AS_ROOT = "ignore:You're running the worker with superuser privileges"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunError(Exception):
    """The portal cannot run. The message is one line for the person at the keyboard."""


class StopRequested(Exception):
    """Ctrl-C, a signal, or the end of the make that started us."""


class Guard:
    """The process that ends the sessions named to it when it hears no more from us."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.run", "guard"],
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def tell(self, line: str) -> None:
        """Report "+session" or "-session"."""
        assert self.process.stdin is not None  # noqa: S101 - opened above
        try:
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise RunError("The guard process ended.") from None

    def dismiss(self) -> None:
        assert self.process.stdin is not None  # noqa: S101 - opened above
        with contextlib.suppress(BrokenPipeError):  # it was killed; nothing is left to guard
            self.process.stdin.close()
        self.process.wait()


class Children:
    """The processes of this run, by the names that messages use."""

    def __init__(self) -> None:
        self.guard = Guard()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str, quiet: bool = False) -> None:
        """Start Python with `arguments` in a session of its own; `quiet` drops its stdout."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else None,
            env=os.environ | {"PYTHONWARNINGS": CELERY_AS_ROOT},
            start_new_session=True,
        )
        self.running[name] = process
        self.guard.tell(f"+{process.pid}")

    def finish(self, name: str) -> None:
        """Wait for the end of a child that has one. Raises RunError if it failed."""
        status = self.running[name].wait()
        self.guard.tell(f"-{self.running.pop(name).pid}")
        if status != 0:
            raise RunError(f"{name} failed with status {status}.")

    def check(self) -> None:
        """Raises RunError if a child has ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise RunError(f"{name} ended with status {process.returncode}.")
        if self.guard.process.poll() is not None:
            raise RunError("The guard process ended.")

    def stop(self, *names: str) -> None:
        """Ask the named children to end, and end after STOP_SECONDS those that do not."""
        processes = [self.running[name] for name in names if name in self.running]
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        self._end(processes)

    def kill(self) -> None:
        """End all children at once."""
        self._end(list(self.running.values()))

    def _end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            end_session(process.pid)
            process.wait()


def guard(lines: Iterable[str]) -> None:
    """Follow the reports of `Children` and end what is left when they stop."""
    for signal_number in STOP_SIGNALS:
        signal.signal(signal_number, signal.SIG_IGN)
    sessions: set[int] = set()
    for line in lines:
        session = int(line[1:])
        if line.startswith("+"):
            sessions.add(session)
        else:
            sessions.discard(session)
    # The leaders know how to stop the others of their sessions; what they leave has no use.
    deadline = time.monotonic() + STOP_SECONDS
    leaders = {session for session in sessions if signal_process(session, signal.SIGTERM)}
    while any(signal_process(leader, 0) for leader in leaders) and time.monotonic() < deadline:
        time.sleep(WATCH_SECONDS)
    for session in sessions:
        end_session(session)


def signal_process(process: int, signal_number: int) -> bool:
    """Send a signal, or 0 to ask only. False if there is no such process."""
    try:
        os.kill(process, signal_number)
    except ProcessLookupError:
        return False
    return True


def end_session(session: int) -> None:
    """End all that is left of a session."""
    # PermissionError is what macOS answers for processes that have ended and are not buried.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)


def wanted_port() -> int:
    """PORT, or 8000. Raises RunError if it is no port or not free."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise RunError(f"PORT={text} is not a port: give a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except PermissionError:
            raise RunError(f"Port {text} needs privileges: try PORT=8000 make run.") from None
        except OSError:
            raise RunError(
                f"Port {text} is in use: stop what uses it, or try "
                f"PORT={int(text) % 65535 + 1} make run."
            ) from None
    return int(text)


def check_servers() -> None:
    """Raises RunError if a server that the environment names does not answer."""
    try:
        psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
    except psycopg2.Error as error:
        raise RunError(f"DATABASE_URL cannot be used: {' '.join(str(error).split())}") from None
    if url := os.environ.get("REDIS_URL"):
        try:
            redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5).ping()
        except (redis.RedisError, ValueError) as error:
            raise RunError(f"REDIS_URL cannot be used: {error}") from None


def start_all(children: Children, port: int) -> None:
    """Prepare the database and start the three services. Raises RunError."""
    print("Preparing the database …", flush=True)
    children.start("migrate", "manage.py", "migrate", "--no-input", "--verbosity=0")
    children.finish("migrate")
    if os.environ.get("DEMO", "0").lower() in {"1", "true", "yes", "on"}:
        children.start("seed_demo", "manage.py", "seed_demo")
        children.finish("seed_demo")
    celery = ("-m", "celery", "--quiet", "--app=config")
    # Workers greet each other and exchange heartbeats by messages; one alone need not.
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    schedule = var_folder() / f"celerybeat-{port}"
    children.start("The web server", *web_server(port))
    children.start(
        "The Celery worker",
        *(*celery, "worker", "--concurrency=2", "--loglevel=WARNING", *alone),
        quiet=True,  # its log is on stderr; stdout brings a word on each signal
    )
    children.start(
        "Celery beat",
        *(*celery, "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=WARNING"),
    )


def web_server(port: int, application: str = "config.wsgi") -> list[str]:
    """The arguments with which Python serves the pages of `application`, by default the portal's.

    Of the two threads of a process one waits for the database or the browser while the other one
    works; more of them only take turns on the same interpreter, which costs a tenth of the pages
    per second. A slow upload holds one: where browsers are far away, a proxy belongs in front.
    """
    arguments = [
        *("-m", "gunicorn", application, f"--bind={HOST}:{port}", "--log-level=warning"),
        *("--worker-class=gthread", "--workers=2", "--threads=2", "--no-control-socket"),
    ]
    if os.environ.get("RELOAD") == "1":
        arguments.append("--reload")
    return arguments


def await_health(children: Children, port: int) -> None:
    """Wait until /healthz says that all is well. Raises RunError."""
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    while time.monotonic() < deadline:
        children.check()
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            answer = f"{response.status} {response.read(200).decode(errors='replace').strip()}"
            if response.status == 200:
                return
        except (OSError, http.client.HTTPException) as error:
            answer = str(error)
        finally:
            connection.close()
        time.sleep(WATCH_SECONDS)
    raise RunError(f"The portal was not well after {READY_SECONDS} s: /healthz gave {answer}")


def watch(children: Children, parent: int) -> None:
    """Return never; raise RunError when a part ends, StopRequested when our parent does."""
    while True:
        children.check()
        if not database_lives():
            raise RunError("The embedded PostgreSQL ended; see postgres/server.log below var/.")
        if os.getppid() != parent or is_make_stopping(parent):
            raise StopRequested
        time.sleep(WATCH_SECONDS)


def is_make_stopping(parent: int) -> bool:
    """Whether a make that was signalled alone waits for our end (seen on Linux only).

    It passes SIGTERM on to its children, but not SIGINT and SIGHUP: those it keeps blocked, and
    waits for children that would not know.
    """
    process = Path("/proc") / str(parent)
    try:
        if (process / "comm").read_text().strip() not in {"make", "gmake"}:
            return False
        status = (process / "status").read_text()
    except OSError:
        return False
    blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
    # What we were born with blocked, make had blocked before anybody signalled it.
    inherited = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return any(
        blocked >> (number - 1) & 1
        for number in (signal.SIGINT, signal.SIGHUP)
        if number not in inherited
    )


def _request_stop(_signal_number: int, _frame: FrameType | None) -> None:
    raise StopRequested


def run() -> int:
    """Run the portal until it is stopped (status 0) or cannot go on (1, after one line)."""
    parent = os.getppid()
    for signal_number in STOP_SIGNALS:
        signal.signal(signal_number, _request_stop)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    children = None
    status = 0
    try:
        port = wanted_port()
        provide_database()
        check_servers()
        children = Children()
        start_all(children, port)
        await_health(children, port)
        print(f"Xuetang is at http://{HOST}:{port}  (Ctrl-C stops it)", flush=True)
        watch(children, parent)
    except StopRequested:
        pass  # the usual end; what was started is stopped below
    except (RunError, DatabaseUnavailable) as error:
        print(error, file=sys.stderr, flush=True)
        status = 1
    try:
        if children is not None:
            print("Stopping …", flush=True)
            children.stop("migrate", "seed_demo", "The web server", "Celery beat")
            children.stop("The Celery worker")
            children.guard.dismiss()
        release_database()
    except StopRequested:  # asked twice
        for signal_number in STOP_SIGNALS:
            signal.signal(signal_number, signal.SIG_IGN)
        if children is not None:
            children.kill()
    return status


if __name__ == "__main__":
    if sys.argv[1:] == ["guard"]:
        guard(sys.stdin)
    else:
        sys.exit(run())
