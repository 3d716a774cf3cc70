"""The sessions of browsers take the place of Django's own, which come back with the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import BrowserSession
from tests import factories
from tests.admin_pages import signed_in


@pytest.fixture
def go_back() -> Iterator[Callable[[], None]]:
    """Migrates to what was before; afterwards everything stands at its last migration again."""
    yield lambda: call_command("migrate", "accounts", "0050_notice_of_codes", verbosity=0)
    call_command("migrate", verbosity=0)


def ask(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_going_back_leaves_a_table_that_django_knows_of(go_back):
    signed_in(factories.make_user())
    assert BrowserSession.objects.count() == 1
    assert ask("SELECT to_regclass('django_session')") is None

    go_back()

    assert ask("SELECT count(*) FROM django_session") == 0
    assert ask("SELECT count(*) FROM django_migrations WHERE app = 'sessions'") == 1
    assert ask("SELECT to_regclass('accounts_browsersession')") is None
