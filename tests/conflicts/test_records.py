"""Acts of the administration share three names in the trail: each that stores rows is listed here.

The names come from the source and from the administration, so that a new one fails until somebody
says who gains by it.
"""

from __future__ import annotations

import ast
from pathlib import Path

from django.conf import settings
from django.contrib import admin

from accounts.admin_base import PortalModelAdmin, ReadOnlyAdmin
from tests.architecture.layers import modules
from tests.conflicts import table

STORING = {"save_record", "delete_record"}
TRAIL_NAMES = {"ADD", "CHANGE", "DELETE"}

# What stores rows under these names for others: it refuses by itself, or whoever calls it does.
PLUMBING = {
    "accounts.admin_base.write",
    "accounts.admin_base.erase",
    "accounts.records._insert",
    "accounts.records.save_record",
    "accounts.records.delete_record",
}
# Tried in `test_acts`, apart from the table.
TRIED_APART = {"accounts.records.save_account"}
# By which nobody gains hours, relief or power, and why.
GIVES_NOTHING = {
    "rules for everybody alike": (
        "hours.records.save_rule hours.records.save_step hours.records.delete_step "
        "dispatch.actions.rules.set_booking_rule write:dispatch.bookingrule "
        "erase:dispatch.bookingrule write:quotas.warningrule erase:quotas.warningrule "
        "write:classes.ratingrule erase:classes.ratingrule write:rolls.doorrule "
        "erase:rolls.doorrule write:instructors.letterrule erase:instructors.letterrule "
        "write:schools.yearendrule erase:schools.yearendrule write:courses.strandshare "
        "erase:courses.strandshare write:funding.userule erase:funding.userule "
        "write:funding.feerule erase:funding.feerule write:funding.voucherrule "
        "erase:funding.voucherrule write:funding.limitrule erase:funding.limitrule "
        "write:funding.weightrule erase:funding.weightrule write:funding.costrate "
        "erase:funding.costrate"
    ),
    "classes and courses, for whoever comes; hours come with the mark": (
        "courses.records.save_class courses.records.save_course "
        "courses.records.save_venue write:courses.module write:courses.presetsession "
        "write:courses.programme erase:courses.course erase:courses.presetsession "
        "erase:courses.programme erase:courses.session erase:courses.trainingclass "
        "courses.plan_actions.plan_course courses.plan_actions.change_planned_course "
        "courses.plan_actions.drop_planned_course courses.receivers.hand_over_classes "
        "dispatch.actions.merging.hand_over_letters dispatch.actions.merging._hand_over_joint"
    ),
    "a name, an address, a telephone, a division": (
        "schools.views.schools.contact schools.views.schools.store "
        "trainees.actions.people._save_contact write:schools.district write:schools.township "
        "write:schools.village"
    ),
    "by the leaving of a member, which is tried": "accounts.records.set_active",
    "the privacy notice, for all": "accounts.records.save_notice erase:accounts.privacynotice",
    "what a word in the header of a register means": (
        "write:trainees.registerheader erase:trainees.registerheader"
    ),
    "a letter of the same day, taken off": "erase:instructors.appointmentletter",
    "the rates of the demo, which are for all": "funding.class_demo.seed_rates",
}


def _stores(function: ast.FunctionDef) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            named = [word.value for word in node.keywords if word.arg == "act"]
            if node.func.id in STORING or any(
                isinstance(value, ast.Name) and value.id in TRAIL_NAMES for value in named
            ):
                return True
    return False


def in_the_source() -> set[str]:
    """The functions that store rows under the shared names."""
    found = set()
    for path in modules():
        module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
        for node in ast.walk(ast.parse(Path(path).read_text())):
            if isinstance(node, ast.FunctionDef) and _stores(node):
                found.add(f"{module}.{node.name}")
    return found


def in_the_administration() -> set[str]:
    """The models whose pages store or delete without an action of their own."""
    found = set()
    for model, pages in admin.site._registry.items():
        if not isinstance(pages, PortalModelAdmin) or isinstance(pages, ReadOnlyAdmin):
            continue
        if type(pages).write is PortalModelAdmin.write:
            found.add(f"write:{model._meta.label_lower}")
        if pages.deletable and type(pages).erase is PortalModelAdmin.erase:
            found.add(f"erase:{model._meta.label_lower}")
    return found


def tried() -> set[str]:
    """The functions that the table of acts uses."""
    used = (value for value in vars(table).values() if callable(value))
    return {f"{value.__module__}.{getattr(value, '__name__', '')}" for value in used}


def test_every_act_that_stores_rows_is_tried_or_gives_nothing():
    listed = {name for names in GIVES_NOTHING.values() for name in names.split()}
    written = in_the_source() | in_the_administration()

    assert sorted(written - PLUMBING - TRIED_APART - tried()) == sorted(listed)
