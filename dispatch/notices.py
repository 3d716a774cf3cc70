"""What this app tells people: steps of letters, proposals, and answers that need the desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from accounts.origin import Actor
from backstage.notices import (
    Facts,
    NoticeText,
    register_notice,
    settle_notices,
    write_notices,
)
from config.lib.dates import format_day, format_moment
from config.lib.pages import address_of
from config.lib.periods import local_date
from courses.models import Session
from dispatch.enums import EngagementState, LetterStage
from dispatch.letter_changes import describe_changes
from dispatch.models import BookingLetter, BookingStep, Engagement
from dispatch.permissions import dispatches
from instructors.models import Instructor
from schools.models import RoleGrant
from schools.queries.clerks import list_clerk_accounts

_STEP, _PROPOSED, _WITHDRAWN, _UNTAUGHT, _AGREEABLE, _CHANGED, _TAUGHT, _LINK, _JOINT, _OWNER = (
    *("booking_step", "engagement_proposed", "engagement_withdrawn", "session_untaught"),
    *("schedule_accepted", "lecturer_changed", "session_taught", "proposal_by_link"),
    *("joint_letter", "letter_handed_over"),
)
# Steps of the school, which the desk reads, and steps of the desk, which the school reads.
_OF_SCHOOL = {
    LetterStage.SUBMITTED,
    LetterStage.ANSWERED,
    LetterStage.CONFIRMED,
    LetterStage.CANCELLED,
    LetterStage.EVALUATED,
}
_OF_JOINING = {"items", "dates", "joint_schools"}
_ENDS = {LetterStage.DECLINED, LetterStage.CANCELLED}
_OF_DESK = {LetterStage.INQUIRY, LetterStage.DECLINED, LetterStage.SCHEDULED}


def register_notices() -> None:
    """Register the kinds. A proposal has a day to answer by, so it is urgent, and its end too."""
    register_notice(_STEP, _describe_step)
    register_notice(_PROPOSED, _describe_proposal, is_urgent=True)
    register_notice(_WITHDRAWN, _describe_withdrawal, is_urgent=True)
    register_notice(_UNTAUGHT, _describe_untaught)
    register_notice(_AGREEABLE, _describe_agreeable)
    register_notice(_CHANGED, _describe_changed)
    register_notice(_TAUGHT, _describe_taught, is_urgent=True)
    register_notice(_LINK, _describe_link, is_urgent=True)
    register_notice(_JOINT, _describe_joint)
    register_notice(_OWNER, _describe_owner)


def tell_of_step(step: BookingStep, *, at: datetime) -> int:
    """Tell the other side of a letter what was done; a draft that is dropped concerns nobody.

    Schools that join hear that it is sent, when days, courses or schools change with an answer, and
    that it ends before there is a class.
    """
    letter, stage = step.letter, LetterStage(step.stage)
    to: list[User] = []
    if stage in _OF_DESK:
        to = list(list_clerk_accounts(letter.school_id, local_date(at)))
    elif stage in _OF_SCHOOL and letter.submitted_at is not None:
        to = _officers(letter.owner, at)
    changed = {change["field"] for change in step.changes}
    if stage == LetterStage.SUBMITTED or changed & _OF_JOINING:
        _tell_joining(letter, at=at)
    elif stage in _ENDS and letter.submitted_at is not None and letter.training_class_id is None:
        to += _joining_clerks(letter, at)
    return write_notices(
        kind=_STEP,
        to=[user for user in dict.fromkeys(to) if user != step.taken_by],
        facts={
            "number": letter.number,
            "title": letter.title,
            "school": letter.school.name,
            "stage": step.stage,
            "word": step.word,
            "changes": step.changes,
        },
        address=reverse("dispatch:letter", args=[letter.pk]),
        once=str(step.pk),
        at=at,
    )


def _tell_joining(letter: BookingLetter, *, at: datetime) -> int:
    """Tell the schools that join whose class it is, what is wanted, and on which days."""
    items = letter.items.select_related("course")
    return write_notices(
        kind=_JOINT,
        to=_joining_clerks(letter, at),
        facts={
            "title": letter.title,
            "school": letter.school.name,
            "items": [str(item) for item in items],
            "days": [wished.day.isoformat() for wished in letter.dates.all()],
        },
        address=reverse("dispatch:letter", args=[letter.pk]),
        once=f"{letter.pk} {at.isoformat()}",
        at=at,
    )


def tell_of_leaving(letter: BookingLetter, former: Collection[int], *, at: datetime) -> int:
    """Tell those of the schools `former` that do not join the letter any more."""
    left = set(former) - set(letter.joint_schools.values_list("school", flat=True))
    return write_notices(
        kind=_JOINT,
        to=_clerks_of(left, at),
        facts={"title": letter.title, "school": letter.school.name, "is_left": True},
        # The letter is out of their sight now.
        address=reverse("dispatch:letters"),
        once=f"left {letter.pk} {at.isoformat()}",
        at=at,
    )


def _joining_clerks(letter: BookingLetter, at: datetime) -> list[User]:
    return _clerks_of(letter.joint_schools.values_list("school", flat=True), at)


def _clerks_of(schools: Iterable[int], at: datetime) -> list[User]:
    return [user for key in schools for user in list_clerk_accounts(key, local_date(at))]


def tell_of_link(engagement: Engagement, *, at: datetime) -> int:
    """Tell the desk of a proposal whose lecturer has no account: nobody else tells them."""
    if engagement.instructor is None or engagement.instructor.user_id is not None:
        return 0
    return write_notices(
        kind=_LINK,
        to=_officers(engagement.letter.owner, at),
        facts=_facts_of(engagement) | {"lecturer": str(engagement.instructor)},
        address=reverse("dispatch:letter", args=[engagement.letter_id]),
        once=f"{engagement.pk} {at.isoformat()}",
        at=at,
    )


def tell_of_proposals(
    engagements: Iterable[Engagement], *, at: datetime, moved_from: datetime | None = None
) -> int:
    """Tell each lecturer of the proposals of a letter and until when to answer.

    They replace what was agreed for another time if the session began at `moved_from` before.
    """
    told = 0
    for rows in _by_lecturer(engagements):
        until = min((row.answer_by for row in rows if row.answer_by), default=None)
        told += write_notices(
            kind=_PROPOSED,
            to=[rows[0].instructor.user if rows[0].instructor else None],
            facts=_facts_of(*rows)
            | {
                "answer_by": until.isoformat() if until else "",
                "moved_from": moved_from.isoformat() if moved_from else "",
            },
            address=reverse("dispatch:my_engagements"),
            once=f"{rows[0].pk} {rows[0].starts_at.isoformat()} {at.isoformat()}",
            at=at,
        )
    return told


def settle_proposals(engagement: Engagement, *, at: datetime) -> int:
    """Once all proposals of a letter to a lecturer are answered, their messages count as read."""
    user = engagement.instructor.user_id if engagement.instructor else None
    rows = engagement.letter.engagements.filter(instructor=engagement.instructor_id)
    if user is None or rows.filter(state=EngagementState.PROPOSED).exists():
        return 0
    begins = [f"{key} " for key in rows.values_list("pk", flat=True)]
    return settle_notices(kind=_PROPOSED, to=user, begins=begins, at=at)


def tell_of_withdrawals(engagements: Iterable[Engagement], *, at: datetime) -> int:
    """Tell each lecturer who knows of engagements of a letter that they are off."""
    told = 0
    for rows in _by_lecturer(row for row in engagements if row.proposed_at is not None):
        told += write_notices(
            kind=_WITHDRAWN,
            to=[rows[0].instructor.user if rows[0].instructor else None],
            facts=_facts_of(*rows) | {"reason": rows[0].reason},
            address=reverse("dispatch:my_engagements"),
            once=str(rows[0].pk),
            at=at,
        )
    return told


def tell_of_gaps(engagements: Iterable[Engagement], *, at: datetime) -> int:
    """Tell the desk of the sessions of a letter whose lecturer declined or did not answer."""
    told = 0
    for rows in _by_lecturer(engagements):
        told += write_notices(
            kind=_UNTAUGHT,
            to=_officers(rows[0].letter.owner, at),
            facts=_facts_of(*rows)
            | {
                "lecturer": str(rows[0].instructor),
                "state": rows[0].state,
                "reason": rows[0].reason,
            },
            address=reverse("dispatch:letter", args=[rows[0].letter_id]),
            once=str(rows[0].pk),
            at=at,
        )
    return told


def _by_lecturer(engagements: Iterable[Engagement]) -> list[list[Engagement]]:
    """The engagements of each lecturer in each letter, by time."""
    found: dict[tuple[int, int], list[Engagement]] = {}
    for row in sorted(engagements, key=lambda row: (row.starts_at, row.pk)):
        if row.instructor_id is not None:
            found.setdefault((row.letter_id, row.instructor_id), []).append(row)
    return list(found.values())


def tell_of_acceptance(engagement: Engagement, *, at: datetime) -> int:
    """Tell the school that the last lecturer of a schedule accepted, so it can agree."""
    letter = engagement.letter
    return write_notices(
        kind=_AGREEABLE,
        to=list_clerk_accounts(letter.school_id, local_date(at)),
        facts={"number": letter.number, "title": letter.title},
        address=reverse("dispatch:letter", args=[letter.pk]),
        once=f"{engagement.pk} {at.isoformat()}",
        at=at,
    )


def tell_of_lecturer(engagement: Engagement, *, at: datetime) -> int:
    """Tell the school that a session of its class has lost its lecturer, or has another one.

    Why the former one declined is for the desk alone.
    """
    is_held = engagement.state == EngagementState.ACCEPTED
    return write_notices(
        kind=_CHANGED,
        to=list_clerk_accounts(engagement.letter.school_id, local_date(at)),
        facts=_facts_of(engagement) | {"lecturer": str(engagement.instructor) if is_held else ""},
        address=reverse("dispatch:letter", args=[engagement.letter_id]),
        once=f"{engagement.pk} {engagement.state} {at.isoformat()}",
        at=at,
    )


def tell_of_owner(
    letter: BookingLetter, to: Iterable[User | None], *, by: User, at: datetime
) -> int:
    """Tell who worked on a letter, and who does now, that it was handed over."""
    return write_notices(
        kind=_OWNER,
        to=[user for user in to if user != by],
        facts={
            "number": letter.number,
            "title": letter.title,
            "owner": letter.owner.display_name if letter.owner else "",
            "by": by.display_name,
        },
        address=reverse("dispatch:letter", args=[letter.pk]),
        once=f"{letter.pk} {at.isoformat()}",
        at=at,
    )


def tell_of_session(session: Session, *, by: Actor, at: datetime) -> int:
    """Tell the lecturer of a session that the school has them teach it, without the desk.

    One message for a class that is planned at once.
    """
    user = session.instructor.user if session.instructor else None
    return write_notices(
        kind=_TAUGHT,
        to=[user] if user != by.user else [],
        facts=_facts_of_session(session) | {"class": session.training_class.title},
        address=address_of("my_teaching"),
        once=f"{session.training_class_id} {at.isoformat()}",
        at=at,
    )


def tell_of_loss(
    session: Session, instructor: Instructor | None, reason: str, *, by: Actor, at: datetime
) -> int:
    """Tell who was to teach a session that they do not, for a `reason` if there is one."""
    user = instructor.user if instructor else None
    return write_notices(
        kind=_WITHDRAWN,
        to=[user] if user != by.user else [],
        facts=_facts_of_session(session) | {"reason": reason},
        address=address_of("my_teaching"),
        once=f"session {session.pk} {at.isoformat()}",
        at=at,
    )


def _officers(owner: User | None, at: datetime) -> list[User]:
    """Who works on the letter, if they still dispatch; else all academic officers."""
    if owner is not None and owner.is_active and dispatches(owner):
        return [owner]
    grants = RoleGrant.objects.in_force(local_date(at)).filter(role=Role.DISTRICT_SCHOOL)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True))


def _facts_of(first: Engagement, *others: Engagement) -> dict[str, Any]:
    """The first session, and all of them where there are several."""
    facts: dict[str, Any] = {
        "course": first.course.title,
        "school": first.letter.school.name,
        "starts_at": first.starts_at.isoformat(),
    }
    if others:
        facts["sessions"] = [
            [row.starts_at.isoformat(), row.course.title] for row in (first, *others)
        ]
    return facts


def _facts_of_session(session: Session) -> dict[str, str]:
    return {
        "course": session.course.title,
        "school": session.training_class.school.name,
        "starts_at": session.starts_at.isoformat(),
    }


def _describe_step(facts: Facts) -> NoticeText:
    title = _("Booking letter %(number)s of %(school)s: %(stage)s") % {
        "number": facts["number"],
        "school": facts["school"],
        "stage": LetterStage(facts["stage"]).label,
    }
    changes = [str(words) for words in describe_changes(facts.get("changes", ()))]
    return NoticeText(title, " · ".join([facts["word"] or facts["title"], *changes]))


def _describe_proposal(facts: Facts) -> NoticeText:
    if "sessions" in facts:
        title = _("You are asked to teach %(n)d sessions at %(school)s, from %(moment)s")
    else:
        title = _("You are asked to teach at %(school)s, %(moment)s")
    text = _("%(course)s. Please answer until %(until)s.") % {
        "course": _courses(facts),
        "until": format_moment(datetime.fromisoformat(facts["answer_by"])),
    }
    if facts.get("moved_from"):
        moment = format_moment(datetime.fromisoformat(facts["moved_from"]))
        text = _("Moved from %(moment)s. %(text)s") % {"moment": moment, "text": text}
    return NoticeText(title % _words(facts), text)


def _describe_withdrawal(facts: Facts) -> NoticeText:
    if "sessions" in facts:
        title = _("You do not teach %(n)d sessions at %(school)s, from %(moment)s")
    else:
        title = _("You do not teach at %(school)s, %(moment)s")
    parts = filter(None, (_courses(facts), facts["reason"]))
    return NoticeText(title % _words(facts), " · ".join(parts))


def _describe_untaught(facts: Facts) -> NoticeText:
    if "sessions" in facts:
        title = _("%(n)d sessions need a lecturer: %(school)s, from %(moment)s")
    else:
        title = _("A session needs a lecturer: %(school)s, %(moment)s")
    state = EngagementState(facts["state"]).label
    parts = (_courses(facts), facts["lecturer"], str(state), facts["reason"])
    return NoticeText(title % _words(facts), " · ".join(part for part in parts if part))


def _courses(facts: Facts) -> str:
    """The course, or each session with its moment where there are several."""
    sessions = facts.get("sessions")
    if not sessions:
        return str(facts["course"])
    return _("; ").join(
        f"{format_moment(datetime.fromisoformat(moment))} {course}" for moment, course in sessions
    )


def _describe_agreeable(facts: Facts) -> NoticeText:
    title = _("All lecturers have accepted booking letter %(number)s: please agree")
    return NoticeText(title % {"number": facts["number"]}, facts["title"])


def _describe_link(facts: Facts) -> NoticeText:
    title = _("Send %(lecturer)s the link, or call: %(school)s, %(moment)s")
    text = _("%(course)s. The lecturer has no account; the page of the letter has the link.")
    words = _words(facts) | {"lecturer": facts["lecturer"]}
    return NoticeText(title % words, text % {"course": facts["course"]})


def _describe_joint(facts: Facts) -> NoticeText:
    if facts.get("is_left"):
        title = _("%(school)s holds its class without your school: %(title)s")
        return NoticeText(title % facts)
    title = _("%(school)s books a joint class with your school: %(title)s")
    days = [format_day(date.fromisoformat(day)) for day in facts["days"]]
    words = {"school": facts["school"], "title": facts["title"]}
    parts = [_("; ").join(facts["items"]), _("; ").join(days)]
    return NoticeText(title % words, " · ".join(parts))


def _describe_taught(facts: Facts) -> NoticeText:
    title = _("You teach at %(school)s, %(moment)s") % _words(facts)
    text = _("%(class)s · %(course)s. Call the school if you cannot.")
    return NoticeText(title, text % {"class": facts["class"], "course": facts["course"]})


def _describe_changed(facts: Facts) -> NoticeText:
    words = _words(facts) | {"lecturer": facts["lecturer"]}
    if facts["lecturer"]:
        title = _("%(lecturer)s teaches your session of %(moment)s") % words
    else:
        title = _("Your session of %(moment)s has no lecturer: the district looks for one") % words
    return NoticeText(title, facts["course"])


def _describe_owner(facts: Facts) -> NoticeText:
    title = _("%(owner)s works on booking letter %(number)s now") % {
        "owner": facts["owner"],
        "number": facts["number"],
    }
    by = _("Handed over by %(by)s") % {"by": facts["by"]}
    return NoticeText(title, f"{facts['title']} · {by}")


def _words(facts: Facts) -> dict[str, Any]:
    moment = format_moment(datetime.fromisoformat(facts["starts_at"]))
    n = len(facts.get("sessions", ())) or 1
    return {"school": facts["school"], "moment": moment, "n": n}
