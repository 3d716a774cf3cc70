"""A file of the refused rows of an uploaded table, with the reasons, for its office."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

from backstage.imports.columns import Header, place_of_refused, refused_headers
from backstage.imports.reasons import Problem, RowPlace, format_place, in_words
from config.lib.sentences import join_sentences
from config.lib.spreadsheet_formulas import Formula
from config.lib.spreadsheet_reading import Table
from config.lib.spreadsheet_writing import Column, Marked, write_table


def write_refused_rows(
    *,
    file_name: str,
    table: Table,
    header: Header,
    refused: Iterable[tuple[int, RowPlace, Sequence[Problem]]],
    label: Callable[[str], str],
) -> bytes:
    """Refused rows as uploaded, wrong cells marked, reasons in a last column.

    `refused` has number, place in the file and problems of each row. After correction, this file
    can be uploaded as it is. `label` names a field for the reader.
    """
    written = [str(cell or "") for cell in table.rows[header.place]]
    # From a file of refused rows, the old row numbers and reasons are left out.
    former = place_of_refused(header.texts)
    left_out = () if former is None else (former, former + 1)
    places = [place for place in range(table.width) if place not in left_out]
    row_header, reason_header = refused_headers()
    target = BytesIO()
    write_table(
        target,
        title=_("Refused rows of %(file)s") % {"file": file_name},
        sheet_name=_("Refused rows"),
        notes=[_("Correct the marked cells and upload this file as it is.")],
        columns=[
            *(
                Column(header.texts[place] or str(written[place] or ""), width=20)
                for place in places
            ),
            Column(row_header),
            Column(reason_header, width=60),
        ],
        rows=_marked_rows(table, header, refused, places, label),
    )
    return target.getvalue()


def _marked_rows(
    table: Table,
    header: Header,
    refused: Iterable[tuple[int, RowPlace, Sequence[Problem]]],
    places: Sequence[int],
    label: Callable[[str], str],
) -> Iterator[list[Any]]:
    for number, place_in_file, problems in refused:
        reasons: dict[str, str] = {}
        for field, code, values in problems:
            reason = in_words(code, values)
            reasons[field] = join_sentences([reasons.get(field, ""), reason])
        cells = [
            None if cell is Formula.WITHOUT_RESULT else cell for cell in table.rows[number - 1]
        ]
        marked = [
            Marked(cells[place], reasons[field]) if field in reasons else cells[place]
            for place in places
            for field in [header.fields[place]]
        ]
        sentences = [
            _("%(label)s: %(value)s") % {"label": label(field), "value": reason}
            for field, reason in reasons.items()
        ]
        yield [*marked, format_place(place_in_file), join_sentences(sentences)]
