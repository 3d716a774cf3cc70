"""Demo records of study in every state, of the branch with demo accounts, made by the real actions.

They are from the last three weeks. The demo's member attended none of the meetings, so their
figures are unchanged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor
from backstage.enums import FileKind
from config.lib.periods import at_local
from schools.demo import DemoPlan, DemoSchools
from schools.models import Organisation
from studies.actions.studies import StudyFacts, record_study, submit_study
from studies.actions.study_files import add_study_file
from studies.actions.study_reviews import review_study, withdraw_study
from studies.enums import StudyKind, StudyState
from studies.models import Study
from trainees.demo.people import Person
from trainees.demo.posts import Focus

# Days before the demo's day, kind, topic, minutes, the state reached, and a reason if any.
_MEETINGS = (
    (19, StudyKind.THEMED_DAY, "重温入党誓词 牢记初心使命", 120, StudyState.APPROVED, ""),
    (17, StudyKind.PARTY_LESSON, "书记讲党课：作风建设", 60, StudyState.WITHDRAWN, "与培训班重复"),
    (13, StudyKind.BRANCH_MEETING, "支部党员大会：传达上级精神", 90, StudyState.CHECKED, ""),
    (10, StudyKind.PARTY_LESSON, "党的纪律专题党课", 90, StudyState.DRAFT, "缺签到表，请补上"),
    (6, StudyKind.THEMED_DAY, "走访慰问老党员", 180, StudyState.SUBMITTED, ""),
    (3, StudyKind.GROUP_MEETING, "党小组会：读书分享", 60, StudyState.DRAFT, ""),
)  # fmt: skip
_VISITS = ((15, "送学上门：学习党的二十大精神", True), (5, "送学上门：读报讲新闻", False))
_VISIT_MINUTES = 60
_ONLINE = (4, "学习强国：党史专题", "学习强国", 60)
_PLACE = "党员活动室"
_SCENE = (960, 640)


@dataclass(frozen=True)
class _Branch:
    """The branch, and the people who act for it."""

    organisation: Organisation
    secretary: User
    clerk: User

    def act(self, user: User) -> Actor:
        return Actor(user, ActorChannel.WEB)


def seed_records(
    plan: DemoPlan,
    schools: DemoSchools,
    people: list[Person],
    focus: Focus,
    accounts: dict[int, int],
) -> None:
    """Store the records, if the settings allow the accounts of the recorders."""
    if focus.secretary.id not in accounts:
        return
    branch = _Branch(
        Organisation.objects.get(pk=schools.organisations[focus.branch].id),
        User.objects.get(pk=accounts[focus.secretary.id]),
        User.objects.get(pk=schools.clerk_for(focus.branch)),
    )
    people_of_branch = [
        person
        for person in people
        if person.branch_on(plan.on) == focus.branch and person.left_on is None
    ]
    for days, kind, topic, minutes, state, reason in _MEETINGS:
        day = plan.on - timedelta(days=days)
        there = [
            person.id
            for person in people_of_branch
            if person is not focus.member
            and person.exempt is None
            and person.branch_on(day) == focus.branch
        ]
        facts = StudyFacts(kind, topic, _PLACE, day, minutes, starts_at=time(9))
        _reach(branch, facts, there, state, reason)
    _seed_visits(plan, branch, focus, [person for person in people_of_branch if person.exempt])
    _seed_declaration(plan, branch, focus, accounts[focus.member.id])


def _reach(
    branch: _Branch, facts: StudyFacts, there: Collection[int], state: str, reason: str = ""
) -> None:
    """Record a meeting and advance it to its state; a draft with a reason was returned."""
    by, at = branch.act(branch.secretary), at_local(facts.held_on, 20)
    study = record_study(
        organisation=branch.organisation, facts=facts, member_ids=there, by=by, at=at
    )
    if state == StudyState.DRAFT and not reason:
        return
    add_study_file(
        study_id=study.pk,
        kind=FileKind.PHOTO,
        data=draw_scene(facts.held_on),
        name="现场照片.png",
        by=by,
        at=at,
    )
    submit_study(study_id=study.pk, seen_version=study.version, by=by, at=at)
    if state == StudyState.SUBMITTED:
        return
    _review(study, branch, facts.held_on, reason if state == StudyState.DRAFT else "")
    if state in {StudyState.APPROVED, StudyState.WITHDRAWN}:
        study.refresh_from_db()
        if study.state != StudyState.APPROVED:
            _review(study, branch, facts.held_on)
    if state == StudyState.WITHDRAWN:
        study.refresh_from_db()
        withdraw_study(
            study_id=study.pk,
            seen_version=study.version,
            reason=reason,
            by=branch.act(branch.clerk),
            at=at_local(facts.held_on, 22),
        )


def _review(study: Study, branch: _Branch, day: date, reason: str = "") -> None:
    """Take the next review step as the commissioner, if there is one, or as the clerk."""
    study.refresh_from_db()
    reviewers = User.objects.filter(role_grants__role="organisation_commissioner").order_by("pk")
    for user in [*reviewers, branch.clerk]:
        if Study.objects.to_review_by(user, day).filter(pk=study.pk).exists():
            review_study(
                study_id=study.pk,
                seen_version=study.version,
                passes=not reason,
                reason=reason,
                by=branch.act(user),
                at=at_local(day, 21),
            )
            return


def _seed_visits(plan: DemoPlan, branch: _Branch, focus: Focus, exempt: list[Person]) -> None:
    """Visits to members who owe no hours; the earlier one is approved."""
    for days, topic, is_passed in _VISITS if exempt else ():
        day = plan.on - timedelta(days=days)
        by, at = branch.act(branch.secretary), at_local(day, 19)
        facts = StudyFacts(StudyKind.OUTREACH_VISIT, topic, "", day, _VISIT_MINUTES)
        visited = [person.id for person in exempt if person.branch_on(day) == focus.branch]
        if not visited:
            continue
        study = record_study(
            organisation=branch.organisation, facts=facts, member_ids=visited, by=by, at=at
        )
        submit_study(study_id=study.pk, seen_version=study.version, by=by, at=at)
        if is_passed:
            _review(study, branch, day)


def _seed_declaration(plan: DemoPlan, branch: _Branch, focus: Focus, account: int) -> None:
    """A declaration of online study by the demo's member, waiting for the school's review."""
    days, topic, place, minutes = _ONLINE
    day = plan.on - timedelta(days=days)
    by, at = branch.act(User.objects.get(pk=account)), at_local(day, 20)
    facts = StudyFacts(StudyKind.ONLINE_STUDY, topic, place, day, minutes)
    study = record_study(organisation=None, facts=facts, member_ids=[focus.member.id], by=by, at=at)
    add_study_file(
        study_id=study.pk,
        kind=FileKind.CERTIFICATE,
        data=draw_scene(day),
        name="学习记录截图.png",
        by=by,
        at=at,
    )
    submit_study(study_id=study.pk, seen_version=study.version, by=by, at=at)


def draw_scene(day: date) -> bytes:
    """Draw an empty meeting room as a photograph; the day varies its light."""
    width, height = _SCENE
    light = 200 + day.toordinal() % 40
    scene = Image.new("RGB", _SCENE, (light, light - 12, light - 30))
    draw = ImageDraw.Draw(scene)
    draw.rectangle((0, height * 2 // 3, width, height), fill=(150, 120, 92))
    draw.rectangle((width // 4, 70, width * 3 // 4, 250), fill=(140, 28, 32))
    for row in range(3):
        for seat in range(6):
            left, top = 90 + seat * 135, 330 + row * 95
            draw.rectangle((left, top, left + 95, top + 55), fill=(92, 74, 60))
    target = BytesIO()
    scene.save(target, "PNG")
    return target.getvalue()
