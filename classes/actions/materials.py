"""Materials of a class: its planner adds files, orders them, and removes them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit import Facts, record_act
from accounts.origin import Actor
from backstage.evidence_files import store_evidence
from backstage.files import FileError, delete_file
from backstage.material_files import copy_material, title_of
from classes.actions.enrolments import lock_class
from classes.errors import MaterialError
from classes.models import ClassMaterial
from courses.models import TrainingClass

MOST_MATERIALS = 30


def add_material(
    *, training_class_id: int, title: str, data: bytes, name: str, by: Actor, at: datetime
) -> ClassMaterial:
    """Add a file at the end of the list; without a title it is named after the file.

    Raises like `lock_class`, and MaterialError for a file that is too large, of a wrong kind, or
    one more than the limit.
    """
    try:
        copy = copy_material(data, name)
        with transaction.atomic():
            training_class, user = lock_class(training_class_id, by, at)
            if training_class.materials.count() >= MOST_MATERIALS:
                message = _("A class has no more than %(n)d materials.")
                raise MaterialError(message % {"n": MOST_MATERIALS})
            added = ClassMaterial.objects.create(
                training_class=training_class,
                title=title.strip() or title_of(name),
                file=store_evidence(copy, owner=user, at=at),
                position=_last_position(training_class) + 1,
                added_at=at,
                added_by=user,
            )
            _record("add_material", added, by=by, at=at, after=_audit_facts(added))
    except FileError as error:
        raise MaterialError(str(error)) from error
    return added


def move_material(
    *, training_class_id: int, material_id: int, up: bool, by: Actor, at: datetime
) -> None:
    """Swap a material with the one before or after it; at the end of the list it stays.

    Raises like `lock_class`, and ClassMaterial.DoesNotExist for a material of another class.
    """
    with transaction.atomic():
        training_class, _user = lock_class(training_class_id, by, at)
        material = training_class.materials.get(pk=material_id)
        others = training_class.materials
        if up:
            beside = others.filter(position__lt=material.position).last()
        else:
            beside = others.filter(position__gt=material.position).first()
        if beside is None:
            return
        here, there = material.position, beside.position
        # No two share a position, not even for a moment.
        _place(material, _last_position(training_class) + 1)
        _place(beside, here)
        _place(material, there)
        before, after = {"position": here}, {"position": there}
        _record("move_material", material, by=by, at=at, before=before, after=after)


def remove_material(
    *, training_class_id: int, material_id: int, reason: str, by: Actor, at: datetime
) -> None:
    """Delete a material, file and row; the audit trail stores what it was and the reason.

    Raises like `lock_class`, ClassMaterial.DoesNotExist for a material of another class, and
    MaterialError without a reason.
    """
    with transaction.atomic():
        training_class, _user = lock_class(training_class_id, by, at)
        material = training_class.materials.select_related("file").get(pk=material_id)
        if not reason.strip():
            raise MaterialError(_("Say why it is taken off."))
        after = {"reason": reason.strip()}
        _record(
            "remove_material", material, by=by, at=at, before=_audit_facts(material), after=after
        )
        material.delete()
        delete_file(material.file)


def _last_position(training_class: TrainingClass) -> int:
    return training_class.materials.aggregate(last=Max("position"))["last"] or 0


def _place(material: ClassMaterial, position: int) -> None:
    material.position = position
    material.save(update_fields=["position"])


def _audit_facts(material: ClassMaterial) -> dict[str, str]:
    return {"title": material.title, "file_name": material.file.name}


def _record(act: str, material: ClassMaterial, *, by: Actor, at: datetime, **facts: Facts) -> None:
    school = material.training_class.school
    record_act(act=act, obj=material, by=by, at=at, school_code=school.code, **facts)
