"""A worker shows in the database that it lives, and outlives an outage of it."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError

from backstage.operations import SIGN_OF_LIFE_SECONDS, living_workers
from config import signs_of_life
from config.signs_of_life import give_signs_of_life


class Over(Exception):
    """Ends a loop that only the end of its process ends."""


@pytest.mark.django_db
def test_a_worker_leaves_a_row_each_minute(monkeypatch):
    monkeypatch.setattr(signs_of_life.connection, "close", lambda: None)
    waited = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            raise Over

    with pytest.raises(Over):
        give_signs_of_life("celery@one (7)", wait)

    assert living_workers() == ["celery@one (7)"]
    assert waited == [SIGN_OF_LIFE_SECONDS] * 2


def test_it_goes_on_when_the_database_is_away(monkeypatch, caplog):
    asked = []

    def fail(*_args, **_more):
        asked.append(1)
        raise OperationalError("gone")

    def wait(_seconds: float) -> None:
        if len(asked) == 2:
            raise Over

    monkeypatch.setattr(signs_of_life, "record_run", fail)
    with caplog.at_level(logging.WARNING), pytest.raises(Over):
        give_signs_of_life("one", wait)

    assert [line.levelname for line in caplog.records] == ["WARNING"] * 2
