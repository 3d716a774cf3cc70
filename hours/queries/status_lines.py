"""What the status page says of the nightly ledger check."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backstage.status import Health, StatusLine
from config.lib.dates import format_moment
from hours.models import LedgerCheck

# Every night, with two hours for the run itself.
DUE_AFTER = timedelta(hours=26)


def ledger_lines(now: datetime) -> list[StatusLine]:
    """When the ledger and the trail were last checked, and what was found."""
    label, check = _("Last ledger check"), LedgerCheck.objects.first()
    if check is None:
        advice = _("It runs every night at 2; see whether beat and worker are at work.")
        return [StatusLine(label, Health.WATCH, _("There is none yet."), advice)]
    url = reverse("admin:hours_ledgercheck_change", args=[check.pk])
    moment = format_moment(check.checked_at)
    if check.findings:
        found = ngettext("%(n)d finding", "%(n)d findings", check.findings) % {"n": check.findings}
        advice = _("Open the check and tell the organisation department before anything else.")
        return [StatusLine(label, Health.WRONG, f"{moment}; {found}", advice, url)]
    if now - check.checked_at > DUE_AFTER:
        advice = _("It runs every night at 2; see whether beat and worker are at work.")
        return [StatusLine(label, Health.WRONG, moment, advice, url)]
    return [StatusLine(label, Health.WELL, moment, url=url)]
