"""Whether the portal works: the process, and what people need to work in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from backstage.files_folder import MARK_NAME, mark_folder
from backstage.models import FolderMark
from config import health
from tests.admin_pages import make_officer, signed_in

ALL_WELL = {
    "status": "ok",
    "database": "ok",
    "migrations": "ok",
    "files": "ok",
    "broker": "ok",
}


def test_live_says_only_that_the_process_answers():
    """No database is allowed here."""
    response = Client().get(reverse("live"))

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
class TestReady:
    @pytest.fixture(autouse=True)
    def _marked(self):
        mark_folder()

    def told(self, code: int, **different: str) -> None:
        response = Client().get(reverse("ready"))
        assert response.json() == ALL_WELL | different
        assert response.status_code == code

    def test_all_is_well(self):
        self.told(200)

    def test_a_broker_that_is_away_takes_nothing_out_of_service(self, monkeypatch):
        monkeypatch.setattr(health, "broker_state", lambda: "down")
        self.told(200, broker="down")

    def test_a_database_that_takes_no_writes_is_no_place_to_work(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        self.told(
            503, status="unavailable", database="read-only", migrations="unknown", files="unknown"
        )

    def test_a_database_that_is_away_is_said_to_be(self, monkeypatch):
        def fail(*_args):
            raise OperationalError("gone")

        monkeypatch.setattr(connection, "cursor", fail)
        monkeypatch.setattr(connection, "close", lambda: None)
        self.told(503, status="unavailable", database="down", migrations="unknown", files="unknown")

    def test_a_migration_that_is_missing_is_seen(self, monkeypatch):
        monkeypatch.setattr(health._Migrations, "are_applied", False)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'funding'")
        self.told(503, status="unavailable", migrations="pending", files="unknown")

    def test_migrations_are_asked_for_until_all_are_there(
        self, monkeypatch, django_assert_max_num_queries
    ):
        monkeypatch.setattr(health._Migrations, "are_applied", False)
        self.told(200)
        with django_assert_max_num_queries(2):
            self.told(200)

    def test_an_empty_mount_is_seen(self, settings):
        shutil.rmtree(settings.MEDIA_ROOT)
        Path(settings.MEDIA_ROOT).mkdir()
        self.told(503, status="unavailable", files="mark missing")

    def test_the_folder_of_another_site_is_seen(self, settings):
        (Path(settings.MEDIA_ROOT) / MARK_NAME).write_text(str(uuid4()))
        self.told(503, status="unavailable", files="another folder")

    def test_a_new_site_serves_before_its_folder_is_marked(self):
        FolderMark.objects.all().delete()
        self.told(200, files="unmarked")

    def test_a_folder_that_cannot_be_written_is_seen(self, monkeypatch):
        def full(**_options):
            raise OSError("full")

        monkeypatch.setattr("tempfile.TemporaryFile", full)
        monkeypatch.setattr(health, "broker_state", lambda: "ok")
        self.told(503, status="unavailable", files="not writable")

    def test_it_does_not_matter_who_asks(self):
        browser = signed_in(make_officer(Role.SYSTEM_ADMINISTRATOR))

        assert browser.get(reverse("ready")).json() == ALL_WELL
