"""What a paper says: every line with its reason, sums that add up, number, code and address."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from config.lib.documents import set_document
from config.lib.periods import at_local
from hours.models import RequirementRule
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.factories import DAY, NOON
from tests.years.actions.test_documents import CHECK, World
from years.documents import Stamp, digest_of, write_sheet
from years.enums import DocumentKind
from years.queries.hours import get_year_of

RECORD, CERTIFICATE = DocumentKind.YEAR_RECORD, DocumentKind.CERTIFICATE
STAMP = Stamp("XQ-2026-000123", "ACDEFGHJKMNPQRTW", DAY, "李芳", CHECK)


@pytest.fixture
def world(db):
    """A member who came late on one day and in time on another."""
    world = World()
    late = factories.make_session(world.training_class, starts_at=at_local(DAY.replace(day=6), 9))
    marks = world.marks("late", "absent")
    submit_roll(session_id=late.pk, marks=marks, seen={}, by=world.by, at=NOON)
    return world


def sheet_of(world, kind):
    return write_sheet(kind, get_year_of(world.clerk, world.member, DAY.year, DAY), STAMP)


def test_a_record_lists_every_line_by_day_and_says_why_it_is_worth_less(world):
    with translation.override("en"):
        sheet = sheet_of(world, RECORD)

    rows = sheet["lines"]["rows"]
    assert [(row[0], row[4]) for row in rows] == [("2026-05-06", "3.75"), ("2026-05-20", "4")]
    assert "taken off for coming late" in rows[0][5]
    assert rows[1][5] == ""
    assert all(len(row) == len(sheet["lines"]["columns"]) for row in rows)


@pytest.mark.parametrize("kind", DocumentKind)
def test_sums_by_category_add_up_to_the_total(world, kind):
    sums = sheet_of(world, kind)["sums"]

    assert sum(Decimal(hours) for _category, hours in sums["rows"]) == Decimal(sums["total"][1])
    assert sums["total"][1] == "7.75"


@pytest.mark.parametrize("kind", DocumentKind)
def test_number_code_and_where_to_check_stand_on_the_paper(world, kind):
    text = str(sheet_of(world, kind))

    for shown in (STAMP.number, "ACDE-FGHJ-KMNP-QRTW", CHECK, world.member.name):
        assert shown in text


def test_a_certificate_names_the_school_that_seals_it(world):
    with translation.override("en"):
        assert sheet_of(world, CERTIFICATE)["stamp"] == f"{world.school.name} (seal)"


def test_a_certificate_says_to_strangers_nothing_of_an_exemption(world):
    factories.exempt(world.member, "frail")
    with translation.override("en"):
        shown = {kind: "frail" in str(sheet_of(world, kind)) for kind in DocumentKind}

    assert shown == {RECORD: True, CERTIFICATE: False}


def test_a_certificate_says_that_the_target_is_met_and_not_that_it_is_missed(world):
    assert sheet_of(world, CERTIFICATE)["sentence"] == ""
    RequirementRule.objects.filter(group="every_member").update(hours=Decimal(4))

    assert "4" in sheet_of(world, CERTIFICATE)["sentence"]


def test_a_certificate_that_the_member_made_himself_names_no_issuer(world):
    member_year = get_year_of(world.clerk, world.member, DAY.year, DAY)
    with translation.override("en"):
        made = [
            write_sheet(CERTIFICATE, member_year, replace(STAMP, issuer=issuer))["issued"][1]
            for issuer in ("李芳", "")
        ]

    assert made == ["Issued by 李芳", "Printed by the member"]


def test_a_record_says_that_its_rule_is_to_be_verified(world):
    rules = []
    for to_be_verified in (False, True):
        RequirementRule.objects.update(to_be_verified=to_be_verified)
        with translation.override("en"):
            rules.append(sheet_of(world, RECORD)["rule"])

    assert rules[1] == f"{rules[0]}; the text now in force is to be verified"


def test_what_is_short_and_the_trainings_that_are_missing_stand_apart(world):
    RequirementRule.objects.update(concentrated_trainings=3)
    with translation.override("en"):
        sentence = sheet_of(world, RECORD)["sentence"]

    assert "to go; " in sentence
    assert sentence.endswith(" missing.")


def test_both_sign_the_record(world):
    with translation.override("en"):
        signatures = sheet_of(world, RECORD)["signatures"]

    assert [words.split(",")[0] for words in signatures] == [
        "Signature of the member",
        "Signature of the branch secretary",
        "Seal of the branch",
    ]


def test_a_long_record_goes_on_over_pages_and_an_empty_one_says_so(world):
    sheet = sheet_of(world, RECORD)
    lines = sheet["lines"]

    def pages(rows):
        pdf = set_document(RECORD, sheet | {"lines": lines | {"rows": rows}})
        return len(re.findall(rb"/Type\s*/Page\b", pdf))

    assert [pages(rows) for rows in ([], lines["rows"], lines["rows"] * 30)] == [1, 1, 4]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": CERTIFICATE},
        {"credit_year": 2025},
        {"number": "XQ-2026-000009"},
        {"facts": {"done": "40.00"}},
        {"file_hash": "0" * 64},
        {"code_fingerprint": "0" * 64},
        {"member_id": 0},
        {"issued_by_id": 0},
        {"version": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_seal_covers_all_that_a_document_says(world, change):
    document = world.issue()
    for name, value in change.items():
        setattr(document, name, value)

    assert digest_of(document) != document.digest
