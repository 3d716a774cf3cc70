"""Classes for the benchmark: one for each roll, and no member is in two of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from classes.models import Enrolment
from config.lib.periods import at_local, today
from courses.enums import Format
from courses.models import Course, Session, TrainingClass
from rolls.enums import AttendanceStatus
from schools.enums import Audience
from schools.models import School

HOURS = Decimal(3)
# The marks of a roll, repeated: of each twenty, one is late, one on leave and one absent.
MARKS = (
    *[AttendanceStatus.PRESENT.value] * 17,
    AttendanceStatus.LATE.value,
    AttendanceStatus.ON_LEAVE.value,
    AttendanceStatus.ABSENT.value,
)

# Members of any school without study on the day, scattered over the register.
_FREE_MEMBERS = """
SELECT ms.member_id, ms.organisation_id FROM trainees_membership ms
WHERE ms.period @> %(on)s::date AND ms.membership_status = 'normal'
  AND NOT EXISTS (SELECT FROM hours_creditentry e
                  WHERE e.credit_year = %(year)s AND e.member_id = ms.member_id
                    AND e.occurred_on = %(on)s)
  AND NOT EXISTS (SELECT FROM classes_enrolment e
                  JOIN courses_session s ON s.training_class_id = e.training_class_id
                  WHERE e.member_id = ms.member_id AND s.held_on = %(on)s)
ORDER BY md5(ms.member_id::text) LIMIT %(count)s
"""


@dataclass(frozen=True)
class Lesson:
    """A session without a roll yet, with its trainees in roll order."""

    session_id: int
    class_id: int
    label: str
    school_id: int
    school_code: str
    held_on: date
    members: list[int]
    organisations: list[int]

    @property
    def marks(self) -> list[str]:
        """The mark for each trainee, in roll order."""
        return [MARKS[place % len(MARKS)] for place in range(len(self.members))]


def add_lessons(school: School, sizes: list[int]) -> list[Lesson]:
    """A class at `school` for each of `sizes`, with a session that began today at midnight."""
    day = today()
    with transaction.atomic():
        with connection.cursor() as cursor:
            values = {"on": day, "year": day.year, "count": sum(sizes)}
            cursor.execute(_FREE_MEMBERS, values)
            free = cursor.fetchall()
        if len(free) < sum(sizes):
            raise RuntimeError(f"Only {len(free)} members are free on {day}.")
        return [_add_lesson(school, day, number, free, size) for number, size in enumerate(sizes)]


def _add_lesson(
    school: School, day: date, number: int, free: list[tuple[int, int]], size: int
) -> Lesson:
    """A class with the next `size` of the free members, who are removed from the list."""
    trainees = [free.pop() for _ in range(size)]
    course = Course.objects.order_by("id")[0]
    training_class = TrainingClass.objects.create(
        code=f"BENCH-{number:03}",
        title=f"基层治理培训班 {number}",
        school=school,
        module=course.module,
        format=Format.PACK,
        audience=Audience.ORDINARY,
    )
    starts_at: datetime = at_local(day, 0)
    session = Session.objects.create(
        training_class=training_class,
        number=1,
        course=course,
        place=f"比较教室 {number}",  # all sessions are concurrent, and a venue allows one at a time
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        held_on=day,
        hours=HOURS,
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            training_class=training_class,
            member_id=member,
            organisation_id=organisation,
            phone_pocket=pocket,
        )
        for pocket, (member, organisation) in enumerate(trainees, start=1)
    )
    return Lesson(
        session_id=session.pk,
        class_id=training_class.pk,
        label=str(session),
        school_id=school.pk,
        school_code=school.code,
        held_on=day,
        members=[member for member, _ in trainees],
        organisations=[organisation for _, organisation in trainees],
    )
