"""Documents about a member's year: listing, issuing, printing and revoking them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.entry import everyone_page
from accounts.origin import Actor, site_address
from accounts.requests import PersonRequest
from accounts.roles import acting_roles
from backstage.confirmations import Confirmation, confirm_action
from backstage.papers import MEDIA_TYPE
from backstage.submissions import submit_once
from backstage.views import attach
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from config.lib.years import FIRST_YEAR
from trainees.models import Member
from years.actions.documents import issue_document, open_document, revoke_document
from years.enums import DocumentKind, DocumentState
from years.errors import PaperError
from years.forms import IssueForm, RevokeForm
from years.models import DocumentRevocation, IssuedDocument


@read_or_write
@everyone_page
def member_documents(request: PersonRequest, member_id: int) -> HttpResponse:
    """A member's issued documents, and a form to issue more; access by others is audited."""
    on = request.today
    member = get_object_or_404(Member.objects.papers_by(request.user, on), pk=member_id)
    years = _years(member, on.year)
    form = IssueForm(request.POST or None, years=years, initial=_asked(request, years))
    answer = submit_once(
        request,
        form,
        do=lambda: _issue(request, member, form),
        done=_("The document is issued. Open it below to print it."),
        refusals=(PaperError,),
    )
    if answer:
        return answer
    if request.method != "POST":
        _record_access(
            request, "look_up_documents", member, Member(pk=member.pk, name=member.number)
        )
    documents = IssuedDocument.objects.of_member(member).with_state()
    page = page_of(request, documents.select_related("issued_by", "revocation"))
    revocable = IssuedDocument.objects.revocable_by(request.user, on).of_member(member)
    context = {
        "member": member,
        "is_own": _is_own(request, member),
        "form": form,
        "page_obj": page,
        "may_revoke": revocable.exists(),
        "valid": DocumentState.VALID,
    }
    status = 422 if form.errors else 200
    return render(request, "years/documents.html", context, status=status)


def _years(member: Member, current: int) -> list[int]:
    """Years with records, and the current and the last year."""
    assessed = member.assessments.order_by().values_list("credit_year", flat=True).distinct()
    years = {*assessed, current, current - 1}
    return sorted((year for year in years if FIRST_YEAR <= year <= current), reverse=True)


def _asked(request: PersonRequest, years: list[int]) -> dict[str, object]:
    """The year in the query string, if it is one of those offered."""
    asked = request.GET.get("year", "")
    return {"year": asked if asked in map(str, years) else years[0]}


def _issue(request: PersonRequest, member: Member, form: IssueForm) -> str:
    """Issue the document; the address of the documents of its year."""
    year = int(form.cleaned_data["year"])
    issue_document(
        member_id=member.pk,
        kind=DocumentKind(form.cleaned_data["kind"]),
        year=year,
        check_address=site_address(request) + reverse("years:check_document"),
        by=Actor.of_request(request),
        at=request.now,
    )
    return f"{reverse('years:member_documents', args=[member.pk])}?year={year}"


@require_safe
@everyone_page
def document_file(request: PersonRequest, document_id: int) -> HttpResponse:
    """The document as issued; opening it is audited, except by the member."""
    rows = IssuedDocument.objects.visible_to(request.user, request.today).select_related(
        "member", "file"
    )
    document = get_object_or_404(rows, pk=document_id)
    try:
        pdf = open_document(document)
    except PaperError as error:
        messages.error(request, str(error))
        return redirect("years:member_documents", document.member_id)
    _record_access(request, "open_document", document.member, document, kind=document.kind)
    return attach(HttpResponse(pdf, content_type=MEDIA_TYPE), document.file.name)


@read_or_write
@everyone_page
def revoke(request: PersonRequest, document_id: int) -> HttpResponse:
    """Revoke a document with a reason: form, confirmation page, action."""
    on = request.today
    visible = IssuedDocument.objects.visible_to(request.user, on).with_state()
    document = get_object_or_404(visible.select_related("member"), pk=document_id)
    if not IssuedDocument.objects.revocable_by(request.user, on).filter(pk=document_id).exists():
        raise PermissionDenied
    location = reverse("years:member_documents", args=[document.member_id])
    if document.state != DocumentState.VALID and request.method != "POST":
        messages.info(request, _("This document is not valid any more."))
        return redirect(location)

    def do(data: dict[str, Any]) -> DocumentRevocation:
        return revoke_document(
            document_id=document.pk,
            reason=data["reason"],
            by=Actor.of_request(request),
            at=request.now,
        )

    def effects(revocation: DocumentRevocation) -> list[str]:
        facts = {
            "number": document.number,
            "kind": document.get_kind_display(),
            "year": document.credit_year,
            "name": document.facts["name"],
        }
        return [
            _("%(number)s (%(kind)s, %(year)s, %(name)s) is valid no more.") % facts,
            _("The public check answers that it was revoked, and not why."),
            _("The member sees who revoked it, and this reason: %(reason)s")
            % {"reason": revocation.reason},
            _("This cannot be undone; a new document may be issued."),
        ]

    page: dict[str, object] = {
        "title": _("Revoke %(number)s") % {"number": document.number},
        "submit_label": _("Revoke the document"),
        "done": _("The document is revoked."),
        "cancel_url": location,
    }
    steps = Confirmation(
        form=RevokeForm(request.POST or None),
        do=do,
        effects=effects,
        refusals=(PaperError,),
        location=location,
        page=page,
    )
    return confirm_action(request, steps)


def _is_own(request: PersonRequest, member: Member) -> bool:
    return member.user_id == request.user.pk


def _record_access(
    request: PersonRequest, act: str, member: Member, obj: Model, **facts: object
) -> None:
    """Audit access by other users; access to one's own documents is not recorded."""
    if _is_own(request, member):
        return
    with transaction.atomic():
        record_act(
            act=act,
            obj=obj,
            by=Actor.of_request(request),
            at=request.now,
            after={**facts, "roles": acting_roles(request.user)},
        )
