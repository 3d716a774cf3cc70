"""The public check: match or no match, what became of a document, and a limit for guesses."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.activation import sweep_codes
from accounts.enums import CodeKind
from accounts.models import WrongCode
from tests.factories import NOON
from tests.refusals import refused
from tests.years.actions.test_documents import World
from trainees.models import Member
from years.actions import document_check
from years.actions.document_check import TRIES_PER_ADDRESS, WAIT_MINUTES, check_document
from years.actions.documents import revoke_document
from years.errors import TooManyTriesError

UNKNOWN = "A" * 16
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """The codes that were printed, which no row holds."""
    from years.actions import documents

    codes: list[str] = []

    def draw(shape):
        codes.append("CDEFGHJKMNPQRTW" + "34679"[len(codes) % 5])
        return codes[-1]

    monkeypatch.setattr(documents, "draw_code", draw)
    return codes


@pytest.fixture
def world(db, drawn):
    world = World()
    world.document = world.issue()
    world.code = drawn[0]
    return world


def check(code, name="张伟", address=HERE, at=NOON):
    return check_document(code=code, name=name, address=address, at=at)


class TestTheAnswer:
    def test_is_a_match_for_code_and_name(self, world):
        assert check(world.code) == world.document
        assert check(world.code).state == "valid"

    @pytest.mark.parametrize("name", ["张 伟", " 张伟 ", "张　伟"])
    def test_spaces_in_the_name_do_not_matter(self, world, name):
        assert check(world.code, name)

    def test_nor_does_the_kind_of_separator(self, world, drawn):
        Member.objects.filter(pk=world.member.pk).update(name="阿依古丽·买买提")
        world.issue()

        assert check(drawn[-1], "阿依古丽•买买提")

    @pytest.mark.parametrize(("code", "name"), [(None, "李芳"), (UNKNOWN, "张伟"), (None, "")])
    def test_is_the_same_for_a_wrong_name_and_an_unknown_code(self, world, code, name):
        assert check(code or world.code, name) is None

    def test_names_the_paper_and_not_the_register(self, world):
        Member.objects.filter(pk=world.member.pk).update(name="张炜")

        assert check(world.code, "张伟")
        assert check(world.code, "张炜") is None

    def test_says_that_a_document_was_replaced_and_when(self, world):
        world.issue(at=NOON + timedelta(days=1))

        document = check(world.code)
        assert (document.state, document.replaced_at) == ("replaced", NOON + timedelta(days=1))

    def test_says_that_a_document_was_revoked_and_when(self, world):
        revoke_document(document_id=world.document.pk, reason="x", by=world.by, at=NOON)

        document = check(world.code)
        assert (document.state, document.revoked_at) == ("revoked", NOON)

    def test_vouches_for_no_row_that_does_not_fit_its_seal(self, world, monkeypatch, caplog):
        # Behind our back: triggers and rights keep everybody else from it.
        monkeypatch.setattr("years.documents.digest_of", lambda document: "0" * 64)

        assert check(world.code) is None
        assert "does not fit its seal" in caplog.text

    def test_takes_the_same_statements_for_every_wrong_answer(self, world):
        taken = []
        for code, name in ((world.code, "李芳"), (UNKNOWN, "张伟")):
            with CaptureQueriesContext(connection) as caught:
                check(code, name)
            taken.append([query["sql"].partition(" ")[0] for query in caught.captured_queries])

        assert taken[0] == taken[1]

    def test_is_logged_without_code_name_or_address(self, world, caplog):
        caplog.set_level(logging.INFO, "years.actions.document_check")
        check(world.code)
        check(UNKNOWN)

        assert [record.getMessage() for record in caplog.records] == [
            "Public check of a document: valid.",
            "Public check of a document: no match.",
        ]


class TestTheLimit:
    def test_an_address_waits_after_so_many_wrong_tries_even_with_the_right_code(self, world):
        for _try in range(TRIES_PER_ADDRESS):
            assert check(UNKNOWN) is None

        with refused(TooManyTriesError) as caught:
            check(world.code)
        assert caught.value.wait_seconds == WAIT_MINUTES * 60
        assert check(world.code, address=THERE)
        assert check(world.code, at=NOON + timedelta(minutes=WAIT_MINUTES))

    def test_right_ones_are_not_counted(self, world):
        for _try in range(TRIES_PER_ADDRESS + 1):
            assert check(world.code)

    def test_all_addresses_together_wait_as_well(self, world, monkeypatch):
        monkeypatch.setattr(document_check, "TRIES_OF_ALL", 3)
        for number in range(3):
            check(UNKNOWN, address=f"2001:db8::{number}")

        with refused(TooManyTriesError):
            check(world.code, address=THERE)

    def test_wrong_codes_of_slips_are_counted_apart(self, world):
        WrongCode.objects.bulk_create(
            WrongCode(kind=CodeKind.SLIP, address=HERE, at=NOON) for _ in range(TRIES_PER_ADDRESS)
        )

        assert check(world.code)

    def test_tries_are_forgotten(self, world):
        check(UNKNOWN)
        sweep_codes(at=NOON + timedelta(hours=1))

        assert not WrongCode.objects.exists()
