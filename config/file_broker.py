"""Celery's queue in a folder, for a portal without Redis: `files://`.

kombu's own file transport opens a message and then writes it, so that a reader may find half of
it; it creates the tables of bindings likewise. Here whatever appears in a folder is whole, since
it was written under a name that no reader looks for and then renamed. Of several readers of one
message that one has it which deletes it.
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

# What reading a file and taking its parts raises if it holds no message, or no table.
_NOT_READABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)

TRANSPORT_ALIASES["files"] = "config.file_broker:Transport"


def write_whole(path: Path, content: object) -> None:
    """Let `content` appear at `path` as JSON, in place of what is there. Raises OSError.

    A power failure may still cost it: a lost message is sent again by those who want it.
    """
    unfinished = path.with_name(f".{uuid.uuid4()}.unfinished")
    try:
        unfinished.write_text(dumps(content))
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


class Channel(filesystem.Channel):
    """Messages are files of `data_folder_in`, tables of bindings files of `control_folder`."""

    def _put(  # type: ignore[override] # kombu's classes differ in the names themselves
        self, queue: str, payload: dict[str, Any], **_options: Any
    ) -> None:
        """Add a message to a queue. Raises OSError."""
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        write_whole(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """Take the oldest message of a queue; set aside those that are none. Raises Empty."""
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            path = Path(self.data_folder_in) / name
            # Another reader may have it as soon as it is listed, read or about to be deleted.
            with contextlib.suppress(FileNotFoundError):
                try:
                    payload: dict[str, Any] = loads(path.read_bytes())
                    self.Message(payload, channel=self)  # takes all the parts that it must have
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
        """The bindings of an exchange; none if its file is damaged, until the next is added."""
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
        """The bindings of an exchange, for one process at a time to change. Raises OSError."""
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
            table = self.get_table(exchange)
            before = list(table)
            yield table
            if table != before:
                write_whole(self._exchange_file(exchange), table)


class Transport(filesystem.Transport):
    """A folder that is away for a while is what a lost connection is to other transports."""

    Channel = Channel
    driver_name = "files"
    connection_errors = (
        *filesystem.Transport.connection_errors,
        OSError,
    )  # type: ignore[assignment] # kombu's own transports add to it as well

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        # What is bound is remembered by a connection, not by the process: a new one binds anew.
        self.state = virtual.BrokerState()
