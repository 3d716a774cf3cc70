"""The Celery application. Settings: Django's CELERY_*; tasks: each app's `tasks` module."""

import logging
import os
import tempfile
import threading
from typing import Any, Literal

from celery import Celery, Task
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    before_task_publish,
    task_prerun,
    worker_ready,
)
from kombu.exceptions import KombuError

import config.file_broker  # noqa: F401 - registers the transport
from config.lib.garbage import freeze_gc
from config.lib.logs import make_like_the_portals
from config.lib.read_only import read_only
from config.lib.request_ids import current_request_id, set_request_id

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
def _begin(sender: Any, **_of_signal: Any) -> None:
    from config.signs_of_life import give_signs_of_life  # noqa: PLC0415 - the apps are ready

    freeze_gc()
    name = f"{sender.hostname} ({os.getpid()})"
    threading.Thread(target=give_signs_of_life, args=[name], daemon=True).start()


@after_setup_logger.connect
@after_setup_task_logger.connect
def _shape_log(logger: logging.Logger, **_of_signal: Any) -> None:
    make_like_the_portals(logger)


@before_task_publish.connect
def _pass_request_id(headers: dict[str, Any], **_of_signal: Any) -> None:
    headers["request_id"] = current_request_id()


@task_prerun.connect
def _take_request_id(task: Any, **_of_signal: Any) -> None:
    if not task.request.is_eager:  # an eager task runs within its request
        set_request_id(task.request.get("request_id") or "")


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
