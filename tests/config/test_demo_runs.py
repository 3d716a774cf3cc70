"""Several runs of `seed_demo`: the same arguments give the same rows; what is refused."""

import io
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models, transaction

from accounts.models import AuditEntry, Seal, SignedAct, User, WrittenRows
from backstage.models import StoredFile
from hours.models import CreditEntry
from quotas.models import DeliveredSession, YearStatement
from schools.demo import DemoPlan, seed_schools
from schools.models import District, Organisation, Placement
from tests.architecture.layers import LAYERS
from tests.factories import make_member, make_organisation, make_school, make_user
from trainees.models import Member

APPS = [app for app in LAYERS.apps if app != "backstage"]
# Drawn anew at every run: nonces, salts, and the time of the run itself.
RANDOM = {
    *("password", "resident_id_encrypted", "digest", "at", "code_fingerprint"),
    # The paper of a statement has its code, and the seal is of the chain.
    *("pdf_hash", "sheet_hash", "seal_number", "chain_head"),
    # Of the fund ledger it is over ids.
    "link",
    # By which the portal draws the sample of a special audit, and the place in the sample.
    *("seed", "audited_payment"),
}
# Its digests cover moments and drawn values, and its numbers go on over a rollback.
CHAIN = {WrittenRows, SignedAct, Seal}
# What the system's random source draws.
DRAWN = {"funding.AuditedPayment"}
# Texts and facts of the trail that hold ids, and digests over rows with their ids.
NAMING_IDS = {"source_key", "training", "object_id", "before", "after", "signed_hash"}


def seed(*arguments: str) -> str:
    printed = io.StringIO()
    call_command("seed_demo", "--on", "2026-11-24", "--members", "300", *arguments, stdout=printed)
    return printed.getvalue()


def rows_after(*arguments: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a run stores, with its ids counted from the first of its table."""
    with transaction.atomic():
        seed(*arguments)
        stored = {
            model._meta.label: list(model._base_manager.order_by("pk").values())
            for app in APPS
            for model in apps.get_app_config(app).get_models(include_auto_created=True)
            if model not in CHAIN
        }
        transaction.set_rollback(True)
    counted = {label: rows for label, rows in stored.items() if rows and _is_counted(rows[0])}
    first = {label: rows[0]["id"] - 1 for label, rows in counted.items()}
    counts = {
        label: [_relative(apps.get_model(label), row, first) for row in rows]
        for label, rows in stored.items()
    }
    return counts | {label: sorted(counts[label]) for label in counts.keys() - counted.keys()}


def _is_counted(row: dict[str, Any]) -> bool:
    """Whether ids go up one by one; those of an anonymous answer are drawn, and so is its place."""
    return isinstance(row.get("id"), int)


def _relative(
    model: type[models.Model], row: dict[str, Any], first: dict[str, int]
) -> tuple[Any, ...]:
    cells = []
    for field in model._meta.concrete_fields:
        value = row[field.attname]
        target = field.related_model or (model if field.primary_key else None)
        if field.name in RANDOM | NAMING_IDS or target is StoredFile or isinstance(value, UUID):
            continue  # a stored file has a key that is drawn anew
        if target is not None and value is not None and target._meta.label in first:
            value -= first[target._meta.label]
        if (model, field.name) == (DeliveredSession, "members"):
            value = [key - first["trainees.Member"] for key in value]
        if (model, field.name) == (YearStatement, "facts"):
            parts = [
                {name: part[name] for name in part if name != "key"} for part in value["parts"]
            ]
            value |= {"parts": parts}
        cells.append(value)
    return tuple(cells)


def test_the_same_arguments_give_the_same_rows(db, monkeypatch):
    once, again = rows_after(), rows_after()
    # Members and sessions come before the money, which takes longest.
    for late in ("seed_funding", "seed_quotas"):
        monkeypatch.setattr(f"config.management.commands.seed_demo.{late}", lambda _plan: None)
    other = rows_after("--seed", "7")
    for label in once.keys() - DRAWN:
        assert once[label] == again[label], label
    assert once["trainees.Member"] != other["trainees.Member"]
    assert once["courses.Session"] != other["courses.Session"]


def test_a_failure_leaves_nothing_behind(db, monkeypatch):
    def fail(*_):
        assert District.objects.exists()
        assert User.objects.exists()
        raise ZeroDivisionError

    monkeypatch.setattr("config.management.commands.seed_demo.seed_courses", fail)
    with pytest.raises(ZeroDivisionError):
        seed()
    assert not District.objects.exists()
    assert not User.objects.exists()


def test_without_demo_nobody_can_sign_in_and_early_in_the_year_the_window_reaches_back(
    db, settings
):
    settings.DEMO = False
    printed = seed("--on", "2026-01-05")
    assert "DEMO=1" in printed
    assert "clerk.yangliuqing" not in printed
    assert User.objects.filter(username="clerk.yangliuqing").exists()
    assert not User.objects.filter(is_demo=True).exists()
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert not Member.objects.filter(user__isnull=False).exists()
    settings.DEMO = True
    assert "seeded without DEMO=1" in seed()

    years = set(CreditEntry.objects.values_list("credit_year", flat=True))
    assert years <= {2025, 2026}
    assert not CreditEntry.objects.filter(occurred_on__gte=date(2026, 1, 5)).exists()
    assert AuditEntry.objects.get(act="seed_demo").after["on"] == "2026-01-05"


@pytest.mark.parametrize(
    ("begin", "held"),
    [
        (lambda: District.objects.create(code="120110", name="东丽区"), "1 district"),
        # A real site of the demo's own district is no demo either.
        (lambda: District.objects.create(code="120111", name="西青区"), "1 district"),
        (make_user, "1 account"),
        (make_school, "1 township or subdistrict, 1 township Party school"),
        (lambda: make_member(make_organisation(make_school())), "2 Party organisations, 1 member"),
    ],
)
def test_a_database_of_a_real_site_is_left_alone(db, begin, held):
    begin()
    with pytest.raises(CommandError, match=held) as refusal:
        seed()
    assert "\n" not in str(refusal.value)
    assert not User.objects.filter(is_demo=True).exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--year", "2025"], "does not lie in"),
        (["--on", "2022-06-30"], "2023 or later"),
        (["--members", "10"], "at least"),
    ],
)
def test_senseless_arguments_are_refused(db, arguments, message):
    with pytest.raises(CommandError, match=message):
        seed(*arguments)


def test_another_year_is_seen_from_its_middle(db, monkeypatch):
    """Said before it is seeded, and what is seeded is that plan."""
    seeded: list[DemoPlan] = []
    monkeypatch.setattr("config.management.commands.seed_demo._seed", seeded.append)
    printed = io.StringIO()
    call_command("seed_demo", "--year", "2024", "--members", "300", stdout=printed)

    assert seeded[0].on == date(2024, 6, 30)
    assert "as of 2024-06-30" in printed.getvalue()


def test_the_whole_district_has_1962_organisations(db):
    plan = DemoPlan(year=2026, members=38_000, seed=1, on=date(2026, 11, 24))
    seed_schools(plan)
    assert Organisation.objects.count() == 1_962
    names = list(Placement.objects.values_list("organisation__name", "township"))
    assert len(set(names)) == len(names)
