"""Records of study: the list, the page of a record, and its files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.enums import DERIVED_ROLES, Role
from accounts.requests import PersonRequest
from accounts.roles import held_roles, holds_any
from backstage.enums import FileKind
from backstage.evidence_forms import FilesForm, say_too_large
from backstage.files import FileError, read_file
from backstage.pages import holds_id_number
from backstage.uploads import TOO_LARGE
from backstage.views import attach, inert
from config.lib.filters import ListRequest
from config.lib.hours import ZERO, format_hours, grammatical_number
from config.lib.paging import page_of
from config.lib.pictures import shrink_picture
from hours.actions.ledger import Change
from hours.enums import AssessmentCause, Cap
from studies import lists
from studies.actions.studies import EVIDENCE_MISSING
from studies.actions.study_reviews import preview_study
from studies.filters import study_filters
from studies.forms import ReviewForm, VersionForm
from studies.models import Study
from studies.permissions import sees_studies, serves_organisations
from studies.queries.studies import StudyPage, get_study_page, list_declared_beside


def is_reader(request: PersonRequest) -> bool:
    """Whether the page uses the large type of members' pages."""
    return held_roles(request.user) <= DERIVED_ROLES


@require_safe
@page_if(sees_studies)
def studies(request: PersonRequest) -> HttpResponse:
    """The records that the user may see, filtered by the query string."""
    if holds_id_number(request):
        return redirect(request.path)
    asked = ListRequest(request.user, request.GET, request.now)
    filters = study_filters(asked)
    page = page_of(request, lists.studies(asked, filters))
    context = {
        "page_obj": page,
        "filters": filters,
        "organisation": next((item for item in filters.items if item.name == "organisation"), None),
        "year": filters.value("year"),
        "export": "studies",
        "may_record": serves_organisations(request.user),
        "may_declare": holds_any(request.user, Role.MEMBER),
        "is_reader": is_reader(request),
    }
    return render(request, "studies/list.html", context)


@require_safe
@page_if(sees_studies)
def study(request: PersonRequest, study_id: int) -> HttpResponse:
    """One record: facts, people, evidence, history, and what the user may do with it."""
    page = get_page(request, study_id)
    if TOO_LARGE not in request.GET:
        return render_study(request, page)
    return render_study(request, page, problem=say_too_large())


@inert
@require_safe
@page_if(sees_studies)
def study_file(request: PersonRequest, study_id: int, file_id: int) -> HttpResponse:
    """A file of a visible record: our copy of a picture is shown, other files are downloaded."""
    study = get_object_or_404(Study.objects.visible_to(request.user, request.today), pk=study_id)
    evidence = get_object_or_404(study.files.select_related("file"), pk=file_id)
    stored = evidence.file
    try:
        data = read_file(stored)
    except FileError as error:
        raise Http404 from error
    if evidence.is_picture and request.GET.get("small"):
        data = shrink_picture(data)
    response = HttpResponse(data, content_type=stored.media_type)
    if not evidence.is_picture:
        return attach(response, stored.name)
    response.headers["Content-Disposition"] = "inline"
    return response


def get_page(request: PersonRequest, study_id: int) -> StudyPage:
    """A record that the user may see. Raises Http404."""
    try:
        return get_study_page(request.user, study_id, request.today)
    except Study.DoesNotExist as error:
        raise Http404 from error


def render_study(
    request: PersonRequest,
    page: StudyPage,
    *,
    review: ReviewForm | None = None,
    files: FilesForm | None = None,
    problem: str = "",
    unsent: str = "",
) -> HttpResponse:
    """The page of a record; with a rejected form, or a `problem` that belongs to no field.

    `unsent` is text that was typed into a form which the page no longer has.
    """
    seen = {"seen_version": page.study.version}
    wrong = next((form for form in (review, files) if form is not None and form.errors), None)
    context: dict[str, Any] = {
        "page": page,
        "study": page.study,
        "is_reader": is_reader(request),
        "version_form": VersionForm(initial=seen),
        "wrong": wrong,
        "problem": problem,
        "unsent": unsent,
        "errors_shown": bool(wrong or problem),
        "length": _length(page),
        "evidence_missing": None,
    }
    if page.may_change:
        missing = page.needs_evidence and not page.files
        if missing:
            context["evidence_missing"] = EVIDENCE_MISSING[page.study.is_declared]
        context["upload"] = files or FilesForm(
            kinds=kinds_of_files(is_declared=page.study.is_declared)
        )
    if page.may_review or page.is_own_declaration:
        context["preview"] = preview = PreviewedHours.of(preview_study(page.study))
        preview.mark(page.participants)
        if page.study.is_declared:
            context["beside"] = list_declared_beside(request.user, page, request.today)
    if page.may_review:
        context["review"] = review or ReviewForm(initial=seen)
    status = 422 if wrong else 409 if problem else 200
    return render(request, "studies/study.html", context, status=status)


def kinds_of_files(*, is_declared: bool) -> list[FileKind]:
    """The kinds of files accepted as evidence of a study of this kind."""
    if is_declared:
        return [FileKind.CERTIFICATE]
    return [FileKind.PHOTO, FileKind.SHEET]


def _length(page: StudyPage) -> str:
    """The study's length and its worth in hours, in a sentence."""
    minutes = page.study.minutes
    if page.worth is None:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    facts = {"n": minutes, "hours": format_hours(page.worth), "days": page.study.days}
    if page.study.days > 1:
        text = ngettext(
            "%(n)d minutes on each of %(days)d days are worth %(hours)s credit hour a day.",
            "%(n)d minutes on each of %(days)d days are worth %(hours)s credit hours a day.",
            grammatical_number(page.worth),
        )
        return text % facts
    text = ngettext(
        "%(n)d minutes are worth %(hours)s credit hour each.",
        "%(n)d minutes are worth %(hours)s credit hours each.",
        grammatical_number(page.worth),
    )
    return text % facts


@dataclass
class PreviewedHours:
    """The hours that passing a record would post now, and who would get less than its worth."""

    by_member: dict[int, list[Change]]
    others: int
    less: int = 0

    @classmethod
    def of(cls, changes: list[Change]) -> PreviewedHours:
        by_member: dict[int, list[Change]] = {}
        for change in changes:
            if change.cause != AssessmentCause.REASSESSED:
                by_member.setdefault(change.piece.member_id, []).append(change)
        others = sum(1 for change in changes if change.cause == AssessmentCause.REASSESSED)
        return cls(by_member, others)

    @property
    def hours(self) -> Decimal:
        """The total hours of all participants."""
        return sum(
            (change.hours for changes in self.by_member.values() for change in changes), ZERO
        )

    @property
    def sentence(self) -> str:
        """The effect of the last step."""
        n = sum(1 for changes in self.by_member.values() if any(change.hours for change in changes))
        text = ngettext(
            "%(n)d member gets %(hours)s credit hours.",
            "%(n)d members get %(hours)s credit hours together.",
            n,
        )
        return text % {"n": n, "hours": format_hours(self.hours)}

    @property
    def warning(self) -> str:
        """How many members get less than the study is worth."""
        if not self.less:
            return ""
        text = ngettext(
            "%(n)d of them gets less than the study is worth; the reason stands beside the name.",
            "%(n)d of them get less than the study is worth; the reason stands beside the name.",
            self.less,
        )
        return text % {"n": self.less}

    def mark(self, participants: list[Any]) -> None:
        """Set `expected` hours and `warnings` on each participant; none on a repeated row."""
        for participant in participants:
            changes = (
                [] if participant.is_repeated else self.by_member.get(participant.holder_id, [])
            )
            participant.expected = sum((change.hours for change in changes), ZERO)
            participant.warnings = _cuts(changes)
            self.less += bool(participant.warnings)


def _cuts(changes: list[Change]) -> list[str]:
    """The hours that a member loses for each reason, over all days of the study."""
    overlap = sum((change.worth.overlap_cut for change in changes), ZERO)
    caps: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for change in changes:
        caps[change.worth.cap_reason] += change.worth.cap_cut
    words = []
    if overlap:
        text = _("%(cut)s at a time that counts elsewhere already")
        words.append(text % {"cut": format_hours(overlap)})
    for reason, cut in sorted(caps.items()):
        if cut:
            facts = {"cut": format_hours(cut), "cap": Cap(reason).label}
            words.append(_("%(cut)s beyond a limit: %(cap)s") % facts)
    return words
