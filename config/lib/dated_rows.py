"""Writing rows with a period: one row ends on a day, and another one begins.

Rows are saved in bulk, so the number of statements does not depend on how many they are.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from config.lib.periods import period


def from_day_on(on: date, field: str = "period") -> Q:
    """Rows that say something about the day `on` or a later one."""
    return Q(**{f"{field}__overlap": period(on)})


def change_from(rows: Iterable[models.Model], on: date, **changes: Any) -> None:
    """Let `rows` say `changes` from the day `on`; what they say of earlier days stays.

    A row that began before is ended and followed by another; one that begins later is changed.
    All of them reach over `on`, and are of one model. A `recorded_at` among the changes is also the
    moment at which the ended rows were recorded as ended.
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
    """End `rows` before the day `on`; those that would begin later never come to be."""
    begun, later = _split(rows, on)
    for row in begun:
        row.period = period(row.period.lower, on)
    _update(begun, ["period"])
    if later:
        type(later[0])._default_manager.filter(pk__in=[row.pk for row in later]).delete()


def _split(rows: Iterable[Any], on: date) -> tuple[list[Any], list[Any]]:
    """Rows that began before the day `on`, and the others."""
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
