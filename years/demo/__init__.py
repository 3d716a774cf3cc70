"""Demo data: members, their classes and studies, and the hours posted from them."""

from datetime import date

from django.conf import settings

from config.lib.copying import reserve_ids
from courses.demo import ClassRow
from rolls.demo.roll_stages import seed_roll_stages
from rolls.demo.rosters import seed_rosters
from rolls.demo.walk_ins import seed_walk_ins
from schools.demo import DemoPlan, DemoSchools
from schools.demo.officers import Account, store_accounts
from studies.demo.records import seed_records
from studies.demo.studies import seed_studies
from trainees.demo.people import make_people
from trainees.demo.posts import Focus, add_changes, assign_posts, choose_focus
from trainees.models import Member
from years.demo.disputes import seed_disputes
from years.demo.ledger import post_ledger
from years.demo.quality import seed_quality
from years.demo.register import store_members, store_memberships


def seed_members_and_hours(plan: DemoPlan, schools: DemoSchools, classes: list[ClassRow]) -> None:
    """Store members with all their data, from the register to disputes."""
    people = make_people(plan, schools, reserve_ids(Member, plan.members))
    posts = assign_posts(plan, schools, people)
    focus = choose_focus(plan, schools, people)
    add_changes(plan, schools, people, posts, focus)
    accounts = _store_accounts(focus)
    store_members(plan, people, accounts)
    store_memberships(schools, people, posts)
    seed_rosters(plan, schools, people, classes, focus)
    seed_walk_ins()
    studies = seed_studies(plan, schools, people, focus)
    post_ledger(studies, min(date(plan.year - 1, 10, 1), plan.window_start), plan.on)
    if focus.member.id in accounts:
        seed_disputes(plan, schools, focus, accounts[focus.member.id])
    seed_records(plan, schools, people, focus, accounts)
    seed_quality(plan, schools)
    seed_roll_stages(plan)


def _store_accounts(focus: Focus) -> dict[int, int]:
    """Accounts by member id for the demo's two members, if the settings allow accounts."""
    if not settings.DEMO:
        return {}
    people = (focus.member, focus.secretary)
    accounts = [Account(person.number, person.name, is_demo=True) for person in people]
    return dict(zip((person.id for person in people), store_accounts(accounts), strict=True))
