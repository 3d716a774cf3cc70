"""`make run`: runs the database, the web server, the Celery worker and beat together.

The web server, the worker and beat are restarted when they end (dev/children.py).
"""

import http.client
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

import psycopg2
import redis

from config.embedded import DatabaseUnavailable
from dev.children import (
    STOP_SIGNALS,
    WATCH_SECONDS,
    Children,
    RunError,
    StopRequested,
)
from dev.embedded_postgres import (
    database_lives,
    provide_database,
    release_database,
    var_folder,
)

HOST = "127.0.0.1"
READY_SECONDS = 60


def wanted_port() -> int:
    """PORT, or 8000. Raises RunError if it is no port number or is in use."""
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
    """Raises RunError if a server named in the environment does not answer."""
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
    # Workers send each other greetings and heartbeats; a single worker need not.
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    schedule = var_folder() / f"celerybeat-{port}"
    count_together(var_folder() / f"metrics-{port}")
    children.start("The web server", *web_server(port))
    children.start(
        "The Celery worker",
        *(*celery, "worker", "--concurrency=2", "--loglevel=WARNING", *alone),
        quiet=True,  # its log is on stderr; stdout gets a line for each signal
    )
    children.start(
        "Celery beat",
        *(*celery, "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=WARNING"),
    )


def count_together(folder: Path) -> None:
    """Let the processes of the web server count requests together, from zero, in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def web_server(port: int, application: str = "config.wsgi") -> list[str]:
    """The arguments for Python to serve `application`, by default the portal.

    While one of a process's two threads waits for the database or the browser, the other works.
    More threads only take turns on one interpreter, which costs a tenth of the pages per second. A
    slow upload occupies a thread: if browsers are far away, put a proxy in front.
    """
    arguments = [
        *("-m", "gunicorn", application, f"--bind={HOST}:{port}", "--log-level=warning"),
        *("--worker-class=gthread", "--workers=2", "--threads=2", "--no-control-socket"),
    ]
    if os.environ.get("RELOAD") == "1":
        arguments.append("--reload")
    return arguments


def await_health(children: Children, port: int) -> None:
    """Wait until /healthz reports that all is well. Raises RunError."""
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    while time.monotonic() < deadline:
        children.revive()
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
    """Keep everything running. Raises RunError if that fails, StopRequested if our parent ends."""
    while True:
        children.revive()
        if not database_lives():
            raise RunError("The embedded PostgreSQL ended; see postgres/server.log below var/.")
        if os.getppid() != parent or is_make_stopping(parent):
            raise StopRequested
        time.sleep(WATCH_SECONDS)


def is_make_stopping(parent: int) -> bool:
    """Whether a `make` that received a signal alone is waiting for us to end (Linux only).

    It passes SIGTERM on to its children, but not SIGINT and SIGHUP: it keeps those blocked and
    waits for children that received no signal.
    """
    process = Path("/proc") / str(parent)
    try:
        if (process / "comm").read_text().strip() not in {"make", "gmake"}:
            return False
        status = (process / "status").read_text()
    except OSError:
        return False
    blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
    # Signals that were blocked when we started had been blocked before make got a signal.
    inherited = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return any(
        blocked >> (number - 1) & 1
        for number in (signal.SIGINT, signal.SIGHUP)
        if number not in inherited
    )


def _request_stop(_signal_number: int, _frame: FrameType | None) -> None:
    raise StopRequested


def run() -> int:
    """Run the portal until it is stopped (status 0) or fails (1, after a one-line message)."""
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
        pass  # the usual end; everything is stopped below
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
    except StopRequested:  # a second request to stop
        for signal_number in STOP_SIGNALS:
            signal.signal(signal_number, signal.SIG_IGN)
        if children is not None:
            children.kill()
    return status


if __name__ == "__main__":
    sys.exit(run())
