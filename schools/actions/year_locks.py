"""Closing a year in the database, and opening it again."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from config.lib.years import FIRST_YEAR, is_over
from schools.errors import SchoolsError
from schools.models import YearLock
from schools.permissions import keeps_network


def lock_year(*, year: int, by: Actor, at: datetime) -> YearLock:
    """Close a year that is over: from now on the database takes nothing that moves its figures.

    Waits for what others are writing in it. Raises PermissionDenied for all but the organisation
    department, and SchoolsError for a year that is not over or is closed already.
    """
    if by.user is None or not keeps_network(by.user):
        raise PermissionDenied
    if year < FIRST_YEAR or not is_over(year, local_date(at)):
        raise SchoolsError(_("A year is closed once it is over."), field="year")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.YEARS, year])
        locks = YearLock.objects.filter(year=year)
        if locks.filter(released_at=None).exists():
            raise SchoolsError(_("This year is closed already."), field="year")
        last = locks.aggregate(last=Max("revision"))["last"] or 0
        lock = YearLock.objects.create(
            year=year, revision=last + 1, locked_at=at, locked_by=by.user
        )
        record_act(
            act="lock_year",
            obj=lock,
            by=by,
            at=at,
            after={"year": year, "revision": lock.revision},
        )
    return lock


def release_year(*, year: int, reason: str, by: Actor, at: datetime) -> YearLock:
    """Open a closed year again, also after its deadline, until it is locked again.

    Raises PermissionDenied for all but the organisation department, and SchoolsError without a
    reason or for a year that is not closed.
    """
    if by.user is None or not keeps_network(by.user):
        raise PermissionDenied
    if not reason.strip():
        raise SchoolsError(_("Say why."), field="reason")
    with transaction.atomic():
        lock = YearLock.objects.select_for_update().filter(year=year, released_at=None).first()
        if lock is None:
            raise SchoolsError(_("This year is not closed."), field="year")
        lock.released_at, lock.released_by, lock.reason = at, by.user, reason.strip()
        lock.save(update_fields=["released_at", "released_by", "reason"])
        record_act(
            act="release_year",
            obj=lock,
            by=by,
            at=at,
            after={"year": year, "revision": lock.revision, "reason": lock.reason},
        )
    return lock
