"""A PDF is told by its content: what only begins as one is refused."""

from __future__ import annotations

import zlib

import pytest

from config.lib.pdf_files import PdfError, is_pdf
from tests.factories import make_pdf


def test_a_whole_one_is_told_whatever_a_program_writes_after_its_end():
    assert is_pdf(make_pdf())
    assert is_pdf(make_pdf() + b"\r\n\0\0")


def test_a_file_of_another_kind_is_none():
    assert not is_pdf(b"\xff\xd8\xff")
    assert not is_pdf(b"\n%PDF-1.7")


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n...", b"%PDF-", b"%PDF-x.1" + make_pdf()[8:], make_pdf()[:-6]],
    ids=["no end", "mark alone", "no version", "cut"],
)
def test_what_only_begins_as_one_is_refused(data):
    with pytest.raises(PdfError):
        is_pdf(data)


def with_objects(objects: bytes) -> bytes:
    """A PDF with these objects before its end."""
    head, tail = make_pdf().split(b"trailer")
    return head + objects + b"\ntrailer" + tail


def packed(objects: bytes) -> bytes:
    return b"1 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\n" + zlib.compress(objects)


@pytest.mark.parametrize(
    "objects",
    [
        b"<< /S /JavaScript /JS (app.alert(1)) >>",
        b"<< /S /Java#53cript /JS (x) >>",
        b"<< /S/Launch /F (cmd.exe) >>",
        b"<< /Names << /EmbeddedFiles 3 0 R >> >>",
        b"<< /AcroForm << /XFA 4 0 R >> >>",
        packed(b"<< /S /JavaScript >>"),
        b"PK\x03\x04 ... PK\x05\x06" + b"\0" * 18,
        packed(b"\0" * (65 * 1024 * 1024)),
    ],
    ids=["script", "escaped", "program", "files", "form", "packed", "archive", "bomb"],
)
def test_one_that_runs_something_or_carries_files_is_refused(objects):
    with pytest.raises(PdfError):
        is_pdf(with_objects(objects))


@pytest.mark.parametrize(
    "objects",
    [
        b"<< /OpenAction [3 0 R /Fit] >>",
        b"(We speak of JavaScript) /JavaScriptless",
        packed(b"<< /Type /Page >>"),
        b"<< /Type /ObjStm >> stream\nnot packed",
    ],
)
def test_an_ordinary_one_is_taken(objects):
    assert is_pdf(with_objects(objects))
