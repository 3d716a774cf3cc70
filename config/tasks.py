"""Scheduled tasks that span all apps."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from config.backups.drill import newest_backup
from config.backups.runs import run_drill


@shared_task(name="config.restore_drill")
def restore_drill() -> str:
    """Rehearse the restoring of the newest backup, if the site keeps backups in BACKUP_DIR.

    On a server no worker knows the owner of the tables; there a timer of systemd does it.
    """
    if not settings.BACKUP_DIR:
        return "BACKUP_DIR is not set."
    if not settings.KNOWS_OWNER:
        return "DATABASE_OWNER_URL is not set: left to the timer."
    return run_drill(find=newest_backup, at=timezone.now())
