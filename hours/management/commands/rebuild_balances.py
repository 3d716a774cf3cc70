from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.lib.periods import today
from hours.actions.balances import rebuild_balances, years_with_hours


class Command(BaseCommand):
    """Compute all balances of some years again, which lists and figures read."""

    help = "Compute what is kept of members' years again, for lists and figures; changes no hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "years", nargs="*", type=int, help="default: each year that has hours, and this one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on = today()
        years = options["years"] or years_with_hours(on)
        rebuild_balances(years, on=on)
        self.stdout.write(f"Computed again: {', '.join(map(str, sorted(years)))}.")
