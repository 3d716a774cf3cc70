"""Fixtures of all tests."""

from pathlib import Path

import pytest

from tests.database import django_db_setup

__all__ = ["django_db_setup"]


@pytest.fixture(autouse=True)
def _files_of_its_own(settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for stored files that is nobody else's."""
    folder = tmp_path_factory.mktemp("files")
    settings.MEDIA_ROOT = folder
    return folder
