from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor
from config.lib.errors import PortalError
from quotas.actions.reconciliations import (
    discard_reconciliation,
    restart_reconciliation,
    start_reconciliation,
)
from quotas.enums import ReconciliationState
from quotas.models import Reconciliation
from quotas.queries.results import sum_all, sum_results
from quotas.reconciliation_job import compute_all
from schools.models import School


class Command(BaseCommand):
    """Reconcile a year from a shell: what the job does, here and now."""

    help = "Reconcile a year. The final reconciliation closes it; a rehearsal changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--rehearsal", action="store_true", help="change nothing")
        parser.add_argument("--school", help="code of the only school; for a rehearsal")
        parser.add_argument("--discard", metavar="REASON", help="discard the final one instead")
        parser.add_argument("--officer", help="sign-in name of the officer who answers for it")

    def handle(self, *args: Any, **options: Any) -> None:
        officer = User.objects.filter(username=options["officer"] or "", is_active=True).first()
        by = Actor(officer, ActorChannel.COMMAND)
        try:
            if options["discard"]:
                return self._discard(options["year"], options["discard"], by)
            run = self._begin(options, by)
        except PermissionDenied as error:
            raise CommandError("Name an --officer of the organisation department.") from error
        except PortalError as error:
            raise CommandError(str(error)) from error
        compute_all(run.pk, by, timezone.now)
        self._tell(run)

    def _begin(self, options: dict[str, Any], by: Actor) -> Reconciliation:
        """A new run, or the final one that was broken off."""
        common: dict[str, Any] = {"by": by, "at": timezone.now(), "in_background": False}
        running = Reconciliation.objects.final().filter(
            year=options["year"], state=ReconciliationState.RUNNING
        )
        broken = next((run for run in running if run.is_unattended), None)
        if broken and not options["rehearsal"]:
            return restart_reconciliation(reconciliation_id=broken.pk, **common)
        return start_reconciliation(
            year=options["year"],
            is_rehearsal=options["rehearsal"],
            school_id=self._school(options["school"]),
            **common,
        )

    def _discard(self, year: int, reason: str, by: Actor) -> None:
        run = Reconciliation.objects.final().filter(year=year).first()
        if run is None:
            raise CommandError(f"{year} has no final reconciliation.")
        discard_reconciliation(reconciliation_id=run.pk, reason=reason, by=by, at=timezone.now())
        self.stdout.write(f"Discarded; {year} is open again.")

    def _school(self, code: str | None) -> int | None:
        if code is None:
            return None
        school = School.objects.filter(code=code).first()
        if school is None:
            raise CommandError(f"There is no school with the code {code}.")
        return int(school.pk)

    def _tell(self, run: Reconciliation) -> None:
        for key, count in run.blockers.items():
            self.stdout.write(f"blocked by {key}: {count}")
        for line in [*sum_results(run.results.all(), "school"), sum_all(run.results.all())]:
            self.stdout.write(
                f"{line.name or '-'}: {line.members} members, {line.counted} counted, "
                f"{line.met} met, {line.not_met} not; {line.done} credit hours done"
            )
