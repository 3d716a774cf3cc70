from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups.drill import newest_backup
from config.backups.errors import BackupError
from config.backups.runs import run_drill


class Command(BaseCommand):
    """Restore a backup beside the portal, verify it, and remove what was restored."""

    help = "Rehearse the restoring of the backup DIR; by default of the newest in BACKUP_DIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"]
        try:
            done = run_drill(find=lambda: folder or newest_backup(), at=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(done)
