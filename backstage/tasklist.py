"""The home page's task list: each app tells what is due to a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Of one kind, so many tasks name their object; the list behind them has all.
TASKS_OF_A_KIND = 5


@dataclass(frozen=True)
class Task:
    """Something to do, verb first with its count ("Submit 3 rolls"), or a look-up.

    `due` says since or until when, `late` that this is over.
    """

    label: str
    url: str
    detail: str = ""
    due: str = ""
    late: bool = False
    is_lookup: bool = False


type TaskSource = Callable[[Any, datetime], list[Task]]

_sources: list[TaskSource] = []


def register_tasks(source: TaskSource) -> None:
    """Add a function (user, now) → tasks; called once per app, at start-up."""
    if source not in _sources:
        _sources.append(source)


def list_tasks(user: Any, now: datetime) -> list[Task]:
    """Everything due to `user`, in the order of the apps."""
    return [task for source in _sources for task in source(user, now)]
