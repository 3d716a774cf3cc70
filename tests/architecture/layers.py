"""The layers, read from import-linter's contract in `pyproject.toml`, and the files in each.

That contract is the only list of layers; all other checks use this module. `config.lib` is the
lowest layer and `config.urls` the highest; the rest of `config` is wiring, which knows every app.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]


@dataclass(frozen=True)
class Layers:
    """Rows of names, lowest first. Names in one row must not know each other."""

    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, names: list[str]) -> Layers:
        """Parse import-linter's format: highest first, names of one row separated by `|`."""
        rows = [tuple(part.strip() for part in name.split("|")) for name in reversed(names)]
        return cls(tuple(rows))

    @property
    def names(self) -> list[str]:
        """All names, lowest first."""
        return [name for row in self.rows for name in row]

    @property
    def apps(self) -> list[str]:
        """The names that are apps."""
        return [name for name in self.names if not name.startswith("config.")]

    def unknown_to(self, name: str) -> list[str]:
        """The apps that `name` may not know: those in higher rows and in its own row."""
        rank = next(rank for rank, row in enumerate(self.rows) if name in row)
        return [app for row in self.rows[rank:] for app in row if app in self.apps and app != name]


def _layers() -> Layers:
    """The layers of the only layers contract. Raises ValueError if there is not exactly one."""
    (contract,) = [contract for contract in LINTER["contracts"] if contract["type"] == "layers"]
    return Layers.of(contract["layers"])


LAYERS = _layers()


def files_of(layer: str, root: Path, *patterns: str) -> Iterator[Path]:
    """The files of a layer below `root`, including migrations, sorted by name."""
    folder = root.joinpath(*layer.split("."))
    yield from sorted(path for pattern in patterns for path in folder.rglob(pattern))


def modules(root: Path = ROOT) -> list[Path]:
    """The modules of apps and `config`, without migrations."""
    folders = [*LAYERS.apps, "config"]
    paths = [path for folder in folders for path in files_of(folder, root, "*.py")]
    return [path for path in paths if "migrations" not in path.parts]
