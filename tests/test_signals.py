"""Every signal and its receivers: there are no other implicit calls.

A lower app declares a signal in its `signals.py` and sends it inside its transaction; a higher app
receives it in its `receivers.py`. Django's own signals may be received only for the wiring listed
here, and never as part of an act.
"""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from weakref import ReferenceType

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import signals as auth_signals
from django.core import signals as core_signals
from django.db import connection
from django.db.backends import signals as backend_signals
from django.db.models import signals as model_signals
from django.dispatch import Signal
from django.test import signals as test_signals

from accounts.records import RecordError
from courses.models import Session
from courses.records import save_session
from courses.signals import session_changing
from rolls.actions.attendance import record_attendance
from tests.factories import NOON, ClassWorld

OUR_APPS = [
    config.name
    for config in apps.get_app_configs()
    if config.path == str(settings.BASE_DIR / config.name)
]

# Each signal and all its receivers, in the order of the calls.
SIGNALS: dict[str, list[str]] = {
    "schools.signals.serving_school_changing": ["studies.receivers.keep_studied_school"],
    "schools.signals.past_founding": ["trainees.receivers.end_founding"],
    "schools.signals.school_closing": [
        "courses.receivers.tell_classes_running",
        "rolls.receivers.list_unsubmitted_rolls",
        "years.receivers.tell_disputes_open",
    ],
    "schools.signals.school_merging": [
        "courses.receivers.hand_over_classes",
        "dispatch.receivers.hand_over_letters_of_merging",
        "rolls.receivers.tell_rolls_to_come",
    ],
    "instructors.signals.teaching_asked": [
        "courses.receivers.tell_sessions_taught",
        "dispatch.receivers.tell_engagements",
    ],
    "courses.signals.places_changed": [
        "classes.receivers.let_in_who_waits",
        "funding.receivers.follow_places",
    ],
    "courses.signals.joining_schools_changed": ["classes.receivers.keep_joint_trainees"],
    "courses.signals.delivered_asked": ["classes.receivers.tell_delivered_sessions"],
    "courses.signals.session_saved": [
        "dispatch.receivers.follow_changed_session",
        "funding.receivers.follow_changed_session",
    ],
    "courses.signals.class_planned": ["funding.receivers.reserve_for_planned_class"],
    "courses.signals.sessions_called_off": [
        "dispatch.receivers.withdraw_called_off",
        "funding.receivers.follow_called_off",
    ],
    "dispatch.signals.feedback_asked": ["classes.receivers.tell_feedback"],
    "dispatch.signals.letter_cancelled": ["classes.receivers.call_off_cancelled"],
    "courses.signals.session_changing": ["rolls.receivers.keep_rolled_session"],
    "trainees.signals.member_leaving": [
        "hours.receivers.tell_hours_after",
        "classes.receivers.take_off_who_leaves",
        "rolls.receivers.end_card_of_who_leaves",
    ],
    "trainees.signals.members_merging": ["hours.receivers.hold_evidence"],
    "trainees.signals.members_merged": [
        "hours.receivers.move_hours_of_merged",
        "studies.receivers.hand_over_declarations",
    ],
    "trainees.signals.members_unmerged": [
        "hours.receivers.move_hours_of_unmerged",
        "studies.receivers.hand_back_declarations",
    ],
    "trainees.signals.members_compared": ["hours.receivers.compare_hours"],
    "trainees.signals.owing_changed": ["years.receivers.tell_year_then"],
    "classes.signals.marks_asked": ["rolls.receivers.tell_marked_sessions"],
    "classes.signals.pockets_asked": ["rolls.receivers.tell_pockets_in_use"],
    "classes.signals.attendance_asked": ["rolls.receivers.tell_classes_attended"],
}

# Django's own signals that our code receives, for wiring only.
DJANGO_SIGNALS: dict[str, list[str]] = {
    "post_migrate": ["config.lib.database_privileges.grant_privileges"],
}

DJANGO_MODULES = (model_signals, auth_signals, core_signals, backend_signals, test_signals)


def modules_named(name: str) -> list[ModuleType]:
    """The module `name` of each of our apps that has one."""
    return [import_module(f"{app}.{name}") for app in OUR_APPS if find_spec(f"{app}.{name}")]


def name_of(receiver: object) -> str:
    return f"{receiver.__module__}.{receiver.__qualname__}"


def receivers_of(signal: Signal) -> list[str]:
    """The names of our functions that are connected to `signal`."""
    stored = [receiver for _, receiver, *_ in signal.receivers]
    live = [receiver() if isinstance(receiver, ReferenceType) else receiver for receiver in stored]
    return [
        name_of(receiver)
        for receiver in live
        if receiver and receiver.__module__.partition(".")[0] in OUR_APPS
    ]


def declared_signals() -> dict[str, Signal]:
    return {
        f"{module.__name__}.{name}": value
        for module in modules_named("signals")
        for name, value in vars(module).items()
        if isinstance(value, Signal)
    }


def test_the_table_holds_every_signal_and_every_receiver():
    received = {name: receivers_of(signal) for name, signal in declared_signals().items()}

    assert received == SIGNALS


def test_signals_of_django_are_received_for_the_wiring_only():
    received = {
        name: receivers_of(signal)
        for module in DJANGO_MODULES
        for name, signal in vars(module).items()
        if isinstance(signal, Signal) and receivers_of(signal)
    }

    assert received == DJANGO_SIGNALS


def test_signals_are_declared_and_received_in_their_rooms():
    """`Signal()` occurs only in `signals.py`, and `@receiver` only in `receivers.py`."""
    strays = []
    for app in OUR_APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            calls = {name_called(node) for node in ast.walk(tree_of(path))}
            strays += [path for call in {"Signal"} & calls if path.name != "signals.py"]
            strays += [path for call in {"receiver"} & calls if path.name != "receivers.py"]

    assert strays == []


def test_receivers_stand_above_their_signal():
    for signal, receivers in SIGNALS.items():
        for receiver in receivers:
            below, above = signal.partition(".")[0], receiver.partition(".")[0]
            # The receiver's app must be above the signal's app.
            assert OUR_APPS.index(below) < OUR_APPS.index(above)
            assert receiver.rpartition(".")[0] == f"{above}.receivers"


def tree_of(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


@pytest.mark.django_db
class TestASessionThatChanges:
    """`session_changing`: a session with marks on its roll cannot be edited."""

    def test_is_kept_as_it_is_once_its_roll_has_marks(self):
        world = ClassWorld(size=1)
        session = world.session
        record_attendance(
            session_id=session.pk, marks=world.marks("present"), seen={}, by=world.by, at=NOON
        )

        with pytest.raises(RecordError):
            session_changing.send(Session, session=session, changed={"starts_at"}, by=world.by)

    def test_is_free_to_change_before(self):
        world = ClassWorld(size=1)
        what = {"session": world.session, "changed": {"starts_at"}, "by": world.by}

        answers = session_changing.send(Session, **what)
        assert [answer for _, answer in answers] == [None]


@pytest.mark.django_db(transaction=True)
def test_a_change_of_a_session_is_told_inside_its_transaction():
    world = ClassWorld(size=1)
    in_transaction = []

    def look(**_values: object) -> None:
        in_transaction.append(connection.in_atomic_block)

    world.session.hours -= 1
    session_changing.connect(look)
    try:
        save_session(obj=world.session, by=world.by, at=NOON, fields=["hours"])
    finally:
        session_changing.disconnect(look)

    assert in_transaction == [True]
