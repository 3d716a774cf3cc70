"""Whether a kept connection is still alive, on a real server."""

import pytest
from django.db import OperationalError, close_old_connections, connection

from config.lib.database_roles import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def last_statement(pid: int) -> str:
    """What the server was asked last on a connection."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
        statement: str = cursor.fetchone()[0]
    other.close()
    return statement


def end(pid: int) -> None:
    """End a connection from another one, and wait until it is gone."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    other.close()


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    """As in the settings of the portal: kept over requests, and looked at before each."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 600)
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
    yield
    connection.close()


def test_a_quiet_connection_is_used_on_without_a_question():
    pid = backend()
    close_old_connections()
    assert connection.is_usable()
    assert "pg_backend_pid" in last_statement(pid)
    assert backend() == pid


def test_one_that_the_server_ended_is_replaced_before_the_next_statement():
    pid = backend()
    close_old_connections()
    end(pid)
    assert backend() != pid


def test_after_an_error_the_server_is_asked():
    pid = backend()
    end(pid)
    with pytest.raises(OperationalError):
        backend()
    close_old_connections()
    assert backend() != pid


def test_one_that_was_closed_is_not_usable():
    assert not connection.is_usable()
    with as_owner() as owner:
        owner.ensure_connection()
        owner.connection.close()
        assert not owner.is_usable()
