"""A lane at the door of a session: one box for codes and names, and a large answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.pages import conflict_page
from classes.enums import RollState
from classes.models import Enrolment
from config.lib.methods import read_or_write
from courses.models import Session
from rolls.actions.door import DoorReply, answer_at_door
from rolls.codes import clean_code, is_typed
from rolls.door_words import explain
from rolls.enums import CODE_REFUSED, LET_IN, DoorAnswer
from rolls.errors import RollError
from rolls.forms.door import DoorForm
from rolls.permissions import takes_rolls
from rolls.queries.door import find_door_times, get_board, search_roster
from schools.permissions import staff_page
from trainees.queries.people import TAIL

_JSON, _HTML = "application/json", "text/html"


@dataclass(frozen=True)
class Shown:
    """An answer as the lane shows it: `kind` is the colour, the icon and the sound.

    "ok" green, "warn" amber, "wrong" red; "found" is a list to choose from, of `total`, for the
    text that was looked up.
    """

    kind: str
    word: str
    text: str = ""
    name: str = ""
    organisation: str = ""
    tail: str = ""
    pocket: int | None = None
    hits: tuple[Enrolment, ...] = ()
    total: int = 0


def _of_the_same_person(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say so where another tab signed in somebody else, before their rights are checked."""

    @wraps(view)
    def wrapped(request: PersonRequest, session_id: int) -> HttpResponse:
        mine = str(request.user.pk)
        if request.POST.get("person", mine) != mine:
            return conflict_page(request, _("Somebody else is signed in now. Load the page again."))
        return view(request, session_id)

    return wrapped


@read_or_write
@_of_the_same_person
@staff_page
def door(request: PersonRequest, session_id: int) -> HttpResponse:
    """The page of a lane; a script requests only the answer, as JSON."""
    form, now = DoorForm(request.POST or None), request.now
    session = _get_session(request, session_id)
    shown = None
    is_script = request.get_preferred_type([_HTML, _JSON]) == _JSON
    if request.method == "POST":
        if not form.is_valid():
            text = _("The form arrived incomplete. Load the page and try again.")
            if not is_script:
                return conflict_page(request, text, 422)
            # A lane with more stored scans shows this as an answer and continues with the next.
            wrong = Shown("wrong", capfirst(str(DoorAnswer.UNKNOWN.label)))
            return _tell_script(session, wrong, now, status=422)
        shown = _answer(request, session, form.cleaned_data, now)
    if is_script:  # with GET a lane asks what the other lanes did meanwhile
        return _tell_script(session, shown, now)
    context = {
        "session": session,
        "times": find_door_times(session),
        "shut": _find_shut(session, now),
        "early": _find_early(session, now),
        "form": DoorForm(),
        "shown": shown,
        "board": get_board(session),
    }
    return render(request, "rolls/door/door.html", context)


def _get_session(request: PersonRequest, session_id: int) -> Session:
    on = request.today
    rows = Session.objects.visible_to(request.user, on).annotate(
        may_take=takes_rolls(request.user, on)
    )
    related = rows.select_related("training_class__school", "venue", "roll")
    session = related.filter(pk=session_id).first()
    if session is None:
        raise Http404
    if not session.may_take:
        raise PermissionDenied
    return session


def _answer(
    request: PersonRequest, session: Session, sent: dict[str, Any], now: datetime
) -> Shown | None:
    """Answer a code or a choice; any other text searches the roster."""
    text, member = sent["text"], sent["member"]
    if not text and not member:
        return None
    code = "" if member else clean_code(text) or ""
    if not member and not code:
        return _look_up(session, text)
    try:
        reply = answer_at_door(
            session_id=session.pk,
            key=sent["key"],
            code=code,
            member_id=member,
            delay=timedelta(seconds=sent["seconds_ago"] or 0),
            by=Actor.of_request(request),
            at=now,
        )
    except Session.DoesNotExist as error:
        raise Http404 from error
    except RollError as error:
        return Shown("warn", capfirst(str(DoorAnswer.CLOSED.label)), str(error))
    if reply.answer == DoorAnswer.UNKNOWN and is_typed(code):
        return _look_up(session, text)  # eight initials look like a typed code
    return _show(reply)


def _look_up(session: Session, text: str) -> Shown:
    """Those on the roster whom the text may mean."""
    hits = tuple(search_roster(session, text))
    if not hits:
        return _show(DoorReply(DoorAnswer.UNKNOWN))
    total = hits[0].total  # type: ignore[attr-defined]
    return Shown("found", _("Who is it?"), text, hits=hits, total=total)


def _find_shut(session: Session, now: datetime) -> str:
    """Why this door marks nobody any more; "" while it is open or not open yet."""
    roll, times = getattr(session, "roll", None), find_door_times(session)
    if roll is not None and roll.state == RollState.SUBMITTED:
        return _("The roll of this session is submitted: nobody is marked at the door any more.")
    if times is None:
        return _(
            "This session takes no codes: it was called off, or no rule of the door holds on its "
            "day."
        )
    if now >= times.closes_at:
        return explain(DoorReply(DoorAnswer.CLOSED, at=times.closes_at))
    return ""


def _find_early(session: Session, now: datetime) -> str:
    """When the door opens; "" once it has."""
    times = find_door_times(session)
    if times is None or now >= times.opens_at:
        return ""
    return explain(DoorReply(DoorAnswer.TOO_EARLY, at=times.opens_at))


def _tell_script(
    session: Session, shown: Shown | None, now: datetime, *, status: int = 200
) -> JsonResponse:
    """JSON with the answer, its line in the list of recent ones, the board, and the idle text."""
    shut, early = _find_shut(session, now), _find_early(session, now)
    answer, context = "rolls/door/answer.html", {"shown": shown}
    return JsonResponse(
        {
            "kind": shown.kind if shown else "",
            "answer": render_to_string(answer, context),
            "line": render_to_string("rolls/door/line.html", context),
            "board": render_to_string("rolls/door/board.html", {"board": get_board(session)}),
            "idle": render_to_string(answer, {"shown": None, "shut": shut, "early": early}),
            "shut": bool(shut),
        },
        status=status,
    )


def _show(reply: DoorReply) -> Shown:
    member, enrolment = reply.member, reply.enrolment
    kind = "ok" if reply.answer in LET_IN else "wrong" if reply.answer in CODE_REFUSED else "warn"
    return Shown(
        kind,
        capfirst(str(reply.answer.label)),
        explain(reply),
        name=member.name if member else "",
        organisation=enrolment.organisation.name if enrolment else "",
        tail=member.number[-TAIL:] if member else "",
        pocket=enrolment.phone_pocket if enrolment else None,
    )
