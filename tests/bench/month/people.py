"""Who acts in the month, and the classes that meet in it. They are made without an act, and signed.

Two schools take most acts, so that threads meet at the same rolls and members.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

from accounts.enums import ActorChannel, Role
from accounts.models import User
from accounts.origin import Actor
from classes.models import Enrolment
from config.lib.periods import at_local, in_force, local_date, period
from courses.enums import Format
from courses.models import Course, Session, TrainingClass
from hours.models import CreditRule
from schools.enums import Audience
from schools.models import Organisation, RoleGrant, School
from tests.chains import explained
from trainees.actions.slips import issue_member_slips
from trainees.models import Member, Membership

SCHOOLS = 2
ORGANISATIONS = 12
CLASSES = 16
SESSIONS = 3
TRAINEES = 24
# Hour of the beginning, hours on the clock, credit hours: they overlap, and pass the caps.
TIMES = ((8, 3, "4"), (10, 3, "4"), (13, 4, "3.5"), (9, 8, "6"), (19, 2, "2"), (22, 4, "2.5"))


@dataclass(frozen=True)
class Place:
    """A school with the people who act for it; keys of rows."""

    school: School
    clerks: list[User]
    reviewers: list[User]
    organisations: list[Organisation]
    members: list[int]
    accounts: list[User]
    sessions: list[int]


@dataclass(frozen=True)
class Cast:
    """The district's officers, and the schools."""

    officers: list[User]
    district_school: User
    places: list[Place]
    begins: datetime


def acting(user: User | None) -> Actor:
    """The person as the actor of an act."""
    return Actor(user, ActorChannel.WEB if user else ActorChannel.COMMAND, None)


def make_cast(rng: Random, at: datetime) -> Cast:
    """Add a second officer and classes, and open accounts for some of the members."""
    on = local_date(at)
    with explained():
        CreditRule.objects.update(evidence_required=False)  # no photographs in this month
        officers = [_holder(Role.ORGANISATION_DEPARTMENT), *_more_officers(on)]
        schools = School.objects.in_force(on).order_by("code")
        served = [s for s in schools if Organisation.objects.for_school(s, on).count() > 50]
        places = [_make_place(school, rng, on) for school in served[:SCHOOLS]]
    for place in places:
        _open_accounts(place, rng, at)
    return Cast(officers, _holder(Role.DISTRICT_SCHOOL), places, at)


def _holder(role: Role, **where: School) -> User:
    return User.objects.filter(role_grants__role=role, **where).order_by("pk")[0]


def _more_officers(on: date) -> list[User]:
    officers = [
        User(username=f"month.officer{n}", display_name=f"组织部 {n}", password="!")
        for n in range(2)
    ]
    for officer in officers:
        officer.save()
        RoleGrant.objects.create(
            user=officer, role=Role.ORGANISATION_DEPARTMENT, period=period(date(on.year, 1, 1))
        )
    return officers


def _make_place(school: School, rng: Random, on: date) -> Place:
    found = Organisation.objects.for_school(school, on).filter(in_force(on, "memberships__period"))
    organisations = rng.sample(list(found.distinct().order_by("pk")), ORGANISATIONS)
    rows = Membership.objects.filter(in_force(on), organisation__in=organisations)
    home = dict(rows.order_by("member").values_list("member", "organisation"))
    clerks = User.objects.filter(role_grants__role=Role.SCHOOL_CLERK, role_grants__school=school)
    leader = User.objects.filter(role_grants__role=Role.SCHOOL_LEADER, role_grants__school=school)
    return Place(
        school=school,
        clerks=list(clerks.order_by("pk")),
        reviewers=[*clerks.order_by("pk"), *leader.order_by("pk")],
        organisations=organisations,
        members=list(home),
        accounts=[],
        sessions=[key for n in range(CLASSES) for key in _make_class(school, n, rng, home, on)],
    )


def _make_class(
    school: School, number: int, rng: Random, home: dict[int, int], on: date
) -> list[int]:
    """A class whose sessions lie in the week before the month and within it."""
    course = rng.choice(Course.objects.order_by("pk")[:20])
    training_class = TrainingClass.objects.create(
        code=f"MONTH-{school.pk}-{number:02}",
        title=f"轮训班 {number + 1}",
        school=school,
        module=course.module,
        format=Format.PACK,
        audience=Audience.ORDINARY,
        capacity=TRAINEES + 4,
        is_open=number % 2 == 0,
    )
    days = sorted(rng.sample(range(-6, 28), SESSIONS))
    keys = []
    for place, days_on in enumerate(days, start=1):
        hour, lasts, worth = rng.choice(TIMES)
        begins = at_local(on + timedelta(days=days_on), hour)
        session = Session.objects.create(
            training_class=training_class,
            number=place,
            course=course,
            place=f"村史馆 {school.pk}-{number}",
            starts_at=begins,
            ends_at=begins + timedelta(hours=lasts),
            held_on=on + timedelta(days=days_on),
            hours=Decimal(worth),
        )
        keys.append(session.pk)
    Enrolment.objects.bulk_create(
        Enrolment(training_class=training_class, member_id=key, organisation_id=home[key])
        for key in rng.sample(sorted(home), TRAINEES)
    )
    return keys


def _open_accounts(place: Place, rng: Random, at: datetime) -> None:
    """Members get an account by a slip, which nobody uses: they act without signing in."""
    on, clerk = local_date(at), place.clerks[0]
    free = Member.objects.slips_by(clerk, on).marking_staff(clerk, on)
    keys = free.filter(pk__in=place.members, is_staff_account=False, user=None)
    chosen = rng.sample(sorted(keys.values_list("pk", flat=True)), 40)
    issue_member_slips(member_ids=chosen, key=uuid4(), by=acting(clerk), at=at)
    place.accounts.extend(User.objects.filter(member__in=chosen).order_by("pk"))
