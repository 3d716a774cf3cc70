"""Who the demo's members are: branch, age, sex, name, diligence, exemption.

**Resident ID numbers.** Each has a valid check character and a real date of birth, since the
portal refuses any other. Its first six digits are 120000, the code of Tianjin as a whole. A real
number begins with the code of the county-level division that first registered the person, and
120000 never was one, so no registry can have issued it; python-stdnum, which knows it as a
division, accepts it for every year of birth. The order number counts down from 999 (men) and 998
(women), the end of the range that a registry reaches last. So every number belongs to nobody as
far as that can be arranged.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.cn import ric

from config.lib.shares import share_out
from schools.demo import DemoPlan, DemoSchools, OrganisationRow
from schools.demo.names import person_name
from schools.enums import OrganisationKind
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind, Sex

NOBODYS_AREA = "120000"
FEWEST_IN_BRANCH = 2

# Youngest and oldest age, and members in a hundred. On average 51; a third are over 60.
_AGES = (
    (18, 30, 11), (31, 40, 19), (41, 50, 18), (51, 60, 18),
    (61, 70, 18), (71, 80, 11), (81, 95, 5),
)  # fmt: skip
_WOMEN = 0.4
# Chance that a member comes to a branch meeting, and members in a hundred.
_DILIGENCE = ((0.97, 38), (0.85, 27), (0.6, 22), (0.3, 13))
_DILIGENCE_OF_EXEMPT = 0.1
# Chance of an exemption because of age, from an age on.
_ELDERLY = ((81, 0.7), (76, 0.35), (71, 0.12))
_FRAIL_FROM, _FRAIL, _SERIOUSLY_ILL = 61, 0.03, 0.008
_MOVED_IN = 0.3
_DAYS_IN_YEAR = 365.25


@dataclass(slots=True)
class Person:
    """A member in the demo. `branch` and `moved_to` are indexes in the tree list."""

    id: int
    number: str
    name: str
    sex: Sex
    born: date
    age: int  # on the demo's day
    joined_on: date
    full_member_on: date | None
    branch: int
    since: date
    diligence: float
    exempt: ExemptionCategory | None = None
    exempt_from: date | None = None
    left_on: date | None = None
    membership_status: MembershipStatus = MembershipStatus.NORMAL  # from left_on
    moved_on: date | None = None
    moved_to: int | None = None
    post: PostKind | None = None  # the highest one held on the demo's day

    def branch_on(self, day: date) -> int | None:
        """The member's branch with normal membership status on a day."""
        if day < self.since or (self.left_on and day >= self.left_on):
            return None
        if self.moved_on and day >= self.moved_on:
            return self.moved_to
        return self.branch

    def is_exempt(self, day: date) -> bool:
        """Whether nothing is owed on a day."""
        return self.exempt_from is not None and day >= self.exempt_from


def make_people(plan: DemoPlan, schools: DemoSchools, ids: list[int]) -> list[Person]:
    """Members in the order of their branches, as many as there are `ids`."""
    rng = plan.rng("people")
    places = [
        place
        for place, organisation in enumerate(schools.organisations)
        if organisation.kind is OrganisationKind.BRANCH
    ]
    weights = [rng.lognormvariate(0, 0.45) for _ in places]
    sizes = share_out(len(ids), weights, FEWEST_IN_BRANCH)
    branches = [place for place, size in zip(places, sizes, strict=True) for _ in range(size)]
    serials: dict[str, int] = defaultdict(int)
    people = []
    for pk, branch in zip(ids, branches, strict=True):
        organisation = schools.organisations[branch]
        assert organisation.township is not None  # noqa: S101 - every branch has one
        area = organisation.township.code[-3:]
        serials[area] += 1
        number = f"{area}{serials[area]:07d}"
        people.append(
            _person(plan, rng, pk=pk, number=number, branch=branch, organisation=organisation)
        )
    return people


def _person(
    plan: DemoPlan,
    rng: random.Random,
    *,
    pk: int,
    number: str,
    branch: int,
    organisation: OrganisationRow,
) -> Person:
    low, high, _ = rng.choices(_AGES, [share for _, _, share in _AGES])[0]
    age = rng.randint(low, high)
    # A few weeks past the birthday, so that the youngest can have joined since.
    born = plan.on - timedelta(days=int(age * _DAYS_IN_YEAR) + rng.randint(50, 364))
    sex = Sex.FEMALE if rng.random() < _WOMEN else Sex.MALE
    joined_on = _joined_on(plan, rng, born)
    since = max(joined_on, organisation.since)
    recently = date(plan.year - 1, 1, 1)
    if since < recently and rng.random() < _MOVED_IN:
        since += timedelta(days=rng.randrange((recently - since).days))
    person = Person(
        id=pk,
        number=number,
        name=person_name(rng, sex),
        sex=sex,
        born=born,
        age=age,
        joined_on=joined_on,
        full_member_on=_full_member_on(plan, joined_on),
        branch=branch,
        since=since,
        diligence=rng.choices(*zip(*_DILIGENCE, strict=True))[0],
    )
    _exempt(plan, rng, person)
    return person


def _joined_on(plan: DemoPlan, rng: random.Random, born: date) -> date:
    """The day of joining the Party: at 26 on average, never before 18."""
    grown_up = born + timedelta(days=int(18 * _DAYS_IN_YEAR) + 1)
    span = min(plan.on - timedelta(days=30) - grown_up, timedelta(days=25 * 365))
    return grown_up + timedelta(days=int(span.days * rng.betavariate(1.5, 3)))


def _full_member_on(plan: DemoPlan, joined_on: date) -> date | None:
    """A year after joining; None for members on probation on the demo's day."""
    ends_on = date(joined_on.year + 1, joined_on.month, min(joined_on.day, 28))
    return ends_on if ends_on <= plan.on else None


def _exempt(plan: DemoPlan, rng: random.Random, person: Person) -> None:
    """About 8 in a hundred owe nothing, most of them because of age."""
    chance = next((chance for age, chance in _ELDERLY if person.age >= age), 0.0)
    if rng.random() < chance:
        person.exempt = ExemptionCategory.ELDERLY
    elif person.age >= _FRAIL_FROM and rng.random() < _FRAIL:
        person.exempt = ExemptionCategory.FRAIL
    elif rng.random() < _SERIOUSLY_ILL:
        person.exempt = ExemptionCategory.SERIOUS_ILLNESS
    if person.exempt is None:
        return
    in_year = rng.random() < 0.2
    start = plan.on - timedelta(days=rng.randint(20, 150)) if in_year else date(plan.year - 1, 1, 1)
    person.exempt_from = max(start, person.since)
    person.diligence = _DILIGENCE_OF_EXEMPT


def resident_ids(people: list[Person]) -> Iterator[str]:
    """For each of `people` a number that belongs to nobody; see this module's docstring."""
    used: dict[tuple[date, Sex], int] = defaultdict(int)
    for person in people:
        key = (person.born, person.sex)
        order = (999 if person.sex is Sex.MALE else 998) - 2 * used[key]
        if order < 500:
            raise ValueError(f"More than 250 members of one sex were born on {person.born}.")
        used[key] += 1
        body = f"{NOBODYS_AREA}{person.born:%Y%m%d}{order:03d}"
        yield body + ric.calc_check_digit(f"{body}0")
