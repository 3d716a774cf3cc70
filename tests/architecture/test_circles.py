"""Modules of one app do not import each other in a circle, not even with imports in functions.

Two kinds of import are ignored: querysets import their models, which use them as managers; and
`apps.py` wires modules that are already loaded by then.
"""

from __future__ import annotations

from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.architecture.breaches import Breach, as_lines
from tests.architecture.layers import LAYERS


@cache
def find_breaches() -> list[Breach]:
    """One circle for each of our apps and `config`, if there is any."""
    packages = [*LAYERS.apps, "config"]
    graph = grimp.build_graph(*packages, cache_dir=None)
    circles = {package: find_circle(graph, package) for package in packages}
    return [
        Breach(package, "has a circle of modules", " <- ".join(circle))
        for package, circle in circles.items()
        if circle
    ]


def find_circle(graph: grimp.ImportGraph, package: str) -> list[str]:
    """A circle of modules of `package`, each imported by the next; empty if there is none."""
    inside = {name for name in graph.modules if name.split(".")[0] == package}
    imports = {
        name: {
            other
            for other in graph.find_modules_directly_imported_by(name) & inside
            if not is_left_out(name, other)
        }
        for name in sorted(inside)
    }
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def is_left_out(name: str, other: str) -> bool:
    """Whether the import of `other` by `name` is one of the two ignored kinds."""
    kind, kind_of_other = (part.split(".")[1:2] for part in (name, other))
    return kind == ["apps"] or (kind, kind_of_other) == (["querysets"], ["models"])


def test_no_modules_of_an_app_import_each_other_in_a_circle():
    assert as_lines(find_breaches()) == []


class TestAPlantedCircle:
    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request) -> str:
        """A package of modules with the imports given by the test."""
        name = f"planted_{abs(hash(request.node.nodeid))}"
        for module, imported in request.param.items():
            path = tmp_path.joinpath(name, *module.split("/")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / "__init__.py").touch()
            lines = [f"    from {name}.{other} import x" for other in imported]
            path.write_text("\n".join(["def f():", *lines, "    pass"]), "utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return name

    def circle(self, package: str) -> list[str]:
        circle = find_circle(grimp.build_graph(package, cache_dir=None), package)
        return sorted(name.removeprefix(f"{package}.") for name in set(circle))

    @pytest.mark.parametrize(
        "package",
        [
            {"views": ["queries"], "queries": ["views"]},
            {"views": ["acts"], "acts": ["a.b"], "a/b": ["models"], "models": ["views"]},
            {"models/a": ["models.b"], "models/b": ["models.a"], "querysets": ["models.a"]},
            {"models/a": ["querysets"], "querysets": ["helpers"], "helpers": ["models.a"]},
        ],
        indirect=True,
    )
    def test_is_caught(self, package):
        assert len(self.circle(package)) > 1

    @pytest.mark.parametrize(
        "package",
        [
            {"views": ["queries", "models"], "queries": ["models"]},
            {"models": ["querysets"], "querysets": ["models"]},
            {"models/a": ["querysets"], "models/b": ["models.a"], "querysets": ["models.b"]},
            {"apps": ["receivers"], "receivers": ["apps"]},
        ],
        indirect=True,
    )
    def test_that_is_left_out_is_none(self, package):
        assert self.circle(package) == []
