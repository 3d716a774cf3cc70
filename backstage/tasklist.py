"""The home page's task list: each app registers its tasks for a user, with a rank."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from accounts.enums import Role
from accounts.roles import holds_any

# Up to this many tasks of one kind name their object; the linked list has all.
TASKS_OF_A_KIND = 5


@dataclass(frozen=True)
class Task:
    """Something to do, beginning with a verb and its count ("Submit 3 rolls"), or a look-up.

    `due` says since or until when; `late` says that this day is over.
    """

    label: str
    url: str
    detail: str = ""
    due: str = ""
    late: bool = False
    is_lookup: bool = False


type TaskSource = Callable[[Any, datetime], list[Task]]

_sources: list[tuple[int, TaskSource]] = []


def register_tasks(source: TaskSource, *, rank: int) -> None:
    """Add a function (user, now) → tasks; called once per function, at start-up.

    Tasks are sorted by `rank`, whichever app registers them.
    """
    if source not in (known for _, known in _sources):
        _sources.append((rank, source))
        _sources.sort(key=itemgetter(0))


def register_lookup(label: str | Promise, page: str, roles: Iterable[Role], *, rank: int) -> None:
    """Add a look-up for holders of one of `roles`; `page` is the name of its URL."""
    roles = tuple(roles)

    def look_up(user: Any, _now: datetime) -> list[Task]:
        shown = holds_any(user, *roles)
        return [Task(str(label), reverse(page), is_lookup=True)] if shown else []

    register_tasks(look_up, rank=rank)


def list_tasks(user: Any, now: datetime) -> list[Task]:
    """All tasks of `user`, sorted by rank."""
    return [task for _, source in _sources for task in source(user, now)]
