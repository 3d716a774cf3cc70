from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Subquery, Sum, Value, When

from accounts.enums import Role
from accounts.models import ActivationCode
from config.lib.dated_rows import from_day_on
from config.lib.hours import ZERO
from config.lib.periods import in_force
from instructors.models import Instructor
from schools.models import Organisation, Placement, RoleGrant, School
from trainees.enums import AccountState, PostKind

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import User


class MemberQuerySet(models.QuerySet):
    """Members, scoped by the school that serves their organisation."""

    def for_school(self, school: School | int, on: date) -> MemberQuerySet:
        """Members of organisations that `school` serves on the day `on`."""
        return self._belonging_to(Organisation.objects.for_school(school, on), on)

    def in_organisation(self, organisation: int, on: date) -> MemberQuerySet:
        """Members of one organisation on the day `on`."""
        return self._belonging_to([organisation], on)

    def visible_to(self, user: User, on: date, as_of: date | None = None) -> MemberQuerySet:
        """Members who belong, or on the day `as_of` belonged, to schools `user` may see on `on`."""
        then = as_of or on
        organisations = Organisation.objects.of_schools_visible_to(user, on, as_of=then)
        return self._belonging_to(organisations, then)

    def of_clerk(self, user: User, on: date) -> MemberQuerySet:
        """Members of the schools whose clerk `user` is on the day `on`."""
        clerks = user.role_grants.filter(in_force(on), role=Role.SCHOOL_CLERK)
        own = Q(pk__in=[])
        for school in clerks.values_list("school", flat=True):
            own |= Q(pk__in=Organisation.objects.for_school(school, on).values("pk"))
        return self._belonging_to(Organisation.objects.filter(own), on)

    def slips_by(self, user: User, on: date) -> MemberQuerySet:
        """Members whose slips `user` may issue on the day `on`, staff among them apart.

        Anybody's for the organisation department; for a clerk those of the own schools, for a
        community commissioner those of the own organisation and of those right below it, for a
        secretary those of the organisation of the post.
        """
        if user.role_grants.filter(in_force(on), role=Role.ORGANISATION_DEPARTMENT).exists():
            return self._belonging_to(Organisation.objects.all(), on)
        return self._belonging_to(_organisations_served(user, on), on)

    def marking_staff(self, user: User, on: date) -> MemberQuerySet:
        """Each with `is_staff_account`: whether `user` must not come by the rights of this account.

        Such a one holds a granted role on the day `on` or later. For whoever serves as secretary or
        commissioner alone, it is also that of a lecturer and of a secretary of other organisations.
        """
        from trainees.models import Post  # noqa: PLC0415 - models import this module

        held = RoleGrant.objects.filter(from_day_on(on), user=OuterRef("user"))
        is_staff = Q(Exists(held))
        offices = (Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK)
        if not user.role_grants.filter(in_force(on), role__in=offices).exists():
            posts = Post.objects.filter(
                from_day_on(on), member=OuterRef("pk"), kind=PostKind.SECRETARY
            )
            elsewhere = posts.exclude(organisation__in=_organisations_served(user, on))
            lecturers = Instructor.objects.filter(user=OuterRef("user"))
            is_staff |= Q(Exists(elsewhere)) | Q(Exists(lecturers))
        return self.annotate(is_staff_account=is_staff)

    def with_account(self, user: User, on: date, at: datetime) -> MemberQuerySet:
        """Each with `organisation_today`, `account_state`, `slip_until`, and `is_staff_account`."""
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        here = Membership.objects.filter(in_force(on), member=OuterRef("pk"))
        codes = ActivationCode.objects.open_at(at).filter(user=OuterRef("user"))
        marked = self.marking_staff(user, on)
        return marked.annotate(
            organisation_today=Subquery(here.values("organisation__name")[:1]),
            slip_until=Subquery(codes.values("expires_at")[:1]),
        ).annotate(
            account_state=Case(
                When(_has_no_account(at), then=Value(AccountState.NONE.value)),
                When(user__is_active=False, then=Value(AccountState.DISABLED.value)),
                When(slip_until__isnull=False, then=Value(AccountState.SLIP.value)),
                default=Value(AccountState.ACTIVE.value),
                output_field=CharField(),
            )
        )

    def without_account(self, at: datetime) -> MemberQuerySet:
        """Those whose account is not opened, or waits for a slip, at the moment `at`."""
        return self.filter(_has_no_account(at))

    def _belonging_to(self, organisations: models.QuerySet | list[int], on: date) -> MemberQuerySet:
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        memberships = Membership.objects.filter(
            in_force(on), member=OuterRef("pk"), organisation__in=organisations
        )
        return self.filter(Exists(memberships))

    def named_like(self, text: str) -> MemberQuerySet:
        """Members whose name holds `text`, whose initials begin with it, or whose number it is."""
        return self.filter(
            Q(name__contains=text) | Q(name_initials__startswith=text.lower()) | Q(number=text)
        )


def _organisations_served(user: User, on: date) -> list[int]:
    """Whose members get their slips from `user` as clerk, commissioner or secretary."""
    from trainees.models import Post  # noqa: PLC0415 - models import this module

    posts = Post.objects.filter(in_force(on), member__user=user, kind=PostKind.SECRETARY)
    own = Q(pk__in=posts.values("organisation"))
    grants = user.role_grants.filter(in_force(on))
    for role, school, organisation in grants.values_list("role", "school", "organisation"):
        if role == Role.SCHOOL_CLERK:
            own |= Q(pk__in=Organisation.objects.for_school(school, on).values("pk"))
        if role == Role.ORGANISATION_COMMISSIONER:
            below = Placement.objects.in_force(on).filter(parent=organisation)
            own |= Q(pk=organisation) | Q(pk__in=below.values("organisation"))
    # Named one by one, for the planner: it takes a condition with OR for rows by the thousand.
    return list(Organisation.objects.filter(own).values_list("pk", flat=True))


def _has_no_account(at: datetime) -> Q:
    """The condition of `AccountState.NONE`."""
    codes = ActivationCode.objects.open_at(at).filter(user=OuterRef("user"))
    never_used = Q(user__is_active=True, user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return Q(user__isnull=True) | never_used & ~Q(Exists(codes))


class EnrolmentQuerySet(models.QuerySet):
    """Rosters."""

    def for_roll(self) -> EnrolmentQuerySet:
        """In roll order, with the names that a roll shows."""
        return self.select_related("member", "organisation").order_by("phone_pocket", "id")


class AttendanceQuerySet(models.QuerySet):
    """Marks, scoped by the school that holds the class."""

    def visible_to(self, user: User, on: date) -> AttendanceQuerySet:
        """Marks of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))


class CreditEntryQuerySet(models.QuerySet):
    """Ledger rows, scoped by the school of their day."""

    def visible_to(self, user: User, on: date) -> CreditEntryQuerySet:
        """Entries of schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def in_year(self, year: int) -> CreditEntryQuerySet:
        """Entries that count for `year`."""
        return self.filter(credit_year=year)

    def as_of(self, moment: datetime) -> CreditEntryQuerySet:
        """Entries that the ledger held at `moment`."""
        return self.filter(posted_at__lte=moment)

    def sum_hours(self) -> Decimal:
        """The total of the hours, reversals included."""
        return self.aggregate(total=Sum("hours", default=ZERO))["total"]
