"""The Celery application. Settings: Django's CELERY_*; tasks: each app's `tasks` module."""

import logging
import os
import tempfile
import threading
from typing import Any, Literal

from celery import Celery, Task
from celery.signals import worker_ready
from kombu.exceptions import KombuError

import config.file_broker  # noqa: F401 - registers the transport
from config.lib.garbage import freeze_gc
from config.lib.read_only import read_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

BROKER_SECONDS = 1.5

logger = logging.getLogger(__name__)


class PortalTask(Task):
    """A task that does nothing while the portal is read-only.

    Jobs are rows, which are queued again afterwards; all other tasks come again by the schedule.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task, unless the portal is read-only."""
        if read_only():
            logger.info("%s is left out: the portal is read-only.", self.name)
            return None
        return super().__call__(*args, **kwargs)


app = Celery("xuetang", task_cls=PortalTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _begin(**_of_signal: Any) -> None:
    freeze_gc()


def broker_state() -> Literal["ok", "down"]:
    """Whether a task could be enqueued now. Answers within 2 seconds and never raises.

    Runs in a thread, because host name lookup has no time limit.
    """
    answers: list[bool] = []
    probe = threading.Thread(target=lambda: answers.append(_broker_answers()), daemon=True)
    probe.start()
    probe.join(BROKER_SECONDS)
    return "ok" if answers == [True] else "down"


def _broker_answers() -> bool:
    options = dict(app.conf.broker_transport_options)
    if app.conf.broker_url.startswith("files:"):
        return all(
            _is_writable(options[name])
            for name in ("data_folder_in", "data_folder_out", "control_folder")
        )
    options |= {"socket_connect_timeout": 1, "socket_timeout": 1}
    with app.connection_for_write(transport_options=options) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_max=0)
        except (OSError, KombuError, *connection.connection_errors, *connection.channel_errors):
            return False
        return True


def _is_writable(folder: str) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"A full disk shows only when something is written.")
    except OSError:
        return False
    return True
