"""Celery's queue in a folder, for a portal without Redis: `files://`.

kombu's own file transport creates a message file and then writes it, so a reader may find half a
message; the same holds for its binding tables. Here each file is written under a name that no
reader looks for and then renamed, so every visible file is complete. If several readers see a
message, the reader that deletes its file gets it.
"""

import contextlib
import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.transport.filesystem import exchange_queue_t
from kombu.transport.virtual.base import Empty
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

# Raised by reading and unpacking a file that has no valid message or table.
_NOT_READABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)

TRANSPORT_ALIASES["files"] = "config.file_broker:Transport"


def write_whole(path: Path, content: object) -> None:
    """Write `content` to `path` as JSON, replacing the file atomically. Raises OSError.

    A power failure may still lose it: lost messages are enqueued again by their senders.
    """
    unfinished = path.with_name(f".{uuid.uuid4()}.unfinished")
    try:
        unfinished.write_text(dumps(content))
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


class Channel(filesystem.Channel):
    """Messages are files in `data_folder_in`; binding tables are files in `control_folder`."""

    def _put(  # type: ignore[override] # kombu's classes differ in the names themselves
        self, queue: str, payload: dict[str, Any], **_options: Any
    ) -> None:
        """Add a message to a queue. Raises OSError."""
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        write_whole(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """Take the oldest message of a queue; set invalid files aside. Raises Empty."""
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            path = Path(self.data_folder_in) / name
            # After the listing, another reader may take the file before it is read or deleted.
            with contextlib.suppress(FileNotFoundError):
                try:
                    payload: dict[str, Any] = loads(path.read_bytes())
                    self.Message(payload, channel=self)  # checks that all required parts are there
                except _NOT_READABLE:
                    self._set_aside(path)
                    continue
                path.unlink()
                return payload
        raise Empty

    def _set_aside(self, path: Path) -> None:
        folder = Path(self.transport_options["unreadable_folder"])
        folder.mkdir(exist_ok=True)
        path.rename(folder / path.name)
        logger.error("A message cannot be read and was set aside: %s", folder / path.name)

    def get_table(self, exchange: str) -> list[exchange_queue_t]:
        """The bindings of an exchange; empty if the file is damaged, until one is added."""
        path = self._exchange_file(exchange)
        try:
            return [exchange_queue_t(*binding) for binding in loads(path.read_bytes())]
        except FileNotFoundError:
            return []
        except _NOT_READABLE:
            logger.error("The bindings of an exchange cannot be read: %s", path)  # noqa: TRY400
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._changed_table(exchange) as table:
            if binding not in table:
                table.insert(0, binding)

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *_args: Any, **_kwargs: Any
    ) -> None:
        self._purge(queue)
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._changed_table(exchange) as table:
            if binding in table:
                table.remove(binding)

    @contextlib.contextmanager
    def _changed_table(self, exchange: str) -> Iterator[list[exchange_queue_t]]:
        """The bindings of an exchange, locked for one process to change. Raises OSError."""
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
            table = self.get_table(exchange)
            before = list(table)
            yield table
            if table != before:
                write_whole(self._exchange_file(exchange), table)


class Transport(filesystem.Transport):
    """Treats an unavailable folder as other transports treat a lost connection."""

    Channel = Channel
    driver_name = "files"
    connection_errors = (
        *filesystem.Transport.connection_errors,
        OSError,
    )  # type: ignore[assignment] # kombu's own transports add to it as well

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        # Bindings are remembered per connection, not per process: a new connection binds again.
        self.state = virtual.BrokerState()
