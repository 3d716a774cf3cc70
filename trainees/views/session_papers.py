"""The papers of a session: the sign-in sheet, its signed scan, photographs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.views import attach
from config.lib.documents import DocumentError, set_document
from schools.permissions import require_staff
from trainees.sign_in_sheet import write_sign_in_sheet
from trainees.views.rolls import get_page


@require_safe
def sheet(request: PersonRequest, session_id: int) -> HttpResponse:
    """The sign-in sheet as a PDF; that it was printed goes into the trail."""
    require_staff(request)
    page = get_page(request, session_id)
    session = page.session
    try:
        # A sheet is for those who sign it, whatever language the person at the printer reads.
        with translation.override(settings.LANGUAGE_CODE):
            pdf = set_document("sign_in_sheet", write_sign_in_sheet(page))
            name = _("Sign-in-sheet-%(title)s-%(number)d") % {
                "title": session.training_class.title,
                "number": session.number,
            }
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect("trainees:roll", session_id)
    with transaction.atomic():
        record_act(
            act="print_sheet",
            obj=session,
            by=Actor.of_request(request),
            at=timezone.now(),
            school_code=session.training_class.school.code,
            after={"count": len(page.lines)},
        )
    return attach(HttpResponse(pdf, content_type="application/pdf"), f"{name}.pdf")
