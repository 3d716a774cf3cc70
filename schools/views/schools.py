"""The list of schools, and forms for a school. Its page is in a higher app (`courses`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.origin import Actor
from accounts.records import save_record
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm
from backstage.record_forms import edit_record
from config.lib.dates import format_day
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.periods import day_before, in_force
from schools.actions.schools import (
    Merged,
    Opened,
    appoint_officer,
    merge_schools,
    open_school,
    write_guidance_note,
)
from schools.errors import SchoolsError
from schools.models import GuidanceNote, School, SchoolOfficer
from schools.permissions import (
    is_liaison_officer_of,
    keeps_contact,
    keeps_network,
    staff_page,
)
from schools.queries.schools import list_schools
from schools.school_forms import (
    ContactForm,
    MergeForm,
    NoteForm,
    OfficerForm,
    OpenForm,
    SchoolForm,
)
from schools.views.acting import acting, sent


@require_safe
@staff_page
def schools(request: PersonRequest) -> HttpResponse:
    """The visible schools and their contacts."""
    on = request.today
    context = {
        "schools": list_schools(request.user, on),
        "may_open": keeps_network(request.user),
        "now": on,
        "export": "network",
    }
    return render(request, "schools/schools.html", context)


@read_or_write
@staff_page
def contact(request: PersonRequest, school_id: int) -> HttpResponse:
    """Edit the contact; the organisation department may also edit name and signature."""
    school = _get(request, school_id)
    if not keeps_contact(request.user, school.pk, request.today):
        raise PermissionDenied
    form_class: Any = SchoolForm if keeps_network(request.user) else ContactForm

    def store(form: Any) -> None:
        save_record(
            obj=form.instance,
            by=Actor.of_request(request),
            fields=form.stored_fields(),
            seen=form.cleaned_data["seen"],
            school_code=school.code,
        )

    form = edit_record(request, form_class, lambda: School.objects.get(pk=school.pk), store)
    if form is None:
        return redirect(school_address(school))
    title = _("Contact of %(school)s") % {"school": school.name}
    return _render_form(request, school, form, title, _("Save the contact"))


@read_or_write
@staff_page
def officer(request: PersonRequest, school_id: int) -> HttpResponse:
    """Record who holds an office of the school from a day on."""
    school = _get(request, school_id)
    if not keeps_network(request.user):
        raise PermissionDenied
    form = OfficerForm(sent(request), on=request.today)

    def do(data: dict[str, Any]) -> SchoolOfficer | None:
        return appoint_officer(
            school_id=school.pk,
            office=data["office"],
            name=data["name"],
            telephone=data["telephone"],
            on=data["on"],
            **acting(request),
        )

    def effects(appointed: SchoolOfficer | None) -> list[str]:
        office = dict(form.fields["office"].choices)[form.cleaned_data["office"]]  # type: ignore[attr-defined]
        day = format_day(form.cleaned_data["on"])
        if appointed is None:
            return [_("%(office)s: vacant from %(day)s on.") % {"office": office, "day": day}]
        effects = [
            _("%(office)s: %(name)s from %(day)s on.")
            % {"office": office, "name": appointed.name, "day": day}
        ]
        held = school.officers.filter(in_force(day_before(form.cleaned_data["on"])))
        if held.filter(office=appointed.office).exists():
            effects.append(_("Whoever holds the office until then leaves it the day before."))
        return effects

    title = _("Officers of %(school)s") % {"school": school.name}
    texts = (title, _("Record the officer"), _("The officer is recorded."))
    return _answer(request, school, form, do=do, effects=effects, texts=texts)


@read_or_write
@staff_page
def note(request: PersonRequest, school_id: int) -> HttpResponse:
    """Write a guidance note, or the correction of a note (`?corrects=`)."""
    school = _get(request, school_id)
    if not is_liaison_officer_of(request.user, school.pk, request.today):
        raise PermissionDenied
    corrects = _asked_note(request, school)
    form = NoteForm(sent(request), on=request.today)
    if corrects is not None:
        former = {name: getattr(corrects, name) for name in ("noted_on", "topic", "text")}
        form.initial.update(former)

    def do(data: dict[str, Any]) -> GuidanceNote:
        return write_guidance_note(
            school_id=school.pk,
            noted_on=data["noted_on"],
            topic=data["topic"],
            text=data["text"],
            corrects_id=corrects.pk if corrects else None,
            **acting(request),
        )

    def effects(written: GuidanceNote) -> list[str]:
        sentences = [
            _("%(day)s, %(topic)s: %(text)s")
            % {"day": format_day(written.noted_on), "topic": written.topic, "text": written.text},
            _("The school and the district can read it. It cannot be deleted, only corrected."),
        ]
        if corrects is not None:
            sentences.append(_("The note that it corrects stays beside it."))
        return sentences

    title = _("Guidance note for %(school)s") % {"school": school.name}
    texts = (title, _("Keep the note"), _("The note is kept."))
    return _answer(request, school, form, do=do, effects=effects, texts=texts)


@read_or_write
@page_if(keeps_network)
def open_new(request: PersonRequest) -> HttpResponse:
    """Open a school for townships from a day on."""
    back = reverse("schools:schools")
    crumbs = crumbs_to(_("Found a school"))
    return found_school(request, back=back, crumbs=crumbs, on=request.today)


def found_school(
    request: PersonRequest, *, back: str, crumbs: list[dict[str, str]], on: date
) -> HttpResponse:
    """The form of a new school and its check page, which lead to the address `back`.

    `on` is the first day that the form proposes.
    """
    form = OpenForm(sent(request), on=on)

    def do(data: dict[str, Any]) -> Opened:
        return open_school(
            code=data["code"],
            name=data["name"],
            township_ids=[township.pk for township in data["townships"]],
            on=data["on"],
            **acting(request),
        )

    def effects(opened: Opened) -> list[str]:
        on = form.cleaned_data["on"]
        sentences = [
            _("%(school)s is founded on %(day)s.")
            % {"school": opened.school.name, "day": format_day(on)}
        ]
        sentences += [
            _("%(township)s leaves %(school)s.")
            % {"township": area.township.name, "school": area.school.name}
            for area in opened.areas
        ]
        return [
            *sentences,
            _organisations(len(opened.organisation_ids)),
            _("Classes that were held, and credit hours, stay with the school of their day."),
            _("Roles at the new school are granted by the security administrator."),
        ]

    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(SchoolsError,),
        location=back,
        page={
            "title": _("Found a school"),
            "intro": _("It takes over these townships; the former schools keep their past."),
            "submit_label": _("Found the school"),
            "done": _("The school is founded."),
            "cancel_url": back,
            "crumbs": crumbs,
        },
    )
    return confirm_action(request, steps)


@read_or_write
@staff_page
def merge(request: PersonRequest, school_id: int) -> HttpResponse:
    """Merge a school into another."""
    school = _get(request, school_id)
    if not keeps_network(request.user):
        raise PermissionDenied
    form = MergeForm(sent(request), on=request.today, school=school)

    def do(data: dict[str, Any]) -> Merged:
        return merge_schools(
            school_id=school.pk, into_id=data["into"].pk, on=data["on"], **acting(request)
        )

    def effects(merged: Merged) -> list[str]:
        names = {"school": merged.school.name, "into": merged.into.name}
        return [
            _("%(school)s goes over into %(into)s; %(day)s is the first day without it.")
            % {**names, "day": format_day(form.cleaned_data["on"])},
            _("%(into)s serves %(townships)s as well.")
            % {**names, "townships": _(", ").join(t.name for t in merged.townships)},
            _organisations(len(merged.organisation_ids)),
            *merged.consequences,
            _ended(merged),
            _("Classes that were held, and credit hours, stay with the school of their day."),
        ]

    title = _("Merge %(school)s into another") % {"school": school.name}
    texts = (title, _("Merge the schools"), _("The merger is recorded."))
    return _answer(request, school, form, do=do, effects=effects, texts=texts)


def school_address(school: School) -> str:
    """The page of a school."""
    return address_of("school", school.pk)


def crumbs_to(*here: str, school: School | None = None) -> list[dict[str, str]]:
    """The breadcrumbs from the list of schools to a page."""
    crumbs = [{"label": _("Schools"), "url": reverse("schools:schools")}]
    if school is not None:
        crumbs.append({"label": school.name, "url": school_address(school)})
    return crumbs + [{"label": label, "url": ""} for label in here]


def _get(request: PersonRequest, school_id: int) -> School:
    """A visible school. Raises Http404."""
    return get_object_or_404(School.objects.visible_to(request.user, request.today), pk=school_id)


def _asked_note(request: PersonRequest, school: School) -> GuidanceNote | None:
    """The note to correct, from the query string. Raises Http404 if the school has no such note."""
    asked = request.GET.get("corrects", "")
    if not asked:
        return None
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    return get_object_or_404(school.guidance_notes, pk=pk)


def _answer(
    request: PersonRequest,
    school: School,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    texts: tuple[str, str, str],
) -> HttpResponse:
    """Run the two steps of an action on a school; `texts`: title, button, success message."""
    title, submit_label, done = texts
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(SchoolsError,),
        location=school_address(school),
        page={**_page(school, title, submit_label), "done": done},
    )
    return confirm_action(request, steps)


def _page(school: School, title: str, submit_label: str) -> dict[str, object]:
    return {
        "title": title,
        "submit_label": submit_label,
        "cancel_url": school_address(school),
        "crumbs": crumbs_to(title, school=school),
    }


def _render_form(
    request: PersonRequest, school: School, form: Any, title: str, submit_label: str
) -> HttpResponse:
    context = _page(school, title, submit_label) | {"form": form}
    return render(request, "schools/edit.html", context, status=422 if form.errors else 200)


def _organisations(n: int) -> str:
    label = ngettext(
        "%(n)d organisation and its members study at the new place from that day on.",
        "%(n)d organisations and their members study at the new place from that day on.",
        n,
    )
    return label % {"n": n}


def _ended(merged: Merged) -> str:
    ended = [(grant.user.display_name, grant.get_role_display()) for grant in merged.grants]
    ended += [(officer.name, officer.get_office_display()) for officer in merged.officers]
    if not ended:
        return _("No role and no office ends with it.")
    names = [_("%(name)s (%(what)s)") % {"name": name, "what": what} for name, what in ended]
    return _("These roles and offices end: %(names)s.") % {"names": _(", ").join(names)}
