"""A real Redis and real workers, started here."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection

from backstage import jobs
from config.lib.broker_keys import key_prefix
from config.lib.lock_classes import LockClass
from tests.connections import PATIENCE

REDIS_SERVER = shutil.which("redis-server")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/services/" in str(item.path):
            item.add_marker(pytest.mark.services)
            item.add_marker(pytest.mark.django_db(transaction=True))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> object:
    """The first true value of `what`, asked ten times a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.1)
    pytest.fail(f"waited {seconds} s in vain")


class RedisServer:
    """A Redis that keeps nothing on disk, so a new start has lost every message."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        assert REDIS_SERVER is not None
        command = [REDIS_SERVER, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        client = redis.Redis.from_url(self.url)

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

        wait_for(answers)
        client.close()

    def kill(self) -> None:
        """Outright."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    if REDIS_SERVER is None:
        pytest.skip("no redis-server on the PATH")
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    return redis_server.url


def environment(redis_url: str) -> dict[str, str]:
    """What a process of the portal needs to work on this test's database and broker."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
    }


def sending(redis_url: str) -> Celery:
    """An app that sends what the workers of this test receive."""
    app = Celery(broker=redis_url)
    prefix = key_prefix(settings.SECRET_KEY, connection.settings_dict["NAME"])
    app.conf.broker_transport_options = {"global_keyprefix": prefix}
    return app


@pytest.fixture
def sender(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Sends to the workers of this test what would otherwise be run here."""
    with sending(redis_url) as sender:
        monkeypatch.setattr(
            jobs, "send_task", lambda name, key: bool(sender.send_task(name, args=[key]))
        )
        yield sender


def end_connections_at_work() -> int:
    """End the server's side of each connection that holds the lock of a job or a part."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = %s",
            [LockClass.JOBS],
        )
        return int(cursor.fetchone()[0])


class Worker:
    """Celery workers of one thread each, on this test's database, broker and files."""

    def __init__(self, redis_url: str, folder: Path, *options: str) -> None:
        self.redis_url, self.folder, self.options = redis_url, folder, options
        self.processes: list[subprocess.Popen[bytes]] = []
        self.names = (f"worker{number}@tests" for number in itertools.count())

    def start(self, *arguments: str) -> None:
        """Start one more; other `arguments` for Python start another process beside them."""
        worker = ("-m", "celery", "-A", "config", "worker", "--concurrency=1", *self.options)
        named = (*worker, f"--hostname={next(self.names)}")
        command = [sys.executable, *(arguments or named)]
        if settings.CHAIN_HEADS.exists():  # a site has one file of heads for all its processes
            shutil.copy(settings.CHAIN_HEADS, self.folder / "chain-heads.jsonl")
        with (self.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment(self.redis_url) | {"XUETANG_VAR": str(self.folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)

    def kill(self) -> None:
        """Outright."""
        self.processes[-1].kill()
        self.processes.pop().wait()

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
            process.wait()


@pytest.fixture
def worker(redis_url: str, tmp_path: Path, settings) -> Iterator[Worker]:
    settings.MEDIA_ROOT = tmp_path / "files"
    worker = Worker(redis_url, tmp_path)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def two_workers(redis_url: str, tmp_path: Path) -> Iterator[Worker]:
    """Two beats, and two workers, each of which does one thing at a time."""
    workers = Worker(redis_url, tmp_path, "--include=tests.services.impatient")
    for number in (1, 2):
        workers.start("-m", "tests.services.impatient", str(tmp_path / f"beat-{number}"))
    workers.start()
    workers.start()
    yield workers
    workers.stop()
