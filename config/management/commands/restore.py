import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.chain.sealing import seal_acts, set_heads_aside
from config.backups.errors import BackupError
from config.backups.restoring import restore_backup
from config.backups.verifying import verify_restored


class Command(BaseCommand):
    """Restore a backup into an empty database and an empty folder of files, and verify it."""

    help = "Restore the backup DIR into an empty database and verify it; exit 1 on any finding."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder, started = options["folder"].resolve(), time.monotonic()
        try:
            manifest = restore_backup(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        taken_at = timezone.localtime(manifest.taken_at)
        self.stdout.write(
            f"Restored as of {taken_at:%Y-%m-%d %H:%M:%S} in {time.monotonic() - started:.0f} s; "
            "verifying …"
        )
        if manifest.missing:
            self.stdout.write(f"{len(manifest.missing)} stored files were lost before the backup.")
        set_heads_aside(timezone.now())
        seal_acts(at=timezone.now())
        found = verify_restored(folder.name, manifest, at=timezone.now())
        if found.findings:
            raise CommandError(f"{found} (verify_ledger and verify_files tell more)")
        self.stdout.write(str(found))
