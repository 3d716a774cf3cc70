"""Headers of uploaded tables, and those of files of refused rows."""

from __future__ import annotations

import pytest
from django.utils import translation

from backstage.imports.columns import Header, place_of_refused, refused_headers


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_file_of_refused_rows_is_known_by_its_last_headers_in_each_language(language):
    with translation.override(language):
        texts = ["姓名", "身份证号", *refused_headers()]

    assert place_of_refused(texts) == 2
    assert place_of_refused([*texts, ""]) == 2
    assert place_of_refused(["姓名", "原因", "行号"]) is None


@pytest.mark.parametrize(
    ("row", "is_header"),
    [
        (["", "代码", "名称"], True),
        (
            [
                "",
                " 代码 ",
                "名称",
            ][:2],
            True,
        ),
        (["", "代码", "杨柳青镇"], False),
        ([], False),
        ([None, None, None], False),
    ],
)
def test_a_header_repeated_on_a_later_page_is_known(row, is_header):
    header = Header(2, ("", "代码", "名称"), (None, "code", "name"))

    assert header.is_repeated_by(row) is is_header
