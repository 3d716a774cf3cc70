"""Actions on the organisation tree that move no member; the others are in `trainees.actions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import ActorChannel
from accounts.origin import Actor
from config.lib.dates import format_day
from config.lib.periods import local_date
from schools.actions.tree import (
    find_below,
    get_current_place,
    insert_organisation,
    lock_tree,
    put_below,
    record_founding,
    refuse_circle,
    refuse_misfit,
    refuse_past_years,
    refuse_settled_days,
    school_code_at,
    tidy_name,
    township_below,
)
from schools.errors import SchoolsError
from schools.models import NameChange, Organisation, Township, Village


@dataclass(frozen=True)
class Moved:
    """The effect of a move: all organisations that move, and those that change township."""

    organisation: Organisation
    parent: Organisation
    organisation_ids: list[int]
    strangers: list[int]
    township: Township


def add_organisation(
    *,
    parent_id: int,
    code: str,
    name: str,
    kind: str,
    township: Township | None,
    village: Village | None,
    on: date,
    by: Actor,
    at: datetime,
) -> Organisation:
    """Create an organisation below another from the day `on`. Raises SchoolsError.

    `township` is only needed directly below the district committee.
    """
    with transaction.atomic():
        lock_tree()
        refuse_settled_days(on, at)
        parent = get_current_place(parent_id, on, field="parent")
        organisation = insert_organisation(
            code=code,
            name=name,
            kind=kind,
            parent=parent,
            township=township_below(parent, township),
            village=village,
            on=on,
        )
        record_founding(organisation, parent.organisation, on, by=by, at=at)
    return organisation


def move_organisation(
    *, organisation_id: int, parent_id: int, on: date, by: Actor, at: datetime
) -> Moved:
    """Move an organisation, with everything below it, below another from the day `on`.

    The township follows the new parent's. Raises SchoolsError.
    """
    refuse_past_years(on, at)
    with transaction.atomic():
        lock_tree()
        place = get_current_place(organisation_id, on)
        parent = get_current_place(parent_id, on, field="parent")
        refuse_circle(organisation_id, parent.organisation, on, field="parent")
        if place.parent_id == parent.organisation_id:
            raise SchoolsError(_("It stands there already."), field="parent")
        refuse_misfit(place.organisation.kind, parent)
        before = {
            "parent": place.parent and place.parent.code,
            "township": place.township and place.township.code,
        }
        strangers = put_below([place], parent, on)
        moved = Moved(
            organisation=place.organisation,
            parent=parent.organisation,
            organisation_ids=[organisation_id, *find_below(organisation_id, on)],
            strangers=strangers,
            township=township_below(parent, place.township),
        )
        record_act(
            act="move_organisation",
            obj=moved.organisation,
            by=by,
            at=at,
            before=before,
            after={"on": on, "parent": moved.parent.code, "township": moved.township.code},
            school_code=school_code_at(place, on),
        )
    return moved


def rename_organisation(
    *, organisation_id: int, name: str, on: date, by: Actor, at: datetime
) -> NameChange:
    """Give an organisation another name from the day `on`. Raises SchoolsError.

    A second change for the same day replaces the first, which was a mistake.
    """
    refuse_past_years(on, at)
    with transaction.atomic():
        lock_tree()
        place = get_current_place(organisation_id, on)
        organisation = place.organisation
        later = organisation.name_changes.filter(takes_effect_on__gt=on).first()
        if later is not None:
            raise SchoolsError(
                _(
                    "Another name is recorded from %(day)s on; choose that day or a later one, or "
                    "cancel that change first."
                )
                % {"day": format_day(later.takes_effect_on)},
                field="on",
            )
        last = organisation.name_changes.exclude(takes_effect_on=on).last()
        slip = organisation.name_changes.filter(takes_effect_on=on).first()
        change = slip or NameChange(organisation=organisation, takes_effect_on=on)
        if slip is None:
            change.former_name = last.name if last else organisation.name
        change.name = tidy_name(name)
        if change.name == change.former_name:
            message = _("This is its name already.")
            if slip is not None and on > local_date(at):
                message = _("This is the name that it has until then: cancel the change instead.")
            raise SchoolsError(message, field="name")
        change.save()
        if on <= local_date(at):
            organisation.name = change.name
            organisation.save(update_fields=["name", "name_pinyin", "name_initials"])
        record_act(
            act="rename_organisation",
            obj=organisation,
            by=by,
            at=at,
            before={"name": change.former_name},
            after={"on": on, "name": change.name},
            school_code=school_code_at(place, on),
        )
    return change


def cancel_rename(
    *, organisation_id: int, change_id: int, reason: str, by: Actor, at: datetime
) -> NameChange:
    """Cancel a change of name that is not yet in effect; the audit trail stores the reason.

    Raises NameChange.DoesNotExist, and SchoolsError if the change is in effect, if another change
    follows it, or if there is no reason.
    """
    with transaction.atomic():
        lock_tree()
        changes = NameChange.objects.select_for_update(of=("self",)).select_related("organisation")
        change = changes.get(pk=change_id, organisation_id=organisation_id)
        if change.takes_effect_on <= local_date(at):
            raise SchoolsError(
                _("This name holds since %(day)s: give the organisation another name instead.")
                % {"day": format_day(change.takes_effect_on)}
            )
        organisation = change.organisation
        later = organisation.name_changes.filter(takes_effect_on__gt=change.takes_effect_on)
        if later.exists():
            raise SchoolsError(_("Another name follows this one: cancel that change first."))
        if not reason.strip():
            raise SchoolsError(_("Say why."), field="reason")
        record_act(
            act="cancel_rename",
            obj=organisation,
            by=by,
            at=at,
            before={"on": change.takes_effect_on, "name": change.name},
            after={"reason": reason.strip()},
        )
        change.delete()
    return change


def take_up_names(*, at: datetime) -> int:
    """Apply the organisation names that are due; return how many changed."""
    by = Actor(None, ActorChannel.TASK)
    with transaction.atomic():
        lock_tree()
        due = NameChange.objects.filter(takes_effect_on__lte=local_date(at))
        latest = due.order_by("organisation_id", "-takes_effect_on").distinct("organisation_id")
        changes = [
            change
            for change in latest.select_related("organisation")
            if change.organisation.name != change.name
        ]
        for change in changes:
            organisation = change.organisation
            before = organisation.name
            organisation.name = change.name
            organisation.save(update_fields=["name", "name_pinyin", "name_initials"])
            record_act(
                act="take_up_name",
                obj=organisation,
                by=by,
                at=at,
                before={"name": before},
                after={"name": change.name},
            )
    return len(changes)
