"""The language switch."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.i18n import set_language

from config.lib.methods import nearest_page, write_only


@login_not_required
@write_only
def switch_language(request: HttpRequest) -> HttpResponse:
    """Store the language and return to the page, or to the page nearest to a sent form."""
    response = set_language(request)
    if "Location" in response.headers:  # a script that requests no page gets none
        response.headers["Location"] = nearest_page(response.headers["Location"])
    return response
