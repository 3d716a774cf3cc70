"""Append-only models refuse in Python already, loudly, whatever the database would say."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings

from config.lib.append_only import (
    AppendOnlyError,
    AppendOnlyModel,
    ForbidChanges,
    append_only_models,
)
from hours.models import LedgerCheck
from tests.factories import NOON


def check(**fields) -> LedgerCheck:
    return LedgerCheck(
        checked_at=NOON, entries=fields.pop("entries", 0), assessments=0, findings=0, details={}
    )


@pytest.mark.django_db
class TestARow:
    def test_is_inserted_once(self):
        row = check()
        row.save()

        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.save(update_fields=["entries"])

    def test_is_not_changed_after_it_was_read(self):
        check().save()
        row = LedgerCheck.objects.get()
        row.entries = 5

        with pytest.raises(AppendOnlyError, match="LedgerCheck"):
            row.save()

        assert LedgerCheck.objects.get().entries == 0

    def test_is_not_deleted(self):
        row = check()
        row.save()

        with pytest.raises(AppendOnlyError):
            row.delete()

        assert LedgerCheck.objects.count() == 1


def test_they_are_listed_without_their_abstract_base():
    models = append_only_models()

    assert LedgerCheck in models
    assert AppendOnlyModel not in models
    assert len(models) == 48


def test_each_of_them_is_guarded_by_its_own_migration():
    guarded = set()
    for config in apps.get_app_configs():
        for path in (settings.BASE_DIR / config.name / "migrations").glob("*.py"):
            guarded |= {
                model._meta.db_table
                for model in append_only_models()
                if f'ForbidChanges("{model._meta.db_table}")' in path.read_text(encoding="utf-8")
            }

    assert guarded == {model._meta.db_table for model in append_only_models()}


def test_the_migration_operation_writes_itself_into_migrations():
    name, args, kwargs = ForbidChanges("some_table").deconstruct()

    assert (name, args, kwargs) == ("ForbidChanges", ["some_table"], {})
