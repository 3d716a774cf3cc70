"""A bundle, and a machine where the guide was followed with it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.embedded_postgres import BASE_DIR
from tests.deploy import guide
from tests.deploy.machine import Machine, cut_off, missing

STARTS_THINGS = {
    "test_bundle.py",
    "test_site.py",
    "test_two_districts.py",
    "test_two_web_servers.py",
    "test_upgrade.py",
    "test_web_server.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "deploy" and item.path.name in STARTS_THINGS:
            item.add_marker(pytest.mark.services)


@pytest.fixture(scope="session")
def bundle() -> Path:
    """What `make bundle` makes of the checkout as it stands, changes included."""
    if lacking := missing():
        pytest.skip(lacking)
    stash = subprocess.run(
        ["git", "stash", "create"], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    made = subprocess.run(
        ["make", "--silent", "bundle", f"COMMIT={stash.stdout.strip() or 'HEAD'}"],
        cwd=BASE_DIR,
        env={name: value for name, value in os.environ.items() if name != "ARCH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return BASE_DIR / "dist" / made.stdout.split()[-1]


@pytest.fixture(scope="session")
def machine(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with nothing but the bundle in /root."""
    folder = tmp_path_factory.mktemp("machine")
    with cut_off(folder, bundle, bundle.with_name(f"{bundle.name}.sha256")) as machine:
        yield machine


PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def told(machine: Machine) -> str:
    """What the commands of the guide print, from the first to the last."""
    script = f"set -x\n{guide.commands('Install')}"
    return machine.run(script, stdin=f"{PASSWORD}\n{PASSWORD}\n").stdout
