"""Scheduled work on a real Redis and a real worker, started here."""

from __future__ import annotations

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

from tests.factories import ClassWorld
from trainees.models import LedgerCheck

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

REDIS_SERVER = shutil.which("redis-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: Callable[[], object], seconds: float = 30) -> object:
    """The first true value of `what`, asked ten times a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.1)
    pytest.fail(f"waited {seconds} s in vain")


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    if REDIS_SERVER is None:
        pytest.skip("no redis-server on the PATH")
    port = free_port()
    command = [REDIS_SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as process:
        url = f"redis://127.0.0.1:{port}/0"
        client = redis.Redis.from_url(url)

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

        wait_for(answers)
        client.close()
        yield url
        process.terminate()


def environment(redis_url: str) -> dict[str, str]:
    """What a process of the portal needs to work on this test's database and broker."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
    }


@pytest.fixture
def worker(redis_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=1"]
    with (
        (tmp_path / "worker.log").open("wb") as log,
        subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment(redis_url), stdout=log, stderr=log
        ) as process,
    ):
        yield process
        process.send_signal(signal.SIGTERM)


def test_the_worker_checks_the_ledger(redis_url, worker):
    ClassWorld(size=2)
    with Celery(broker=redis_url) as sender:
        sender.send_task("trainees.verify_ledger")

    check = wait_for(LedgerCheck.objects.first)

    assert check.findings == 0


def test_health_tells_a_broker_that_is_away(redis_url):
    code = "from config.celery import broker_state; print(broker_state())"
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]

    def state(url: str) -> str:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=environment(url),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert state(redis_url) == "ok"
    assert state(f"redis://127.0.0.1:{free_port()}/0") == "down"
