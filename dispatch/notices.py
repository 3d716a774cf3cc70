"""What this app tells people: steps of letters, proposals, and answers that need the desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.dates import format_moment
from config.lib.periods import local_date
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import BookingLetter, BookingStep, Engagement
from dispatch.permissions import dispatches
from schools.models import RoleGrant
from schools.queries.clerks import list_clerk_accounts

_STEP, _PROPOSED, _WITHDRAWN, _UNTAUGHT, _AGREEABLE, _CHANGED, _OWNER = (
    *("booking_step", "engagement_proposed", "engagement_withdrawn", "session_untaught"),
    *("schedule_accepted", "lecturer_changed", "letter_handed_over"),
)
# Steps of the school, which the desk reads, and steps of the desk, which the school reads.
_OF_SCHOOL = {
    LetterStage.SUBMITTED,
    LetterStage.ANSWERED,
    LetterStage.CONFIRMED,
    LetterStage.CANCELLED,
    LetterStage.EVALUATED,
}
_OF_DESK = {LetterStage.INQUIRY, LetterStage.DECLINED, LetterStage.SCHEDULED}


def register_notices() -> None:
    """Register the kinds. A proposal has a day to answer by, so it is urgent, and its end too."""
    register_notice(_STEP, _describe_step)
    register_notice(_PROPOSED, _describe_proposal, is_urgent=True)
    register_notice(_WITHDRAWN, _describe_withdrawal, is_urgent=True)
    register_notice(_UNTAUGHT, _describe_untaught)
    register_notice(_AGREEABLE, _describe_agreeable)
    register_notice(_CHANGED, _describe_changed)
    register_notice(_OWNER, _describe_owner)


def tell_of_step(step: BookingStep, *, at: datetime) -> int:
    """Tell the other side of a letter what was done; a draft that is dropped concerns nobody."""
    letter, stage = step.letter, LetterStage(step.stage)
    to: Iterable[User | None] = []
    if stage in _OF_DESK:
        to = list_clerk_accounts(letter.school_id, local_date(at))
    elif stage in _OF_SCHOOL and letter.submitted_at is not None:
        to = _officers(letter.owner, at)
    return write_notices(
        kind=_STEP,
        to=[user for user in to if user != step.taken_by],
        facts={
            "number": letter.number,
            "title": letter.title,
            "school": letter.school.name,
            "stage": step.stage,
            "word": step.word,
        },
        address=reverse("dispatch:letter", args=[letter.pk]),
        once=str(step.pk),
        at=at,
    )


def tell_of_proposals(engagements: Iterable[Engagement], *, at: datetime) -> int:
    """Tell each lecturer of the proposals of a letter and until when to answer."""
    told = 0
    for rows in _by_lecturer(engagements):
        until = min((row.answer_by for row in rows if row.answer_by), default=None)
        told += write_notices(
            kind=_PROPOSED,
            to=[rows[0].instructor.user if rows[0].instructor else None],
            facts=_facts_of(*rows) | {"answer_by": until.isoformat() if until else ""},
            address=reverse("dispatch:my_engagements"),
            once=f"{rows[0].pk} {rows[0].starts_at.isoformat()} {at.isoformat()}",
            at=at,
        )
    return told


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
    """Tell the school that a session of its class has lost its lecturer, or has another one."""
    is_held = engagement.state == EngagementState.ACCEPTED
    return write_notices(
        kind=_CHANGED,
        to=list_clerk_accounts(engagement.letter.school_id, local_date(at)),
        facts=_facts_of(engagement)
        | {"lecturer": str(engagement.instructor) if is_held else "", "reason": engagement.reason},
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


def _describe_step(facts: Facts) -> NoticeText:
    title = _("Booking letter %(number)s of %(school)s: %(stage)s") % {
        "number": facts["number"],
        "school": facts["school"],
        "stage": LetterStage(facts["stage"]).label,
    }
    return NoticeText(title, facts["word"] or facts["title"])


def _describe_proposal(facts: Facts) -> NoticeText:
    if "sessions" in facts:
        title = _("You are asked to teach %(n)d sessions at %(school)s, from %(moment)s")
    else:
        title = _("You are asked to teach at %(school)s, %(moment)s")
    text = _("%(course)s. Please answer until %(until)s.") % {
        "course": _courses(facts),
        "until": format_moment(datetime.fromisoformat(facts["answer_by"])),
    }
    return NoticeText(title % _words(facts), text)


def _describe_withdrawal(facts: Facts) -> NoticeText:
    if "sessions" in facts:
        title = _("You do not teach %(n)d sessions at %(school)s, from %(moment)s")
    else:
        title = _("You do not teach at %(school)s, %(moment)s")
    return NoticeText(title % _words(facts), f"{_courses(facts)} · {facts['reason']}")


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


def _describe_changed(facts: Facts) -> NoticeText:
    words = _words(facts) | {"lecturer": facts["lecturer"]}
    if facts["lecturer"]:
        title = _("%(lecturer)s teaches your session of %(moment)s") % words
    else:
        title = _("Your session of %(moment)s has no lecturer: the district looks for one") % words
    return NoticeText(title, " · ".join(filter(None, (facts["course"], facts["reason"]))))


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
