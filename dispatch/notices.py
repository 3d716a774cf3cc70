"""What this app tells people: steps of letters, proposals, and answers that need the desk."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from accounts.origin import Actor
from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.dates import format_day, format_moment
from config.lib.pages import address_of
from config.lib.periods import local_date
from courses.models import Session
from dispatch.enums import EngagementState, LetterStage
from dispatch.letter_changes import describe_changes
from dispatch.models import BookingLetter, BookingStep, Engagement
from instructors.models import Instructor
from schools.models import RoleGrant
from schools.queries.clerks import list_clerk_accounts

_STEP, _PROPOSED, _WITHDRAWN, _UNTAUGHT, _AGREEABLE, _CHANGED, _TAUGHT, _LINK, _JOINT = (
    *("booking_step", "engagement_proposed", "engagement_withdrawn", "session_untaught"),
    *("schedule_accepted", "lecturer_changed", "session_taught", "proposal_by_link"),
    "joint_letter",
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


def _joining_clerks(letter: BookingLetter, at: datetime) -> list[User]:
    schools = letter.joint_schools.values_list("school", flat=True)
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


def tell_of_proposal(engagement: Engagement, *, at: datetime) -> int:
    """Tell the lecturer of a proposal and until when to answer."""
    facts = _facts_of(engagement) | {
        "answer_by": engagement.answer_by.isoformat() if engagement.answer_by else ""
    }
    return write_notices(
        kind=_PROPOSED,
        to=[engagement.instructor.user if engagement.instructor else None],
        facts=facts,
        address=reverse("dispatch:my_engagements"),
        once=f"{engagement.pk} {engagement.starts_at.isoformat()}",
        at=at,
    )


def tell_of_withdrawal(engagement: Engagement, *, at: datetime) -> int:
    """Tell the lecturer who knows of an engagement that it is off."""
    is_known = engagement.proposed_at is not None and engagement.instructor is not None
    return write_notices(
        kind=_WITHDRAWN,
        to=[engagement.instructor.user] if engagement.instructor and is_known else [],
        facts=_facts_of(engagement) | {"reason": engagement.reason},
        address=reverse("dispatch:my_engagements"),
        once=str(engagement.pk),
        at=at,
    )


def tell_of_gap(engagement: Engagement, *, at: datetime) -> int:
    """Tell the desk of a session whose lecturer declined or did not answer."""
    return write_notices(
        kind=_UNTAUGHT,
        to=_officers(engagement.letter.owner, at),
        facts=_facts_of(engagement)
        | {
            "lecturer": str(engagement.instructor),
            "state": engagement.state,
            "reason": engagement.reason,
        },
        address=reverse("dispatch:letter", args=[engagement.letter_id]),
        once=str(engagement.pk),
        at=at,
    )


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
    """Who works on the letter, else all academic officers."""
    if owner is not None:
        return [owner]
    grants = RoleGrant.objects.in_force(local_date(at)).filter(role=Role.DISTRICT_SCHOOL)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True))


def _facts_of(engagement: Engagement) -> dict[str, str]:
    return {
        "course": engagement.course.title,
        "school": engagement.letter.school.name,
        "starts_at": engagement.starts_at.isoformat(),
    }


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
    title = _("You are asked to teach at %(school)s, %(moment)s") % _words(facts)
    text = _("%(course)s. Please answer until %(until)s.") % {
        "course": facts["course"],
        "until": format_moment(datetime.fromisoformat(facts["answer_by"])),
    }
    return NoticeText(title, text)


def _describe_withdrawal(facts: Facts) -> NoticeText:
    title = _("You do not teach at %(school)s, %(moment)s") % _words(facts)
    return NoticeText(title, " · ".join(filter(None, (facts["course"], facts["reason"]))))


def _describe_untaught(facts: Facts) -> NoticeText:
    title = _("A session needs a lecturer: %(school)s, %(moment)s") % _words(facts)
    state = EngagementState(facts["state"]).label
    parts = (facts["course"], facts["lecturer"], str(state), facts["reason"])
    return NoticeText(title, " · ".join(part for part in parts if part))


def _describe_agreeable(facts: Facts) -> NoticeText:
    title = _("All lecturers have accepted booking letter %(number)s: please agree")
    return NoticeText(title % {"number": facts["number"]}, facts["title"])


def _describe_link(facts: Facts) -> NoticeText:
    title = _("Send %(lecturer)s the link, or call: %(school)s, %(moment)s")
    text = _("%(course)s. The lecturer has no account; the page of the letter has the link.")
    words = _words(facts) | {"lecturer": facts["lecturer"]}
    return NoticeText(title % words, text % {"course": facts["course"]})


def _describe_joint(facts: Facts) -> NoticeText:
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


def _words(facts: Facts) -> dict[str, str]:
    moment = format_moment(datetime.fromisoformat(facts["starts_at"]))
    return {"school": facts["school"], "moment": moment}
