"""Tell the workers that there is something to do; a row says it too, for a broker that is away."""

from collections.abc import Callable

from celery import current_app, group
from kombu.exceptions import KombuError


def send_task(name: str, *arguments: int) -> bool:
    """Send a task by its name; False if the broker is away. Call it after the commit."""
    task = current_app.tasks[name]
    return _is_sent(lambda: task.apply_async(arguments, retry=False))


def send_tasks(name: str, keys: list[int]) -> bool:
    """Send a task for each key, as a group; False if the broker is away, and some may be sent.

    Nobody waits for the group, so it needs no store of results.
    """
    task = current_app.tasks[name]
    return _is_sent(lambda: group(task.si(key) for key in keys).apply_async(retry=False))


def _is_sent(send: Callable[[], object]) -> bool:
    try:
        send()
    except (OSError, KombuError, *current_app.connection_for_write().connection_errors):
        return False
    return True
