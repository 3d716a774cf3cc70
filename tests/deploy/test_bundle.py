"""The bundle holds what is locked, and installs itself only as it was made."""

from __future__ import annotations

import hashlib
import re
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.embedded_postgres import BASE_DIR
from tests.deploy.machine import Machine

pytestmark = pytest.mark.xdist_group("machine")


@pytest.fixture(scope="module")
def files(bundle: Path) -> dict[str, bytes]:
    with tarfile.open(bundle) as archive:
        members = [member for member in archive if member.isfile()]
        return {
            member.name.partition("/")[2]: archive.extractfile(member).read() for member in members
        }


@pytest.fixture
def unpacked(told: str, machine: Machine) -> Iterator[str]:
    """A folder with links to the bundle's files: they may be replaced, but not written to."""
    folder = "/root/copy"
    machine.run(f"cp --archive --link /root/xuetang-*/ {folder}")
    yield folder
    machine.run(f"rm -r {folder}")


def test_its_packages_are_those_of_the_lock_file(files):
    locked = {
        wheel["hash"].removeprefix("sha256:"): package["name"]
        for package in tomllib.loads((BASE_DIR / "uv.lock").read_text())["package"]
        for wheel in package.get("wheels", ())
    }
    wheels = [data for name, data in files.items() if name.startswith("wheels/")]
    packages = {locked[hashlib.sha256(wheel).hexdigest()] for wheel in wheels}

    assert {"django", "gunicorn", "celery", "psycopg2-binary"} <= packages
    development = {"pytest", "ruff", "mypy", "playwright", "hypothesis", "django-stubs"}
    assert not packages & development


def test_it_holds_source_translations_and_the_guide_but_nothing_of_development(files):
    assert files["source/locale/zh_Hans/LC_MESSAGES/django.mo"]
    assert files["source/docs/operation.md"] == (BASE_DIR / "docs/operation.md").read_bytes()
    assert not [name for name in files if name.startswith(("source/tests/", "source/dev/"))]


def test_its_checksums_name_every_file(files):
    sums = dict(
        reversed(line.split("  ./"))  # type: ignore[misc]
        for line in files.pop("SHA256SUMS").decode().splitlines()
    )

    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_the_machine_had_no_network(told: str, machine: Machine):
    devices = re.findall(r"^ *(\w+):", machine.run("cat /proc/net/dev").stdout, re.MULTILINE)

    assert "Installed." in told
    assert devices == ["lo"]


SUM_ANEW = "sed -i '/TARGET/d' SHA256SUMS; sha256sum ./TARGET | tee --append SHA256SUMS"


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("sed -i '$ a # more' source/manage.py", "source/manage.py: FAILED"),
        ("rm wheels/gunicorn-*", "is not as it was made"),
        ("echo >source/sitecustomize.py", "files that its checksums do not name"),
        (f"sed -i 's/.*/3.9 mips/' TARGET; {SUM_ANEW}", "the bundle is for Python 3.9 on mips"),
    ],
    ids=["changed", "missing", "added", "of another machine"],
)
def test_a_bundle_that_does_not_fit_is_refused(unpacked, machine, damage, complaint):
    done = machine.run(f"cd {unpacked}; {damage}; ./install.sh /opt/other", check=False)

    assert done.returncode == 1
    assert complaint in done.stdout
    assert "Not installed:" in done.stdout
    assert machine.run("ls /opt").stdout == "xuetang\n"


def test_a_release_is_not_installed_twice(unpacked, machine):
    done = machine.run(f"{unpacked}/install.sh", check=False)

    assert done.returncode == 1
    assert "is there already" in done.stdout
