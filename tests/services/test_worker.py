"""Scheduled work on a real Redis and a real worker."""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings
from psutil import Process

from backstage.operations import living_workers
from hours.models import LedgerCheck
from tests.chains import explained
from tests.factories import ClassWorld
from tests.services.conftest import environment, free_port, sending, wait_for


def test_the_worker_checks_the_ledger(redis_url, worker):
    with explained():
        ClassWorld(size=2)
    with sending(redis_url) as sender:
        sender.send_task("hours.verify_ledger")

    check = wait_for(LedgerCheck.objects.first)

    assert check.findings == 0


def test_no_child_of_a_worker_can_die_and_leave_the_others_waiting(redis_url, worker):
    ClassWorld(size=2)
    with sending(redis_url) as sender:
        sender.send_task("hours.verify_ledger")
    wait_for(LedgerCheck.objects.exists)

    assert not Process(worker.processes[-1].pid).children(recursive=True)


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


def test_a_worker_shows_in_the_database_that_it_lives(worker):
    names = wait_for(living_workers)

    assert isinstance(names, list)
    assert f"({worker.processes[0].pid})" in names[0]
