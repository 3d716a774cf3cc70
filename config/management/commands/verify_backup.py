from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups.errors import BackupError
from config.backups.manifest import read_manifest
from config.backups.restoring import refuse_changed, refuse_foreign


class Command(BaseCommand):
    """Check a backup against its manifest, and that these keys and this version can read it."""

    help = "Check the backup DIR without restoring it; exit 1 if it is not whole or cannot be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"].resolve()
        try:
            manifest = read_manifest(folder)
            refuse_foreign(manifest)
            refuse_changed(folder, manifest)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{folder.name}: {len(manifest.entries)} files are as they were written; version "
            f"{manifest.version}, keys {', '.join(manifest.keys) or 'none'}"
        )
