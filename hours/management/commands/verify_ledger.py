from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from hours.actions.ledger_check import check_ledger


class Command(BaseCommand):
    """Recompute the credit-hour ledger, the digests of the trail and the chain from their rows."""

    help = "Recompute the ledger, the trail's digests and the chain; exit 1 on any finding."

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_ledger(at=timezone.now(), by=Actor(None, ActorChannel.COMMAND))
        self.stdout.write(f"{check.entries} entries, {check.assessments} assessments")
        findings = {finding["check"]: finding for finding in check.details["findings"]}
        for name in check.details["checks"]:
            self.stdout.write(f"  {'ok ' if name not in findings else 'BAD'}  {name}")
            if name in findings:
                self.stdout.write(
                    f"       {findings[name]['count']} rows: {findings[name]['examples']}"
                )
        broken = check.details["broken_digests"]
        self.stdout.write(
            f"  {'BAD' if broken else 'ok '}  {check.details['audit_entries']} audit entries fit "
            f"their seals{f'; not: {broken}' if broken else ''}"
        )
        if check.findings:
            raise CommandError(f"{check.findings} findings", returncode=1)
        self.stdout.write("no findings")
