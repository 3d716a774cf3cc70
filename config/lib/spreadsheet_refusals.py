"""Why an uploaded table is refused: a code with values, translated for each reader."""

from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FileFault(StrEnum):
    """What is wrong with a file. The codes are stored with the imports that failed."""

    TOO_LARGE = "file_too_large"
    TOO_LARGE_UNPACKED = "file_too_large_unpacked"
    TOO_MANY_CELLS = "file_too_many_cells"
    DAMAGED = "file_damaged"
    NO_SPREADSHEET = "file_no_spreadsheet"
    FOREIGN_FORMAT = "file_foreign_format"
    ENCRYPTED = "file_encrypted"
    EMPTY = "file_empty"
    UNKNOWN_CHARACTERS = "file_unknown_characters"
    STRAY_QUOTE = "file_stray_quote"


SENTENCES: dict[str, Promise] = {
    FileFault.TOO_LARGE: _("The file is larger than %(limit)s MB."),
    FileFault.TOO_LARGE_UNPACKED: _("The file is too large once it is unpacked."),
    FileFault.TOO_MANY_CELLS: _(
        "A table may have at most %(rows)s rows, %(columns)s columns and %(cells)s cells; this "
        "one reaches further. Delete what stands far below or to the right of it, or split it."
    ),
    FileFault.DAMAGED: _(
        "The file is damaged or incomplete. Open it in a spreadsheet program, save it as .xlsx, "
        "and upload that."
    ),
    FileFault.NO_SPREADSHEET: _("This is not a spreadsheet. Upload an .xlsx or .csv file."),
    FileFault.FOREIGN_FORMAT: _(
        "Spreadsheets of this kind are not read. Open the file in a spreadsheet program, save it "
        "as .xlsx, and upload that."
    ),
    FileFault.ENCRYPTED: _(
        "The file is protected by a password. Remove the password and upload it again."
    ),
    FileFault.EMPTY: _("The file holds no data."),
    FileFault.UNKNOWN_CHARACTERS: _(
        "The characters of this text cannot be read. Save it as .xlsx or as CSV in UTF-8."
    ),
    FileFault.STRAY_QUOTE: _("Row %(row)s: a quotation mark is missing or out of place."),
}


class SpreadsheetError(Exception):
    """A file is refused, with a reason for its sender and an HTTP status (413 or 422).

    `code` and `values` may be stored; `str()` gives the message in the reader's language.
    """

    def __init__(self, code: FileFault, status: int = 422, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values
        self.status = status

    def __str__(self) -> str:
        return str(SENTENCES[self.code]) % self.values
