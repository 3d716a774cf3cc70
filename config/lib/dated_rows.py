"""Write rows with a period: one row ends on a day and another begins.

Rows are saved in bulk, so the number of statements does not depend on the number of rows.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from config.lib.periods import period


def from_day_on(on: date, field: str = "period") -> Q:
    """Rows whose period includes the day `on` or a later one."""
    return Q(**{f"{field}__overlap": period(on)})


def change_from(rows: Iterable[models.Model], on: date, **changes: Any) -> None:
    """Apply `changes` to `rows` from the day `on`; earlier days stay as they are.

    A row that began earlier is ended and followed by a new one; a row that begins later is changed.
    All rows must extend beyond `on` and be of one model. If `changes` has a `recorded_at`, it is
    also recorded as the moment at which the ended rows were ended.
    """
    ended = ["period"]
    begun, later = _split(rows, on)
    followers = []
    for row in begun:
        follower = type(row)(**{f.attname: getattr(row, f.attname) for f in _columns(row)})
        follower.period = period(on, row.period.upper)
        followers.append(follower)
        row.period = period(row.period.lower, on)
        if "recorded_at" in changes:
            row.recorded_at = changes["recorded_at"]
            ended = ["period", "recorded_at"]
    for row in (*followers, *later):
        for name, value in changes.items():
            setattr(row, name, value)
    _update(begun, ended)
    _update(later, list(changes))
    if followers:
        type(followers[0])._default_manager.bulk_create(followers)


def end_at(rows: Iterable[models.Model], on: date) -> None:
    """End `rows` before the day `on`; rows that would begin on that day or later are deleted."""
    begun, later = _split(rows, on)
    for row in begun:
        row.period = period(row.period.lower, on)
    _update(begun, ["period"])
    if later:
        type(later[0])._default_manager.filter(pk__in=[row.pk for row in later]).delete()


def _split(rows: Iterable[Any], on: date) -> tuple[list[Any], list[Any]]:
    """Split `rows` into those that began before the day `on` and the rest."""
    kept = list(rows)
    return (
        [row for row in kept if row.period.lower < on],
        [row for row in kept if row.period.lower >= on],
    )


def _columns(row: models.Model) -> list[Any]:
    return [field for field in row._meta.concrete_fields if not field.primary_key]


def _update(rows: list[Any], fields: list[str]) -> None:
    if rows and fields:
        type(rows[0])._default_manager.bulk_update(rows, fields)
