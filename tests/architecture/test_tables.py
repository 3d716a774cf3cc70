"""No string in code names a table or model of an unknown app: SQL points down the layers too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps as registry

from config.lib.versions import VersionedModel
from tests.architecture.breaches import Breach, as_lines
from tests.architecture.layers import LAYERS, ROOT, files_of
from tests.architecture.strings import read_texts


def names_of(app: str) -> list[str]:
    """An app's tables, including many-to-many and history tables, and the names of its models."""
    models = list(registry.get_app_config(app).get_models(include_auto_created=True))
    kept = [model.past_table() for model in models if issubclass(model, VersionedModel)]
    return [*kept, *(n for m in models for n in (m._meta.db_table, m._meta.label))]


@cache
def find_breaches(root: Path = ROOT) -> list[Breach]:
    """The breaches in modules, migrations and SQL files below `root`.

    A table name followed by `_` also matches, as in the names of its triggers and indexes.
    """
    return list(_breaches(root))


def _breaches(root: Path) -> Iterator[Breach]:
    names = {app: names_of(app) for app in LAYERS.apps}
    for layer in LAYERS.names:
        unknown = {name.lower(): app for app in LAYERS.unknown_to(layer) for name in names[app]}
        if not unknown:
            continue
        longest_first = sorted(map(re.escape, unknown), key=len, reverse=True)
        pattern = re.compile(rf"(?<!\w)({'|'.join(longest_first)})(?![^\W_])", re.IGNORECASE)
        for path in files_of(layer, root, "*.py", "*.sql"):
            for text in read_texts(path):
                for line, match in text.find(pattern):
                    what = f"names tables of {unknown[match[1].lower()]}"
                    yield Breach(str(path.relative_to(root)), what, match[1], line)


def test_no_text_names_a_table_of_a_higher_app():
    assert as_lines(find_breaches()) == []


def test_tables_are_named_after_their_app():
    """A table's name must show its app to readers of SQL."""
    models = [
        model
        for app in LAYERS.apps
        for model in registry.get_app_config(app).get_models(include_auto_created=True)
    ]

    strays = [m for m in models if not m._meta.db_table.startswith(f"{m._meta.app_label}_")]
    assert strays == []


# A model of the highest app that has one.
HIGHEST = next(
    model
    for config in map(registry.get_app_config, reversed(LAYERS.apps))
    for model in config.get_models()
)


class TestAPlantedTable:
    MODEL = HIGHEST
    LOW, HIGH = LAYERS.apps[0], MODEL._meta.app_label
    TABLE = MODEL._meta.db_table

    @pytest.mark.parametrize(
        ("path", "source", "line"),
        [
            ("queries.py", 'SQL = """\nSELECT 1\nFROM TABLE t\n"""', 3),
            ("queries/many.py", 'def f(x):\n    return f"SELECT {x} FROM TABLE WHERE {x}"', 2),
            ("migrations/0001.py", 'SQL = ["DROP TRIGGER TABLE_no_truncate ON x"]', 1),
            ("sql/read.sql", "SELECT 1\nFROM TABLE;", 2),
        ],
    )
    def test_is_caught_with_its_line(self, tmp_path, path, source, line):
        planted = tmp_path / self.LOW / path
        planted.parent.mkdir(parents=True)
        planted.write_text(source.replace("TABLE", self.TABLE), "utf-8")

        assert as_lines(find_breaches(tmp_path)) == [
            f"{self.LOW}/{path}:{line} names tables of {self.HIGH}: {self.TABLE}"
        ]

    def test_is_caught_in_capitals_too(self, tmp_path):
        (tmp_path / self.LOW).mkdir()
        source = f'SQL = "SELECT 1 FROM {self.TABLE.upper()}"'
        (tmp_path / self.LOW / "queries.py").write_text(source, "utf-8")

        assert len(as_lines(find_breaches(tmp_path))) == 1

    @pytest.mark.parametrize(
        "layer", [n for n in LAYERS.names if HIGHEST._meta.app_label in LAYERS.unknown_to(n)]
    )
    def test_is_caught_in_every_layer(self, tmp_path, layer):
        folder = tmp_path.joinpath(*layer.split("."))
        folder.mkdir(parents=True)
        (folder / "planted.py").write_text(f'A = "{self.MODEL._meta.label}"', "utf-8")

        assert len(as_lines(find_breaches(tmp_path))) == 1

    def test_of_its_own_or_a_lower_app_is_none(self, tmp_path):
        lower = next(registry.get_app_config(self.LOW).get_models())._meta.db_table
        (tmp_path / self.HIGH).mkdir()
        (tmp_path / self.HIGH / "sql.py").write_text(f'A = "{self.TABLE} {lower}"', "utf-8")

        assert as_lines(find_breaches(tmp_path)) == []

    def test_in_a_docstring_is_none(self, tmp_path):
        (tmp_path / self.LOW).mkdir()
        source = f'class A:\n    """Rows are in `{self.TABLE}`."""'
        (tmp_path / self.LOW / "queries.py").write_text(source, "utf-8")

        assert as_lines(find_breaches(tmp_path)) == []

    def test_is_looked_for_in_those_of_former_versions_and_between_too(self):
        named = [name for app in LAYERS.apps for name in names_of(app)]

        assert [name for name in named if name.endswith("_past")]
        between = [
            m for m in registry.get_models(include_auto_created=True) if m._meta.auto_created
        ]
        ours = {m._meta.db_table for m in between if m._meta.app_label in LAYERS.apps}
        assert ours <= set(named)
