"""The files folder has a mark by which a wrong mount is noticed."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backstage.files import store_file, sweep_files
from backstage.files_folder import (
    MARK_NAME,
    FolderState,
    look_at_folder,
    mark_folder,
    mark_new_folder,
)
from backstage.models import FolderMark
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def folder() -> Path:
    return Path(settings.MEDIA_ROOT)


def empty_folder() -> None:
    """As a mount that did not come up leaves it."""
    shutil.rmtree(folder())
    folder().mkdir()


@pytest.fixture
def stored():
    return store_file(data=b"x", name="a", media_type="text/csv", owner=None, at=NOON)


def test_a_new_site_has_a_folder_without_a_mark_and_makes_both():
    shutil.rmtree(folder())
    assert look_at_folder() is FolderState.UNMARKED

    mark_new_folder()

    assert look_at_folder() is FolderState.OK
    assert (folder() / MARK_NAME).read_text().strip() == str(FolderMark.objects.get().folder_id)


def test_a_mark_once_made_stays_the_same():
    mark_new_folder()
    before = FolderMark.objects.get().folder_id
    empty_folder()
    mark_new_folder()

    assert FolderMark.objects.get().folder_id == before
    assert look_at_folder() is FolderState.LOST_MARK


def test_a_site_from_before_the_marks_gets_one_where_its_files_are(stored):
    mark_new_folder()

    assert look_at_folder() is FolderState.OK


def test_but_not_in_a_folder_that_lacks_them(stored, caplog):
    empty_folder()
    with caplog.at_level(logging.ERROR):
        mark_new_folder()

    assert look_at_folder() is FolderState.UNMARKED
    assert [line.levelname for line in caplog.records] == ["ERROR"]


def test_nor_in_the_folder_of_another_database(caplog):
    mark_folder()
    FolderMark.objects.all().delete()
    mark_new_folder()

    assert not FolderMark.objects.exists()
    assert "not that of this database" in caplog.text


def test_a_mark_that_cannot_be_written_is_not_in_the_database_either(monkeypatch):
    def fail(*_args, **_more):
        raise OSError("full")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="full"):
        mark_folder()

    assert not FolderMark.objects.exists()


def test_the_sweep_of_files_leaves_the_mark():
    mark_folder()
    os.utime(folder() / MARK_NAME, (0, 0))
    sweep_files(at=NOON)

    assert look_at_folder() is FolderState.OK


class TestTheCommand:
    def test_takes_a_restored_folder_as_its_own(self, stored, capsys):
        mark_folder()
        (folder() / MARK_NAME).unlink()
        call_command("mark_files_folder")

        assert look_at_folder() is FolderState.OK
        assert capsys.readouterr().out == "The folder is marked.\n"

    def test_refuses_one_that_lacks_the_newest_files(self, stored):
        mark_folder()
        empty_folder()
        with pytest.raises(CommandError, match=f"such as number {stored.pk}"):
            call_command("mark_files_folder")
        assert look_at_folder() is FolderState.LOST_MARK

        call_command("mark_files_folder", without_files=True, verbosity=0)
        assert look_at_folder() is FolderState.OK
