from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from accounts.enums import Role
from accounts.interests import own_rows
from config.lib.periods import in_force
from hours.enums import DisputeState
from hours.models import CreditRule, Dispute
from schools.models import Organisation, Placement, RoleGrant
from studies.enums import CATEGORY_OF_KIND, DECLARED_KINDS, ReviewStep, StudyState
from trainees.querysets import organisations_served_by, schools_in_role

if TYPE_CHECKING:
    from accounts.models import User


class StudyQuerySet(models.QuerySet):
    """Records of study, scoped by the people they concern and their reviewers."""

    def visible_to(self, user: User, on: date) -> StudyQuerySet:
        """Records of organisations of schools that `user` may see and of organisations that they
        serve as secretary or commissioner, records they recorded, and their own declarations.
        """
        in_sight = Organisation.objects.with_members_visible_to(user, on).values("pk")
        seen = Q(organisation__in=in_sight) | Q(recorded_by=user)
        seen |= Q(pk__in=_declarations_of(member__user=user))
        seen |= Q(pk__in=_declarations_of(member__merged_into__user=user))
        return self.filter(seen | Q(organisation__in=organisations_served_by(user, on)))

    def of_clerk(self, user: User, on: date) -> StudyQuerySet:
        """Records of organisations served by a school where `user` is a clerk on the day `on`."""
        return self._served_by(schools_in_role(user, on, Role.SCHOOL_CLERK), on)

    def of_reviewing_school(self, user: User, on: date) -> StudyQuerySet:
        """Records reviewed by a school where `user` is clerk or leader. That school remains
        responsible for them afterwards.
        """
        schools = schools_in_role(user, on, Role.SCHOOL_CLERK, Role.SCHOOL_LEADER)
        return self._served_by(schools, on)

    def _served_by(self, schools: list[int], on: date) -> StudyQuerySet:
        organisations = Q(pk__in=[])
        for school in schools:
            organisations |= Q(
                organisation__in=Organisation.objects.for_school(school, on).values("pk")
            )
        return self.filter(organisations)

    def correctable_by(self, user: User, on: date) -> StudyQuerySet:
        """Approved records of organisations for which `user` may correct the participants.

        These may be corrected by the school that reviewed them. The organisation department may
        correct one while it decides an appeal about a line of the record, or about missing study of
        the same day by a member of the same organisation. The recorder may never correct it.
        """
        from studies.models import Study  # noqa: PLC0415 - models import this module

        appeals = Dispute.objects.decided_by(user, on).filter(state=DisputeState.APPEALED)
        of_line = appeals.filter(assessment__isnull=False).values("assessment__source")
        missed = appeals.filter(
            assessment=None,
            occurred_on=OuterRef("held_on"),
            member__memberships__period__contains=OuterRef("held_on"),
            member__memberships__organisation=OuterRef("organisation"),
        )
        school = Study.objects.of_reviewing_school(user, on).values("pk")
        approved = self.filter(state=StudyState.APPROVED).exclude(recorded_by=user)
        return approved.exclude(kind__in=DECLARED_KINDS).filter(
            Q(pk__in=school) | Q(source__in=of_line) | Exists(missed)
        )

    @staticmethod
    def organisations_served(user: User, on: date) -> list[int]:
        """Organisations for which `user` records study, as clerk, commissioner or secretary."""
        return organisations_served_by(user, on)

    def to_review_by(self, user: User, on: date) -> StudyQuerySet:
        """Records, recorded by somebody else, for which `user` may take the next review step.

        Nobody reviews a record that they took part in.

        A community's commissioner takes the first of two steps, for the organisation and those
        directly below it. A clerk or leader of the serving school takes the last step. If the
        recorder or a participant is the only commissioner, the school takes the only step. Nobody
        takes both steps of one submission.
        """
        from studies.models import Study  # noqa: PLC0415 - models import this module

        grants = user.role_grants.filter(in_force(on), role=Role.ORGANISATION_COMMISSIONER)
        organisations = list(grants.values_list("organisation", flat=True))
        below = Placement.objects.in_force(on).filter(parent__in=organisations)
        community = Q(organisation__in=organisations) | Q(
            organisation__in=below.values("organisation")
        )
        school = Q(pk__in=Study.objects.of_reviewing_school(user, on).values("pk"))
        open_states = [StudyState.SUBMITTED, StudyState.CHECKED]
        waiting = self.filter(state__in=open_states).with_next_step(on).exclude(recorded_by=user)
        waiting = waiting.without_participant(user)
        return waiting.filter(
            community & Q(next_step=ReviewStep.COMMUNITY) | school & Q(next_step=ReviewStep.SCHOOL)
        ).exclude(Exists(_review(of=OuterRef("pk"), round=OuterRef("round"), reviewed_by=user)))

    def without_participant(self, user: User) -> StudyQuerySet:
        """Records that the person with this account did not take part in, under any row."""
        return self.exclude(Exists(_participants(of=OuterRef("pk"), member__in=own_rows(user))))

    def returned_to(self, user: User) -> StudyQuerySet:
        """Drafts that `user` recorded and a reviewer returned."""
        return self.filter(recorded_by=user, state=StudyState.DRAFT, round__gt=0)

    def with_next_step(self, on: date) -> StudyQuerySet:
        """Annotate `next_step`: the review step that a record waits for; empty if none."""
        commissioners = (
            RoleGrant.objects.filter(in_force(on), role=Role.ORGANISATION_COMMISSIONER)
            .exclude(user=OuterRef("recorded_by"))
            .exclude(Exists(_took_part(commissioner=OuterRef("user"))))
            .filter(
                Q(organisation=OuterRef("organisation"))
                | Q(
                    organisation__in=Placement.objects.in_force(on)
                    .filter(organisation=OuterRef(OuterRef("organisation")))
                    .values("parent")
                )
            )
        )
        category = Case(
            *(When(kind=kind, then=Value(value.value)) for kind, value in CATEGORY_OF_KIND.items())
        )
        two_steps = CreditRule.objects.filter(
            category=OuterRef("study_category"),
            period__contains=OuterRef("held_on"),
            review_steps=2,
        )
        return self.annotate(study_category=category).annotate(
            next_step=Case(
                When(
                    Q(Exists(two_steps), Exists(commissioners), state=StudyState.SUBMITTED),
                    then=Value(ReviewStep.COMMUNITY.value),
                ),
                When(
                    state__in=[StudyState.SUBMITTED, StudyState.CHECKED],
                    then=Value(ReviewStep.SCHOOL.value),
                ),
                default=Value(""),
                output_field=CharField(),
            )
        )


def _declarations_of(**whose: User) -> models.QuerySet:
    from studies.models import StudyParticipant  # noqa: PLC0415 - models import this module

    mine = StudyParticipant.objects.filter(study__kind__in=DECLARED_KINDS, **whose)
    return mine.values("study")


def _participants(*, of: OuterRef, **whose: object) -> models.QuerySet:
    from studies.models import StudyParticipant  # noqa: PLC0415 - models import this module

    return StudyParticipant.objects.filter(study=of, **whose)


def _took_part(*, commissioner: OuterRef) -> models.QuerySet:
    """The participation of a commissioner in the study two queries further out."""
    there = _participants(of=OuterRef(OuterRef("pk")))
    return there.filter(Q(member__user=commissioner) | Q(member__merged_into__user=commissioner))


def _review(*, of: OuterRef, round: OuterRef, reviewed_by: User) -> models.QuerySet:
    from studies.models import StudyReview  # noqa: PLC0415 - models import this module

    return StudyReview.objects.filter(study=of, round=round, reviewed_by=reviewed_by)
