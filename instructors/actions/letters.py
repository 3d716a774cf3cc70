"""Letters of appointment: issued together, each paper stored and sealed, printed anew, revoked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.codes import OF_DOCUMENT, draw_code
from accounts.interests import refuse_own_accounts
from accounts.models import User
from accounts.origin import Actor
from accounts.records import message_for
from backstage.files import FileError
from backstage.models import StoredFile
from backstage.papers import fingerprint_document_code, make_paper, read_paper
from config.lib.documents import DocumentError
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date, period, shared_days, years_from
from instructors.errors import LetterError
from instructors.letters import TEMPLATE, Stamp, digest_of, is_intact, state_facts, write_sheets
from instructors.models import AppointmentLetter, Instructor, IssuedLetter, LetterRule
from instructors.permissions import appoints
from instructors.queries.rules import find_letter_rule, warned_until
from schools.models import District

# All lecturers of a district at once. Papers are typeset before the answer: some 40 ms for each,
# with the sheet for the printer, so that it comes within the minute that the gateway waits.
MOST_LETTERS = 300


@dataclass(frozen=True)
class Issuing:
    """Who issues when, and where the papers are checked."""

    by: Actor
    at: datetime
    check_address: str

    @property
    def day(self) -> date:
        return local_date(self.at)


def issue_letters(
    *, instructor_ids: Collection[int], term: DateRange, issuing: Issuing
) -> list[IssuedLetter]:
    """Issue letters with the next numbers of the year, and a paper for each. Raises LetterError.

    Whose letter ends within the days of warning, but after the first day of the `term`, gets the
    new one from the day after its end, for as long. Either all are issued or none. Nobody issues a
    letter to themselves.
    """
    user = _officer(issuing.by)
    if not 0 < len(instructor_ids) <= MOST_LETTERS:
        raise LetterError(
            _("Choose 1 to %(most)d lecturers at a time.") % {"most": MOST_LETTERS}, "instructors"
        )
    with transaction.atomic():
        rule = find_letter_rule(issuing.day)
        if rule is None:
            raise LetterError(_("No rule of letters of appointment is in force: add one first."))
        _refuse_term(term, rule, issuing.day)
        rows = Instructor.objects.filter(pk__in=instructor_ids).with_last_letter().order_by("pk")
        lecturers = list(rows.select_for_update(of=("self",), no_key=True))
        renewed_until = warned_until(issuing.day)
        terms = {
            row.pk: _term_after(row.letter_end, term, rule)
            if row.letter_end and row.letter_end <= renewed_until
            else term
            for row in lecturers
        }
        refuse_own_accounts(
            issuing.by, [row.user_id for row in lecturers if row.user_id], LetterError
        )
        _refuse_overlap(lecturers, terms)
        numbers = _draw_numbers(rule, issuing.day.year, len(lecturers))
        letters = [
            AppointmentLetter(
                number=number,
                instructor=lecturer,
                period=terms[lecturer.pk],
                signed_on=issuing.day,
            )
            for number, lecturer in zip(numbers, lecturers, strict=True)
        ]
        _store(letters)
        papers = _print(letters, user, issuing)
        for paper in papers:
            _record("issue_letter", paper, issuing)
    return papers


def reissue_letter(*, letter_id: int, issuing: Issuing) -> IssuedLetter:
    """Print a letter anew: the paper is lost, or says what is wrong. Raises LetterError.

    A letter that was recorded by hand gets its first paper.
    """
    user = _officer(issuing.by)
    with transaction.atomic():
        letter = _lock_valid(letter_id, issuing)
        [paper] = _print([letter], user, issuing)
        _record("reissue_letter", paper, issuing)
    return paper


def revoke_letter(*, letter_id: int, reason: str, by: Actor, at: datetime) -> AppointmentLetter:
    """Revoke a letter with a reason: it holds no more from today on. Raises LetterError."""
    user = _officer(by)
    with transaction.atomic():
        letter = _lock_valid(letter_id, Issuing(by, at, ""))
        if not reason.strip():
            raise LetterError(_("Say why the letter is revoked."), "reason")
        letter.revoked_at, letter.revoked_by = at, user
        letter.revocation_reason = reason.strip()
        letter.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
        record_act(
            act="revoke_letter",
            obj=letter,
            by=by,
            at=at,
            after={
                "instructor": letter.instructor_id,
                "revocation_reason": letter.revocation_reason,
            },
        )
    return letter


def open_letter(paper: IssuedLetter) -> bytes:
    """The PDF as issued. Raises LetterError if it is missing or differs from what was issued."""
    try:
        return read_paper(paper.file, paper.file_hash, is_intact=is_intact(paper))
    except FileError as error:
        raise LetterError(str(error)) from error


def _officer(by: Actor) -> User:
    if by.user is None or not appoints(by.user):
        raise LetterError(_("The organisation department issues and revokes letters."))
    return by.user


def _refuse_term(term: DateRange, rule: LetterRule, on: date) -> None:
    if term.upper is None:
        raise LetterError(_("A letter of appointment has a last day."), "last_day")
    if term.upper <= on:
        raise LetterError(_("This term is over already."), "last_day")
    if term.upper > years_from(term.lower, rule.term_years).upper:
        raise LetterError(
            _("A term lasts %(years)d years at most (%(source)s).")
            % {"years": rule.term_years, "source": rule.source},
            "last_day",
        )


def _term_after(former_end: date, term: DateRange, rule: LetterRule) -> DateRange:
    """The term of a renewal: as long as `term`, from the day after the former letter.

    `former_end` is the day on which that letter is over.
    """
    if former_end <= term.lower:
        return term
    longest = years_from(former_end, rule.term_years)
    if term == years_from(term.lower, rule.term_years):
        return longest
    end = former_end + (term.upper - term.lower)
    return period(former_end, min(end, longest.upper))


def _refuse_overlap(lecturers: Sequence[Instructor], terms: Mapping[int, DateRange]) -> None:
    """Raise LetterError if one holds a letter of a later term, or one without an end."""
    held = AppointmentLetter.objects.not_revoked().filter(instructor__in=lecturers)
    letters = [
        letter
        for letter in held.select_related("instructor").order_by("number")
        if shared_days(letter.period, terms[letter.instructor_id])
    ]
    if letters:
        names = [f"{letter.instructor.name} ({letter.number})" for letter in letters]
        raise LetterError(
            _("These hold a letter on some of these days: %(names)s. Begin after it.")
            % {"names": _(", ").join(names)},
            "instructors",
        )


def _draw_numbers(rule: LetterRule, year: int, count: int) -> list[str]:
    """The next numbers of a year. Others wait until this transaction ends, so there are no gaps.

    Numbers of the same form that were recorded by hand are counted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.LETTER_NUMBERS, year])
    form = rule.number_form.replace("{year}", str(year))
    before, _serial, after = form.partition("{serial}")
    taken = AppointmentLetter.objects.filter(
        number__startswith=before, number__endswith=after
    ).values_list("number", flat=True)
    serials = [number[len(before) : len(number) - len(after)] for number in taken]
    last = max((int(text) for text in serials if text.isascii() and text.isdigit()), default=0)
    return [f"{before}{last + place:03}{after}" for place in range(1, count + 1)]


def _store(letters: Sequence[AppointmentLetter]) -> None:
    try:
        with transaction.atomic():
            for letter in letters:
                letter.save()
    except IntegrityError as error:  # a letter was recorded in the administration meanwhile
        raise LetterError(message_for(error, AppointmentLetter)) from error


def _lock_valid(letter_id: int, issuing: Issuing) -> AppointmentLetter:
    """The letter, locked, if it is neither revoked nor over and is not one's own."""
    rows = AppointmentLetter.objects.select_related("instructor")
    letter = rows.select_for_update(of=("self",)).get(pk=letter_id)
    if letter.instructor.user_id:
        refuse_own_accounts(issuing.by, [letter.instructor.user_id], LetterError)
    is_over = letter.period.upper is not None and letter.period.upper <= issuing.day
    if letter.revoked_at is not None or is_over:
        raise LetterError(_("This letter is not valid any more."))
    return letter


def _print(
    letters: Sequence[AppointmentLetter], user: User, issuing: Issuing
) -> list[IssuedLetter]:
    """Typeset and store a paper for each letter, and all of them together."""
    district = District.objects.values_list("name", flat=True).first() or ""
    stamped = [
        (letter, Stamp(issuing.day, draw_code(OF_DOCUMENT), district, issuing.check_address))
        for letter in letters
    ]
    try:
        with translation.override(settings.LANGUAGE_CODE):
            made = [_make_file([pair], issuing.at) for pair in stamped]
            sheets = made[0] if len(made) == 1 else _make_file(stamped, issuing.at)
    except (DocumentError, FileError) as error:
        raise LetterError(str(error)) from error
    papers = []
    for (letter, stamp), (file, file_hash) in zip(stamped, made, strict=True):
        paper = IssuedLetter(
            letter=letter,
            version=letter.papers.count() + 1,
            code_fingerprint=fingerprint_document_code(stamp.code),
            facts=state_facts(letter, issuing.day),
            file=file,
            file_hash=file_hash,
            sheets=sheets[0],
            issued_at=issuing.at,
            issued_by=user,
        )
        paper.digest = digest_of(paper)
        paper.save()
        papers.append(paper)
    return papers


def _make_file(
    stamped: Sequence[tuple[AppointmentLetter, Stamp]], at: datetime
) -> tuple[StoredFile, str]:
    first, last = stamped[0][0].number, stamped[-1][0].number
    name = first if first == last else f"{first}-{last}"
    return make_paper(TEMPLATE, write_sheets(stamped), f"{name}.pdf", at=at)


def _record(act: str, paper: IssuedLetter, issuing: Issuing) -> None:
    letter = paper.letter
    record_act(
        act=act,
        obj=letter,
        by=issuing.by,
        at=issuing.at,
        after={
            "number": letter.number,
            "instructor": letter.instructor_id,
            "period": letter.period,
            "signed_on": letter.signed_on,
            "version": paper.version,
        },
    )
