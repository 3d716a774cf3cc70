"""What the status page says of version and broker."""

from __future__ import annotations

import tomllib

import pytest
from django.conf import settings
from django.utils import timezone

from backstage.status import Health
from config import status_lines
from config.status_lines import broker_lines, version_lines

pytestmark = pytest.mark.django_db


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))
    [line] = version_lines(timezone.now())

    assert (line.health, line.seen) == (Health.WELL, project["project"]["version"])


def test_a_database_of_another_version_is_wrong(monkeypatch):
    monkeypatch.setattr(status_lines, "migrations_state", lambda: "pending")
    [line] = version_lines(timezone.now())

    assert line.health == Health.WRONG


@pytest.mark.parametrize(("state", "health"), [("ok", Health.WELL), ("down", Health.WRONG)])
def test_a_broker_answers_or_does_not(monkeypatch, state, health):
    monkeypatch.setattr(status_lines, "broker_state", lambda: state)
    [line] = broker_lines(timezone.now())

    assert line.health == health
