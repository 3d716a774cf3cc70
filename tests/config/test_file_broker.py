"""The queue in a folder: whole messages, each to one reader, whatever lies about."""

import json
import logging
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Queue
from kombu.simple import SimpleQueue

from config.file_broker import write_whole
from dev.embedded_postgres import BASE_DIR

MESSAGES = 1_500  # of each sender
ROUND_SECONDS = 0.2
IDLE_ROUNDS = 150  # without any message: those that are missing do not come any more

HAMMER = """
import json, socket, sys
from kombu import Connection, Exchange, Queue
import config.file_broker

url, options, role, name, messages = sys.argv[1:]
exchange = Exchange("hammered")
queue = Queue("hammered", exchange, routing_key="hammered")
connection = Connection(url, transport_options=json.loads(options))

def send():
    producer = connection.Producer()
    for number in range(int(messages)):
        if number % 100 == 0:  # bindings of others come and go, as those of replies do
            other = Queue(f"{name}-{number}", exchange, routing_key=f"{name}-{number}")
            other(connection.default_channel).declare()
            other(connection.default_channel).delete()
        producer.publish(
            {"id": f"{name}-{number}", "filling": "x" * (number % 9_000)},
            exchange=exchange,
            routing_key="hammered",
            declare=[queue],
        )

def receive():
    def note(body, message):
        print(body["id"], flush=True)
        message.ack()

    with connection.Consumer([queue], callbacks=[note]) as consumer:
        consumer.qos(prefetch_count=1)
        while True:
            connection.drain_events()

{"send": send, "receive": receive}[role]()
"""


def options(folder: Path, **more: object) -> dict[str, object]:
    for name in ("queue", "control"):
        (folder / name).mkdir(exist_ok=True)
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "unreadable_folder": str(folder / "unreadable"),
        "polling_interval": 0.001,
    } | more


def test_eight_processes_lose_nothing_and_get_nothing_twice(tmp_path):
    settings = json.dumps(options(tmp_path))

    def start(role: str, name: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"{name}.out").open("wb") as out, (tmp_path / name).open("wb") as errors:
            return subprocess.Popen(
                [sys.executable, "-c", HAMMER, "files://", settings, role, name, str(MESSAGES)],
                cwd=BASE_DIR,
                stdout=out,
                stderr=errors,
            )

    def received() -> list[str]:
        return [line for n in range(4) for line in (tmp_path / f"r{n}.out").read_text().split()]

    def said() -> str:
        return "".join(path.read_text() for path in sorted(tmp_path.glob("[rs][0-9]")))

    receivers = [start("receive", f"r{n}") for n in range(4)]
    senders = [start("send", f"s{n}") for n in range(4)]
    wanted = Counter(f"s{n}-{number}" for n in range(4) for number in range(MESSAGES))
    try:
        count, idle = 0, 0
        while count < wanted.total() and idle < IDLE_ROUNDS:
            time.sleep(ROUND_SECONDS)
            assert [process.poll() for process in receivers] == [None] * 4, said()
            assert not any(process.poll() for process in senders), said()
            before, count = count, len(received())
            idle = 0 if count > before else idle + 1
        assert [process.wait(60) for process in senders] == [0] * 4, said()
        assert [process.poll() for process in receivers] == [None] * 4, said()
    finally:
        for process in senders + receivers:
            process.kill()
            process.wait()
    assert Counter(received()) == wanted
    assert said() == ""
    assert not (tmp_path / "unreadable").exists()
    assert [path.name for path in (tmp_path / "queue").iterdir()] == []


@pytest.fixture
def connection(tmp_path):
    with Connection("files://", transport_options=options(tmp_path)) as connection:
        yield connection


UNREADABLE = {
    "not written yet": b"",
    "half of one": b'{"body": "e30=", "properties": {"deli',
    "no text": b"\xff\xfe\x00",
    "another kind of text": b"confidential",
    "no message": b"[]",
    "a message without its parts": b'{"body": "confidential"}',
    "a message with another's parts": b'{"body": "e30=", "properties": ["confidential"]}',
    "a body in no known encoding": (
        b'{"body": "x", "properties": {"delivery_tag": "1", "body_encoding": "confidential"}}'
    ),
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_message_is_set_aside_and_the_next_one_delivered(
    connection, tmp_path, caplog, content
):
    queue = SimpleQueue(connection.default_channel, "bells")
    (tmp_path / "queue" / "0_stranger.bells.msg").write_bytes(content)
    queue.put({"id": 1})

    with caplog.at_level(logging.WARNING):
        assert queue.get(timeout=10).payload == {"id": 1}

    [record] = caplog.records
    [left] = (tmp_path / "unreadable").iterdir()
    assert record.levelname == "ERROR"
    assert record.exc_info is None
    assert str(left) in record.getMessage()
    assert "confidential" not in record.getMessage()
    assert left.read_bytes() == content
    assert list((tmp_path / "queue").iterdir()) == []


def test_messages_come_in_the_order_in_which_they_were_sent(connection):
    queue = SimpleQueue(connection.default_channel, "bells")
    for number in range(30):
        queue.put(number)

    assert [queue.get(timeout=10).payload for _ in range(30)] == list(range(30))


def test_one_that_is_not_acknowledged_comes_again(tmp_path):
    with Connection("files://", transport_options=options(tmp_path)) as first:
        queue = SimpleQueue(first.default_channel, "bells")
        queue.put({"id": 1})
        queue.get(timeout=10)
        assert list((tmp_path / "queue").iterdir()) == []
    with Connection("files://", transport_options=options(tmp_path)) as second:
        assert SimpleQueue(second.default_channel, "bells").get(timeout=10).payload == {"id": 1}


def test_what_a_writer_left_unfinished_is_no_message(connection, tmp_path):
    channel = connection.default_channel
    (tmp_path / "queue" / ".1.unfinished").write_text("{")

    with pytest.raises(Empty):
        channel._get("bells")
    assert channel._size("bells") == 0
    assert not (tmp_path / "unreadable").exists()


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path):
    write_whole(tmp_path / "a", [1])

    with pytest.raises(TypeError):
        write_whole(tmp_path / "a", object())

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "[1]"


def test_damaged_bindings_are_made_anew(connection, tmp_path, caplog):
    bound = Queue("bells", "portal", routing_key="bells")
    (tmp_path / "control" / "portal.exchange").write_bytes(b"")

    with caplog.at_level(logging.ERROR):
        bound(connection.default_channel).declare()
    assert "portal.exchange" in caplog.text
    with connection.Producer() as producer:
        producer.publish({"id": 1}, exchange="portal", routing_key="bells")

    assert connection.default_channel._size("bells") == 1


def test_a_queue_that_is_deleted_is_bound_no_more(connection, tmp_path):
    channel = connection.default_channel
    queues = [Queue(name, "portal", routing_key=name)(channel) for name in ("one", "two")]
    for queue in queues:
        queue.declare()
    queues[0].delete()

    assert [binding.queue for binding in channel.get_table("portal")] == ["two"]


def test_a_folder_that_is_away_is_a_lost_connection(connection, tmp_path):
    """Then a page waits for the next round of bells, and a worker connects again."""
    queue = SimpleQueue(connection.default_channel, "bells")
    (tmp_path / "queue").rmdir()

    with pytest.raises(FileNotFoundError) as caught:
        queue.put({"id": 1})

    assert isinstance(caught.value, connection.connection_errors)
