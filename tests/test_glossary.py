"""The glossary names what exists: models, their fields, and choices with their members."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist

GLOSSARY = (settings.BASE_DIR / "docs" / "glossary.md").read_text("utf-8")
HEADING = "code"


def names_in_code() -> list[str]:
    """What stands in backticks in the last column of each table of terms, in order."""
    names: list[str] = []
    is_of_terms = False
    for line in GLOSSARY.splitlines():
        if not line.startswith("|"):
            is_of_terms = False
            continue
        last = line.strip("|").split("|")[-1]
        is_of_terms = is_of_terms or last.strip() == HEADING
        if is_of_terms:
            names += re.findall(r"`([^`]+)`", last)
    return names


def exists(name: str) -> bool:
    """Whether `app.Model`, `app.Model.field`, `app.Enum` or `app.Enum.MEMBER` is in the code."""
    app, kind, *inside = name.split(".")
    if len(inside) > 1 or app not in apps.app_configs:
        return False
    enums = import_module(f"{app}.enums") if find_spec(f"{app}.enums") else None
    if choices := getattr(enums, kind, None):
        return all(member in choices.__members__ for member in inside)
    try:
        model = apps.get_model(app, kind)
        return all(model._meta.get_field(field) for field in inside)
    except (LookupError, FieldDoesNotExist):
        return False


@pytest.mark.parametrize("name", dict.fromkeys(names_in_code()))
def test_names_of_the_glossary_exist(name):
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "courses.Audience",
        "schools.Channel",
        "rolls.Roll",
        "trainees.Member.pocket",
        "accounts.Role.CLERK",
        "nowhere.Member",
        "hours.Source.kind.more",
    ],
)
def test_a_name_that_is_not_in_the_code_is_found(name):
    assert not exists(name)


def test_every_table_of_terms_is_read():
    tables = [line for line in GLOSSARY.splitlines() if line.endswith(f"| {HEADING} |")]

    assert len(tables) >= 6
    assert {"schools.District", "funding.Allocation"} <= set(names_in_code())
