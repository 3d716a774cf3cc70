"""Fixtures of all tests."""

import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone, translation
from hypothesis import settings as hypothesis_settings

from accounts import audit
from accounts.audit_labels import ACT_LABELS
from accounts.models import AuditEntry
from accounts.trail import fact_label
from tests import factories
from tests.database import begin_heads, django_db_setup, sweep_after_test
from tests.evidence import NOW

__all__ = ["django_db_setup"]

# No deadline per example, as it depends on the machine; the suite has a time limit as a whole.
hypothesis_settings.register_profile("unhurried", hypothesis_settings.default, deadline=None)
hypothesis_settings.load_profile("unhurried")

# Tests of how the audit trail treats facts without a registered name.
STRANGE_FACTS = ("tests/accounts/test_audit.py", "tests/accounts/test_trail.py::TestAnEntry::")


def pytest_runtest_logfinish() -> None:
    sweep_after_test()


@pytest.fixture(autouse=True)
def _every_fact_is_called_by_its_name(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Assert that every fact audited in any test has a Chinese label."""
    if request.node.nodeid.startswith(STRANGE_FACTS):
        return
    write = audit._make_entry

    def sealed(act: str, *what: Any) -> AuditEntry:
        entry = write(act, *what)
        if act in ACT_LABELS:
            with translation.override("zh-hans"):
                names = {**(entry.before or {}), **(entry.after or {})}
                labels = [fact_label(entry.object_type, name) for name in names]
            foreign = [label for label in labels if not re.search("[\u4e00-\u9fff]", label)]
            assert not foreign, f"facts of {act} on {entry.object_type} without a name: {foreign}"
        return entry

    monkeypatch.setattr(audit, "_make_entry", sealed)


@pytest.fixture(autouse=True)
def _files_of_its_own(settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A separate folder for stored files in each test, and a separate file of heads."""
    folder = tmp_path_factory.mktemp("files")
    settings.MEDIA_ROOT = folder
    settings.CHAIN_HEADS = folder.with_name(f"{folder.name}-heads.jsonl")
    begin_heads()
    return folder


@pytest.fixture
def on_that_day(monkeypatch) -> datetime:
    """Make views and commands read this moment from the clock."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return NOW


@pytest.fixture
def asked_at_noon(monkeypatch) -> None:
    """Make each request one of noon on the day of the factories; all else reads the real clock."""
    monkeypatch.setattr("accounts.middleware.timezone", SimpleNamespace(now=lambda: factories.NOON))
