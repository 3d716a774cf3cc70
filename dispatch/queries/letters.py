"""A booking letter with all that its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.interests import own_accounts
from accounts.models import AuditEntry, User
from dispatch.enums import LIVE_STATES, EngagementState, LetterStage
from dispatch.letter_changes import ChangeWords, describe_changes
from dispatch.links import token_of
from dispatch.models import (
    BookingItem,
    BookingLetter,
    BookingStep,
    Engagement,
    PlanVersion,
    WishedDate,
)
from dispatch.permissions import books_for, dispatches


@dataclass(frozen=True)
class SessionLine:
    """A session of the schedule: the engagement that stands, or the last one, and those before."""

    number: int
    engagement: Engagement
    former: Sequence[Engagement]

    @property
    def token(self) -> str:
        """The token by which a lecturer without an account answers."""
        return token_of(self.engagement)

    @property
    def ended(self) -> Sequence[Engagement]:
        """Those that hold nobody any more, apart from drafts that named nobody."""
        return [row for row in self.former if not row.is_live and row.instructor_id is not None]

    @property
    def needs_lecturer(self) -> bool:
        """Whether nobody is engaged for it."""
        return self.engagement.state not in LIVE_STATES or self.engagement.instructor_id is None


@dataclass(frozen=True)
class StepLine:
    """A step of the letter, with what was changed with it in words."""

    step: BookingStep
    changes: Sequence[ChangeWords]


@dataclass(frozen=True)
class LetterPage:
    """A letter with its items, dates, steps and schedule."""

    letter: BookingLetter
    items: Sequence[BookingItem]
    dates: Sequence[WishedDate]
    joint: Sequence[str]
    steps: Sequence[StepLine]
    sessions: Sequence[SessionLine]

    @property
    def question(self) -> str:
        """What the district asked last; empty if it never did."""
        asked = [line.step.word for line in self.steps if line.step.stage == LetterStage.INQUIRY]
        return asked[-1] if asked else ""

    @property
    def is_accepted(self) -> bool:
        """Whether every session has a lecturer who accepted."""
        states = [line.engagement.state for line in self.sessions]
        return bool(states) and all(state == EngagementState.ACCEPTED for state in states)


def get_letter_page(letter: BookingLetter) -> LetterPage:
    """The page of a letter, in six statements."""
    rows = letter.engagements.select_related("course", "instructor", "venue")
    by_number: dict[int, list[Engagement]] = {}
    for engagement in rows.prefetch_related("overrides__overridden_by").order_by("number", "pk"):
        by_number.setdefault(engagement.number, []).append(engagement)
    return LetterPage(
        letter=letter,
        items=list(letter.items.select_related("course__module", "module")),
        dates=list(letter.dates.all()),
        joint=[joint.school.name for joint in letter.joint_schools.select_related("school")],
        steps=[
            StepLine(step, describe_changes(step.changes))
            for step in letter.steps.select_related("taken_by")
        ],
        sessions=[SessionLine(key, standing_of(found), found) for key, found in by_number.items()],
    )


def standing_of(engagements: Sequence[Engagement]) -> Engagement:
    """The live one, or the last one."""
    live = [row for row in engagements if row.state in LIVE_STATES]
    return live[0] if live else engagements[-1]


@dataclass(frozen=True)
class LetterActs:
    """What a user may do with a letter as it stands."""

    change: bool = False
    submit: bool = False
    answer: bool = False
    confirm: bool = False
    cancel: bool = False
    evaluate: bool = False
    copy: bool = False
    take: bool = False
    hand_over: bool = False
    ask: bool = False
    decline: bool = False
    schedule: bool = False
    engage: bool = False


def list_acts(page: LetterPage, user: User, on: date) -> LetterActs:
    """The acts that the page offers; each act checks again."""
    stage = page.letter.stage
    books, desk = books_for(user, page.letter.school_id, on), dispatches(user)
    is_draft = stage == LetterStage.DRAFT
    at_desk = stage in {LetterStage.SUBMITTED, LetterStage.INQUIRY, LetterStage.ANSWERED}
    scheduled = stage == LetterStage.SCHEDULED
    on_the_way = at_desk or scheduled or stage == LetterStage.CONFIRMED
    return LetterActs(
        change=books and (is_draft or stage == LetterStage.INQUIRY),
        submit=books and is_draft,
        answer=books and stage == LetterStage.INQUIRY,
        confirm=(
            books and scheduled and page.is_accepted and not is_of_other_side(page.letter, user)
        ),
        cancel=books and (is_draft or at_desk or scheduled or stage == LetterStage.CONFIRMED),
        evaluate=books and stage == LetterStage.TAUGHT,
        copy=books,
        take=desk and on_the_way and page.letter.owner_id != user.pk,
        hand_over=desk and on_the_way and page.letter.owner_id is not None,
        ask=desk and at_desk,
        decline=desk and (at_desk or scheduled),
        schedule=desk and (at_desk or scheduled),
        engage=desk and (scheduled or stage == LetterStage.CONFIRMED),
    )


def token_of_schedule(letter: BookingLetter) -> str:
    """What stands for all sessions of the letter; a form that saw another one is stale."""
    rows = letter.engagements.live().order_by("number")
    return "|".join([letter.stage, *(token_of_session(row) for row in rows)])


def token_of_session(row: Engagement) -> str:
    """What stands for a session: its engagement with lecturer, state and time."""
    return f"{row.pk}/{row.instructor_id}/{row.state}/{row.starts_at.timestamp():.0f}"


def find_session(letter: BookingLetter, number: int) -> Engagement | None:
    """What stands for session `number` of a letter."""
    rows = letter.engagements.filter(number=number).select_related(
        "course__module", "instructor", "venue", "letter__school"
    )
    engagements = list(rows.order_by("pk"))
    return standing_of(engagements) if engagements else None


def is_accepted(letter: BookingLetter) -> bool:
    """Whether every session of the letter has a lecturer who accepted."""
    by_number: dict[int, list[Engagement]] = {}
    for row in letter.engagements.order_by("number", "pk"):
        by_number.setdefault(row.number, []).append(row)
    states = [standing_of(rows).state for rows in by_number.values()]
    return bool(states) and all(state == EngagementState.ACCEPTED for state in states)


def find_last_change(letter: BookingLetter, number: int | None = None) -> AuditEntry | None:
    """The last entry of the trail about a letter and its sessions, or about session `number`."""
    rows = letter.engagements.all() if number is None else letter.engagements.filter(number=number)
    keys = [str(key) for key in rows.values_list("pk", flat=True)]
    about = Q(object_type=Engagement._meta.label_lower, object_id__in=keys)
    if number is None:
        about |= Q(object_type=BookingLetter._meta.label_lower, object_id=str(letter.pk))
    return AuditEntry.objects.filter(about).first()


def is_of_other_side(letter: BookingLetter, user: User) -> bool:
    """Whether the user acted for the district on the letter, or for a lecturer.

    They took it over, asked, scheduled, engaged a lecturer, released its plan or answered a
    proposal, under any of their accounts. Who took over or engaged is in the trail alone.
    """
    mine = own_accounts(user)
    engagements = letter.engagements.all()
    keys = [str(key) for key in engagements.values_list("pk", flat=True)]
    done = AuditEntry.objects.filter(actor__in=mine)
    on_letter = done.about(letter).filter(act__in=["take_letter", "hand_over_letter"])
    on_sessions = done.filter(
        act="engage_lecturer", object_type=Engagement._meta.label_lower, object_id__in=keys
    )
    return (
        letter.owner_id in mine
        or letter.steps.filter(stage__in=_STEPS_OF_DESK, taken_by__in=mine).exists()
        or engagements.filter(answered_by__in=mine).exists()
        or PlanVersion.objects.filter(released_by__in=mine, lines__letter=letter).exists()
        or on_letter.exists()
        or on_sessions.exists()
    )


_STEPS_OF_DESK = (LetterStage.INQUIRY, LetterStage.SCHEDULED)
