"""The switch of the language."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.i18n import set_language

from config.lib.methods import nearest_page, write_only


@login_not_required
@write_only
def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the language, and lead back to the page, or to that of the form that was sent."""
    response = set_language(request)
    if "Location" in response.headers:  # a script that asks for no page gets none
        response.headers["Location"] = nearest_page(response.headers["Location"])
    return response
