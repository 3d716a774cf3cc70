from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups.verifying import verify_files

_SHOWN = 10


class Command(BaseCommand):
    """Check that every stored file is there, decrypts, and is what its row says."""

    help = "Check every stored file, and tell what belongs to no row; exit 1 if any is lost."

    def handle(self, *args: Any, **options: Any) -> None:
        check = verify_files()
        self.stdout.write(f"{check.checked} stored files")
        sweep = "the sweep leaves them" if check.unexplained else "the sweep removes them"
        for what, names in (
            ("are missing", check.missing),
            ("are not what was stored", check.broken),
            ("rows no act explains", check.unexplained),
            (f"lie in the folder and belong to no row; {sweep}", check.strangers),
        ):
            if names:
                more = " …" if len(names) > _SHOWN else ""
                self.stdout.write(f"  {len(names)} {what}: {', '.join(names[:_SHOWN])}{more}")
        if check.findings:
            raise CommandError(f"{check.findings} findings", returncode=1)
        self.stdout.write("no findings")
