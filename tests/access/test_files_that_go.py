"""A file is thrown away while somebody opens it: at any moment in between, no answer is a fault."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.urls import reverse

from accounts.enums import Role
from backstage.files import delete_file, store_file
from backstage.models import StoredFile
from classes.models import ClassMaterial
from courses.models import CourseMaterial
from rolls.models import SessionFile
from studies.models import StudyFile
from tests.access.table import TABLE
from tests.factories import NOON
from trainees.models import RegisterImport

# Where a file is opened, by whom, and the rows that name it.
OPENED = {
    "backstage:file": (Role.SCHOOL_CLERK, None),
    "rolls:session_file": (Role.SCHOOL_CLERK, SessionFile),
    "rolls:session_evidence": (Role.SCHOOL_CLERK, SessionFile),
    "studies:study_file": (Role.SCHOOL_CLERK, StudyFile),
    "studies:study": (Role.SCHOOL_CLERK, StudyFile),
    "classes:material_file": (Role.SCHOOL_CLERK, ClassMaterial),
    "classes:class_materials": (Role.SCHOOL_CLERK, ClassMaterial),
    "courses:course_material": (Role.SCHOOL_CLERK, CourseMaterial),
    "courses:course": (Role.SCHOOL_CLERK, CourseMaterial),
    "schools:founding_preview": (Role.ORGANISATION_DEPARTMENT, None),
    "schools:founding_refused": (Role.ORGANISATION_DEPARTMENT, None),
    "trainees:register_import": (Role.ORGANISATION_DEPARTMENT, RegisterImport),
    "trainees:register_columns": (Role.ORGANISATION_DEPARTMENT, RegisterImport),
    "trainees:register_errors": (Role.ORGANISATION_DEPARTMENT, RegisterImport),
}
HEADERS = [["党支部", "organisation"], ["姓名", "name"], ["备注", ""]]


class GoneAfter:
    """Throws files, with the rows of `model` that name them, away after `count` statements."""

    def __init__(self, count: int, model: type | None, keys: list[int]) -> None:
        self.left, self.model, self.keys, self.is_done = count, model, keys, False

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        self.left -= 1
        if self.left == 0:
            self.is_done = True
            self._throw_away()
        return result

    def _throw_away(self) -> None:
        if self.model is RegisterImport:
            RegisterImport.objects.filter(file__in=self.keys).update(
                file=None, state="discarded", header_row=None
            )
        elif self.model is not None:
            self.model.objects.filter(file__in=self.keys).delete()
        for stored in StoredFile.objects.filter(pk__in=self.keys):
            with transaction.atomic():
                delete_file(stored)


@pytest.mark.parametrize("name", OPENED)
def test_no_moment_makes_a_fault(two_schools, name):
    role, model = OPENED[name]
    things, client = two_schools.own, two_schools.client(role)
    client.raise_request_exception = False
    if model is RegisterImport:
        stored = store_file(
            data="党支部,姓名,备注\n甲,乙,丙\n".encode(),
            name="名册.csv",
            media_type="text/csv",
            owner=None,
            at=NOON,
        )
        RegisterImport.objects.filter(pk=things["register"].pk).update(
            file=stored, header_row=1, headers=HEADERS
        )
    named = model.objects.values("file") if model else None
    of_things = StoredFile.objects.filter(key__in=[things["file"], things["table"]]).values("pk")
    keys = list(StoredFile.objects.filter(pk__in=named or of_things).values_list("pk", flat=True))
    address = reverse(name, args=TABLE[name].arguments(things))
    faults = []
    for count in range(1, 60):
        gone = GoneAfter(count, model, keys)
        with transaction.atomic():
            with connection.execute_wrapper(gone):
                answer = client.get(address)
            if answer.status_code >= 500:
                faults.append((count, repr(answer.exc_info[1])[:300]))
            transaction.set_rollback(True)
        if not gone.is_done:
            break

    assert not faults
