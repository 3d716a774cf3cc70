"""What stands in two places says the same: variables, processes, packages."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from dev.embedded_postgres import BASE_DIR
from tests.deploy import guide

DEPLOY = BASE_DIR / "deploy"
EXAMPLES = [DEPLOY / "env.example", DEPLOY / "owner.env.example"]
# The first chooses the settings themselves, the second is refused on a real site.
NOT_FOR_SITES = {"DJANGO_SETTINGS_MODULE", "DEMO"}


def variables_read(*sources: Path) -> set[str]:
    """The names that `env.…("NAME")` and `os.environ.get("NAME")` ask for."""
    return {
        call.args[0].value
        for source in sources
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call)
        and re.match(r"env\b|os\.environ\b", ast.unparse(call.func))
        and call.args
        and isinstance(call.args[0], ast.Constant)
    } - NOT_FOR_SITES


def variables_in(example: Path) -> dict[str, str]:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", example.read_text(), re.MULTILINE)
    return dict(lines)


READ = variables_read(
    BASE_DIR / "config/settings/base.py",
    BASE_DIR / "config/lib/request_metrics.py",
    DEPLOY / "gunicorn.conf.py",
)


def test_the_examples_name_what_the_settings_read():
    assert {name for example in EXAMPLES for name in variables_in(example)} == READ


def test_the_table_of_the_guide_names_what_the_settings_read():
    settings = guide.GUIDE.read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", settings, re.MULTILINE)

    assert {name for cell in cells for name in re.findall("`([A-Z_]+)`", cell)} == READ


def test_the_owner_is_known_to_commands_alone():
    assert "DATABASE_OWNER_URL" not in variables_in(EXAMPLES[0])
    for unit in (DEPLOY / "systemd").glob("*.service"):
        runs_a_command = "/deploy/xuetang manage " in unit.read_text()
        assert ("owner.env" in unit.read_text()) == runs_a_command


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_shell_and_systemd_read_the_same_values(example):
    """systemd takes what is between single quotes as it stands."""
    text = re.sub(r"^#(?=[A-Z_]+=)", "", example.read_text(), flags=re.MULTILINE)
    shell = subprocess.run(
        ["env", "-i", "/bin/bash", "-c", f"set -a\n{text}\n/usr/bin/env"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert all(re.fullmatch("'[^']*'", value) for value in variables_in(example).values())
    for name, value in variables_in(example).items():
        assert f"{name}={value.strip("'")}\n" in shell


def test_units_and_containers_run_the_same_processes():
    units = "".join(unit.read_text() for unit in (DEPLOY / "systemd").glob("*.service"))
    compose = (DEPLOY / "compose.yaml").read_text()
    run = set(re.findall(r"^ExecStart=\S+/deploy/xuetang (\w+)$", units, re.MULTILINE))

    assert run == {"web", "worker", "beat"}
    assert run < set(re.findall(r"^    command: (\w+)$", compose, re.MULTILINE))


def test_ci_installs_the_packages_of_the_guide():
    words = re.search(r"apt-get install (.*)", guide.commands("Install").replace("\\\n", ""))
    packages = {word for word in words[1].split() if word[0] != "-"}
    script = (BASE_DIR / ".ci/run").read_text()

    # In Debian 13 `postgresql` brings 17.
    wanted = {"postgresql-17" if name == "postgresql" else name for name in packages}
    missing = {name for name in wanted if not re.search(rf"\b{name}\b(?!-)", script)}
    assert missing <= {"python3"}  # needed by python3-venv
