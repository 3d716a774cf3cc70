"""Plain functions and small classes that create valid rows for tests."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any
from uuid import uuid4

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from openpyxl import Workbook
from PIL import Image

from accounts.enums import MONEY_ROLES, SCHOOL_ROLES, ActorChannel, Role
from accounts.models import NoticeReading, PrivacyNotice, User
from accounts.origin import Actor
from backstage.enums import FileKind
from backstage.exports import MEDIA_TYPE
from backstage.files import store_file
from classes.models import Enrolment, SupervisionNote
from config.lib.encryption import encrypt, fingerprint
from config.lib.names import pinyin_forms
from config.lib.periods import at_local, local_date, period, years_from
from courses.enums import Format, Preset, Strand
from courses.models import Course, Module, Session, TrainingClass, Venue
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import BookingLetter, Engagement, WishedDate
from hours.actions.ledger import Posted
from hours.models import Dispute, DisputeEntry, Source
from instructors.actions.letters import Issuing, issue_letters
from instructors.actions.nominations import Nominee, nominate_lecturer
from instructors.enums import Title
from instructors.models import Instructor, IssuedLetter, Nomination
from reports.models import SheetLayout
from rolls.actions.attendance import correct_attendance, submit_roll
from rolls.models import Attendance, AttendanceCorrection, MarkReceipt
from schools.enums import Audience, FundingChannel, OrganisationKind
from schools.models import (
    District,
    Organisation,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    Township,
)
from studies.actions.studies import StudyFacts, record_study, submit_study
from studies.actions.study_files import add_study_file
from studies.actions.study_reviews import review_study
from studies.enums import StudyKind
from studies.models import Study
from studies.queries.studies import needs_evidence
from trainees.enums import MembershipStatus, PostKind, Sex
from trainees.models import Exemption, Member, Membership, Post

START = date(2019, 1, 1)
DAY = date(2026, 5, 20)
MORNING = at_local(DAY, 9)
NOON = at_local(DAY, 12)
PASSWORD = "correct horse battery"
CHECK_ADDRESS = "https://xuetang.example/check/"

_numbers = count(1)


def make_user(username: str | None = None, *, has_read: bool = True, **fields: Any) -> User:
    """An account with the password `PASSWORD`; by default the user has read the privacy notice."""
    number = next(_numbers)
    user = User(
        username=username or f"person{number}",
        display_name=fields.pop("display_name", f"Person {number}"),
        **fields,
    )
    user.set_password(PASSWORD)
    user.save()
    if has_read:
        notice = PrivacyNotice.objects.get(version=1)
        NoticeReading.objects.create(user=user, notice=notice, read_at=MORNING)
    return user


def grant(user: User, role: Role, school: School | None = None, **fields: Any) -> RoleGrant:
    days = fields.pop("period", period(START))
    return RoleGrant.objects.create(user=user, role=role, school=school, period=days, **fields)


def give_role(user: User, role: Role, organisation: Organisation) -> None:
    """Give `user` the role in `organisation` or its school, by a grant or the rows it needs."""
    township = organisation.placements.get().township
    assert township is not None
    school = School.objects.get(code=township.code)
    if role in SCHOOL_ROLES:
        grant(user, role, school)
    elif role == Role.ORGANISATION_COMMISSIONER:
        grant(user, role, organisation=organisation)
    elif role in MONEY_ROLES:
        grant(user, role, school, channel=FundingChannel.FISCAL)
    elif role == Role.LECTURER:
        Instructor.objects.create(
            name=user.display_name, corps="professional", employer="区委党校", user=user
        )
    elif role in {Role.MEMBER, Role.BRANCH_SECRETARY}:
        make = make_leader if role == Role.BRANCH_SECRETARY else make_member
        member = make(organisation)
        member.user = user
        member.save(update_fields=["user"])
    else:
        grant(user, role)


def make_school(code: str = "120111101", name: str = "杨柳青镇") -> School:
    """A township with its school."""
    township = Township.objects.create(code=code, name=name)
    school = School.objects.create(code=code, name=f"{name}党校", period=period(START))
    SchoolArea.objects.create(school=school, township=township, period=period(START))
    return school


def make_organisation(school: School, name: str = "第一党支部") -> Organisation:
    """A branch in the township of `school`, directly below the district committee."""
    township = Township.objects.get(code=school.code)
    return place_organisation(
        Organisation(
            code=f"{township.code}{next(_numbers):07}",
            name=f"{township.name}{name}",
            kind=OrganisationKind.BRANCH,
            period=period(START),
        ),
        make_top(),
        township,
    )


def make_below(
    parent: Organisation,
    kind: OrganisationKind = OrganisationKind.BRANCH,
    name: str = "第一党支部",
    school: School | None = None,
) -> Organisation:
    """An organisation below `parent`, in its township; below the top in that of `school`."""
    township = parent.placements.get().township
    if school is not None:
        township = Township.objects.get(code=school.code)
    assert township is not None
    code = f"{township.code}{next(_numbers):07}"
    organisation = Organisation(code=code, name=name, kind=kind, period=period(START))
    return place_organisation(organisation, parent, township)


def make_top() -> Organisation:
    """The district and its committee; created on first use."""
    District.objects.get_or_create(code="120111", defaults={"name": "西青区"})
    top = Organisation.objects.filter(kind=OrganisationKind.DISTRICT_COMMITTEE).first()
    return top or place_organisation(
        Organisation(
            code="120111",
            name="中共西青区委员会",
            kind=OrganisationKind.DISTRICT_COMMITTEE,
            period=period(START),
        )
    )


def place_organisation(
    organisation: Organisation, parent: Organisation | None = None, township: Township | None = None
) -> Organisation:
    """Store an organisation and its placement for the organisation's whole period."""
    organisation.save()
    Placement.objects.create(
        organisation=organisation, parent=parent, township=township, period=organisation.period
    )
    return organisation


def make_member(organisation: Organisation, name: str = "张伟", **fields: Any) -> Member:
    """A member of `organisation` since 2019, by default with normal membership status."""
    number = next(_numbers)
    status = fields.pop("membership_status", MembershipStatus.NORMAL)
    resident_id = f"999999{number:012}"
    full, initials = pinyin_forms(name)
    member = Member.objects.create(
        number=f"{number:08}",
        name=name,
        name_pinyin=full,
        name_initials=initials,
        sex=Sex.MALE,
        birth_date=date(1970, 1, 1),
        resident_id_encrypted=encrypt(resident_id),
        resident_id_fingerprint=fingerprint(resident_id),
        joined_on=date(1995, 7, 1),
        **fields,
    )
    Membership.objects.create(
        member=member,
        organisation=organisation,
        period=period(START),
        membership_status=status,
    )
    return member


def make_leader(organisation: Organisation, kind: PostKind = PostKind.SECRETARY) -> Member:
    """A member who has held a post since 2019."""
    member = make_member(organisation, "李芳")
    Post.objects.create(member=member, organisation=organisation, kind=kind, period=period(START))
    return member


def exempt(member: Member, category: str = "elderly") -> Exemption:
    return Exemption.objects.create(member=member, category=category, period=period(START))


def make_class(school: School, title: str = "基层治理培训班") -> TrainingClass:
    return TrainingClass.objects.create(
        code=f"C{next(_numbers):06}",
        title=title,
        school=school,
        module=Module.objects.get(code="governance"),
        format=Format.PACK,
        audience=Audience.ORDINARY,
    )


def make_session(
    training_class: TrainingClass,
    *,
    starts_at: datetime = MORNING,
    hours: Decimal | str = "4",
    **fields: Any,
) -> Session:
    """A session worth `hours` credit hours: up to 4 last three hours, more last eight.

    Sessions that begin hours apart then do not overlap or exceed a cap.
    """
    lasts = timedelta(hours=3 if Decimal(hours) <= 4 else 8)
    session = Session(
        training_class=training_class,
        number=training_class.sessions.count() + 1,
        course=fields.pop("course", None) or _usual_course(training_class.module),
        starts_at=starts_at,
        ends_at=fields.pop("ends_at", starts_at + lasts),
        held_on=local_date(starts_at),
        hours=Decimal(hours),
        **fields,
    )
    if session.venue_id is None:
        session.venue = _free_venue(session)
    session.save()
    return session


def _usual_course(module: Module) -> Course:
    """The course that is taught where a test names none."""
    course, _ = Course.objects.get_or_create(
        code="G-01",
        defaults={
            "title": "网格化治理",
            "module": module,
            "strand": Strand.PRACTICE,
            "hours": Decimal(4),
        },
    )
    return course


def make_booking_letter(school: School, **fields: Any) -> BookingLetter:
    """A letter that was submitted two weeks before `DAY`, which is its only wish, for 40 people.

    Without a `venue` it is held at another place.
    """
    written_at = MORNING - timedelta(days=14)
    if "venue" not in fields:
        fields.setdefault("place", "二街村文化广场")
    dates = fields.pop("dates", [DAY])
    letter = BookingLetter.objects.create(
        **{
            "number": f"YK{next(_numbers):06}",
            "school": school,
            "title": "基层治理约课",
            "preset": Preset.PACK,
            "audience": Audience.ORDINARY,
            "headcount": 40,
            "stage": LetterStage.SUBMITTED,
            "written_at": written_at,
            "submitted_at": written_at,
        }
        | ({} if "written_by" in fields else {"written_by": make_user()})
        | fields
    )
    for rank, day in enumerate(dates, start=1):
        WishedDate.objects.create(letter=letter, rank=rank, day=day)
    return letter


def make_engagement(
    letter: BookingLetter,
    instructor: Instructor | None = None,
    *,
    starts_at: datetime = MORNING,
    hours: Decimal | str = "4",
    **fields: Any,
) -> Engagement:
    """An engagement for the next session of a letter, three hours long and in draft.

    One that was accepted or declined was answered by the lecturer's account, or somebody else's.
    """
    answered: dict[str, Any] = {}
    state = fields.get("state", EngagementState.DRAFT)
    if state != EngagementState.DRAFT:
        answered = {"proposed_at": letter.written_at, "answer_by": starts_at - timedelta(days=1)}
    if state in {EngagementState.ACCEPTED, EngagementState.DECLINED}:
        user = instructor.user if instructor else None
        answered |= {"answered_at": letter.written_at, "answered_by": user or make_user()}
    if state in {EngagementState.DECLINED, EngagementState.WITHDRAWN}:
        answered["reason"] = "另有任务"
    return Engagement.objects.create(
        letter=letter,
        instructor=instructor,
        starts_at=starts_at,
        hours=Decimal(hours),
        **{
            "number": letter.engagements.count() + 1,
            "course": fields.get("course") or _usual_course(Module.objects.get(code="governance")),
            "venue": letter.venue,
            "ends_at": starts_at + timedelta(hours=3),
        }
        | answered
        | fields,
    )


def _free_venue(session: Session) -> Venue:
    """The school's hall, or another room if the hall is occupied."""
    school = session.training_class.school
    halls = school.venues.filter(Q(name="党群服务中心") | Q(name__endswith="号教室"))
    rooms = halls.count()
    free = halls.exclude(sessions__in=Session.objects.beside(session)).order_by("pk").first()
    return free or Venue.objects.create(
        school=school,
        name=f"{rooms}号教室" if rooms else "党群服务中心",
        capacity=300,
        period=period(START),
    )


def make_class_over(school: School, clerk: User, *members: Member) -> TrainingClass:
    """A class of one session that ended two hours ago, which all `members` attended."""
    training_class = make_class(school, "青年夜校")
    enrol(training_class, *members)
    ended = timezone.now() - timedelta(hours=2)
    session = make_session(
        training_class, starts_at=ended - timedelta(minutes=15), ends_at=ended, hours="0.25"
    )
    submit_roll(
        session_id=session.pk,
        marks={member.pk: "present" for member in members},
        seen={},
        by=acting(clerk),
        at=timezone.now(),
    )
    return training_class


def make_supervision_note(session: Session, supervisor: User | None = None) -> SupervisionNote:
    """A filed supervision note on `session` by the district school."""
    return SupervisionNote.objects.create(
        session=session,
        supervisor=supervisor or make_user(),
        version=1,
        visited_at=session.starts_at,
        observed="课堂秩序良好",
        filed_at=session.ends_at,
    )


def enrol(training_class: TrainingClass, *members: Member) -> None:
    """Put `members` on the roster, with pocket numbers from 1."""
    taken = training_class.enrolments.count()
    for pocket, member in enumerate(members, start=taken + 1):
        Enrolment.objects.create(
            training_class=training_class,
            member=member,
            organisation=member.memberships.first().organisation,
            phone_pocket=pocket,
        )


def make_clerk(school: School, **fields: Any) -> User:
    clerk = make_user(**fields)
    grant(clerk, Role.SCHOOL_CLERK, school)
    return clerk


def make_nomination(school: School, by: User, name: str = "孙立", username: str = "") -> Nomination:
    """A nomination that waits for the organisation department."""
    nominee = Nominee(
        name=name,
        title=Title.NONE,
        employer="二街村",
        reasons="连续三年主持村民议事会",
        username=username,
    )
    return nominate_lecturer(school_id=school.pk, nominee=nominee, by=acting(by), at=NOON)


def make_lecturer(school: School, name: str = "赵敏", **fields: Any) -> Instructor:
    """A lecturer of the backbone corps, without a letter."""
    return Instructor.objects.create(
        name=name, corps="backbone", employer="二街村", nominated_by=school, **fields
    )


def make_department_officer() -> User:
    user = make_user()
    grant(user, Role.ORGANISATION_DEPARTMENT)
    return user


def make_letter(
    *lecturers: Instructor,
    by: User | None = None,
    term: DateRange | None = None,
    at: datetime = NOON,
) -> IssuedLetter:
    """The paper of the first letter, issued by the department for three years from today on."""
    papers = issue_letters(
        instructor_ids=[lecturer.pk for lecturer in lecturers],
        term=term or years_from(local_date(at), 3),
        issuing=Issuing(acting(by or make_department_officer()), at, CHECK_ADDRESS),
    )
    return papers[0]


def acting(user: User | None, channel: ActorChannel = ActorChannel.WEB) -> Actor:
    """`user` as the actor of an action."""
    return Actor(user, channel, "127.0.0.1")


def correct_mark(mark: Attendance, status: str, **kwargs: Any) -> AttendanceCorrection:
    """Correct the current version of a mark."""
    seen = Attendance.objects.get(pk=mark.pk).version
    return correct_attendance(
        attendance_id=mark.pk,
        seen_version=seen,
        new_status=status,
        reason=kwargs.pop("reason", "点名册核对"),
        **kwargs,
    )


def make_source(kind: str = "roll", key: int = 1) -> Source:
    """The source of hours for a roll of the class `key`, or for the study `key`."""
    training = {"roll": "class", "study": "study"}[kind]
    return Source.objects.create(kind=kind, training=f"{training}:{key}")


def make_dispute(mark: Attendance, text: str = "我当天到课") -> Dispute:
    """An open dispute by the marked member about the mark's current assessment."""
    line = mark.assessments.latest("version")
    dispute = Dispute.objects.create(
        member=mark.member,
        assessment=line,
        occurred_on=line.occurred_on,
        school=mark.session.training_class.school,
        appeal_days=line.rule.dispute_days,
        opened_at=line.assessed_at,
    )
    DisputeEntry.objects.create(
        dispute=dispute,
        step="opened",
        text=text,
        written_at=line.assessed_at,
        written_by=mark.member.user or mark.marked_by,
    )
    return dispute


class ClassWorld:
    """A school with a clerk, a class of `size` trainees and one session of four hours."""

    def __init__(self, size: int = 3) -> None:
        self.school = make_school()
        self.clerk = make_clerk(self.school)
        self.organisation = make_organisation(self.school)
        self.members = [make_member(self.organisation) for _ in range(size)]
        self.training_class = make_class(self.school)
        self.session = make_session(self.training_class)
        enrol(self.training_class, *self.members)

    @property
    def by(self) -> Actor:
        return acting(self.clerk)

    def marks(self, *statuses: str) -> dict[int, str]:
        """Marks for the members in order; the last status is used for the rest."""
        padded = list(statuses) + [statuses[-1]] * (len(self.members) - len(statuses))
        return {m.pk: s for m, s in zip(self.members, padded, strict=True)}


def make_study(
    organisation: Organisation,
    members: list[Member],
    *,
    by: User,
    held_on: date = DAY,
    starts_at: time | None = None,
) -> Study:
    """A themed Party day of two hours, submitted by `by` with a photograph."""
    facts = StudyFacts(
        StudyKind.THEMED_DAY, "重温入党誓词", "党员活动室", held_on, 120, starts_at=starts_at
    )
    kwargs: dict[str, Any] = {"by": acting(by), "at": at_local(held_on, 21)}
    people = [member.pk for member in members]
    study = record_study(organisation=organisation, facts=facts, member_ids=people, **kwargs)
    add_study_file(
        study_id=study.pk, kind=FileKind.PHOTO, data=make_picture(), name="现场.png", **kwargs
    )
    return submit_study(study_id=study.pk, seen_version=study.version, **kwargs)


class StudyWorld:
    """A branch of three members; its secretary records study, a commissioner and a clerk review it.

    Without `two_steps` there is no commissioner.
    """

    def __init__(self, size: int = 3, *, two_steps: bool = True, school: str = "120111101") -> None:
        self.school = make_school(school, f"第{school[-3:]}街道")
        self.clerk = make_clerk(self.school)
        self.organisation = make_organisation(self.school)
        self.members = [make_member(self.organisation) for _ in range(size)]
        leader = make_leader(self.organisation)
        leader.user = self.secretary = make_user()
        leader.save(update_fields=["user"])
        if two_steps:
            self.commissioner = make_user()
            grant(self.commissioner, Role.ORGANISATION_COMMISSIONER, organisation=self.organisation)

    def member_with_account(self) -> Member:
        member = self.members[0]
        if member.user is None:
            member.user = make_user()
            member.save(update_fields=["user"])
        return member

    def record(self, *, by: User | None = None, at: datetime | None = None, **kwargs: Any) -> Study:
        """A draft of two hours, by default with all three members."""
        people, guests = kwargs.pop("members", self.members), kwargs.pop("guests", [])
        facts: dict[str, Any] = {
            "kind": StudyKind.THEMED_DAY,
            "topic": "重温入党誓词",
            "place": "党员活动室",
            "held_on": DAY,
            "minutes": 120,
        } | kwargs
        return record_study(
            organisation=self.organisation,
            facts=StudyFacts(**facts),
            member_ids=[member.pk for member in people],
            guest_ids=[member.pk for member in guests],
            by=acting(by or self.secretary),
            at=at or at_local(DAY, 21),
        )

    def submit(self, study: Study, *, at: datetime | None = None) -> Study:
        """Submit a draft, with a photograph if its rule requires evidence."""
        by, at = acting(study.recorded_by), at or at_local(DAY, 21)
        study = Study.objects.get(pk=study.pk)
        if needs_evidence(study) and not study.files.exists():
            kind = FileKind.CERTIFICATE if study.is_declared else FileKind.PHOTO
            add_study_file(
                study_id=study.pk, kind=kind, data=make_picture(), name="现场.png", by=by, at=at
            )
        return submit_study(study_id=study.pk, seen_version=study.version, by=by, at=at)

    def review(
        self, study: Study, by: User, *, reason: str = "", at: datetime | None = None
    ) -> Posted | None:
        """Pass the next review step, or return the record if there is a `reason`."""
        return review_study(
            study_id=study.pk,
            seen_version=Study.objects.get(pk=study.pk).version,
            passes=not reason,
            reason=reason,
            by=acting(by),
            at=at or at_local(DAY, 22),
        )

    def approve(self, study: Study) -> Posted | None:
        """Submit the draft and pass all review steps."""
        self.submit(study)
        if study.is_declared or not hasattr(self, "commissioner"):
            return self.review(study, self.clerk)
        self.review(study, self.commissioner)
        return self.review(study, self.clerk)


def make_refused_mark(session: Session, member: Member, clerk: User) -> MarkReceipt:
    """A mark from a device that arrived after the roll was submitted."""
    return MarkReceipt.objects.create(
        session=session,
        key=uuid4(),
        member=member,
        status="late",
        device_at=session.starts_at,
        received_at=session.ends_at,
        received_from=clerk,
        outcome="refused",
        refusal="submitted",
    )


def make_pdf(text: str = "") -> bytes:
    """The beginning and end of a PDF, with a comment in between."""
    body = f"%PDF-1.7\n%{text}\n".encode()
    return body + b"trailer << >>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def make_picture(
    size: tuple[int, int] = (40, 30), form: str = "PNG", *, red: int = 140, **options: Any
) -> bytes:
    """A small picture, as from a phone; a different `red` makes a different picture."""
    target = BytesIO()
    Image.new("RGB", size, (red, 28, 32)).save(target, form, **options)
    return target.getvalue()


def make_layout(school: School | None, by: User, name: str = "统计表") -> SheetLayout:
    """A layout of a statistics sheet with one cell that is filled in, B2."""
    book = Workbook()
    book.active["B1"], book.active["A2"] = "人次", "合计"
    target = BytesIO()
    book.save(target)
    file = store_file(
        data=target.getvalue(),
        name="统计表.xlsx",
        media_type=MEDIA_TYPE,
        owner=None,
        at=NOON,
        keep_days=None,
    )
    return SheetLayout.objects.create(
        name=name, school=school, file=file, uploaded_at=NOON, uploaded_by=by
    )
