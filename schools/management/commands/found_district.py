from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import ActorChannel
from accounts.origin import Actor
from backstage.imports.reasons import format_place, in_words
from config.lib.periods import today
from config.lib.spreadsheet_reading import SpreadsheetError
from schools.actions.founding import found_district
from schools.actions.founding_tables import found_from_table
from schools.enums import LineKind, TableField, TableKind
from schools.errors import SchoolsError
from schools.imports.comparing import Comparison
from schools.imports.tables import open_table
from schools.models import District

_TABLES = {"divisions": TableKind.DIVISIONS, "schools": TableKind.SCHOOLS, "tree": TableKind.TREE}


class Command(BaseCommand):
    """Found a district from tables, as the pages of founding do: all or nothing.

    Prints what is founded, and each refused row with column and reason; then nothing is written and
    the exit status is 1. A second run finds everything there and says so. The table of
    organisations holds the district committee, unless that was founded before. The output is in the
    language of the installation.
    """

    help = "Found a district: the row itself, and townships, schools and organisations from files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the six digits of the district")
        parser.add_argument("name", help="its name")
        for option, text in (
            ("--divisions", "division table, XLSX or CSV; or one of townships, one of villages"),
            ("--schools", "table of schools"),
            ("--tree", "table of organisations"),
        ):
            parser.add_argument(option, type=Path, nargs="+", default=[], metavar="FILE", help=text)
        parser.add_argument(
            "--on", type=_day, default=None, help="first day (default: 1 January of this year)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or today().replace(month=1, day=1)
        kwargs: dict[str, Any] = {"by": Actor(None, ActorChannel.COMMAND), "at": timezone.now()}
        with transaction.atomic():
            founded = self._found_district(options["code"], options["name"], kwargs)
            refused = 0
            for name, kind in _TABLES.items():
                for path in options[name]:
                    comparison = self._found_table(kind, path, on, kwargs)
                    founded += comparison.counts[LineKind.NEW]
                    refused += comparison.counts[LineKind.REFUSED]
            if refused:
                text = ngettext(
                    "%(n)d row is refused; nothing was written.",
                    "%(n)d rows are refused; nothing was written.",
                    refused,
                )
                raise CommandError(text % {"n": refused})
        self.stdout.write(
            _("The founding is done.") if founded else _("Everything is there already.")
        )

    def _found_district(self, code: str, name: str, kwargs: dict[str, Any]) -> int:
        """Found the district unless it is there; returns how many were founded."""
        if District.objects.filter(code=code, name=name).exists():
            return 0
        try:
            district = found_district(code=code, name=name, **kwargs)
        except SchoolsError as error:
            raise CommandError(str(error)) from error
        text = _("%(name)s (%(code)s) is the district of this portal.")
        self.stdout.write(text % {"name": district.name, "code": district.code})
        return 1

    def _found_table(
        self, kind: TableKind, path: Path, on: date, kwargs: dict[str, Any]
    ) -> Comparison:
        """Found what is new in a file, even if rows are refused: the caller undoes it then.

        So rows of the next file that hang on it are not refused as well. Raises CommandError.
        """
        try:
            comparison = found_from_table(
                source=open_table(kind, path.read_bytes(), path.name),
                on=on,
                leave_out_refused=True,
                promised=None,
                **kwargs,
            )
        except FileNotFoundError as error:
            raise CommandError(_("There is no file %(path)s.") % {"path": path}) from error
        except OSError as error:
            raise CommandError(_("The file %(path)s cannot be read.") % {"path": path}) from error
        except (SpreadsheetError, SchoolsError) as error:
            message = _("%(label)s: %(value)s") % {"label": path.name, "value": error}
            raise CommandError(message) from error
        self.stdout.write(capfirst(str(kind.label)))
        if comparison.source.sheets:
            self.stdout.write(comparison.source.sheets)
        for line_kind, count in comparison.counts.items():
            self.stdout.write(f"{count:7,} {line_kind.label}")
        for sentence in _refusals(comparison):
            self.stdout.write(sentence)
        return comparison


def _refusals(comparison: Comparison) -> Iterator[str]:
    for line in comparison.of_kind(LineKind.REFUSED):
        for field, code, values in line.problems:
            place = _("row %(row)s: %(column)s") % {
                "row": format_place(line.place),
                "column": capfirst(str(TableField(field).label)),
            }
            yield _("%(label)s: %(value)s") % {"label": place, "value": in_words(code, values)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a day such as 2026-11-24") from error
