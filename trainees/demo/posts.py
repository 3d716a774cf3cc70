"""Posts held, and recent changes: transfers, suspensions, members out of contact."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schools.demo import DemoPlan, DemoSchools, OrganisationRow
from schools.demo.network import YANGLIUQING
from schools.enums import OrganisationKind
from trainees.demo.people import Person
from trainees.enums import MembershipStatus, PostKind

_WORKING_AGES = range(24, 73)
_WITH_COMMITTEE, _WITH_LARGE_COMMITTEE, _WITH_WORKER = 7, 20, 40
_WORKERS_OF_COMMITTEE = 5
_SECRETARY_IS_NEW = 0.05
_TRANSFERRED, _SUSPENDED, _LOST = 0.015, 0.004, 0.006
_SAME_TOWNSHIP = 0.7


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post held from `since` until (without) `until`. `organisation` is an index in the tree
    list.
    """

    person: Person
    organisation: int
    kind: PostKind
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Focus:
    """The two members with demo accounts, of one branch at Yangliuqing."""

    member: Person
    secretary: Person

    @property
    def branch(self) -> int:
        """The index of their branch in the tree list."""
        return self.member.branch


def assign_posts(plan: DemoPlan, schools: DemoSchools, people: list[Person]) -> list[PostRow]:
    """Secretaries, deputies, committee members and Party-affairs workers throughout the tree."""
    rng = plan.rng("posts")
    members: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        members[person.branch].append(person)
    posts: list[PostRow] = []
    for place, people_of_place in members.items():
        posts.extend(_posts_of_branch(plan, rng, place, people_of_place))
    for place, organisation in enumerate(schools.organisations):
        if organisation.kind in (OrganisationKind.GENERAL_BRANCH, OrganisationKind.COMMITTEE):
            below = _branches_below(schools.organisations, place, organisation)
            candidates = [person for branch in below for person in members[branch]]
            posts.extend(_posts_above(plan, rng, place, organisation, candidates))
    return posts


def _branches_below(
    organisations: list[OrganisationRow], place: int, organisation: OrganisationRow
) -> Iterator[int]:
    """Indexes of the branches of a general branch or township, which follow it in the list."""
    for other in range(place + 1, len(organisations)):
        row = organisations[other]
        if organisation.kind is OrganisationKind.GENERAL_BRANCH and row.parent != place:
            return
        if row.township is not organisation.township:
            return
        if row.kind is OrganisationKind.BRANCH:
            yield other


def _free(candidates: Sequence[Person], day: date) -> list[Person]:
    """Members who can take a post: of working age, without one, not exempt, a member by `day`."""
    return [
        person
        for person in candidates
        if person.post is None
        and person.exempt is None
        and person.age in _WORKING_AGES
        and person.since <= day
    ]


def _posts_of_branch(
    plan: DemoPlan, rng: random.Random, place: int, people: list[Person]
) -> Iterator[PostRow]:
    kinds = [PostKind.SECRETARY]
    if len(people) >= _WITH_COMMITTEE:
        kinds += [PostKind.DEPUTY_SECRETARY, PostKind.COMMITTEE_MEMBER]
    if len(people) >= _WITH_LARGE_COMMITTEE:
        kinds += [PostKind.COMMITTEE_MEMBER] * 2
    if len(people) >= _WITH_WORKER:
        kinds.append(PostKind.AFFAIRS_WORKER)
    term = date(plan.year - rng.choice((1, 2, 3)), rng.choice((3, 6, 9)), 1)
    free = _free(people, plan.window_start) or sorted(
        people, key=lambda p: (p.since, -p.born.toordinal())
    )
    free = rng.sample(free, len(free))
    for kind, person in zip(kinds, free, strict=False):
        since = max(term, person.since)
        if kind is PostKind.SECRETARY and len(free) > len(kinds) and _new(rng):
            former = free[-1]
            change = plan.on - timedelta(days=rng.randint(40, 150))
            yield PostRow(former, place, kind, max(term, former.since), change)
            since = change
        person.post = kind
        yield PostRow(person, place, kind, since)


def _new(rng: random.Random) -> bool:
    return rng.random() < _SECRETARY_IS_NEW


def _posts_above(
    plan: DemoPlan,
    rng: random.Random,
    place: int,
    organisation: OrganisationRow,
    candidates: list[Person],
) -> Iterator[PostRow]:
    """Posts of a general branch or a committee, held by members of the branches below it."""
    kinds = [PostKind.SECRETARY, PostKind.AFFAIRS_WORKER, PostKind.DEPUTY_SECRETARY]
    if organisation.kind is OrganisationKind.COMMITTEE:
        kinds += [PostKind.COMMITTEE_MEMBER] * 3
        kinds += [PostKind.AFFAIRS_WORKER] * (_WORKERS_OF_COMMITTEE - 1)
    else:
        kinds += [PostKind.COMMITTEE_MEMBER] * 2
    free = _free(candidates, plan.window_start)
    if len(free) < 2 * len(kinds):
        kinds = kinds[:2]  # so that a small demo still has ordinary members
    term = date(plan.year - rng.choice((1, 2, 3)), 3, 1)
    for kind, person in zip(kinds, rng.sample(free, min(len(free), len(kinds))), strict=False):
        person.post = kind
        yield PostRow(person, place, kind, max(term, person.since))


def choose_focus(plan: DemoPlan, schools: DemoSchools, people: list[Person]) -> Focus:
    """An ordinary member and the secretary of one branch of Yangliuqing.

    The first one who owes the full hours of this year and the last, else the nearest to that.
    """
    secretaries = {p.branch: p for p in reversed(people) if p.post is PostKind.SECRETARY}
    candidates = [
        person
        for person in people
        if person.post is None
        and person.branch in secretaries
        and _township_code(schools, person.branch) == YANGLIUQING
    ]
    start = date(plan.year - 1, 1, 1)
    member = min(
        candidates,
        key=lambda p: (p.exempt is not None, p.since > start, p.age not in _WORKING_AGES, p.id),
    )
    return Focus(member, secretaries[member.branch])


def add_changes(
    plan: DemoPlan, schools: DemoSchools, people: list[Person], posts: list[PostRow], focus: Focus
) -> None:
    """Some members without a post were transferred, suspended or lost contact this year."""
    rng = plan.rng("changes")
    bound = {post.person.id for post in posts} | {focus.member.id}
    branches = sorted({person.branch for person in people})
    neighbours: dict[str, list[int]] = defaultdict(list)
    for branch in branches:
        neighbours[_township_code(schools, branch)].append(branch)
    for person in people:
        chance = rng.random()
        day = plan.on - timedelta(days=rng.randint(10, 160))
        if person.id in bound or person.since >= day:
            continue
        if chance < _TRANSFERRED:
            near = rng.random() < _SAME_TOWNSHIP
            choice = neighbours[_township_code(schools, person.branch)] if near else branches
            target = rng.choice(choice)
            if target != person.branch:
                person.moved_on, person.moved_to = day, target
        elif chance < _TRANSFERRED + _SUSPENDED:
            person.left_on, person.membership_status = day, MembershipStatus.SUSPENDED
        elif chance < _TRANSFERRED + _SUSPENDED + _LOST:
            person.left_on, person.membership_status = day, MembershipStatus.LOST_CONTACT


def _township_code(schools: DemoSchools, place: int) -> str:
    township = schools.organisations[place].township
    return township.code if township else ""
