"""The guide leads from a served site to a served site of the next version."""

from __future__ import annotations

import re

import pytest

from tests.deploy import guide
from tests.deploy.machine import Machine
from tests.deploy.test_site import CURL, SITE

pytestmark = pytest.mark.xdist_group("machine")

# A bundle of the next version, which is like the one before but for its name.
NEXT_BUNDLE = """
name=xuetang-{version}-$(uname -m)
cp --archive --link xuetang-*/ $name
cd $name
rm VERSION source/VERSION SHA256SUMS
echo {version} | tee source/VERSION >VERSION
find . -type f ! -path ./SHA256SUMS -print0 | xargs -0 sha256sum >SHA256SUMS
cd ..
tar --create --file $name.tar.gz $name
sha256sum $name.tar.gz >$name.tar.gz.sha256
rm -r $name
"""


def test_the_guide_leads_to_the_next_version(told: str, machine: Machine):
    commands = guide.commands("Upgrade")
    version = re.search("^VERSION=(.*)$", commands, re.MULTILINE)
    assert version
    before = machine.run("readlink -f /opt/xuetang/current").stdout.strip()
    machine.run(NEXT_BUNDLE.format(version=version[1]))

    done = machine.run(f"{commands}\n{CURL} --fail --output /dev/null {SITE}/sign-in/")

    release = f"/opt/xuetang/releases/{version[1]}"
    assert f"Installed beside {before}" in done.stdout
    assert "No migrations to apply" in done.stdout
    assert machine.run("readlink -f /opt/xuetang/current").stdout.strip() == release
    running = machine.run("cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'").stdout
    assert f"{release}/.venv/bin/python" in running
    assert before not in running
    assert before in machine.run("echo /opt/xuetang/releases/*").stdout
