"""Imports point down the layers: import-linter passes, and detects imports that do not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.layers import LAYERS, LINTER, ROOT, Layers

OUR_APPS = [config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT]


def test_every_app_has_its_layer():
    assert sorted(LAYERS.apps) == sorted(set(OUR_APPS) - {"config"})


def test_apps_are_installed_in_the_order_of_the_layers():
    assert [app for app in OUR_APPS if app in LAYERS.apps] == LAYERS.apps


def test_import_linter_looks_at_every_app():
    wiring, development = [one for one in LINTER["contracts"] if one["type"] == "forbidden"]

    assert set(LINTER["root_packages"]) == {"dev", "config", *LAYERS.apps}
    assert set(wiring["source_modules"]) == set(LAYERS.apps)
    assert set(development["source_modules"]) == {"config", *LAYERS.apps}


class TestLayers:
    LAYERS = Layers.of(["config.urls", "top", "left | right", "low", "config.lib"])

    def test_are_read_from_the_top_down(self):
        assert self.LAYERS.names == ["config.lib", "low", "left", "right", "top", "config.urls"]
        assert self.LAYERS.apps == ["low", "left", "right", "top"]

    def test_know_neither_those_above_nor_their_neighbours(self):
        assert self.LAYERS.unknown_to("config.lib") == ["low", "left", "right", "top"]
        assert self.LAYERS.unknown_to("low") == ["left", "right", "top"]
        assert self.LAYERS.unknown_to("left") == ["right", "top"]
        assert self.LAYERS.unknown_to("top") == []


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    command = [linter, "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Empty packages with the names of our packages, under our contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ["dev", "config", *LAYERS.names, "config.settings", "config.wsgi", "config.asgi"]:
        folder = tmp_path.joinpath(*name.split("."))
        folder.mkdir()
        (folder / "__init__.py").touch()
    return tmp_path


def plant(tree: Path, layer: str, above: str) -> None:
    """Add a function to `layer` that imports a package which it may not know."""
    planted = tree.joinpath(*layer.split("."), f"planted_{above.replace('.', '_')}.py")
    planted.write_text(f"def planted():\n    import {above}\n", "utf-8")


class TestImportLinter:
    def test_has_nothing_against_packages_that_import_nothing(self, tree):
        done = lint(tree)

        assert done.returncode == 0, done.stdout + done.stderr

    def test_sees_every_layer_that_imports_the_one_above_or_a_neighbour(self, tree):
        pairs = list(zip(LAYERS.names, LAYERS.names[1:], strict=False))
        for below, above in pairs:
            plant(tree, below, above)

        done = lint(tree)

        assert done.returncode == 1, done.stdout + done.stderr
        unseen = [
            pair
            for pair in pairs
            if f"{pair[0]} is not allowed to import {pair[1]}" not in done.stdout
        ]
        assert unseen == []

    def test_sees_an_app_that_reads_the_wiring(self, tree):
        plant(tree, LAYERS.apps[0], "config.settings")

        done = lint(tree)

        assert done.returncode == 1
        assert f"{LAYERS.apps[0]} is not allowed to import config.settings" in done.stdout

    def test_sees_what_the_portal_imports_of_development(self, tree):
        plant(tree, "config.settings", "dev")

        done = lint(tree)

        assert done.returncode == 1
        assert "config is not allowed to import dev" in done.stdout
