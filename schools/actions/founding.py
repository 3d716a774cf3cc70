"""Founding a district one row at a time: district, townships, villages, the top of the tree."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from config.lib.periods import period
from schools.actions.tree import lock_tree, refuse_settled_days, tidy_name
from schools.enums import OrganisationKind
from schools.errors import SchoolsError
from schools.models import District, Organisation, Placement, Township, Village

DISTRICT_DIGITS, TOWNSHIP_DIGITS, VILLAGE_DIGITS = 6, 9, 12


def found_district(*, code: str, name: str, by: Actor, at: datetime) -> District:
    """Store the only district of this database; its code has six digits. Raises SchoolsError."""
    with transaction.atomic():
        lock_tree()
        stored = District.objects.first()
        if stored is not None:
            raise SchoolsError(
                _("%(name)s (%(code)s) is founded already.")
                % {"name": stored.name, "code": stored.code}
            )
        _require_digits(code, DISTRICT_DIGITS)
        district = District(code=code, name=tidy_name(name))
        _store(district)
        record_act(act="found_district", obj=district, by=by, at=at, after=_facts(district))
    return district


def add_township(*, code: str, name: str, by: Actor, at: datetime) -> Township:
    """Store a township or subdistrict; its nine digits begin with the district's.

    Raises SchoolsError.
    """
    with transaction.atomic():
        lock_tree()
        district = District.objects.first()
        if district is None:
            raise SchoolsError(_("Found the district first."))
        _require_digits(code, TOWNSHIP_DIGITS)
        if not code.startswith(district.code):
            raise SchoolsError(
                _("The codes of this district begin with %(code)s.") % {"code": district.code},
                field="code",
            )
        township = Township(code=code, name=tidy_name(name))
        _store(township)
        record_act(act="add_township", obj=township, by=by, at=at, after=_facts(township))
    return township


def add_village(*, code: str, name: str, by: Actor, at: datetime) -> Village:
    """Store a village or community; its code begins with its township's. Raises SchoolsError."""
    with transaction.atomic():
        lock_tree()
        _require_digits(code, VILLAGE_DIGITS)
        above = code[:TOWNSHIP_DIGITS]
        township = Township.objects.filter(code=above).first()
        if township is None:
            raise SchoolsError(
                _("No township has the code %(code)s.") % {"code": above}, field="code"
            )
        village = Village(code=code, name=tidy_name(name), township=township)
        _store(village)
        record_act(
            act="add_village",
            obj=village,
            by=by,
            at=at,
            after={**_facts(village), "township": township.code},
        )
    return village


def found_root(*, code: str, name: str, on: date, by: Actor, at: datetime) -> Organisation:
    """Store the top of the tree, the district committee, from the day `on`. Raises SchoolsError.

    The day may lie in an earlier year while no member is registered (`refuse_settled_days`).
    """
    with transaction.atomic():
        lock_tree()
        refuse_settled_days(on, at)
        if not District.objects.exists():
            raise SchoolsError(_("Found the district first."))
        top = Placement.objects.filter(parent=None).select_related("organisation").first()
        if top is not None:
            raise SchoolsError(
                _("%(name)s is the district committee already.") % {"name": top.organisation.name}
            )
        root = Organisation(
            code=code,
            name=tidy_name(name),
            kind=OrganisationKind.DISTRICT_COMMITTEE,
            period=period(on),
        )
        _store(root, exclude=["name_pinyin", "name_initials"])
        Placement.objects.create(organisation=root, period=period(on))
        record_act(
            act="add_organisation",
            obj=root,
            by=by,
            at=at,
            after={"on": on, "code": code, "kind": root.kind},
        )
    return root


def _require_digits(code: str, count: int) -> None:
    if not (code.isascii() and code.isdecimal() and len(code) == count):
        raise SchoolsError(
            _("This code has %(n)d digits.") % {"n": count},
            field="code",
        )


def _store(obj: models.Model, exclude: list[str] | None = None) -> None:
    """Check and save a new row. Raises SchoolsError at the field that is wrong."""
    try:
        obj.full_clean(exclude=exclude)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise SchoolsError(messages[0], field=field) from error
    obj.save()


def _facts(obj: District | Township | Village) -> dict[str, str]:
    return {"code": obj.code, "name": obj.name}
