"""The rule of booking, set anew from a day on by the academic officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.records import RecordError, delete_record, save_record
from config.lib.dated_rows import from_day_on
from config.lib.periods import first_day, local_date, period
from dispatch.errors import BookingError
from dispatch.models import BookingRule
from dispatch.permissions import dispatches


def set_booking_rule(
    *, values: Mapping[str, Any], on: date, by: Actor, at: datetime
) -> BookingRule:
    """Let booking follow these figures from the day `on`; earlier days keep theirs.

    What was set for a later day is replaced. Raises PermissionDenied, and BookingError for a day
    that is over, since letters were judged by its rule, or for figures that no rule may have.
    """
    if by.user is None or not dispatches(by.user):
        raise PermissionDenied
    if on < local_date(at):
        raise BookingError(_("Letters were judged by the rule of days that are over."), "on")
    with transaction.atomic():
        rows = list(BookingRule.objects.select_for_update(no_key=True).filter(from_day_on(on)))
        if len(rows) == 1 and rows[0].period.upper is None and _has(rows[0], values):
            return rows[0]
        rule = BookingRule(**values, period=period(on))
        try:
            for row in rows:
                if first_day(row.period) >= on:
                    delete_record(obj=row, by=by)
                else:
                    row.period = period(first_day(row.period), on)
                    save_record(obj=row, by=by, fields=["period"])
            save_record(obj=rule, by=by, fields=[])
        except RecordError as error:
            raise BookingError(error.message, error.field) from error
    return rule


def _has(row: BookingRule, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
