"""Loaded by `-p tests.plugin` (see addopts) before pytest-django reads the settings.

It provides the database named in the settings. With XUETANG_NO_SKIP=1, as in CI, a skipped test is
a failure, because everything that a test may need is installed there.
"""

import os
from collections.abc import Generator

import pytest

from config.embedded import DatabaseUnavailable
from dev.embedded_postgres import provide_database


@pytest.hookimpl(wrapper=True)  # a wrapper runs before the hook of pytest-django
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """Provide the database. Raises UsageError, which pytest prints as one line."""
    try:
        provide_database()
    except DatabaseUnavailable as error:
        raise pytest.UsageError(str(error)) from None
    return (yield)


def _forbidden_skips(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("XUETANG_NO_SKIP") != "1" or reporter is None:
        return 0
    return len(reporter.stats.get("skipped", []))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that passed but skipped tests."""
    if session.exitstatus == pytest.ExitCode.OK and _forbidden_skips(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the reason above pytest's last line."""
    if skips := _forbidden_skips(config):
        terminalreporter.write_line(
            f"XUETANG_NO_SKIP=1: {skips} skipped, which counts as a failure.", red=True
        )
