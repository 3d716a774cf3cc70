"""`make run` for real: what it starts serves, and ends with it however it ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.embedded_postgres import BASE_DIR
from config.run import Children, RunError, is_make_stopping, wanted_port

# Two children, of which one has a child of its own.
FAMILY = """
import sys, time
from config.run import Children
SLEEP = "import time; time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"
children = Children()
children.start("one", "-c", SLEEP)
children.start("two", "-c", PARENT)
print("started", flush=True)
time.sleep(600)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_end(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert [process.cmdline() for process in alive if process.status() != "zombie"] == []


def related_to(var: Path) -> list[psutil.Process]:
    """Every process that was started for `var`, whoever its parent is by now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("XUETANG_VAR") == str(var) and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return found


class Portal:
    """`python -m config.run` in a var/ of its own, without demo data."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        environment = {
            name: value
            for name, value in os.environ.items()
            if "DATABASE" not in name and name not in {"DJANGO_SETTINGS_MODULE", "REDIS_URL"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=BASE_DIR,
            env=environment | {"XUETANG_VAR": str(var), "PORT": str(self.port), "DEMO": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.said: list[str] = []
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("Xuetang is at"):
                break
        else:
            pytest.fail("".join(self.said))

    def health(self) -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def end(self, signal_number: int) -> int:
        self.process.send_signal(signal_number)
        output, _ = self.process.communicate(timeout=60)
        self.said.append(output)
        return self.process.returncode


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    for process in related_to(tmp_path / "var"):
        process.kill()


def test_it_serves_and_leaves_nothing_behind(var: Path) -> None:
    portal = Portal(var)
    assert portal.health() == {"status": "ok", "database": "ok", "broker": "ok"}
    processes = related_to(var)
    assert len(processes) > 6  # ours, the guard, web, worker, beat, and children of these
    assert portal.end(signal.SIGINT) == 0
    await_end(processes)
    assert "Traceback" not in "".join(portal.said)

    portal = Portal(var)
    processes = related_to(var)
    assert portal.end(signal.SIGKILL) == -signal.SIGKILL
    await_end(processes)


def test_a_part_that_ends_is_named() -> None:
    children = Children()
    children.start("A part", "-c", "raise SystemExit(3)")
    children.running["A part"].wait(timeout=30)
    with pytest.raises(RunError, match="A part ended with status 3"):
        children.check()
    children.stop("A part")
    children.guard.dismiss()


def test_the_guard_ends_whole_sessions_of_a_parent_that_was_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", FAMILY],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        while len(family) < 4:  # the guard, two children and a grandchild
            time.sleep(0.1)
            family = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
    await_end(family)


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(RunError, match="is not a port"):
        wanted_port()


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(RunError, match="is in use"):
            wanted_port()


def await_stopping(pid: int, *, wanted: bool) -> None:
    deadline = time.monotonic() + 30
    while is_make_stopping(pid) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def await_sleep(pid: int) -> None:
    deadline = time.monotonic() + 30
    while "State:\tS" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def fresh_signals() -> Iterator[None]:
    """Nothing blocked and nothing ignored, as a shell hands signals to what it starts."""
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, [])
    numbers = (signal.SIGINT, signal.SIGHUP)
    handlers = [signal.signal(number, lambda *_: None) for number in numbers]
    yield
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@pytest.mark.usefixtures("fresh_signals")
@pytest.mark.skipif(sys.platform != "linux", reason="make's signals are seen in /proc only")
def test_a_make_that_was_signalled_alone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n\t@echo started; exec sleep 60\n")
    with subprocess.Popen(
        ["make"], cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True
    ) as make:
        assert make.stdout is not None
        make.stdout.readline()
        # While it starts a child, make blocks its signals for a moment; until it sleeps, it may not
        # have noted the child yet and would end without waiting for it.
        await_stopping(make.pid, wanted=False)
        await_sleep(make.pid)
        make.send_signal(signal.SIGINT)
        await_stopping(make.pid, wanted=True)
        os.killpg(make.pid, signal.SIGKILL)
    assert not is_make_stopping(os.getppid())
