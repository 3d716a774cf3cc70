"""Gunicorn as deploy/xuetang starts it: a restart loses no request, a header moves no page."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dev.embedded_postgres import BASE_DIR
from dev.run import web_server
from tests.services.conftest import environment, free_port, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web server")]

PAGE = "/sign-in/"
SENDERS = 6


def answer(port: int, path: str = PAGE, headers: dict[str, str] | None = None) -> int | str:
    """The status of one request on a connection of its own, as nginx makes them, or the failure."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers={"Connection": "close"} | (headers or {}))
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
    return response.status


@contextmanager
def serving(command: list[str], folder: Path, **options) -> Iterator[subprocess.Popen[bytes]]:
    """A web server. Its end is graceful, and has happened when the block has ended."""
    process = subprocess.Popen(
        command, cwd=BASE_DIR, env=environment("") | {"XUETANG_VAR": str(folder)}, **options
    )
    with process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def by_socket(listening: socket.socket, folder: Path) -> Iterator[None]:
    """The web server on a socket that it is handed, as systemd does: as descriptor 3."""
    number = listening.fileno()
    script = f"LISTEN_PID=$$ LISTEN_FDS=1 exec deploy/xuetang web 3<&{number}"
    with serving(["bash", "-c", script], folder, pass_fds=(number,)):
        yield


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
        if listening.fileno() == 3:  # the script moves it there
            os.dup(3)
        yield listening


class Load:
    """Threads that send one request after the other until they are told to stop."""

    def __init__(self, port: int) -> None:
        self.port, self.over = port, threading.Event()
        self.answers: list[int | str] = []
        self.threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]

    def _send(self) -> None:
        while not self.over.is_set():
            self.answers.append(answer(self.port))

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Send no more, and wait for what is on its way."""
        self.over.set()
        for thread in self.threads:
            thread.join()

    def await_more(self, number: int) -> None:
        wanted = len(self.answers) + number
        wait_for(lambda: len(self.answers) >= wanted, seconds=120)


def test_a_restart_under_load_loses_no_request(listening, tmp_path):
    with Load(listening.getsockname()[1]) as load:
        with by_socket(listening, tmp_path):
            load.await_more(200)
        before = len(load.answers)
        with by_socket(listening, tmp_path):
            load.await_more(200)
            load.end()

    assert len(load.answers) - before >= 200
    assert Counter(load.answers) == {200: len(load.answers)}


def of_a_site(port: int) -> list[str]:
    return ["env", f"GUNICORN_CMD_ARGS=--bind=127.0.0.1:{port}", "deploy/xuetang", "web"]


def of_make_run(port: int) -> list[str]:
    return [sys.executable, *web_server(port)]


@pytest.mark.parametrize("command", [of_a_site, of_make_run])
def test_a_header_serves_nothing_under_another_prefix(command, tmp_path):
    port = free_port()
    names = (
        "SCRIPT_NAME",
        "Script-Name",
        "X-Script-Name",
        "X-Forwarded-Prefix",
        "X-Forwarded-Path",
    )
    with serving(command(port), tmp_path):
        wait_for(lambda: answer(port, "/healthz") == 200, seconds=120)

        for name in names:
            assert answer(port, "/evil/healthz", {name: "/evil"}) == 404, name
            assert answer(port, "/evil/sign-in/", {name: "/evil"}) != 200, name
        assert answer(port, "/evil/healthz", {"PATH_INFO": "/healthz"}) == 404
        assert answer(port, "/evil/healthz") == 404

        if command is of_a_site:  # without its settings, gunicorn answers 500 to such a sender
            assert answer(port, "/healthz", {"SCRIPT_NAME": "/evil"}) == 200
