"""Layouts of statistics sheets: kept, explained, withdrawn, and filled in by a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from backstage.exports import MEDIA_TYPE
from backstage.files import FileError, store_file
from backstage.jobs import order_job
from backstage.models import Job
from config.lib.periods import local_date
from config.lib.spreadsheet_layouts import LayoutError, check_layout
from config.lib.spreadsheet_refusals import SpreadsheetError
from reports.errors import SheetError
from reports.models import SheetLayout
from reports.permissions import keeps_layout
from reports.sheets.reading import open_layout
from schools.models import School

FILL = "reports.fill_sheet"
# The most words of a layout that an officer may explain.
MOST_WORDS = 500


def keep_layout(
    *, name: str, school_id: int | None, data: bytes, file_name: str, by: Actor, at: datetime
) -> SheetLayout:
    """Keep a workbook as a layout of the district, or of a school.

    Raises PermissionDenied, and SheetError for a workbook that is not accepted or a name in use.
    """
    _require_keeper(by, school_id, at)
    try:
        check_layout(data)
        open_layout(data)
    except (LayoutError, SpreadsheetError) as error:
        raise SheetError(str(error), "upload") from error
    with transaction.atomic():
        if SheetLayout.objects.offered().filter(name=name, school=school_id).exists():
            raise SheetError(_("There is a layout of this name already."), "name")
        try:
            file = store_file(
                data=data, name=file_name, media_type=MEDIA_TYPE, owner=None, at=at, keep_days=None
            )
        except FileError as error:
            raise SheetError(str(error), "upload") from error
        layout = SheetLayout.objects.create(
            name=name, school_id=school_id, file=file, uploaded_at=at, uploaded_by=person_of(by)
        )
        _record("keep_layout", layout, by, at, file=file.name, digest=file.digest)
    return layout


def explain_words(
    *, layout_id: int, chosen: Mapping[str, str], by: Actor, at: datetime
) -> SheetLayout:
    """Say what words of a layout mean; the words that are left out mean what they did at first."""
    with transaction.atomic():
        layout = _lock(layout_id, by, at)
        if len(chosen) > MOST_WORDS:
            raise SheetError(_("These are too many words."))
        if layout.chosen != dict(chosen):
            layout.chosen = dict(chosen)
            layout.save(update_fields=["chosen"])
            _record("explain_layout", layout, by, at, words=len(chosen))
    return layout


def withdraw_layout(*, layout_id: int, by: Actor, at: datetime) -> SheetLayout:
    """Offer a layout no more; its file stays."""
    with transaction.atomic():
        layout = _lock(layout_id, by, at)
        layout.withdrawn_at, layout.withdrawn_by = at, person_of(by)
        layout.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _record("withdraw_layout", layout, by, at)
    return layout


def order_filling(
    *, layout: SheetLayout, first: date, last: date, school: School | None, by: Actor, at: datetime
) -> Job:
    """Order the job that fills a layout in for these days, unless it is ordered already.

    What the actor may see is checked when the job runs.
    """
    arguments = {
        "layout": layout.pk,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "school": school.pk if school else None,
    }
    with transaction.atomic():
        same = Job.objects.open().filter(kind=FILL, arguments=arguments, asked_by=by.user)
        return same.first() or order_job(kind=FILL, arguments=arguments, by=by, at=at)


def _lock(layout_id: int, by: Actor, at: datetime) -> SheetLayout:
    layout = SheetLayout.objects.select_for_update().get(pk=layout_id)
    _require_keeper(by, layout.school_id, at)
    if layout.withdrawn_at:
        raise SheetError(_("This layout was withdrawn."))
    return layout


def _require_keeper(by: Actor, school_id: int | None, at: datetime) -> None:
    if not keeps_layout(person_of(by), school_id, local_date(at)):
        raise PermissionDenied


def _record(act: str, layout: SheetLayout, by: Actor, at: datetime, **facts: object) -> None:
    record_act(
        act=act,
        obj=layout,
        by=by,
        at=at,
        after={"layout": layout.name, **facts},
        school_code=layout.school.code if layout.school else "",
    )
