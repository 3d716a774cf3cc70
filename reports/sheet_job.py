"""The job that fills a layout in: what its owner may see when it runs, as a file to download."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_act
from accounts.models import User
from backstage.exports import MEDIA_TYPE
from backstage.files import FileError, read_file, store_file
from backstage.jobs import JobError, JobKind, Progress
from backstage.models import Job, StoredFile
from config.lib.periods import local_date
from config.lib.spreadsheet_layouts import LayoutError
from reports.actions.layouts import FILL
from reports.models import SheetLayout
from reports.queries.statistics import Days, MemberHoursLines, Statistics
from reports.sheets.filling import fill_layout
from reports.sheets.reading import open_layout, read_layout
from reports.sheets.words import Vocabulary
from schools.models import School
from schools.permissions import sees_schools


def _find(job: Job, user: User, at: datetime) -> tuple[SheetLayout, list[School]] | None:
    """The layout and the schools of the job, as far as the person may see them now."""
    on, chosen = local_date(at), job.arguments["school"]
    if not user.is_active or not sees_schools(user):
        return None
    layouts = SheetLayout.objects.visible_to(user, on).select_related("file", "school")
    layout = layouts.filter(pk=job.arguments["layout"]).first()
    schools = School.objects.visible_to(user, on)
    if chosen:
        schools = schools.filter(pk=chosen)
    found = list(schools.order_by("code"))
    return (layout, found) if layout and found else None


def _run(progress: Progress) -> StoredFile:
    """Fill the layout in and store the copy; the layout itself stays as it was uploaded."""
    job, at = progress.job, progress.clock()
    found = _find(job, job.asked_by, at) if job.asked_by else None
    if found is None or job.asked_by is None:
        raise JobError(_("What you may see has changed since. Open the layout and fill it again."))
    layout, schools = found
    days = Days(_day(job, "first"), _day(job, "last"))
    try:
        book = open_layout(read_file(layout.file))
        reading = read_layout(book, Vocabulary(schools, layout.chosen))
        statistics, members = Statistics(schools, days, at), MemberHoursLines(schools, days)
        data = fill_layout(book, reading, statistics, members)
    except (LayoutError, FileError) as error:
        raise JobError(str(error)) from error
    name = f"{layout.name} {days.first} – {days.last}.xlsx"
    rows = len(members) if reading.tables else 0
    with transaction.atomic():
        stored = store_file(data=data, name=name, media_type=MEDIA_TYPE, owner=job.asked_by, at=at)
        record_act(
            act="fill_layout",
            obj=stored,
            by=progress.by,
            at=at,
            after={
                "layout": layout.name,
                "first": days.first.isoformat(),
                "last": days.last.isoformat(),
                "cells": len(reading.places),
                "rows": rows,
            },
            school_code=schools[0].code if len(schools) == 1 else "",
        )
    return stored


def _day(job: Job, name: str) -> date:
    return date.fromisoformat(job.arguments[name])


def _label(job: Job) -> str:
    layout = SheetLayout.objects.filter(pk=job.arguments["layout"]).first()
    return _("Statistics sheet: %(name)s") % {"name": layout or "–"}


FILLING = JobKind(
    FILL,
    label=_label,
    run=_run,
    may_fetch=lambda job, user, at: _find(job, user, at) is not None,
    title=gettext_lazy("Filling of a statistics sheet"),
)
