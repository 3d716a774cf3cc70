from typing import Any

from django.core.management.base import BaseCommand, CommandError

from funding.amounts import format_amount
from funding.models import FundTransaction
from funding.queries.class_money import list_delivery_differences
from funding.queries.fund_check import CHECKS, list_fund_findings


class Command(BaseCommand):
    """Recompute every balance and link of the fund ledger from its rows."""

    help = "Recompute the fund ledger from its rows; exit 1 on any finding."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = {finding.check: finding for finding in list_fund_findings()}
        self.stdout.write(f"{FundTransaction.objects.count()} transactions")
        for name in CHECKS:
            self.stdout.write(f"  {'BAD' if name in findings else 'ok '}  {name}")
            if name in findings:
                found = findings[name]
                self.stdout.write(f"       {found.count} rows: {found.examples}")
        for cost in list_delivery_differences():
            # No corruption: somebody corrected a roll for a reason that the trail has.
            amount = format_amount(cost.overpaid)
            where = f"{cost.training_class.code}, {cost.name}"
            self.stdout.write(f"note  {where}: {amount} yuan were paid beyond the rolls of today")
        if findings:
            total = sum(finding.count for finding in findings.values())
            raise CommandError(f"{total} findings", returncode=1)
        self.stdout.write("no findings")
