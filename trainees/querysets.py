from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from unicodedata import normalize

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Subquery, Value, When

from accounts.enums import Role
from accounts.interests import own_rows
from accounts.models import ActivationCode
from config.lib.dated_rows import from_day_on
from config.lib.name_search import is_named_like, name_aliases
from config.lib.periods import in_force
from instructors.models import Instructor
from schools.models import Organisation, Placement, RoleGrant, School
from schools.querysets import district_grants
from trainees.enums import AccountState, PostKind

if TYPE_CHECKING:
    from accounts.models import User


# Nobody has chosen a password yet.
_NEVER_USED = Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)


class MemberQuerySet(models.QuerySet):
    """Members, scoped by the school that serves their organisation."""

    def for_school(self, school: School | int, on: date) -> MemberQuerySet:
        """Members of organisations that `school` serves on the day `on`."""
        return self._belonging_to(Organisation.objects.for_school(school, on), on)

    def in_organisation(self, organisation: int, on: date) -> MemberQuerySet:
        """Members of one organisation on the day `on`."""
        return self._belonging_to([organisation], on)

    def visible_to(self, user: User, on: date, as_of: date | None = None) -> MemberQuerySet:
        """Members of schools that `user` may see on `on`; membership counts as of `as_of` (default
        `on`). All members for district roles, whichever organisation they belong to.
        """
        then = as_of or on
        organisations = Organisation.objects.with_members_visible_to(user, on, as_of=then)
        return self._belonging_to(organisations, then)

    def on_record_for(self, user: User, on: date) -> MemberQuerySet:
        """Members whom `user` may see on the day `on`; for district roles also those who left."""
        visible = self.visible_to(user, on).order_by().values("pk")
        return self.filter(Exists(district_grants(user, on)) | Q(pk__in=visible))

    def of_clerk(self, user: User, on: date) -> MemberQuerySet:
        """Members of the schools with `user` as clerk on the day `on`."""
        organisations = Q(pk__in=[])
        for school in schools_in_role(user, on, Role.SCHOOL_CLERK):
            organisations |= Q(pk__in=Organisation.objects.for_school(school, on).values("pk"))
        return self._belonging_to(Organisation.objects.filter(organisations), on)

    def slips_by(self, user: User, on: date) -> MemberQuerySet:
        """Members whom `user` may issue slips for on the day `on`, not counting the rule on staff.

        The organisation department: all members. A clerk: those of their schools. A community
        commissioner: those of their organisation and of the ones directly below it. A secretary:
        those of the organisation of the post.
        """
        if user.role_grants.filter(in_force(on), role=Role.ORGANISATION_DEPARTMENT).exists():
            return self._belonging_to(Organisation.objects.all(), on)
        return self._belonging_to(organisations_served_by(user, on), on)

    def papers_by(self, user: User, on: date) -> MemberQuerySet:
        """Members whom `user` may issue documents for on the day `on`.

        The organisation department: all, including members who have left. Others: themselves, and
        the members whom they serve as clerk, commissioner or secretary.
        """
        if user.role_grants.filter(in_force(on), role=Role.ORGANISATION_DEPARTMENT).exists():
            return self.all()
        served = self._belonging_to(organisations_served_by(user, on), on)
        return served | self.filter(user=user)

    def marking_staff(self, user: User, on: date) -> MemberQuerySet:
        """Add `is_staff_account`: whether `user` must not gain the rights of this account.

        This is their own, and one with a granted role on the day `on` or later. For a user who is
        only secretary or commissioner, lecturers and secretaries of other organisations count too.
        """
        from trainees.models import Post  # noqa: PLC0415 - models import this module

        held = RoleGrant.objects.filter(from_day_on(on), user=OuterRef("user"))
        is_staff = Q(Exists(held)) | Q(pk__in=own_rows(user))
        offices = (Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK)
        if not user.role_grants.filter(in_force(on), role__in=offices).exists():
            posts = Post.objects.filter(
                from_day_on(on), member=OuterRef("pk"), kind=PostKind.SECRETARY
            )
            elsewhere = posts.exclude(organisation__in=organisations_served_by(user, on))
            lecturers = Instructor.objects.filter(user=OuterRef("user"))
            is_staff |= Q(Exists(elsewhere)) | Q(Exists(lecturers))
        return self.annotate(is_staff_account=is_staff)

    def with_organisation(self, on: date) -> MemberQuerySet:
        """Add `organisation_today`, the name of the organisation on the day `on`."""
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        here = Membership.objects.filter(in_force(on), member=OuterRef("pk"))
        return self.annotate(organisation_today=Subquery(here.values("organisation__name")[:1]))

    def with_account(self, user: User, on: date, at: datetime) -> MemberQuerySet:
        """Add `organisation_today`, `account_state`, `slip_until` and `is_staff_account`."""
        codes = ActivationCode.objects.open_at(at).filter(user=OuterRef("user"))
        marked = self.marking_staff(user, on).with_organisation(on)
        return marked.annotate(
            slip_until=Subquery(codes.values("expires_at")[:1]),
        ).annotate(
            account_state=Case(
                When(_has_no_account(at), then=Value(AccountState.NONE.value)),
                When(user__is_active=False, then=Value(AccountState.DISABLED.value)),
                When(slip_until__isnull=True, then=Value(AccountState.ACTIVE.value)),
                When(_NEVER_USED, then=Value(AccountState.SLIP.value)),
                default=Value(AccountState.RENEWAL.value),
                output_field=CharField(),
            )
        )

    def without_account(self, at: datetime) -> MemberQuerySet:
        """Members without an open account, or with an account that waits for a slip, at `at`."""
        return self.filter(_has_no_account(at))

    def _belonging_to(self, organisations: models.QuerySet | list[int], on: date) -> MemberQuerySet:
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        memberships = Membership.objects.filter(
            in_force(on), member=OuterRef("pk"), organisation__in=organisations
        )
        return self.filter(Exists(memberships))

    def named_like(self, text: str) -> MemberQuerySet:
        """Members named like `text` (`config.lib.name_search`), or with it as their number."""
        like = is_named_like(text) | Q(number=normalize("NFKC", text))
        return self.alias(**name_aliases()).filter(like)


class DepartureQuerySet(models.QuerySet):
    """Departures, scoped by the organisation that was left."""

    def standing(self) -> DepartureQuerySet:
        """Departures that were not taken back."""
        return self.filter(taken_back_at=None)

    def visible_to(self, user: User, on: date) -> DepartureQuerySet:
        """Departures from organisations whose members `user` may see on the day `on`."""
        organisations = Organisation.objects.with_members_visible_to(user, on)
        return self.filter(organisation__in=organisations.order_by())


def schools_in_role(user: User, on: date, *roles: Role) -> list[int]:
    """The schools at which `user` holds one of these roles."""
    grants = user.role_grants.filter(in_force(on), role__in=roles)
    return list(grants.values_list("school", flat=True).distinct())


def organisations_served_by(user: User, on: date) -> list[int]:
    """Organisations with members whom `user` serves as clerk, commissioner or secretary."""
    from trainees.models import Post  # noqa: PLC0415 - models import this module

    posts = Post.objects.filter(in_force(on), member__user=user, kind=PostKind.SECRETARY)
    organisations = Q(pk__in=posts.values("organisation"))
    grants = user.role_grants.filter(in_force(on))
    for role, school, organisation in grants.values_list("role", "school", "organisation"):
        if role == Role.SCHOOL_CLERK:
            organisations |= Q(pk__in=Organisation.objects.for_school(school, on).values("pk"))
        if role == Role.ORGANISATION_COMMISSIONER:
            below = Placement.objects.in_force(on).filter(parent=organisation)
            organisations |= Q(pk=organisation) | Q(pk__in=below.values("organisation"))
    # Ids are listed for the planner, which estimates thousands of rows for a condition with OR.
    return list(Organisation.objects.filter(organisations).values_list("pk", flat=True))


def _has_no_account(at: datetime) -> Q:
    """The condition of `AccountState.NONE`."""
    codes = ActivationCode.objects.open_at(at).filter(user=OuterRef("user"))
    return Q(user__isnull=True) | Q(user__is_active=True) & _NEVER_USED & ~Q(Exists(codes))
