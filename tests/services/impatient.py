"""Workers and beats of the tests that send again at once what nobody works on.

A worker imports this (`--include`); a beat is this, run as a program with the file of its schedule.
"""

from __future__ import annotations

import sys
from datetime import timedelta

EVERY_SECONDS = 0.3


def run_beat(schedule: str) -> None:
    """Run a beat that only queues jobs again."""
    from config.celery import app

    round_ = {"task": "backstage.requeue_stale", "schedule": EVERY_SECONDS}
    app.conf.beat_schedule = {"requeue": round_ | {"options": {"expires": 5}}}
    app.Beat(schedule=schedule, max_interval=EVERY_SECONDS, loglevel="WARNING").run()


if __name__ == "__main__":
    run_beat(sys.argv[1])
else:
    from backstage import jobs
    from tests.services import summing  # noqa: F401 - registers its kind

    jobs.REQUEUE_AFTER = timedelta(0)
