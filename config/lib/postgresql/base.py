"""Persistent database connections with a health check that needs no query, and a last step.

Django looks for `DatabaseWrapper` in the module `base` of an engine.
"""

import select
from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection, with two changes.

    Before a request its health is read from the socket. With `CONN_HEALTH_CHECKS` Django runs
    `SELECT 1` before the first statement of each request, which is one query in four on the busiest
    pages. A server that closes a connection sends a message on it, so a connection with nothing
    waiting to be read is alive as far as can be known.

    `before_commit` is done as the last step of the present transaction, and then forgotten; Django
    has hooks for after a commit only. `before_each_commit` stays.
    """

    before_commit: Callable[[], object] | None = None
    before_each_commit: Callable[[], object] | None = None

    def is_usable(self) -> bool:
        """Whether the connection is usable; the server is only queried in case of doubt."""
        connection = self.connection
        if connection is not None and not self.errors_occurred and not connection.closed:
            return not _holds_something(connection) or super().is_usable()
        return super().is_usable()

    def commit(self) -> None:
        """Do the last step, then commit. An error in it rolls the transaction back."""
        step, self.before_commit = self.before_commit or self.before_each_commit, None
        if step is not None:
            try:
                step()
            except BaseException:
                super().rollback()  # Django does so for errors of the database alone
                raise
        super().commit()

    def rollback(self) -> None:
        self.before_commit = None
        super().rollback()

    def close(self) -> None:
        self.before_commit = None
        super().close()


def _holds_something(connection: Any) -> bool:
    """Whether the server sent unrequested data, such as a message that it closes the connection."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
