"""An office's own spreadsheet as a layout to fill in: what may be opened, and what is refused.

A layout is opened as a whole by openpyxl and written again, so nothing may be in it that would act
on whoever opens it, or that would be lost: macros, links to other files, embedded files, drawings.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from django.utils.translation import gettext as _

from config.lib.spreadsheet_safety import MEGABYTE, Limits, check_workbook

# A layout is a form, not a register; openpyxl holds all of its cells in memory.
LIMITS = Limits(size=20 * MEGABYTE, unpacked=48 * MEGABYTE, rows=20_000, columns=200, cells=200_000)
_ACTS = re.compile(r"vbaproject|vbadata|/activex/|/ctrlprops/|macrosheets|dialogsheets")
_LINKS = re.compile(r"xl/(externallinks/|connections\.xml|querytables/)")
_HOLDS = re.compile(r"xl/(embeddings/|pivot|slicer|model/)")
_DRAWN = re.compile(r"xl/(drawings/drawing|charts/|media/|diagrams/)")
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_EXTERNAL_TARGET = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)


class LayoutError(Exception):
    """The workbook is no acceptable layout. The message is for the user."""


def check_layout(data: bytes) -> None:
    """Raise LayoutError or SpreadsheetError unless `data` is a workbook that may be filled in."""
    if len(data) > LIMITS.size:
        text = _("The file is larger than %(limit)s MB.")
        raise LayoutError(text % {"limit": LIMITS.size // MEGABYTE})
    if not data.startswith(b"PK\x03\x04"):
        raise LayoutError(_("This is no .xlsx workbook. Save the layout as .xlsx and send that."))
    if check_workbook(data, LIMITS).has_oversized_sheets:
        raise LIMITS.too_many()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename.lower() for entry in entries]
        _refuse(names, _ACTS, _("This workbook holds macros. Save it without them, as .xlsx."))
        _refuse(
            names,
            _LINKS,
            _("This workbook has links to other files or databases. Break the links first."),
        )
        _refuse(
            names, _HOLDS, _("This workbook holds other files or pivot tables. Remove them first.")
        )
        _refuse(
            names,
            _DRAWN,
            _("This workbook holds pictures or charts, which would be lost. Remove them first."),
        )
        if sum(entry.file_size for entry in entries) > LIMITS.unpacked:
            raise LIMITS.too_many()
        for entry in entries:
            _check_part(archive.read(entry), entry.filename.lower())


def _refuse(names: list[str], pattern: re.Pattern[str], message: str) -> None:
    if any(pattern.search(name) for name in names):
        raise LayoutError(message)


def _check_part(text: bytes, name: str) -> None:
    """Refuse what the names of the entries do not show: it stands in the content of this one.

    No Office declares a document type or entities; who does wants to blow up the reader.
    """
    if _DECLARATION.search(text):
        raise LayoutError(_("This file is damaged. Send it again."))
    if name == "[content_types].xml" and b"macroenabled" in text.lower():
        raise LayoutError(_("This workbook holds macros. Save it without them, as .xlsx."))
    if name.endswith(".rels") and _EXTERNAL_TARGET.search(text):
        raise LayoutError(
            _("This workbook has links to other files or addresses. Remove the links first.")
        )
