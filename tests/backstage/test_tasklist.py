"""The home page's task list: every app adds its own, once, with a rank."""

from __future__ import annotations

import pytest

from backstage import tasklist
from backstage.tasklist import Task, list_tasks, register_tasks
from tests.factories import NOON


@pytest.fixture(autouse=True)
def _no_sources(monkeypatch):
    monkeypatch.setattr(tasklist, "_sources", [])


def rolls(user, now):
    return [Task("Submit 3 rolls", "/sessions/")]


def hours(user, now):
    return [Task(f"{user} at {now:%H}", "/my/hours/"), Task("Overview", "/", is_lookup=True)]


def test_the_list_holds_what_each_app_tells_by_rank():
    register_tasks(hours, rank=2)
    register_tasks(rolls, rank=1)

    labels = [task.label for task in list_tasks("王芳", NOON)]
    assert labels == ["Submit 3 rolls", "王芳 at 12", "Overview"]


def test_an_app_that_registers_twice_is_asked_once():
    register_tasks(rolls, rank=1)
    register_tasks(rolls, rank=1)

    assert len(list_tasks("王芳", NOON)) == 1


def test_nothing_registered_is_nothing_to_do():
    assert list_tasks("王芳", NOON) == []
