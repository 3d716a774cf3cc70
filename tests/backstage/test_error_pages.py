"""Every error page names the number under which the log has the request."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from config.lib.request_ids import set_request_id
from tests.architecture.layers import ROOT, modules

NUMBER = "abcdefgh22"
# A form that is shown again with its errors is no error page; nor is a check that is shown anew.
FORMS = {"backstage/check.html"}


def list_by_name() -> Iterator[str]:
    """Templates that are named after a status."""
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        if re.match(r"[45]\d\d", path.name):
            yield str(path.relative_to(settings.BASE_DIR / "templates"))


def list_by_status() -> Iterator[str]:
    """Templates that code renders with the status of an error."""
    for path in modules(ROOT):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            statuses = [k.value for k in node.keywords if k.arg == "status"]
            is_error = any(
                isinstance(part, ast.Constant)
                and isinstance(part.value, int)
                and 400 <= part.value != 422
                for status in statuses
                for part in ast.walk(status)
            )
            for argument in node.args:
                if is_error and isinstance(argument, ast.Constant):
                    yield str(argument.value)


PAGES = sorted({*list_by_name(), *(p for p in list_by_status() if p.endswith(".html"))} - FORMS)


def test_the_pages_are_found():
    known = {"500.html", "503_read_only.html", "507.html", "413.html", "accounts/locked_out.html"}

    assert known <= set(PAGES)


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_an_error_page_names_the_request(rf, page):
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), {}
    set_request_id(NUMBER)

    assert NUMBER in render_to_string(page, {"user": request.user}, request)
