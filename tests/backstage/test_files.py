"""Stored files: sealed, whole or not at all, and gone when they should be."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from backstage.files import FileError, delete_file, read_file, store_file, sweep_files
from backstage.models import StoredFile
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DATA = "姓名,身份证号".encode() * 100


@pytest.fixture
def stored():
    return store_file(
        data=DATA, name="名册.csv", media_type="text/csv", owner=factories.make_user(), at=NOON
    )


def contents() -> list[Path]:
    return sorted(Path(settings.MEDIA_ROOT).iterdir())


def test_what_is_stored_is_read_back_and_lies_sealed_under_a_name_that_tells_nothing(stored):
    (path,) = contents()

    assert read_file(stored) == DATA
    assert path.name == str(stored.key)
    assert "姓名".encode() not in path.read_bytes()


def test_a_full_disk_leaves_no_half_file(monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError):
        store_file(data=DATA, name="x", media_type="text/csv", owner=None, at=NOON)

    assert contents() == []
    assert not StoredFile.objects.exists()


def test_a_deleted_file_goes_with_its_transaction(stored, django_capture_on_commit_callbacks):
    with transaction.atomic():
        delete_file(StoredFile.objects.get())
        transaction.set_rollback(True)
    assert read_file(stored) == DATA

    with django_capture_on_commit_callbacks(execute=True):
        delete_file(StoredFile.objects.get())
    assert contents() == []


def test_a_file_that_is_gone_is_said_to_be_in_the_log_too(stored, caplog):
    contents()[0].unlink()

    with pytest.raises(FileError):
        read_file(stored)
    [line] = caplog.records
    assert line.levelname == "ERROR"
    assert line.getMessage().startswith(f"Lost: stored file {stored.pk} ")
    assert "名册" not in caplog.text


def test_the_sweep_takes_what_expired_and_what_no_row_knows(
    stored, django_capture_on_commit_callbacks
):
    late = store_file(data=DATA, name="b", media_type="text/csv", owner=None, at=NOON, keep_days=30)
    orphan = Path(settings.MEDIA_ROOT) / "5b1c0a7e-0000-4000-8000-000000000000"
    young = Path(settings.MEDIA_ROOT) / "5b1c0a7e-0000-4000-8000-000000000001.part"
    for path, age in ((orphan, timedelta(days=2)), (young, timedelta(hours=1))):
        path.write_bytes(b"x")
        moment = (NOON + timedelta(days=8) - age).timestamp()
        os.utime(path, (moment, moment))

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files(at=NOON + timedelta(days=8)) == 1

    assert contents() == sorted([Path(settings.MEDIA_ROOT) / str(late.key), young])


def test_a_file_without_a_last_day_is_kept_and_fetched_by_nobody_as_a_file(
    stored, django_capture_on_commit_callbacks
):
    kept = store_file(
        data=DATA, name="b", media_type="text/csv", owner=stored.owner, at=NOON, keep_days=None
    )

    with django_capture_on_commit_callbacks(execute=True):
        sweep_files(at=NOON + timedelta(days=3650))

    assert list(StoredFile.objects.all()) == [kept]
    assert read_file(kept) == DATA
    assert not StoredFile.objects.visible_to(stored.owner, NOON).filter(pk=kept.pk).exists()
