"""A joint class as a school that joins it sees it: the class, and its own trainees alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from classes.models import Enrolment, WaitingListEntry
from classes.queries.classes import first_with_open_roster, list_class_sessions, places_of
from classes.queries.roll_states import has_submitted_roll
from config.lib.periods import in_force
from courses.models import Session, TrainingClass
from courses.permissions import schools_enrolling
from schools.models import Organisation, School
from trainees.models import Member, Membership


@dataclass(frozen=True)
class JointClassPage:
    """What a school that joins a class reads of it.

    `own` are the trainees of the reader's schools on the roster, `waiting` those who wait, each
    with a place in the line; `others` counts the trainees of other schools, who are not named.
    `may_enrol` is whether the reader changes the roster for their school, and it still may change.
    """

    training_class: TrainingClass
    schools: list[School]
    sessions: list[Session]
    own: list[Enrolment]
    waiting: list[tuple[int, WaitingListEntry]]
    others: int
    places: int | None
    may_enrol: bool

    @property
    def taken(self) -> int:
        """How many are on the roster in all."""
        return len(self.own) + self.others


def members_of_schools(school_ids: Collection[int], on: date) -> QuerySet[Member]:
    """Members of the areas of these schools on the day `on`; of a closed one, of its successor."""
    closed = School.objects.filter(pk__in=school_ids, taken_over_by__isnull=False)
    taken_over = (key for key in closed.values_list("taken_over_by", flat=True) if key)
    organisations = Q(pk__in=[])
    for school_id in {*school_ids, *taken_over}:
        organisations |= Q(pk__in=Organisation.objects.for_school(school_id, on).values("pk"))
    belonging = Membership.objects.filter(
        in_force(on), organisation__in=Organisation.objects.filter(organisations)
    )
    return Member.objects.filter(pk__in=belonging.values("member"))


def get_joint_class_page(user: User, class_id: int, now: datetime, on: date) -> JointClassPage:
    """The class, in a constant number of statements. Raises TrainingClass.DoesNotExist."""
    rows = TrainingClass.objects.joined_for(user, on)
    training_class = rows.select_related("school", "module", "programme").get(pk=class_id)
    schools = [row.school for row in training_class.joining_schools.select_related("school")]
    sessions = list(list_class_sessions(training_class))
    mine = School.objects.visible_to(user, on).filter(pk__in=[school.pk for school in schools])
    members = members_of_schools(list(mine.values_list("pk", flat=True)), on)
    lasting = Enrolment.objects.known_to(training_class)
    own = list(lasting.filter(member__in=members).for_roll())
    entries = list(training_class.waiting_list.select_related("member"))
    seen = set(
        members.filter(pk__in=[entry.member_id for entry in entries]).values_list("pk", flat=True)
    )
    submitted = [session.pk for session in sessions if has_submitted_roll(session)]
    held = [session for session in sessions if not session.is_called_off]
    return JointClassPage(
        training_class=training_class,
        schools=schools,
        sessions=sessions,
        own=own,
        waiting=[(n, row) for n, row in enumerate(entries, start=1) if row.member_id in seen],
        others=lasting.count() - len(own),
        places=places_of(training_class),
        may_enrol=bool(schools_enrolling(user, training_class, on))
        and first_with_open_roster(held, submitted, now) is not None,
    )
