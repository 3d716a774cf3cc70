"""House rules that can be checked by inspecting the code and the models."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.conf import settings

from tests.architecture.layers import LAYERS, modules

MODELS = [m for app in LAYERS.apps for m in apps.get_app_config(app).get_models()]
SOURCES = modules()


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_constraints_are_named_after_their_model_in_words(model):
    for constraint in model._meta.constraints:
        assert "_" in constraint.name
        assert not constraint.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")


def test_a_module_of_tests_is_read_in_a_sitting_too():
    lengths = {
        str(path.relative_to(settings.BASE_DIR)): len(path.read_text("utf-8").splitlines())
        for path in (settings.BASE_DIR / "tests").rglob("*.py")
    }
    assert {path: n for path, n in lengths.items() if n > 1000} == {}


@pytest.mark.parametrize(
    "path",
    [p for p in SOURCES if p.name == "models.py" or "models" in p.parent.parts],
    ids=lambda p: str(p.relative_to(settings.BASE_DIR)),
)
def test_models_read_no_clock(path):
    text = path.read_text(encoding="utf-8")
    assert "now()" not in text
    assert "today()" not in text


def test_only_the_top_reads_the_clock():
    allowed = {"tasks.py", "commands", "admin.py", "admin", "demo", "run.py"}
    readers = [
        path
        for path in SOURCES
        if ("timezone.now()" in path.read_text(encoding="utf-8"))
        and not allowed & set(path.parts)
        and path.relative_to(settings.BASE_DIR).parts[0] != "config"
    ]
    names = {str(path.relative_to(settings.BASE_DIR)) for path in readers}
    # Audit entries and idempotency keys get their timestamp when they are written. A session is
    # looked up by its expiry, as in Django's own engine. The middleware asks once for a request.
    assert names <= {
        "accounts/audit.py",
        "accounts/middleware.py",
        "accounts/sessions.py",
        "backstage/idempotency.py",
    }


VIEWS = [
    path
    for path in SOURCES
    if {"views", "views.py"} & set(path.relative_to(settings.BASE_DIR).parts)
]
CLOCK = re.compile(r"\btimezone\.|\b(now|today|localdate|localtime|time)\(\)|import today\b")
ONCE = re.compile(r"\b(run_once|hash_body|KeyReusedError)\b")


def test_views_ask_the_request_for_the_moment():
    """An answer speaks of one moment: `request.now` and `request.today`."""
    assert len(VIEWS) > 80
    askers = {
        str(path.relative_to(settings.BASE_DIR)): found.group()
        for path in VIEWS
        if (found := CLOCK.search(path.read_text(encoding="utf-8")))
    }
    assert askers == {}
    assert CLOCK.search("on = today()")
    assert CLOCK.search("at = timezone.now()")
    assert not CLOCK.search("at = request.now")


def test_forms_are_carried_out_by_one_helper():
    """`backstage.submissions` answers a form that is sent twice, or again with other content."""
    callers = {
        str(path.relative_to(settings.BASE_DIR))
        for path in SOURCES
        if ONCE.search(path.read_text(encoding="utf-8"))
    }
    assert callers == {"backstage/idempotency.py", "backstage/submissions.py"}
    assert ONCE.search("except KeyReusedError:")


def test_templates_and_code_hold_no_chinese_interface_text():
    """Interface text is in the catalogues; Chinese in code is demo data or the name of a law."""
    cjk = range(0x4E00, 0xA000)
    offenders = [
        path.relative_to(settings.BASE_DIR)
        for path in [*SOURCES, *sorted((settings.BASE_DIR / "templates").rglob("*.html"))]
        if "demo" not in str(path.relative_to(settings.BASE_DIR))
        and any(ord(char) in cjk for char in path.read_text(encoding="utf-8"))
    ]
    assert {str(path) for path in offenders} <= {
        "config/lib/names.py",  # an example in a docstring
        "config/lib/hours.py",  # the unit's Chinese name
        "courses/models/classes.py",  # glossary terms in docstrings
        "dispatch/models/letters.py",  # the same
    }
