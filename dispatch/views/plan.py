"""The dispatch plan: what its draft changes, the release, and the versions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from config.lib.dates import format_moment
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from dispatch.actions.releasing import Release, release_plan
from dispatch.desk_forms import ReleaseForm
from dispatch.errors import DispatchError
from dispatch.models import Engagement, PlanVersion
from dispatch.permissions import dispatches
from dispatch.queries.plan import (
    last_version,
    list_changes,
    list_drafts,
    list_lines,
    list_version_changes,
)
from dispatch.views.desk import desk_crumbs
from schools.views.acting import acting, sent


@require_safe
@page_if(dispatches)
def plan(request: PersonRequest) -> HttpResponse:
    """What the draft changes since the last version, the release, and the earlier versions."""
    version = last_version()
    context = {
        "changes": list_changes(version, request.now),
        "version": version,
        "page_obj": page_of(request, PlanVersion.objects.select_related("released_by")),
        "crumbs": desk_crumbs(_("Dispatch plan")),
    }
    return render(request, "dispatch/plan.html", context)


@read_or_write
@page_if(dispatches)
def release(request: PersonRequest) -> HttpResponse:
    """Choose which drafts go out, and release them with the next version."""
    now = request.now
    drafts = list_drafts(now)
    title = _("Release the plan")
    steps = Confirmation(
        form=ReleaseForm(sent(request), drafts=[row for row, why in drafts if not why]),
        do=lambda data: release_plan(note=data["note"], chosen=data["chosen"], **acting(request)),
        effects=_effects,
        refusals=(DispatchError,),
        location=reverse("dispatch:plan"),
        template="dispatch/release.html",
        page={
            "title": title,
            "drafts": drafts,
            "known": [row for row in list_changes(last_version(), now) if row.is_known],
            "submit_label": _("Release"),
            "done": _("The plan is released."),
            "cancel_url": reverse("dispatch:plan"),
            "crumbs": desk_crumbs(title),
        },
    )
    return confirm_action(request, steps)


def _effects(made: Release) -> list[str]:
    """Who is told what, who stays in the draft, and what the version has."""
    said = [_("%(lecturer)s is asked: %(what)s") % words for words in _by_letter(made.proposed)]
    for row, why in made.blocked:
        words = {"lecturer": row.instructor, "what": _name(row.letter.number, [row]), "why": why}
        said.append(_("%(lecturer)s stays in the draft: %(what)s. %(why)s") % words)
    if made.left:
        said.append(_("Not chosen, stay in the draft: %(n)d sessions.") % {"n": len(made.left)})
    numbers = {"number": made.version.number, "n": made.version.lines.count()}
    return [*said, _("Version %(number)d of the plan has %(n)d sessions.") % numbers]


def _by_letter(rows: Sequence[Engagement]) -> list[dict[str, str]]:
    """The lecturers, each with what they are asked for in one letter."""

    def key(row: Engagement) -> tuple[str, int, str]:
        return str(row.instructor), row.instructor_id or 0, row.letter.number

    found = []
    for (lecturer, _key, number), group in groupby(sorted(rows, key=key), key):
        asked = sorted(group, key=lambda row: row.starts_at)
        what = _name(number, asked)
        if asked[0].instructor is not None and asked[0].instructor.user_id is None:
            what = _("%(what)s (no account: send the link)") % {"what": what}
        found.append({"lecturer": lecturer, "what": what})
    return found


def _name(number: str, rows: Sequence[Engagement]) -> str:
    moments = _("; ").join(format_moment(row.starts_at) for row in rows)
    return f"{number} · {rows[0].letter.school.name} · {moments}"


@require_safe
@page_if(dispatches)
def version(request: PersonRequest, version_number: int) -> HttpResponse:
    """A released version of the plan."""
    rows = PlanVersion.objects.select_related("released_by")
    found = get_object_or_404(rows, number=version_number)
    title = _("Version %(number)d of the plan") % {"number": found.number}
    context = {
        "version": found,
        "changes": list_version_changes(found),
        "lines": list_lines(found),
        "title": title,
        "crumbs": desk_crumbs(title),
    }
    return render(request, "dispatch/version.html", context)
