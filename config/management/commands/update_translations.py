from typing import Any

from babel.messages.pofile import write_po
from django.conf import settings
from django.core.management.base import BaseCommand

from config.translations import CATALOGUE, extract_catalogue, read_catalogue


class Command(BaseCommand):
    """Bring the Chinese catalogue up to date with the code; new messages are left to translate."""

    help = "Add new messages to the Chinese catalogue and drop those no longer used."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue, wanted = read_catalogue(), extract_catalogue()
        catalogue.update(wanted, no_fuzzy_matching=True)
        catalogue.fuzzy = False
        catalogue.header_comment = (
            "# Chinese interface of the portal; the glossary fixes its terms."
        )
        path = settings.BASE_DIR / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(
                file,
                catalogue,
                width=100,
                ignore_obsolete=True,
                sort_by_file=True,
                include_lineno=False,
            )
        empty = sum(1 for message in catalogue if message.id and not message.string)
        self.stdout.write(f"{len(catalogue)} messages, {empty} to translate")
