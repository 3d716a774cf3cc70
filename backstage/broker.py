"""Tell the workers that there is something to do; a row says it too, for a broker that is away."""

from celery import current_app
from kombu.exceptions import KombuError


def send_task(name: str, *arguments: int) -> bool:
    """Send a task by its name; False if the broker is away. Call it after the commit."""
    try:
        current_app.tasks[name].apply_async(arguments, retry=False)
    except (OSError, KombuError, *current_app.connection_for_write().connection_errors):
        return False
    return True
