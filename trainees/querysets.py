from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from unicodedata import normalize

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast

from accounts.enums import Role
from accounts.models import ActivationCode
from config.lib.dated_rows import from_day_on
from config.lib.hours import ZERO
from config.lib.periods import in_force
from courses.models import Session, TrainingClass
from instructors.models import Instructor
from schools.models import Organisation, Placement, RoleGrant, School
from trainees.enums import (
    CATEGORY_OF_KIND,
    DECLARED_KINDS,
    AccountState,
    DisputeState,
    DisputeStep,
    DocumentState,
    PostKind,
    ReviewStep,
    RollState,
    StudyState,
)
from trainees.sources import source_title

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import User
    from trainees.models import Member


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
        """Members who belong, or on the day `as_of` belonged, to schools `user` may see on `on`."""
        then = as_of or on
        organisations = Organisation.objects.of_schools_visible_to(user, on, as_of=then)
        return self._belonging_to(organisations, then)

    def of_clerk(self, user: User, on: date) -> MemberQuerySet:
        """Members of the schools whose clerk `user` is on the day `on`."""
        own = Q(pk__in=[])
        for school in schools_in_role(user, on, Role.SCHOOL_CLERK):
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
        return self._belonging_to(organisations_served_by(user, on), on)

    def papers_by(self, user: User, on: date) -> MemberQuerySet:
        """Members whose documents `user` may issue on the day `on`.

        Anybody's for the organisation department, also of those who have left; else his own, and
        those of the members whom he serves as clerk, commissioner or secretary.
        """
        if user.role_grants.filter(in_force(on), role=Role.ORGANISATION_DEPARTMENT).exists():
            return self.all()
        served = self._belonging_to(organisations_served_by(user, on), on)
        return served | self.filter(user=user)

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
            elsewhere = posts.exclude(organisation__in=organisations_served_by(user, on))
            lecturers = Instructor.objects.filter(user=OuterRef("user"))
            is_staff |= Q(Exists(elsewhere)) | Q(Exists(lecturers))
        return self.annotate(is_staff_account=is_staff)

    def with_organisation(self, on: date) -> MemberQuerySet:
        """Each with `organisation_today`, the name of the organisation of the day `on`."""
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        here = Membership.objects.filter(in_force(on), member=OuterRef("pk"))
        return self.annotate(organisation_today=Subquery(here.values("organisation__name")[:1]))

    def with_account(self, user: User, on: date, at: datetime) -> MemberQuerySet:
        """Each with `organisation_today`, `account_state`, `slip_until`, and `is_staff_account`."""
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
        """Those whose account is not opened, or waits for a slip, at the moment `at`."""
        return self.filter(_has_no_account(at))

    def _belonging_to(self, organisations: models.QuerySet | list[int], on: date) -> MemberQuerySet:
        from trainees.models import Membership  # noqa: PLC0415 - models import this module

        memberships = Membership.objects.filter(
            in_force(on), member=OuterRef("pk"), organisation__in=organisations
        )
        return self.filter(Exists(memberships))

    def named_like(self, text: str) -> MemberQuerySet:
        """Members whose name holds `text`, whose initials begin with it, or whose number it is.

        Letters and digits may be full-width, as an input method leaves them.
        """
        plain = normalize("NFKC", text)
        named = Q(name__contains=text) | Q(name_initials__startswith=plain.lower())
        if plain != text:
            named |= Q(name__contains=plain)
        return self.filter(named | Q(number=plain))


def schools_in_role(user: User, on: date, *roles: Role) -> list[int]:
    """The schools at which `user` holds one of these roles."""
    grants = user.role_grants.filter(in_force(on), role__in=roles)
    return list(grants.values_list("school", flat=True).distinct())


def organisations_served_by(user: User, on: date) -> list[int]:
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
    return Q(user__isnull=True) | Q(user__is_active=True) & _NEVER_USED & ~Q(Exists(codes))


class EnrolmentQuerySet(models.QuerySet):
    """Rosters."""

    def of_session(self, session: Session) -> EnrolmentQuerySet:
        """The roster of one session: without who came later or had withdrawn."""
        return self.filter(
            training_class=session.training_class_id, sessions__contains=session.number
        )

    def of_outer_session(self) -> EnrolmentQuerySet:
        """The roster of the session of an outer statement."""
        return self.filter(
            training_class=OuterRef("training_class"),
            sessions__contains=Cast(OuterRef("number"), IntegerField()),
        )

    def known_to(self, training_class: TrainingClass) -> EnrolmentQuerySet:
        """Who is on the roster of a class and has not withdrawn."""
        return self.lasting().filter(training_class=training_class)

    def lasting(self) -> EnrolmentQuerySet:
        """Those who have not withdrawn."""
        return self.filter(sessions__isempty=False, sessions__endswith=None)

    def for_roll(self) -> EnrolmentQuerySet:
        """In roll order, with the names that a roll shows."""
        return self.select_related("member", "organisation").order_by("phone_pocket", "id")


class LeaveRequestQuerySet(models.QuerySet):
    """Requests for leave, and who answers them."""

    def answered_at_school_of(self, user: User, on: date) -> LeaveRequestQuerySet:
        """Requests that `user` answers, or has answered, as a clerk on the day `on`."""
        schools = School.objects.kept_by(user, Role.SCHOOL_CLERK, on)
        return self.filter(session__training_class__school__in=schools)

    def standing(self) -> LeaveRequestQuerySet:
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)

    def waiting(self) -> LeaveRequestQuerySet:
        """Those that want an answer: none was given, and the roll is not submitted."""
        submitted = Q(session__roll__state=RollState.SUBMITTED)
        return self.standing().filter(answer="").exclude(submitted)


class AttendanceQuerySet(models.QuerySet):
    """Marks, scoped by the school that holds the class."""

    def visible_to(self, user: User, on: date) -> AttendanceQuerySet:
        """Marks of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))

    def correctable_by(self, user: User, on: date) -> AttendanceQuerySet:
        """Marks of submitted rolls that `user` may correct.

        The clerks of the school correct those of a roll that is not closed. A dispute opens the one
        mark that it is about, also on a closed roll, to those for whom it waits.
        """
        from trainees.models import Dispute  # noqa: PLC0415 - models import this module

        kept = School.objects.kept_by(user, Role.SCHOOL_CLERK, on)
        of_school = Q(session__training_class__school__in=kept, session__roll__closed_at=None)
        disputes = Dispute.objects.waiting_for(user, on).filter(
            assessment__source=OuterRef("session__roll__source"),
            assessment__owner=OuterRef("member"),
        )
        disputed = Q(Exists(disputes))
        rows = self.filter(of_school | disputed, session__roll__state=RollState.SUBMITTED)
        return rows.standing()

    def standing(self) -> AttendanceQuerySet:
        """Marks that were not taken off their roll."""
        return self.filter(taken_off=False)


class WalkInQuerySet(models.QuerySet):
    """Walk-ins, scoped by the school that holds the class."""

    def visible_to(self, user: User, on: date) -> WalkInQuerySet:
        """Walk-ins of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))

    def unmatched(self) -> WalkInQuerySet:
        """Those of whom nobody has said yet which member they are."""
        return self.filter(member=None)


class SupervisionNoteQuerySet(models.QuerySet):
    """Filed supervision notes, scoped by the school visited."""

    def visible_to(self, user: User, on: date) -> SupervisionNoteQuerySet:
        """Notes of sessions at schools that `user` may see."""
        return self.filter(session__training_class__school__in=School.objects.visible_to(user, on))

    def standing(self) -> SupervisionNoteQuerySet:
        """Of each note the last version."""
        later = self.model._default_manager.filter(
            session=OuterRef("session"),
            supervisor=OuterRef("supervisor"),
            version__gt=OuterRef("version"),
        )
        return self.filter(~Exists(later))


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


class IssuedDocumentQuerySet(models.QuerySet):
    """Issued documents, whom they are for, and whether they still hold."""

    def visible_to(self, user: User, on: date) -> IssuedDocumentQuerySet:
        """Documents of members for whom `user` may issue some."""
        from trainees.models import Member  # noqa: PLC0415 - models import this module

        return self._of(Member.objects.papers_by(user, on))

    def revocable_by(self, user: User, on: date) -> IssuedDocumentQuerySet:
        """Documents that `user` may revoke: the organisation department any, a clerk those of
        members of the own schools. Whether they are valid is another question.
        """
        from trainees.models import Member  # noqa: PLC0415 - models import this module

        if user.role_grants.filter(in_force(on), role=Role.ORGANISATION_DEPARTMENT).exists():
            return self.all()
        return self._of(Member.objects.of_clerk(user, on))

    def of_member(self, member: Member) -> IssuedDocumentQuerySet:
        """Documents of a member, and of the rows that were merged into this one."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def _of(self, members: MemberQuerySet) -> IssuedDocumentQuerySet:
        keys = members.order_by().values("pk")
        return self.filter(Q(member__in=keys) | Q(member__merged_into__in=keys))

    def with_state(self) -> IssuedDocumentQuerySet:
        """Each with `state` (`DocumentState`), `replaced_at` and `revoked_at`.

        What was revoked stays so, also when another one is issued after it.
        """
        from trainees.models import IssuedDocument  # noqa: PLC0415 - models import this module

        later = IssuedDocument.objects.filter(
            member=OuterRef("member"),
            credit_year=OuterRef("credit_year"),
            kind=OuterRef("kind"),
            version__gt=OuterRef("version"),
        ).order_by("version")
        return self.annotate(
            replaced_at=Subquery(later.values("issued_at")[:1]),
            revoked_at=F("revocation__revoked_at"),
        ).annotate(
            state=Case(
                When(revoked_at__isnull=False, then=Value(DocumentState.REVOKED.value)),
                When(replaced_at__isnull=False, then=Value(DocumentState.REPLACED.value)),
                default=Value(DocumentState.VALID.value),
                output_field=CharField(),
            )
        )


class StudyQuerySet(models.QuerySet):
    """Records of study, scoped by whom they concern and who reviews them."""

    def visible_to(self, user: User, on: date) -> StudyQuerySet:
        """Records of organisations of schools that `user` may see, those of organisations that he
        serves as secretary or commissioner, what he recorded himself, and his own declarations.
        """
        of_schools = Organisation.objects.of_schools_visible_to(user, on).values("pk")
        seen = Q(organisation__in=of_schools) | Q(recorded_by=user)
        seen |= Q(pk__in=_declarations_of(member__user=user))
        seen |= Q(pk__in=_declarations_of(member__merged_into__user=user))
        return self.filter(seen | Q(organisation__in=organisations_served_by(user, on)))

    def of_clerk(self, user: User, on: date) -> StudyQuerySet:
        """Records of organisations that a school serves whose clerk `user` is on the day `on`."""
        return self._served_by(schools_in_role(user, on, Role.SCHOOL_CLERK), on)

    def of_reviewing_school(self, user: User, on: date) -> StudyQuerySet:
        """Records whose school's step of review is taken where `user` is clerk or leader: whoever
        takes it answers for it afterwards.
        """
        schools = schools_in_role(user, on, Role.SCHOOL_CLERK, Role.SCHOOL_LEADER)
        return self._served_by(schools, on)

    def _served_by(self, schools: list[int], on: date) -> StudyQuerySet:
        own = Q(pk__in=[])
        for school in schools:
            own |= Q(organisation__in=Organisation.objects.for_school(school, on).values("pk"))
        return self.filter(own)

    def correctable_by(self, user: User, on: date) -> StudyQuerySet:
        """Approved records of organisations whose participants `user` may correct.

        They are the school's that reviewed them; and the organisation department's while it decides
        an appeal about a line of the record, or about study of its day that a member of its
        organisation misses. Never the own ones.
        """
        from trainees.models import Dispute, Study  # noqa: PLC0415 - models import this module

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
        """The organisations whose study `user` may record, as clerk, commissioner or secretary."""
        return organisations_served_by(user, on)

    def to_review_by(self, user: User, on: date) -> StudyQuerySet:
        """Records whose next step of review `user` may take, recorded by somebody else.

        A community's commissioner takes the first of two steps, also of what stands right below
        his organisation; a clerk or leader of the school that serves it the last one. Where an
        organisation has no commissioner but the recorder, the school takes the only step. Whoever
        took the first step of a submission does not take the second.
        """
        from trainees.models import Study  # noqa: PLC0415 - models import this module

        grants = user.role_grants.filter(in_force(on), role=Role.ORGANISATION_COMMISSIONER)
        own = list(grants.values_list("organisation", flat=True))
        below = Placement.objects.in_force(on).filter(parent__in=own)
        community = Q(organisation__in=own) | Q(organisation__in=below.values("organisation"))
        school = Q(pk__in=Study.objects.of_reviewing_school(user, on).values("pk"))
        open_states = [StudyState.SUBMITTED, StudyState.CHECKED]
        waiting = self.filter(state__in=open_states).with_next_step(on).exclude(recorded_by=user)
        return waiting.filter(
            community & Q(next_step=ReviewStep.COMMUNITY) | school & Q(next_step=ReviewStep.SCHOOL)
        ).exclude(Exists(_review(of=OuterRef("pk"), round=OuterRef("round"), reviewed_by=user)))

    def returned_to(self, user: User) -> StudyQuerySet:
        """Drafts that `user` recorded and a reviewer returned."""
        return self.filter(recorded_by=user, state=StudyState.DRAFT, round__gt=0)

    def with_next_step(self, on: date) -> StudyQuerySet:
        """Each with `next_step`: the step of review that it waits for; empty if for none."""
        from trainees.models import CreditRule  # noqa: PLC0415 - models import this module

        commissioners = (
            RoleGrant.objects.filter(in_force(on), role=Role.ORGANISATION_COMMISSIONER)
            .exclude(user=OuterRef("recorded_by"))
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
    from trainees.models import StudyParticipant  # noqa: PLC0415 - models import this module

    mine = StudyParticipant.objects.filter(study__kind__in=DECLARED_KINDS, **whose)
    return mine.values("study")


def _review(*, of: OuterRef, round: OuterRef, reviewed_by: User) -> models.QuerySet:
    from trainees.models import StudyReview  # noqa: PLC0415 - models import this module

    return StudyReview.objects.filter(study=of, round=round, reviewed_by=reviewed_by)


class DisputeQuerySet(models.QuerySet):
    """Disputes, scoped by the school that answers; a member sees his own."""

    def visible_to(self, user: User, on: date) -> DisputeQuerySet:
        """Those of schools that `user` may see, and those that he opened himself."""
        return self.of_schools_visible_to(user, on) | self.own(user)

    def of_schools_visible_to(self, user: User, on: date) -> DisputeQuerySet:
        """Those that schools answer which `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def own(self, user: User) -> DisputeQuerySet:
        """Those of the member whose account `user` is, and of rows merged into that member."""
        return self.filter(_concerns(user))

    def answered_by(self, user: User, on: date) -> DisputeQuerySet:
        """Those of schools whose clerk `user` is, which he may answer; never his own."""
        of_schools = self.filter(school__in=School.objects.kept_by(user, Role.SCHOOL_CLERK, on))
        return of_schools.exclude(_concerns(user))

    def decided_by(self, user: User, on: date) -> DisputeQuerySet:
        """Those on which `user` may decide as an officer of the organisation department.

        Never his own, and none that he answered himself.
        """
        officer = RoleGrant.objects.filter(
            in_force(on), user=user, role=Role.ORGANISATION_DEPARTMENT
        )
        others = self.filter(Exists(officer)).exclude(_concerns(user))
        return others.exclude(Exists(_said(DisputeStep.ANSWERED).filter(written_by=user)))

    def waiting_for(self, user: User, on: date) -> DisputeQuerySet:
        """Those that wait for `user`: for the school's answer, or for the decision on an appeal."""
        answers = self.answered_by(user, on).filter(state=DisputeState.OPEN)
        decisions = self.decided_by(user, on).filter(state=DisputeState.APPEALED)
        return self.filter(Q(pk__in=answers.values("pk")) | Q(pk__in=decisions.values("pk")))

    def with_subject(self) -> DisputeQuerySet:
        """Each with member, school, and what it is about."""
        related = self.select_related("member", "school", "assessment")
        return related.annotate(source_title=source_title("assessment__source"))

    def with_last_step(self) -> DisputeQuerySet:
        """Each with the `verdict` said last, and `moved_at`, the moment of the last step."""
        return self.annotate(
            moved_at=Subquery(_said().order_by("-pk").values("written_at")[:1]),
            verdict=Subquery(
                _said(DisputeStep.ANSWERED, DisputeStep.DECIDED)
                .order_by("-pk")
                .values("verdict")[:1]
            ),
        )


def _concerns(user: User) -> Q:
    """Disputes of one's own hours."""
    return Q(member__user=user) | Q(member__merged_into__user=user)


def _said(*steps: DisputeStep) -> models.QuerySet:
    """The entries of the dispute of the outer query, or those of some steps."""
    from trainees.models import DisputeEntry  # noqa: PLC0415 - models import this module

    entries = DisputeEntry.objects.filter(dispute=OuterRef("pk"))
    return entries.filter(step__in=steps) if steps else entries
