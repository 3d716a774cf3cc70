"""The public check of a document, without sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.origin import counted_address
from accounts.requests import PortalRequest
from config.lib.methods import read_or_write
from years.actions.document_check import check_document
from years.errors import TooManyTriesError
from years.forms import CheckForm


@login_not_required
@never_cache
@sensitive_post_parameters()
@read_or_write
def check(request: PortalRequest) -> HttpResponse:
    """Check whether a document is valid by its code and the name on it, on one page.

    Only POST is answered, so that no code appears in a URL.
    """
    form = CheckForm(request.POST or None)
    context = {"form": form, "asked": False, "found": None, "today": request.today}
    headers, status = {"X-Robots-Tag": "noindex, nofollow"}, 200
    if request.method == "POST" and form.is_valid():
        try:
            context["found"] = check_document(
                code=form.cleaned_data["code"],
                name=form.cleaned_data["name"],
                address=counted_address(request),
                at=request.now,
            )
            context["asked"] = True
        except TooManyTriesError as error:
            form.add_error(None, str(error))
            headers["Retry-After"] = str(error.wait_seconds)
            status = 429
    elif form.errors:
        status = 422
    response = render(request, "years/check.html", context, status=status)
    for header, value in headers.items():
        response.headers[header] = value
    return response
