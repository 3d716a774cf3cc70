"""A world of rows made once for the tests of a module, where it takes longer than they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker


def made_once(make: Callable[[], Any]) -> Any:
    """A fixture of the module, which makes the world in a transaction that is rolled back.

    Each test works in a savepoint, on the copy that `copy_of` gives. For tests without transactions
    of their own, whose world does not depend on their settings or clock.
    """

    @pytest.fixture(scope="module")
    def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
        with django_db_blocker.unblock(), transaction.atomic():
            yield make()
            transaction.set_rollback(True)

    return made


def copy_of(world: Any) -> Any:
    """The world with objects of its own, so that a test changes none of the next one's."""
    return deepcopy(world)
