"""Foreign keys, one-to-one and many-to-many fields point only to the same or lower apps.

Generic foreign keys are forbidden, because their target is in the row and not in the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import pytest
from django.apps import apps as registry
from django.apps.registry import Apps
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields.reverse_related import ForeignObjectRel

from tests.architecture.breaches import Breach, as_lines
from tests.architecture.layers import LAYERS


@cache
def find_breaches() -> list[Breach]:
    """The breaches in all our models."""
    models = [model for app in LAYERS.apps for model in registry.get_app_config(app).get_models()]
    return list(upward_keys(models))


def upward_keys(of: Iterable[type[models.Model]]) -> Iterator[Breach]:
    """The fields of these models that point to a model of an unknown app."""
    for model in of:
        unknown = LAYERS.unknown_to(model._meta.app_label)
        for field in model._meta.get_fields(include_parents=False, include_hidden=True):
            if isinstance(field, GenericForeignKey):
                yield Breach(model._meta.label, "points to any app", field.name)
            for target in targets_of(field):
                if target._meta.app_label in unknown:
                    what = f"points to {target._meta.app_label}"
                    yield Breach(model._meta.label, what, f"{field.name} -> {target._meta.label}")


def targets_of(field: models.Field) -> list[type[models.Model]]:
    """The models that a field points to; none for the reverse side of a relation."""
    if isinstance(field, ForeignObjectRel) or not field.related_model:
        return []
    through = getattr(field.remote_field, "through", None)
    return [field.related_model, through] if through else [field.related_model]


def upward_migrations(loader: MigrationLoader) -> list[str]:
    """The migrations that depend on, or run before, a migration of an unknown app."""
    return [
        f"{app}.{name} names {other}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in LAYERS.apps
        for other, _ in [*migration.dependencies, *migration.run_before]
        if other in LAYERS.unknown_to(app)
    ]


def test_foreign_keys_point_down_the_layers():
    assert as_lines(find_breaches()) == []


def test_migrations_wait_for_none_of_a_higher_app():
    assert upward_migrations(MigrationLoader(None)) == []


class TestAPlantedKey:
    LOW, HIGH = LAYERS.apps[0], LAYERS.apps[-1]

    def model(self, app: str, name: str, **fields) -> type[models.Model]:
        """A model of `app` in a separate registry."""
        meta = type("Meta", (), {"app_label": app, "apps": self.registry})
        return type(name, (models.Model,), {"Meta": meta, "__module__": __name__, **fields})

    @pytest.fixture(autouse=True)
    def _above_and_below(self):
        self.registry = Apps()
        self.above = self.model(self.HIGH, "Above")
        self.below = self.model(self.LOW, "Below")

    @pytest.mark.parametrize(
        "key",
        [
            lambda above: models.ForeignKey(above, models.CASCADE),
            lambda above: models.ForeignKey(above, models.CASCADE, related_name="+"),
            lambda above: models.OneToOneField(above, models.CASCADE),
            models.ManyToManyField,
            GenericRelation,
        ],
        ids=["foreign key", "hidden one", "one to one", "many to many", "generic relation"],
    )
    def test_upwards_is_caught(self, key):
        planted = self.model(self.LOW, "Planted", key=key(self.above))

        assert as_lines(upward_keys([planted])) == [
            f"{self.LOW}.Planted points to {self.HIGH}: key -> {self.HIGH}.Above"
        ]

    def test_by_a_table_of_a_higher_app_is_caught(self):
        between = self.model(
            self.HIGH,
            "Between",
            one=models.ForeignKey(self.below, models.CASCADE, related_name="+"),
            other=models.ForeignKey(f"{self.LOW}.Planted", models.CASCADE, related_name="+"),
        )
        planted = self.model(
            self.LOW, "Planted", key=models.ManyToManyField(self.below, through=between)
        )

        assert as_lines(upward_keys([planted])) == [
            f"{self.LOW}.Planted points to {self.HIGH}: key -> {self.HIGH}.Between"
        ]

    def test_to_any_app_is_caught(self):
        planted = self.model(
            self.HIGH,
            "Planted",
            kind=models.ForeignKey(ContentType, models.CASCADE),
            number=models.BigIntegerField(),
            key=GenericForeignKey("kind", "number"),
        )

        assert as_lines(upward_keys([planted])) == [f"{self.HIGH}.Planted points to any app: key"]

    def test_downwards_is_not_one(self):
        planted = self.model(
            self.HIGH,
            "Planted",
            key=models.ForeignKey(self.below, models.CASCADE),
            keys=models.ManyToManyField(self.below, related_name="+"),
        )

        assert as_lines(upward_keys([planted, self.below])) == []

    def test_of_a_migration_is_caught(self):
        loader = MigrationLoader(None)
        name = next(name for app, name in loader.disk_migrations if app == self.LOW)
        loader.disk_migrations[self.LOW, name].dependencies = [(self.HIGH, "0001_initial")]

        assert f"{self.LOW}.{name} names {self.HIGH}" in upward_migrations(loader)
