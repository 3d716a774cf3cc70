"""A task carries the id of the request that enqueued it."""

from __future__ import annotations

from types import SimpleNamespace

from celery.app.task import Context

from backstage.tasks import tick
from config.celery import _take_request_id, app
from config.lib.request_ids import current_request_id, set_request_id


def test_a_message_names_the_request(monkeypatch):
    sent: list[dict] = []
    set_request_id("abcdefgh22")
    with app.producer_pool.acquire(block=True) as producer:
        monkeypatch.setattr(
            producer, "publish", lambda _body, **message: sent.append(message["headers"])
        )
        app.amqp.send_task_message(
            producer, "backstage.tick", app.amqp.as_task_v2("1", "backstage.tick", (), {})
        )

    assert sent[0]["request_id"] == "abcdefgh22"


def test_a_worker_logs_under_it():
    set_request_id("")
    request = Context({"request_id": "abcdefgh22"}, is_eager=False)
    _take_request_id(task=SimpleNamespace(request=request))

    assert current_request_id() == "abcdefgh22"


def test_a_task_of_beat_has_none():
    set_request_id("abcdefgh22")
    _take_request_id(task=SimpleNamespace(request=Context({}, is_eager=False)))

    assert current_request_id() == ""


def test_a_task_that_runs_within_a_request_keeps_its_id(db):
    set_request_id("abcdefgh22")
    tick.delay()

    assert current_request_id() == "abcdefgh22"
