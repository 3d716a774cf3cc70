"""The version of the portal, as `pyproject.toml` and `CHANGELOG.md` name it."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def portal_version() -> str:
    """The version of the code that runs."""
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(text)["project"]["version"]
    return version
