"""Bulk writing: what is copied comes back as it was."""

from datetime import date

from config.lib.copying import copy_rows, reserve_ids
from config.lib.periods import period
from schools.models import District, School, Township


def test_copied_text_comes_back_as_it_was(db):
    names = ["杨柳青", "𠮷㐂", "a\tb\nc\rd", r"\N", "back\\slash", "'quoted' \"twice\"", ""]
    rows = [(str(number), name) for number, name in enumerate(names)]
    assert copy_rows(Township, ["code", "name"], rows) == len(names)
    assert list(Township.objects.order_by("code").values_list("name", flat=True)) == names


def test_copied_periods_keep_their_open_end(db):
    periods = [period(date(2019, 1, 1)), period(date(2019, 1, 1), date(2020, 1, 1))]
    copy_rows(
        School,
        ["code", "name", "signature", "period", "office", "telephone", "address"],
        [(str(number), str(number), "", value, "", "", "") for number, value in enumerate(periods)],
    )
    assert list(School.objects.order_by("code").values_list("period", flat=True)) == periods


def test_nothing_is_copied_from_no_rows(db):
    assert copy_rows(Township, ["code", "name"], []) == 0


def test_reserved_ids_are_never_given_again(db):
    ids = reserve_ids(District, 3)
    assert ids == sorted(set(ids))
    assert District.objects.create(code="120111", name="西青区").pk > ids[-1]
    assert reserve_ids(District, 0) == []
