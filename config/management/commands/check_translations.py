from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.translations import list_problems


class Command(BaseCommand):
    """Check that every message has a Chinese translation and the catalogue has no unused ones."""

    help = "Exit 1 on a missing, untranslated, fuzzy or dead message of the Chinese catalogue."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        problems = list_problems()
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems", returncode=1)
        self.stdout.write("the Chinese catalogue is complete")
