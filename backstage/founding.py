"""The checklist of a site that is being founded: each app registers its steps, with a rank.

People who found, or grant the first roles, see it on the home page until every step is done. A demo
has been founded by its seeding, so it shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import AuditEntry, User
from accounts.roles import format_roles, holds_any

# The act by which the trail of a demo tells that it is one.
SEEDED = "seed_demo"
FOUNDERS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.ORGANISATION_DEPARTMENT})
READERS = FOUNDERS | {Role.SECURITY_ADMINISTRATOR}


@dataclass(frozen=True)
class StepLink:
    """Where a step is done, for holders of one of `roles`."""

    label: str
    url: str
    roles: frozenset[Role] = FOUNDERS


@dataclass(frozen=True)
class FoundingStep:
    """A step: what is there, what is missing, and where it is done.

    `needs` names the steps (by `key`) without which it cannot be done. `roles` says who does it.
    """

    key: str
    title: str
    is_done: bool
    there: str = ""
    missing: str = ""
    needs: tuple[str, ...] = ()
    links: tuple[StepLink, ...] = ()
    roles: frozenset[Role] = FOUNDERS


@dataclass(frozen=True)
class ShownStep:
    """A step for one reader: the links that they may follow, or who else does it."""

    step: FoundingStep
    waits_for: list[str] = field(default_factory=list)
    links: list[StepLink] = field(default_factory=list)
    done_by: str = ""


type StepReader = Callable[[date], FoundingStep]

_readers: list[tuple[int, StepReader]] = []


def register_founding_step(reader: StepReader, *, rank: int) -> None:
    """Add a function day → step; called once per function, at start-up."""
    if reader not in (known for _, known in _readers):
        _readers.append((rank, reader))
        _readers.sort(key=itemgetter(0))


def list_founding_steps(on: date) -> list[FoundingStep]:
    """All steps as they are on the day `on`, in order."""
    return [reader(on) for _, reader in _readers]


def is_demo() -> bool:
    """Whether this database was filled by `seed_demo`."""
    return AuditEntry.objects.filter(act=SEEDED).exists()


def read_checklist(user: User, on: date) -> dict[str, Any]:
    """The checklist for the home page; empty for other readers, a demo, or a founded site."""
    if not holds_any(user, *READERS) or is_demo():
        return {}
    steps = list_founding_steps(on)
    done = [step for step in steps if step.is_done]
    if len(done) == len(steps):
        return {}
    titles = {step.key: step.title for step in steps if not step.is_done}
    return {
        "founding_steps": [_shown(step, titles, user) for step in steps],
        "founding_done": len(done),
        "founding_all": len(steps),
    }


def lead_on(user: User, key: str, on: date) -> StepLink | None:
    """Where the page of the step `key` leads a person: to the next that they do, or the list.

    None as long as that step is not done, and once there is no checklist any more.
    """
    shown = read_checklist(user, on).get("founding_steps", [])
    if not any(item.step.key == key and item.step.is_done for item in shown):
        return None
    for item in shown:
        if item.links and not item.step.is_done:
            return StepLink(
                _("Next step: %(title)s") % {"title": item.step.title}, item.links[0].url
            )
    return StepLink(_("Back to the checklist"), reverse("home"))


def _shown(step: FoundingStep, unfinished: Mapping[str, str], user: User) -> ShownStep:
    waits_for = [unfinished[key] for key in step.needs if key in unfinished]
    links = [link for link in step.links if holds_any(user, *link.roles)]
    others = "" if holds_any(user, *step.roles) else format_roles(step.roles)
    return ShownStep(step, waits_for, [] if waits_for else links, others)
