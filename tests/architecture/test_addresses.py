"""No module or template uses a URL name or a template of an app that it may not know.

A page belongs to the app in its URL namespace, a template to the app that its folder is named
after. Templates of no app are shared (frame, components, errors, home): they may use only pages of
`accounts` and `backstage`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from re import Pattern

import pytest

from tests.architecture.breaches import Breach, as_lines
from tests.architecture.layers import LAYERS, ROOT, files_of
from tests.architecture.strings import VALUE, read_texts

# The highest app that templates of no app may know.
GROUND = "backstage"
_NAME = rf"[\w{VALUE}-]"
_PATH = rf"[\w{VALUE}./-]+\.(?:html|js|txt|typ)"


def patterns_of(apps: Iterable[str], before: str, after: str) -> dict[str, Pattern[str]]:
    """Patterns for URL names and templates of `apps`, between the given delimiters."""
    app = f"(?P<app>{'|'.join(apps)})"
    return {
        "names addresses of": re.compile(f"{before}(?P<name>{app}:{_NAME}*){after}"),
        "names templates of": re.compile(f"{before}(?P<name>{app}/{_PATH}){after}"),
    }


@cache
def find_breaches(root: Path = ROOT) -> list[Breach]:
    """The breaches in modules and templates below `root`."""
    return list(_breaches(root))


def _breaches(root: Path) -> Iterator[Breach]:
    for layer in LAYERS.names:
        if unknown := LAYERS.unknown_to(layer):
            # In Python a whole string constant; in a template a quoted text.
            modules = files_of(layer, root, "*.py")
            yield from _search(modules, root, patterns_of(unknown, r"\A", r"\Z"))
            templates = templates_of(layer, root)
            yield from _search(templates, root, patterns_of(unknown, "[\"']", "[\"']"))


def templates_of(layer: str, root: Path) -> Iterator[Path]:
    """The templates of an app; for GROUND also those of no app."""
    folder = root / "templates"
    yield from files_of(layer, folder, "*.*")
    if layer == GROUND:
        paths = sorted(path for path in folder.rglob("*.*") if path.is_file())
        yield from (path for path in paths if path.relative_to(folder).parts[0] not in LAYERS.apps)


def _search(
    files: Iterable[Path], root: Path, patterns: dict[str, Pattern[str]]
) -> Iterator[Breach]:
    for path in files:
        for text in read_texts(path):
            for what, pattern in patterns.items():
                for line, match in text.find(pattern):
                    name = match["name"].replace(VALUE, "…")
                    says = f"{what} {match['app']}"
                    yield Breach(str(path.relative_to(root)), says, name, line)


def test_nothing_leads_or_shows_upwards():
    assert as_lines(find_breaches()) == []


@pytest.mark.parametrize("app", LAYERS.apps)
def test_addresses_are_named_after_their_app(app):
    if find_spec(f"{app}.urls"):
        assert import_module(f"{app}.urls").app_name == app


class TestAPlantedName:
    LOW, HIGH = LAYERS.apps[0], LAYERS.apps[-1]

    @pytest.mark.parametrize(
        ("path", "source", "named"),
        [
            ("LOW/views.py", 'go = reverse("HIGH:page", args=[1])', "addresses of HIGH: HIGH:page"),
            ("LOW/views.py", "go = reverse(f'HIGH:{x}')", "addresses of HIGH: HIGH:…"),
            ("LOW/a/b.py", 'show = "HIGH/page.html"', "templates of HIGH: HIGH/page.html"),
            ("LOW/a/b.py", 'show = f"HIGH/{x}/y.html"', "templates of HIGH: HIGH/…/y.html"),
            ("templates/LOW/a.html", "{% url 'HIGH:page' 1 %}", "addresses of HIGH: HIGH:page"),
            ("templates/LOW/a.js", '"{% url "HIGH:page" %}"', "addresses of HIGH: HIGH:page"),
            ("templates/frame/foot.html", "{% url 'HIGH:a' %}", "addresses of HIGH: HIGH:a"),
            (
                "templates/home.html",
                '{% include "HIGH/a.html" %}',
                "templates of HIGH: HIGH/a.html",
            ),
            (
                "templates/LOW/a/b.html",
                '{% extends "HIGH/a.html" %}',
                "templates of HIGH: HIGH/a.html",
            ),
        ],
    )
    def test_is_caught_with_its_line(self, tmp_path, path, source, named):
        path, source, named = map(self.named, (path, source, named))
        planted = tmp_path / path
        planted.parent.mkdir(parents=True)
        planted.write_text("\n" + source, "utf-8")

        assert as_lines(find_breaches(tmp_path)) == [f"{path}:2 names {named}"]

    @pytest.mark.parametrize(
        ("path", "source"),
        [
            (
                "HIGH/views.py",
                'pages = ["HIGH:page", "LOW:page", "LOW/page.html", "HIGH/page.html"]',
            ),
            ("templates/HIGH/a.html", "{% url 'LOW:page' %}{% include 'components/a.html' %}"),
            ("templates/LOW/a.html", "{% extends 'base.html' %}"),
            ("templates/base.html", "{% url 'LOW:page' %}"),
            ("LOW/urls.py", 'pages = [path("HIGH/", page), path("HIGH/<int:pk>/", page)]'),
        ],
    )
    def test_downwards_is_none(self, tmp_path, path, source):
        planted = tmp_path / self.named(path)
        planted.parent.mkdir(parents=True)
        planted.write_text(self.named(source), "utf-8")

        assert as_lines(find_breaches(tmp_path)) == []

    def named(self, text: str) -> str:
        return text.replace("LOW", self.LOW).replace("HIGH", self.HIGH)
