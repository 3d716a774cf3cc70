from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backstage.files_folder import list_missing, mark_folder


class Command(BaseCommand):
    """Tell the database that the present files folder is its own, as after a restore."""

    help = "Mark the files folder as that of this database; exit 1 if newest files are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--without-files", action="store_true", help="also if the newest files are missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = list_missing()
        if missing and not options["without_files"]:
            raise CommandError(
                f"{len(missing)} of the newest stored files are not in this folder, such as number "
                f"{missing[0]}: it is not marked (--without-files marks it all the same).",
                returncode=1,
            )
        mark_folder()
        self.stdout.write("The folder is marked.")
