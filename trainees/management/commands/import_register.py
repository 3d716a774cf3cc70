import time
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import ActorChannel
from accounts.origin import Actor
from backstage.enums import JobState
from backstage.jobs import run_job
from config.lib.periods import today
from trainees.actions.register import RegisterError, order_merge, start_import
from trainees.enums import ImportState, RowKind
from trainees.models import RegisterImport
from trainees.queries.register import (
    count_rows,
    describe_rows,
    holds_refused_rows,
    list_doubled,
    list_rows,
    list_unknown,
    sheets_of,
    unknown_in_words,
)

WAIT_SECONDS = 0.5


class Command(BaseCommand):
    """Read a register, show what it would change, and with --apply change it.

    Exit status 1 if the file cannot be read or its columns must be explained; with --apply also if
    rows are refused and not left out, or if applying fails. Refused rows alone are no error. The
    output, like its reasons, is in the language of the installation. The import is also in the
    browser, where columns are explained and rows viewed.
    """

    help = "Import the member register from an XLSX or CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the register")
        parser.add_argument("--apply", action="store_true", help="change the members stored")
        parser.add_argument(
            "--leave-out-refused", action="store_true", help="apply although rows are refused"
        )
        parser.add_argument(
            "--as-of", type=_day, default=None, help="day of the register, today by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise CommandError(_("There is no file %(path)s.") % {"path": path}) from error
        except OSError as error:
            raise CommandError(_("The file %(path)s cannot be read.") % {"path": path}) from error
        by = Actor(None, ActorChannel.COMMAND)
        try:
            register = start_import(
                data=data,
                file_name=path.name,
                media_type="application/octet-stream",
                as_of=options["as_of"] or today(),
                by=by,
                at=timezone.now(),
            )
        except RegisterError as error:
            raise CommandError(str(error)) from error
        register = self._finish(register)
        self._show(register)
        if register.state == ImportState.NOTHING:
            self.stdout.write(_("There is nothing to apply."))
        if not options["apply"] or register.state == ImportState.NOTHING:
            return
        try:
            order_merge(
                register_id=register.pk,
                leave_out_refused=options["leave_out_refused"],
                by=by,
                at=timezone.now(),
            )
        except RegisterError as error:
            raise CommandError(str(error)) from error
        self._finish(register)
        self.stdout.write(_("The register was applied."))

    def _finish(self, register: RegisterImport) -> RegisterImport:
        """Run the import's job here, or wait for the worker that has taken it."""
        register.refresh_from_db()
        job = register.job
        while job is not None and not job.is_over:
            run_job(job_id=job.pk, clock=timezone.now)
            job.refresh_from_db()
            if not job.is_over:  # a job of another import is running
                time.sleep(WAIT_SECONDS)
        if job is None or job.state != JobState.DONE:
            problem = job.problem if job else ""
            raise CommandError(problem or _("It was stopped, and nothing was written."))
        return RegisterImport.objects.get(pk=register.pk)

    def _show(self, register: RegisterImport) -> None:
        """Counts by kind, and each refused row with column and reason."""
        if register.state == ImportState.UNMAPPED:
            message = _("Columns are to be explained in the browser (import %(n)d): %(names)s")
            names = _(", ").join([*list_unknown(register), *list_doubled(register)])
            raise CommandError(message % {"n": register.pk, "names": names})
        for notice in (sheets_of(register), unknown_in_words(register)):
            if notice:
                self.stdout.write(notice)
        if holds_refused_rows(register):
            self.stdout.write(_("This is a file of refused rows: it speaks of nobody else."))
        for kind, count in count_rows(register):
            self.stdout.write(f"{count:7,} {kind.label}")
        for line in describe_rows(list_rows(register, RowKind.REFUSED)):
            for column, reason in line["problems"]:
                place = _("row %(row)s: %(column)s") % {
                    "row": line["row"].place,
                    "column": column,
                }
                self.stdout.write(_("%(label)s: %(value)s") % {"label": place, "value": reason})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a day such as 2026-11-24") from error
