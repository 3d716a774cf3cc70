from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When

from accounts.enums import Role
from accounts.interests import own_accounts
from config.lib.periods import LocalDate, in_force
from instructors.enums import LetterStanding, LetterState, NominationState
from schools.models import School
from schools.querysets import district_grants

if TYPE_CHECKING:
    from accounts.models import User


class NominationQuerySet(models.QuerySet):
    """Nominations of lecturers, scoped by the nominating school."""

    def visible_to(self, user: User, on: date) -> NominationQuerySet:
        """Nominations by the schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def waiting(self) -> NominationQuerySet:
        """Nominations that nobody has decided on."""
        return self.filter(state=NominationState.WAITING)

    def decidable_by(self, user: User) -> NominationQuerySet:
        """Waiting nominations, without those by and of `user`, under any account.

        That `user` is of the organisation department is not checked.
        """
        own = own_accounts(user)
        others = self.waiting().exclude(nominated_by__in=own)
        return others.exclude(user__in=own)


class InstructorQuerySet(models.QuerySet):
    """Lecturers, scoped by the nominating school."""

    def visible_to(self, user: User, on: date) -> InstructorQuerySet:
        """All for district roles, else those nominated by the person's schools, and oneself."""
        schools = School.objects.visible_to(user, on)
        return self.filter(
            Exists(district_grants(user, on)) | Q(nominated_by__in=schools) | Q(user=user)
        )

    def known_to(self, user: User, on: date) -> InstructorQuerySet:
        """All for staff of the district and of schools, who choose among them, and oneself.

        What is behind a lecturer, such as letters and nominations, follows `visible_to`.
        """
        staff = Exists(district_grants(user, on)) | Exists(School.objects.visible_to(user, on))
        return self.filter(staff | Q(user=user))

    def kept_by(self, user: User, on: date) -> InstructorQuerySet:
        """Lecturers whose days `user` enters: oneself, and all for the academic officer.

        Lecturers without an account tell the officer by telephone.
        """
        grants = user.role_grants.filter(in_force(on), role=Role.DISTRICT_SCHOOL)
        return self.filter(Exists(grants) | Q(user=user))

    def without_letter_after(self, day: date) -> InstructorQuerySet:
        """Lecturers who hold no letter for a day later than `day`."""
        from instructors.models import AppointmentLetter  # noqa: PLC0415 - models import this module

        later = AppointmentLetter.objects.not_revoked().filter(
            Q(period__endswith__gt=day) | Q(period__endswith=None), instructor=OuterRef("pk")
        )
        return self.filter(~Exists(later))

    def with_letter_standing(self, on: date, warned_until: date) -> InstructorQuerySet:
        """Annotate `letter_standing` (`LetterStanding`) of the day `on`, and `letter_end`.

        A letter that ends by `warned_until` without a later one ends soon. `letter_end` is the day
        on which the last letter that was not revoked is over.
        """
        from instructors.models import AppointmentLetter  # noqa: PLC0415 - models import this module

        own = AppointmentLetter.objects.filter(instructor=OuterRef("pk"))
        lasting = own.not_revoked()
        later = Q(period__endswith__gt=warned_until) | Q(period__endswith=None)
        return self.with_last_letter().annotate(
            letter_standing=Case(
                When(~Exists(own), then=Value(LetterStanding.NONE.value)),
                When(
                    Exists(own.in_force(on)) & Exists(lasting.filter(later)),
                    then=Value(LetterStanding.IN_FORCE.value),
                ),
                When(Exists(own.in_force(on)), then=Value(LetterStanding.ENDING.value)),
                When(
                    Exists(lasting.filter(period__startswith__gt=on)),
                    then=Value(LetterStanding.TO_COME.value),
                ),
                When(Exists(own.filter(in_force(on))), then=Value(LetterStanding.REVOKED.value)),
                When(Exists(lasting), then=Value(LetterStanding.EXPIRED.value)),
                default=Value(LetterStanding.REVOKED.value),
                output_field=CharField(),
            )
        )

    def with_last_letter(self) -> InstructorQuerySet:
        """Annotate `letter_end`: the day on which the last letter that was not revoked is over."""
        from instructors.models import AppointmentLetter  # noqa: PLC0415 - models import this module

        letters = AppointmentLetter.objects.not_revoked().filter(instructor=OuterRef("pk"))
        last = letters.order_by("-period").values("period__endswith")
        return self.annotate(letter_end=Subquery(last[:1]))


class AppointmentLetterQuerySet(models.QuerySet):
    """Letters of appointment, scoped by their lecturers."""

    def visible_to(self, user: User, on: date) -> AppointmentLetterQuerySet:
        """Letters of the lecturers whom `user` may see."""
        from instructors.models import Instructor  # noqa: PLC0415 - models import this module

        return self.filter(instructor__in=Instructor.objects.visible_to(user, on))

    def not_revoked(self) -> AppointmentLetterQuerySet:
        """Letters that nobody revoked."""
        return self.filter(revoked_at=None)

    def in_force(self, on: date) -> AppointmentLetterQuerySet:
        """Letters that hold on the day `on`."""
        dated = self.annotate(revoked_on=LocalDate("revoked_at"))
        return dated.filter(in_force(on), Q(revoked_on=None) | Q(revoked_on__gt=on))

    def with_state(self, on: date) -> AppointmentLetterQuerySet:
        """Annotate `state` (`LetterState`) as of the day `on`, never replaced."""
        return self.annotate(
            state=Case(
                When(revoked_at__isnull=False, then=Value(LetterState.REVOKED.value)),
                When(period__endswith__lte=on, then=Value(LetterState.EXPIRED.value)),
                default=Value(LetterState.VALID.value),
                output_field=CharField(),
            )
        )


class IssuedLetterQuerySet(models.QuerySet):
    """Papers of letters of appointment, and their validity."""

    def with_state(self, on: date) -> IssuedLetterQuerySet:
        """Annotate `state` (`LetterState`) as of the day `on`, `replaced_at` and `revoked_at`.

        A letter that is revoked stays so once its term is over; a paper that was replaced says so
        as long as its letter is valid.
        """
        from instructors.models import IssuedLetter  # noqa: PLC0415 - models import this module

        later = IssuedLetter.objects.filter(
            letter=OuterRef("letter"), version__gt=OuterRef("version")
        ).order_by("version")
        return self.annotate(
            replaced_at=Subquery(later.values("issued_at")[:1]), revoked_at=F("letter__revoked_at")
        ).annotate(
            state=Case(
                When(revoked_at__isnull=False, then=Value(LetterState.REVOKED.value)),
                When(letter__period__endswith__lte=on, then=Value(LetterState.EXPIRED.value)),
                When(replaced_at__isnull=False, then=Value(LetterState.REPLACED.value)),
                default=Value(LetterState.VALID.value),
                output_field=CharField(),
            )
        )
