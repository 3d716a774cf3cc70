"""Fault 10: the disk fills up during an upload, on a real file system of one megabyte."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backstage.models import StoredFile
from config.lib.periods import today
from tests.browsers import browser_of
from tests.factories import StudyWorld, make_picture
from tests.trainees.actions.test_register import Office
from trainees.models import RegisterImport

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a file system"),
]
NO_ROOM = "There is no room left for files"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, which is nearly full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        (folder / "of others").write_bytes(bytes(1_000_000))
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def left_on(disk: Path) -> list[str]:
    return [path.name for path in disk.rglob("*") if path.is_file()]


def send_register(browser, size: int):
    body = {
        "file": SimpleUploadedFile("名册.csv", b"x" * size),
        "as_of": today().isoformat(),
        "idempotency_key": str(uuid4()),
    }
    return browser.post(reverse("trainees:register_imports"), body)


def test_a_register_is_refused_at_its_field(disk, settings):
    settings.MEDIA_ROOT = disk / "files"
    office = Office()

    reply = send_register(browser_of(office.user), 500_000)

    assert reply.status_code == 422
    assert NO_ROOM in reply.context["form"].errors["file"][0]
    assert not RegisterImport.objects.exists()
    assert not StoredFile.objects.exists()
    assert left_on(disk) == ["of others"]


def test_a_photograph_is_refused_at_its_field(disk, settings):
    settings.MEDIA_ROOT = disk / "files"
    world = StudyWorld()
    study = world.record()
    (disk / "the rest").write_bytes(bytes(45_056))
    photo = SimpleUploadedFile("现场.png", make_picture(), "image/png")
    body = {"idempotency_key": str(uuid4()), "act": "submit", "photo": [photo]}

    url = reverse("studies:add_study_files", args=[study.pk])
    reply = browser_of(world.secretary).post(url, body)

    assert reply.status_code == 422
    assert NO_ROOM in str(reply.context["wrong"].errors["photo"])
    study.refresh_from_db()
    assert study.state == "draft"
    assert not StoredFile.objects.exists()
    assert sorted(left_on(disk)) == ["of others", "the rest"]


def test_a_large_upload_that_does_not_even_arrive_is_answered_by_a_page(disk, settings):
    """Django puts what is larger than 2.5 MB into a temporary file while it reads the request."""
    settings.FILE_UPLOAD_TEMP_DIR = disk
    browser = browser_of(Office().user)
    browser.raise_request_exception = False

    reply = send_register(browser, 5_000_000)

    assert reply.status_code == 507
    assert NO_ROOM in reply.text
    assert not StoredFile.objects.exists()
    assert left_on(disk) == ["of others"]
