"""A PDF is told by its content: what only begins as one is refused."""

from __future__ import annotations

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
