"""Office files are told by their content; what could run a program is refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from django.utils import translation

from config.lib.office_files import OfficeFileError, detect_office_file

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def office(main: str, *parts: str, types: str = "[Content_Types].xml") -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(types, f'<Types><Override PartName="/x" ContentType="{main}"/></Types>')
        for part in parts:
            archive.writestr(part, b"x")
    return target.getvalue()


@pytest.mark.parametrize(("main", "ending"), [(WORD, "docx"), (SLIDES, "pptx")])
def test_documents_and_presentations_are_told_by_their_main_part(main, ending):
    kind = detect_office_file(office(main))

    assert kind is not None
    assert kind[0] == ending


@pytest.mark.parametrize(
    "data",
    [
        office(WORD, "word/vbaProject.bin"),
        office(WORD, "word/activeX/activeX1.bin"),
        office(MACROS),
        office(SHEET),
        office(WORD, types="types.xml"),
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        office(WORD)[:-30],
        b"PK\x03\x04" + b"\0" * 60,
    ],
    ids=["macros", "activex", "docm", "xlsx", "zip", "doc", "cut", "empty"],
)
def test_anything_else_in_such_a_container_is_refused(data):
    with pytest.raises(OfficeFileError):
        detect_office_file(data)


def test_an_endless_list_of_types_is_not_unpacked():
    with pytest.raises(OfficeFileError):
        detect_office_file(office("x" * (1 << 21)))


def test_what_is_no_archive_is_none_of_its_business():
    assert detect_office_file(b"%PDF-1.7") is None


def with_part(name: str, content: bytes) -> bytes:
    target = BytesIO(office(WORD))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize("begins", [b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf'", b"MZ\x90"])
def test_one_that_carries_an_archive_or_a_program_is_refused(begins):
    for name in ("word/media/image1.png", "word/embeddings/a.bin"):
        with translation.override("en"), pytest.raises(OfficeFileError, match="other files"):
            detect_office_file(with_part(name, begins + b"\0" * 40))


def test_the_table_of_a_chart_may_be_in_it():
    name = "word/embeddings/Microsoft_Excel_Sheet.xlsx"

    assert detect_office_file(with_part(name, b"PK\x03\x04" + b"\0" * 40))
