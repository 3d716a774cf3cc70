"""Letters of appointment: numbered, printed, sealed, checked, printed anew, revoked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from backstage.files import content_path
from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyError
from config.lib.periods import at_local, inclusive_period, period, years_from
from hours.queries.ledger_check import list_findings
from instructors.actions import letters
from instructors.actions.letters import (
    MOST_LETTERS,
    Issuing,
    open_letter,
    reissue_letter,
    revoke_letter,
)
from instructors.errors import LetterError
from instructors.letters import Stamp, digest_of, qr_text, write_sheets
from instructors.models import AppointmentLetter, IssuedLetter, LetterRule
from tests import factories
from tests.factories import (
    CHECK_ADDRESS,
    DAY,
    NOON,
    acting,
    grant,
    make_department_officer,
    make_lecturer,
    make_letter,
    make_user,
)
from tests.refusals import refused
from years.actions.document_check import check_document

pytestmark = pytest.mark.django_db
NEXT_DAY = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def school():
    school = factories.make_school()
    factories.make_top()
    return school


@pytest.fixture
def officer():
    return make_department_officer()


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """The codes that were printed, which no row holds."""
    codes: list[str] = []

    def draw(shape):
        codes.append("CDEFGHJKMNPQRTW" + "34679"[len(codes) % 5])
        return codes[-1]

    monkeypatch.setattr(letters, "draw_code", draw)
    return codes


def reissue(paper, user, at=NEXT_DAY):
    issuing = Issuing(acting(user), at, CHECK_ADDRESS)
    return reissue_letter(letter_id=paper.letter_id, issuing=issuing)


def revoke(paper, user, reason="调离本区", at=NEXT_DAY):
    return revoke_letter(letter_id=paper.letter_id, reason=reason, by=acting(user), at=at)


def check(code, name="赵敏", at=NEXT_DAY):
    return check_document(code=code, name=name, address="192.0.2.1", at=at)


class TestIssuing:
    def test_numbers_by_the_year_without_a_gap(self, school, officer):
        first = make_letter(*(make_lecturer(school, name) for name in "甲乙丙"), by=officer)
        make_letter(make_lecturer(school, "丁"), by=officer)
        next_year = at_local(date(2027, 1, 4), 9)
        make_letter(make_lecturer(school, "戊"), by=officer, at=next_year)

        assert [*AppointmentLetter.objects.values_list("number", flat=True)] == [
            *(f"聘字〔2026〕第{serial:03}号" for serial in (1, 2, 3, 4)),
            "聘字〔2027〕第001号",
        ]
        assert first.letter.signed_on == DAY
        assert first.letter.period == years_from(DAY, 3)

    def test_counts_numbers_that_were_recorded_by_hand(self, school, officer):
        AppointmentLetter.objects.create(
            number="聘字〔2026〕第017号",
            instructor=make_lecturer(school, "钱进"),
            period=period(DAY),
            signed_on=DAY,
        )

        assert make_letter(make_lecturer(school), by=officer).letter.number == "聘字〔2026〕第018号"

    def test_takes_form_and_term_from_the_rule_of_the_day(self, school, officer):
        LetterRule.objects.update(number_form="西聘{year}-{serial}", term_years=1)

        assert (
            make_letter(make_lecturer(school), by=officer, term=years_from(DAY, 1)).letter.number
            == "西聘2026-001"
        )
        with refused(LetterError, "1 years at most") as caught:
            make_letter(make_lecturer(school), by=officer, term=years_from(DAY, 2))
        assert caught.value.field == "last_day"

    @pytest.mark.parametrize(
        ("term", "told"),
        [
            (period(DAY), "has a last day"),
            (inclusive_period(date(2025, 1, 1), DAY - timedelta(days=1)), "over already"),
        ],
    )
    def test_wants_a_term_that_lasts_and_ends(self, school, officer, term, told):
        with refused(LetterError, told):
            make_letter(make_lecturer(school), by=officer, term=term)

    def test_wants_a_rule(self, school, officer):
        LetterRule.objects.all().delete()

        with refused(LetterError, "No rule of letters"):
            make_letter(make_lecturer(school), by=officer)

    def test_is_for_the_department_alone(self, school):
        academic = make_user()
        grant(academic, Role.DISTRICT_SCHOOL)

        with refused(LetterError, "organisation department"):
            make_letter(make_lecturer(school), by=academic)

    def test_names_who_holds_a_letter_and_issues_none(self, school, officer):
        held = make_letter(make_lecturer(school), by=officer)
        after = held.letter.period.upper

        with refused(LetterError, r"赵敏 \(聘字〔2026〕第001号\)"):
            make_letter(make_lecturer(school, "钱进"), held.letter.instructor, by=officer)
        assert AppointmentLetter.objects.count() == 1
        make_letter(held.letter.instructor, by=officer, term=years_from(after, 3))

    def test_a_renewal_begins_the_day_after_the_former_letter(self, school, officer):
        soon = period(DAY - timedelta(days=100), DAY + timedelta(days=45))
        former = make_lecturer(school)
        AppointmentLetter.objects.create(
            number="手写1", instructor=former, period=soon, signed_on=DAY - timedelta(days=100)
        )

        make_letter(former, make_lecturer(school, "钱进"), by=officer)

        terms = {
            letter.instructor.name: letter.period
            for letter in AppointmentLetter.objects.exclude(number="手写1")
        }
        assert terms == {"赵敏": years_from(soon.upper, 3), "钱进": years_from(DAY, 3)}

    def test_a_renewal_lasts_as_long_as_the_others(self, school, officer):
        soon = period(DAY - timedelta(days=100), DAY + timedelta(days=45))
        former = make_lecturer(school)
        AppointmentLetter.objects.create(
            number="手写1", instructor=former, period=soon, signed_on=DAY - timedelta(days=100)
        )

        made = make_letter(former, by=officer, term=period(DAY, DAY + timedelta(days=30)))

        assert made.letter.period == period(soon.upper, soon.upper + timedelta(days=30))

    def test_takes_so_many_at_a_time(self, school, officer):
        with refused(LetterError, "1 to 300"):
            make_letter(*[make_lecturer(school)] * (MOST_LETTERS + 1), by=officer)
        with refused(LetterError, "1 to 300"):
            make_letter(by=officer)

    def test_stores_each_paper_and_all_together(self, school, officer):
        names = "甲乙"
        make_letter(*(make_lecturer(school, name) for name in names), by=officer)

        papers = list(IssuedLetter.objects.order_by("letter__number"))
        assert [paper.facts["name"] for paper in papers] == [*names]
        assert papers[0].sheets_id == papers[1].sheets_id
        assert papers[0].sheets_id not in {paper.file_id for paper in papers}
        assert papers[0].sheets.name == "聘字〔2026〕第001号-聘字〔2026〕第002号.pdf"
        assert open_letter(papers[0]).startswith(b"%PDF-")

    def test_of_one_has_one_file(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)

        assert paper.sheets_id == paper.file_id
        assert StoredFile.objects.count() == 1

    def test_a_sign_without_a_glyph_issues_none(self, school, officer):
        with refused(LetterError, r"U\+30000"):
            make_letter(make_lecturer(school), make_lecturer(school, "\U00030000"), by=officer)
        assert not AppointmentLetter.objects.exists()

    def test_is_in_the_trail(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)

        entry = AuditEntry.objects.get(act="issue_letter")
        assert (entry.object_label, entry.actor) == (paper.letter.number, officer)
        assert entry.after["instructor"] == paper.letter.instructor_id


class TestThePaper:
    def test_says_who_is_appointed_and_where_it_is_checked(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)
        stamp = Stamp(DAY, "CDEFGHJKMNPQRTW3", "西青区", CHECK_ADDRESS)

        with translation.override("zh-hans"):
            data = write_sheets([(paper.letter, stamp)])

        [sheet] = data["letters"]
        assert data["heading"] == "聘任书"
        assert sheet["number"] == "聘字〔2026〕第001号"
        assert "赵敏" in sheet["greeting"]
        assert "骨干讲师团" in sheet["text"]
        assert "2026年5月20日" in sheet["text"]
        assert "2029年5月19日" in sheet["text"]
        assert sheet["code"][1] == "CDEF-GHJK-MNPQ-RTW3"
        assert "<svg" in sheet["picture"]
        # Behind the #, so that no server and no log sees the code.
        assert qr_text(stamp) == f"{CHECK_ADDRESS}#CDEF-GHJK-MNPQ-RTW3"

    def test_never_changes(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)

        with pytest.raises(AppendOnlyError):
            paper.save()
        with pytest.raises(Exception, match=r"append-only|permission denied"), transaction.atomic():
            IssuedLetter.objects.update(version=7)

    def test_of_other_bytes_is_not_handed_out(self, school, officer, monkeypatch):
        paper = make_letter(make_lecturer(school), by=officer)
        monkeypatch.setattr("backstage.papers.read_file", lambda file: b"%PDF-other")

        with refused(LetterError, "not what was issued"):
            open_letter(paper)

    def test_that_is_lost_says_so(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)
        content_path(paper.file.key).unlink()

        with refused(LetterError, "no longer kept"):
            open_letter(paper)

    def test_is_sealed_over_all_that_it_says(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)
        assert paper.digest == digest_of(paper)

        for name, value in (
            ("facts", paper.facts | {"name": "钱进"}),
            ("file_hash", "0" * 64),
            ("version", 2),
            ("code_fingerprint", "0" * 64),
        ):
            other = IssuedLetter.objects.get()
            setattr(other, name, value)
            assert digest_of(other) != paper.digest

    def test_is_among_the_checks_of_the_ledger(self, school, officer, monkeypatch):
        paper = make_letter(make_lecturer(school), by=officer)
        assert list_findings() == []

        monkeypatch.setattr("instructors.letters.digest_of", lambda paper: "0" * 64)

        [finding] = list_findings()
        assert finding.check == "letters of appointment say what was sealed"
        assert finding.examples == [paper.pk]


class TestTheCheck:
    def test_says_valid_to_code_and_name_together(self, school, officer, drawn):
        paper = make_letter(make_lecturer(school), by=officer)

        found = check(drawn[0])
        assert (found, found.state) == (paper, "valid")
        assert check(drawn[0], "钱进") is None
        assert check("A" * 16) is None

    def test_says_expired_from_the_day_after_the_last(self, school, officer, drawn):
        make_letter(make_lecturer(school), by=officer, term=inclusive_period(DAY, DAY))

        assert check(drawn[0], at=at_local(DAY, 23, 59)).state == "valid"
        assert check(drawn[0], at=at_local(DAY + timedelta(days=1), 0)).state == "expired"

    def test_says_replaced_once_it_is_printed_anew(self, school, officer, drawn):
        paper = make_letter(make_lecturer(school), by=officer)
        newer = reissue(paper, officer)

        assert (newer.version, newer.letter) == (2, paper.letter)
        former = check(drawn[0])
        assert (former.state, former.replaced_at) == ("replaced", NEXT_DAY)
        assert check(drawn[1]).state == "valid"

    def test_says_revoked_of_every_paper_of_the_letter(self, school, officer, drawn):
        paper = make_letter(make_lecturer(school), by=officer)
        reissue(paper, officer)
        revoke(paper, officer)

        assert [check(code).state for code in drawn] == ["revoked", "revoked"]
        assert check(drawn[0]).revoked_at == NEXT_DAY

    def test_vouches_for_no_row_that_does_not_fit_its_seal(
        self, school, officer, drawn, monkeypatch
    ):
        make_letter(make_lecturer(school), by=officer)
        monkeypatch.setattr("instructors.letters.digest_of", lambda paper: "0" * 64)

        assert check(drawn[0]) is None

    def test_takes_the_same_statements_for_every_wrong_answer(self, school, officer, drawn):
        make_letter(make_lecturer(school), by=officer)
        taken = []
        for code, name in ((drawn[0], "钱进"), ("A" * 16, "赵敏")):
            with CaptureQueriesContext(connection) as caught:
                check(code, name)
            taken.append([query["sql"].partition(" ")[0] for query in caught.captured_queries])

        assert taken[0] == taken[1]


class TestRevoking:
    def test_ends_the_letter_on_that_day_and_leaves_its_past(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)
        revoke(paper, officer)

        in_force = AppointmentLetter.objects.in_force
        assert in_force(DAY).exists()
        assert not in_force(NEXT_DAY.date()).exists()
        entry = AuditEntry.objects.get(act="revoke_letter")
        assert entry.after["revocation_reason"] == "调离本区"

    def test_makes_room_for_another(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)
        revoke(paper, officer, at=NOON)

        assert make_letter(paper.letter.instructor, by=officer).letter.number.endswith("002号")

    def test_wants_a_reason_and_happens_once(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer)
        with refused(LetterError) as caught:
            revoke(paper, officer, " ")
        assert caught.value.field == "reason"
        revoke(paper, officer)

        for act in (revoke, reissue):
            with refused(LetterError, "not valid any more"):
                act(paper, officer)

    def test_of_a_letter_that_is_over_is_refused(self, school, officer):
        paper = make_letter(make_lecturer(school), by=officer, term=inclusive_period(DAY, DAY))

        for act in (revoke, reissue):
            with refused(LetterError, "not valid any more"):
                act(paper, officer)


def test_a_letter_recorded_by_hand_gets_its_first_paper(school, officer, drawn):
    letter = AppointmentLetter.objects.create(
        number="西聘-7", instructor=make_lecturer(school), period=period(DAY), signed_on=DAY
    )

    issuing = Issuing(acting(officer), NOON, CHECK_ADDRESS)
    assert reissue_letter(letter_id=letter.pk, issuing=issuing).version == 1
    assert check(drawn[0]).facts["number"] == "西聘-7"
