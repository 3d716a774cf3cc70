"""Scheduled tasks that span all apps."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from config.backups.drill import newest_backup
from config.backups.runs import run_drill


@shared_task(name="config.restore_drill")
def restore_drill() -> str:
    """Rehearse the restoring of the newest backup, if the site keeps backups in BACKUP_DIR."""
    if not settings.BACKUP_DIR:
        return "BACKUP_DIR is not set."
    return run_drill(find=newest_backup, at=timezone.now())
