"""One version everywhere."""

from __future__ import annotations

import re
import tomllib

from django.conf import settings


def test_the_changelog_and_the_lock_name_the_version_of_the_project():
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text("utf-8")
    lock = tomllib.loads((settings.BASE_DIR / "uv.lock").read_text("utf-8"))
    locked = [one["version"] for one in lock["package"] if one["name"] == "xuetang"]

    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0] == settings.VERSION
    assert locked == [settings.VERSION]
