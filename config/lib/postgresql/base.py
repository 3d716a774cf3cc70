"""Connections that are kept over requests, and how one tells without a question if they are alive.

Django looks for `DatabaseWrapper` in the module `base` of an engine.
"""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection; before a request its health is read from the socket.

    With `CONN_HEALTH_CHECKS` Django asks `SELECT 1` before the first statement of each request,
    which on the busiest pages is one question in four. A server that has ended a connection has
    said so on it, so one on which nothing waits to be read is alive as far as anybody can know.
    """

    def is_usable(self) -> bool:
        """Whether the connection may be used on; the server is asked only where there is doubt."""
        connection = self.connection
        if connection is not None and not self.errors_occurred and not connection.closed:
            return not _holds_something(connection) or super().is_usable()
        return super().is_usable()


def _holds_something(connection: Any) -> bool:
    """Whether the server sent anything that was not asked for, such as its farewell."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
