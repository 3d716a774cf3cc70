"""The processes of `make run`: started, restarted when they end, and stopped with it.

Each child leads its own session, so Ctrl-C in the terminal only reaches this process, which then
stops the children in order. A guard process reads the current sessions from a pipe. If this process
is killed and the pipe breaks, the guard ends the sessions.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from dev.embedded_postgres import BASE_DIR

STOP_SECONDS = 10
WATCH_SECONDS = 0.2
# A child that ends this often within so many seconds is assumed to do so forever.
MOST_ENDS, ENDS_SECONDS = 5, 60
FIRST_PAUSE_SECONDS = 0.5  # before a child is restarted; doubled each further time
# Celery's warning for root, which every user of a container is.
CELERY_AS_ROOT = "ignore:You're running the worker with superuser privileges"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunError(Exception):
    """The portal cannot run. The message is one line for the person at the keyboard."""


class StopRequested(Exception):
    """Stop because of Ctrl-C, a signal, or the end of the `make` that started this process."""


class Guard:
    """The process that ends the reported sessions once this process is gone."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dev.children"],
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def tell(self, line: str) -> None:
        """Report "+session" or "-session"."""
        assert self.process.stdin is not None  # noqa: S101 - opened above
        try:
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise RunError("The guard process ended.") from None

    def dismiss(self) -> None:
        assert self.process.stdin is not None  # noqa: S101 - opened above
        with contextlib.suppress(BrokenPipeError):  # it was killed; nothing is left to guard
            self.process.stdin.close()
        self.process.wait()


@dataclass
class Program:
    """How a child is started, and when it recently ended (in seconds of `monotonic`)."""

    arguments: tuple[str, ...]
    quiet: bool
    ends: list[float] = field(default_factory=list)
    start_at: float = 0


class Children:
    """The processes of this run, by their names in messages."""

    def __init__(self) -> None:
        self.guard = Guard()
        self.programs: dict[str, Program] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str, quiet: bool = False) -> None:
        """Start Python with `arguments` in its own session; `quiet` drops its stdout."""
        self.programs[name] = Program(arguments, quiet)
        self._launch(name)

    def _launch(self, name: str) -> None:
        program = self.programs[name]
        process = subprocess.Popen(
            [sys.executable, *program.arguments],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program.quiet else None,
            env=os.environ | {"PYTHONWARNINGS": CELERY_AS_ROOT},
            start_new_session=True,
        )
        self.running[name] = process
        self.guard.tell(f"+{process.pid}")

    def finish(self, name: str) -> None:
        """Wait for a child that ends by itself. Raises RunError if it failed."""
        status = self.running[name].wait()
        self.guard.tell(f"-{self.running.pop(name).pid}")
        del self.programs[name]
        if status != 0:
            raise RunError(f"{name} failed with status {status}.")

    def revive(self) -> None:
        """Restart children that ended, each after a pause. Call it every WATCH_SECONDS.

        Raises RunError if a child ended MOST_ENDS times within ENDS_SECONDS, or the guard ended.
        """
        if self.guard.process.poll() is not None:
            raise RunError("The guard process ended.")
        for name, program in self.programs.items():
            if name not in self.running:
                if time.monotonic() >= program.start_at:
                    self._launch(name)
            elif self.running[name].poll() is not None:
                self._take_leave(name)

    def _take_leave(self, name: str) -> None:
        """Clean up after an ended child and report it. Raises RunError if it ends too often."""
        process, program = self.running.pop(name), self.programs[name]
        end_session(process.pid)  # processes left over would hold its port or run beside the next
        self.guard.tell(f"-{process.pid}")
        now = time.monotonic()
        program.ends = [end for end in program.ends if now - end < ENDS_SECONDS] + [now]
        if len(program.ends) >= MOST_ENDS:
            raise RunError(
                f"{name} ended {MOST_ENDS} times within {ENDS_SECONDS} s, "
                f"at last with status {process.returncode}."
            )
        pause = FIRST_PAUSE_SECONDS * 2 ** (len(program.ends) - 1)
        program.start_at = now + pause
        print(
            f"{name} ended with status {process.returncode} and starts again in {pause:g} s.",
            file=sys.stderr,
            flush=True,
        )

    def stop(self, *names: str) -> None:
        """Ask the named children to end; kill those that have not ended after STOP_SECONDS."""
        processes = [self.running[name] for name in names if name in self.running]
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        self._end(processes)

    def kill(self) -> None:
        """Kill all children at once."""
        self._end(list(self.running.values()))

    def _end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            end_session(process.pid)
            process.wait()


def guard(lines: Iterable[str]) -> None:
    """Follow the reports of `Children` and end the remaining sessions when they stop."""
    for signal_number in STOP_SIGNALS:
        signal.signal(signal_number, signal.SIG_IGN)
    sessions: set[int] = set()
    for line in lines:
        session = int(line[1:])
        if line.startswith("+"):
            sessions.add(session)
        else:
            sessions.discard(session)
    # The leaders know how to stop the rest of their sessions; what they leave is useless.
    deadline = time.monotonic() + STOP_SECONDS
    leaders = {session for session in sessions if signal_process(session, signal.SIGTERM)}
    while any(signal_process(leader, 0) for leader in leaders) and time.monotonic() < deadline:
        time.sleep(WATCH_SECONDS)
    for session in sessions:
        end_session(session)


def signal_process(process: int, signal_number: int) -> bool:
    """Send a signal, or 0 just to check. False if there is no such process."""
    try:
        os.kill(process, signal_number)
    except ProcessLookupError:
        return False
    return True


def end_session(session: int) -> None:
    """Kill all remaining processes of a session."""
    # macOS raises PermissionError for zombie processes.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)


if __name__ == "__main__":
    guard(sys.stdin)
