"""`make run` for real: what it starts serves, and ends with it however it ends."""

import contextlib
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

from dev.children import MOST_ENDS, Children, RunError
from dev.embedded_postgres import BASE_DIR
from dev.run import is_make_stopping, wanted_port
from tests.connections import PATIENCE

# Two children, of which one has a child of its own.
FAMILY = """
import sys, time
from dev.children import Children
SLEEP = "import time; time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"
children = Children()
children.start("one", "-c", SLEEP)
children.start("two", "-c", PARENT)
print("started", flush=True)
time.sleep(600)
"""

# Leaves a child behind, and its number in a file.
LEAVING = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(child.pid))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_end(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert [process.cmdline() for process in alive if process.status() != "zombie"] == []


def related_to(var: Path) -> list[psutil.Process]:
    """Every process that was started for `var`, whatever its parent is by now."""
    processes = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("XUETANG_VAR") == str(var) and process.pid != os.getpid():
                processes.append(process)
        except psutil.Error:
            continue
    return processes


def environment(var: Path, port: int) -> dict[str, str]:
    """That of a portal in a var/ of its own, without demo data."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if "DATABASE" not in name and name not in {"DJANGO_SETTINGS_MODULE", "REDIS_URL"}
    }
    return kept | {"XUETANG_VAR": str(var), "PORT": str(port), "DEMO": "0"}


class Portal:
    """`python -m dev.run`."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        self.environment = environment(var, self.port)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dev.run"],
            cwd=BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.said: list[str] = []
        self.await_line("Xuetang is at")

    def await_line(self, beginning: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith(beginning):
                return
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
        output, _ = self.process.communicate(timeout=PATIENCE)
        self.said.append(output)
        return self.process.returncode


@pytest.fixture(scope="module")
def var_of_a_first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first run leaves behind: an empty district, migrated, which takes longest."""
    var = tmp_path_factory.mktemp("first-run") / "var"
    portal = Portal(var)
    processes = related_to(var)
    assert portal.end(signal.SIGINT) == 0
    await_end(processes)
    return var


@pytest.fixture
def var(var_of_a_first_run: Path, tmp_path: Path) -> Iterator[Path]:
    # With the owners of the files: the server of root runs as somebody else.
    subprocess.run(["cp", "-a", var_of_a_first_run, tmp_path / "var"], check=True)
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


# Has the worker recompute the ledger, and waits until it did.
WORK = """
import time
from hours.models import LedgerCheck
from hours.tasks import verify_ledger
before = LedgerCheck.objects.count()
verify_ledger.delay()
while LedgerCheck.objects.count() == before:
    time.sleep(0.2)
"""


def await_process(var: Path, *arguments: str) -> psutil.Process:
    """The first process of a child: the one whose parent has no such arguments."""

    def is_it(process: psutil.Process | None) -> bool:
        return process is not None and set(arguments) <= set(process.cmdline())

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for process in related_to(var):
            with contextlib.suppress(psutil.Error):
                if is_it(process) and not is_it(process.parent()):
                    return process
        time.sleep(0.1)
    pytest.fail(f"no {arguments}")


def test_what_is_killed_is_started_again_and_works(var: Path) -> None:
    portal = Portal(var)
    worker = await_process(var, "celery", "worker")
    web = await_process(var, "gunicorn")
    family = [web, *web.children(recursive=True)]
    worker.kill()
    portal.await_line("The Celery worker ended with status -9 and starts again in 0.5 s.")
    web.kill()
    portal.await_line("The web server ended with status -9 and starts again in 0.5 s.")
    await_end(family)

    unreadable = var / "broker" / "queue" / "0_stranger.celery.msg"
    unreadable.touch()
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", WORK],
        cwd=BASE_DIR,
        env=portal.environment,
        check=True,
        timeout=PATIENCE,
    )
    assert await_process(var, "celery", "worker").pid != worker.pid
    assert (var / "broker" / "unreadable" / unreadable.name).exists()
    await_health(portal)

    processes = related_to(var)  # those that were started again are guarded as well
    assert portal.end(signal.SIGKILL) == -signal.SIGKILL
    await_end(processes)
    [line] = [line for line in portal.said[-1].splitlines() if unreadable.name in line]
    assert "ERROR" in line
    assert "starts again" not in portal.said[-1]


def await_health(portal: Portal) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            assert portal.health()["status"] == "ok"
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def test_it_gives_up_on_what_ends_at_once(var: Path, tmp_path: Path) -> None:
    """Python reads `sitecustomize` first; this one has beat end before it begins."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'beat' in sys.orig_argv:\n    os._exit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "dev.run"],
        cwd=BASE_DIR,
        env=environment(var, free_port()) | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    *again, end = [line for line in done.stderr.splitlines() if line.startswith("Celery beat")]
    assert again == [
        f"Celery beat ended with status 3 and starts again in {pause} s."
        for pause in ("0.5", "1", "2", "4")
    ]
    assert end == "Celery beat ended 5 times within 60 s, at last with status 3."
    await_end(related_to(var))


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heeded_while_something_waits_to_start_again(
    var: Path, signal_number: int
) -> None:
    portal = Portal(var)
    await_process(var, "celery", "beat").kill()
    portal.await_line("Celery beat ended with status -9")
    assert portal.end(signal_number) == 0
    assert "".join(portal.said).count("starts again") == 1
    await_end(related_to(var))


@pytest.fixture
def children() -> Iterator[Children]:
    children = Children()
    yield children
    children.kill()
    children.guard.dismiss()


def revive_on_and_on(children: Children) -> None:
    """As `watch` does, until it raises RunError."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children.revive()
        time.sleep(0.01)


def test_only_ends_of_the_last_minute_count(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dev.children.FIRST_PAUSE_SECONDS", 0)
    children.start("A part", "-c", "raise SystemExit(3)")
    long_ago = time.monotonic() - 61
    children.programs["A part"].ends = [long_ago] * MOST_ENDS
    with pytest.raises(RunError, match="A part ended 5 times within 60 s, at last with status 3"):
        revive_on_and_on(children)
    ends = children.programs["A part"].ends
    assert len(ends) == MOST_ENDS
    assert long_ago not in ends


def test_what_a_part_left_ends_before_it_starts_again(children: Children, tmp_path: Path) -> None:
    left = tmp_path / "left"
    children.start("A part", "-c", LEAVING, str(left))
    children.running["A part"].wait(timeout=PATIENCE)
    process = psutil.Process(int(left.read_text()))
    assert process.is_running()
    children.revive()
    await_end([process])
    assert children.running == {}


def test_a_guard_that_ended_ends_the_run(children: Children) -> None:
    children.guard.process.kill()
    children.guard.process.wait()
    with pytest.raises(RunError, match="The guard process ended"):
        children.revive()


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
    deadline = time.monotonic() + PATIENCE
    while is_make_stopping(pid) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def await_sleep(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
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
