from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups.errors import BackupError
from config.backups.runs import run_backup


class Command(BaseCommand):
    """Write database and stored files into a new folder, with sizes and digests of everything."""

    help = "Make a backup in the new folder DIR; by default one named by the moment in BACKUP_DIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        folder = options["folder"]
        if folder is None:
            if not settings.BACKUP_DIR:
                raise CommandError("Name the folder of the backup, or set BACKUP_DIR.")
            name = timezone.localtime(now).strftime("xuetang-%Y%m%d-%H%M%S")
            folder = Path(settings.BACKUP_DIR) / name
        try:
            self.stdout.write(run_backup(folder, at=now))
        except BackupError as error:
            raise CommandError(str(error)) from error
