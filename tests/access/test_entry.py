"""Each view says who may come, and the table of addresses says the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve, reverse

from accounts.enums import DISTRICT_ROLES, Role
from tests.access.table import FORBIDDEN, NOT_ALLOWED, TABLE


def view_of(name: str, things: dict[str, Any]) -> Callable[..., Any]:
    return resolve(reverse(name, args=TABLE[name].arguments(things))).func


def is_for_strangers(view: Any) -> bool:
    return not getattr(view, "login_required", True)


def statuses(name: str, role: Role) -> set[int]:
    """What the table says to a role, at the own school and at another."""
    return {TABLE[name].expected(role, is_own=is_own) for is_own in (True, False)}


def test_every_view_says_who_may_come(two_schools):
    views = {name: view_of(name, two_schools.own) for name in TABLE}

    silent = [
        name for name, view in views.items() if is_for_strangers(view) == hasattr(view, "may_come")
    ]
    assert silent == []


def test_strangers_come_where_the_table_has_them(two_schools):
    for name, row in TABLE.items():
        assert is_for_strangers(view_of(name, two_schools.own)) == (row.public is not None), name


@pytest.mark.parametrize("role", Role)
def test_who_may_not_come_is_forbidden_everywhere_and_nobody_else_is(two_schools, role):
    let_in_by_the_table, let_in_by_the_view = [], []
    for name, row in TABLE.items():
        view = view_of(name, two_schools.own)
        said = statuses(name, role)
        if is_for_strangers(view) or said == {NOT_ALLOWED}:
            continue
        may_come = view.may_come(two_schools.people[role])
        if not may_come and said != {FORBIDDEN}:
            let_in_by_the_table.append(name)
        # Who sees the rows of all schools comes to the page of a row, which may still refuse them.
        sees_row = row.target and role in DISTRICT_ROLES
        if may_come and said == {FORBIDDEN} and not sees_row:
            let_in_by_the_view.append(name)

    assert let_in_by_the_table == []
    assert let_in_by_the_view == []


FORMS = [name for name, row in TABLE.items() if NOT_ALLOWED in row.at_own.values()]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_who_may_not_come_is_403(two_schools, name):
    url = reverse(name, args=TABLE[name].arguments(two_schools.own))
    view = view_of(name, two_schools.own)
    if is_for_strangers(view):
        return
    for role in Role:
        if not view.may_come(two_schools.people[role]):
            assert two_schools.client(role).post(url, {}).status_code == 403, role
