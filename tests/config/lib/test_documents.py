"""Documents: fonts of the locked packages only, no sign without a font, the same bytes again."""

from __future__ import annotations

import re
from itertools import batched

import pytest
from django.conf import settings

from config.lib.documents import DocumentError, set_document
from tests.pdf_text import read_lines

SLIP = {
    "name": "张伟",
    "organisation": "第一党支部",
    "label": "党员编号",
    "number": "1010000001",
    "code": "ACDEF-GHJKM",
    "valid_until": "2026-12-24",
    "steps": ["1. …", "2. …"],
    "once": "只能用一次",
    "ask": "请找本支部书记",
}


def sheet(*slips: dict[str, str], **changes: object) -> bytes:
    data = {
        "heading": "西青区",
        "labels": {"code": "激活码", "valid_until": "有效期至"},
        "address": "https://xuetang.example.cn/activate/",
        "issued": "王芳",
        "slips": list(slips or [SLIP]),
    }
    return set_document("slips", data | changes)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("name", ["𠮷田", "㐂", "阿依古丽·买买提", "O’Neill"])
def test_rare_characters_and_the_separator_are_set(name):
    pdf = sheet(SLIP | {"name": name})

    assert pdf.startswith(b"%PDF")
    assert len(pdf) > len(sheet(SLIP | {"name": ""}))


@pytest.mark.parametrize(("sign", "name"), [("\U0001f600", "U+1F600"), ("\ue000", "U+E000")])
def test_a_sign_that_no_font_holds_is_an_error_and_named(sign, name):
    with pytest.raises(DocumentError, match=name.replace("+", r"\+")):
        sheet(SLIP | {"name": f"张{sign}"})


def test_the_same_data_give_the_same_bytes():
    assert sheet() == sheet()


def test_six_fit_on_a_page():
    assert [pages(sheet(*[SLIP] * n)) for n in (1, 6, 7)] == [1, 1, 2]


def test_no_slip_is_printed_smaller_than_an_old_reader_sees():
    source = (settings.BASE_DIR / "templates/documents/slips.typ").read_text(encoding="utf-8")

    sizes = [float(size) for size in re.findall(r"size: ([\d.]+)pt", source)]
    assert min(sizes) >= 9


@pytest.mark.parametrize("text", ['#panic("x")', "#import", '"]) #{', "\\", "$x$", "*_`"])
def test_data_are_text_and_never_markup(text):
    assert sheet(SLIP | {"name": text}).startswith(b"%PDF")


def test_fonts_of_the_machine_are_not_asked(monkeypatch, tmp_path):
    """Without a single font folder of the system the bytes are the same."""
    before = sheet()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FONTCONFIG_PATH", str(tmp_path))

    assert sheet() == before


def test_a_line_reads_back_however_its_glyphs_are_written() -> None:
    """A PDF writes the numbers of its glyphs as signs or, past the first 127, in hex digits."""
    many = [chr(0x4E00 + place) for place in range(0, 800, 4)]
    slips = [SLIP | {"organisation": "".join(some)} for some in batched(many, 20, strict=True)]
    text = "".join(read_lines(sheet(*slips)))
    assert all(sign in text for sign in many)
    assert text.count(SLIP["code"]) == len(slips)
