"""Materials of a class: added, put in order and taken off by the person who plans the class."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry
from backstage import material_files
from backstage.files import read_file
from backstage.models import StoredFile
from classes.actions import materials as module
from classes.actions.materials import add_material, move_material, remove_material
from classes.errors import MaterialError
from classes.models import ClassMaterial
from tests import factories
from tests.config.lib.test_office_files import SLIDES, office
from tests.connections import together
from tests.factories import NOON, ClassWorld

pytestmark = pytest.mark.django_db
PDF = factories.make_pdf()


@pytest.fixture
def world():
    return ClassWorld(size=1)


def add(world, name="提纲.pdf", data=PDF, title="", by=None):
    return add_material(
        training_class_id=world.training_class.pk,
        title=title,
        data=data,
        name=name,
        by=by or world.by,
        at=NOON,
    )


def arguments(world, material, **more):
    key = world.training_class.pk
    return {"training_class_id": key, "material_id": material.pk, "by": world.by, "at": NOON} | more


def titles(world):
    return list(world.training_class.materials.values_list("title", flat=True))


class TestAdding:
    def test_keeps_a_pdf_slides_and_our_copy_of_a_picture(self, world):
        kept = [
            add(world),
            add(world, "课件.doc", office(SLIDES)),
            add(world, "现场.png", factories.make_picture()),
        ]

        names = [material.file.name for material in kept]
        assert [name.partition("-")[0] for name in names] == ["资料"] * 3
        assert [name.rpartition(".")[2] for name in names] == ["pdf", "pptx", "jpg"]
        assert [material.title for material in kept] == ["提纲", "课件", "现场"]
        assert read_file(kept[0].file) == PDF
        assert read_file(kept[2].file).startswith(b"\xff\xd8")
        assert AuditEntry.objects.filter(act="add_material").count() == 3

    @pytest.mark.parametrize(
        "data",
        [b"MZ\x90\0", b"<script>", office("x")],
        # An archive holds the second it was made in, and a test has one name on every worker.
        ids=["program", "script", "other archive"],
    )
    def test_refuses_what_it_does_not_know_whatever_it_is_called(self, world, data):
        with pytest.raises(MaterialError):
            add(world, data=data)
        assert not StoredFile.objects.exists()

    def test_refuses_what_is_too_large_or_too_many(self, world, monkeypatch):
        monkeypatch.setattr(material_files, "MOST_MATERIAL_BYTES", 5)
        with pytest.raises(MaterialError):
            add(world)
        monkeypatch.setattr(material_files, "MOST_MATERIAL_BYTES", 1 << 20)
        monkeypatch.setattr(module, "MOST_MATERIALS", 1)
        add(world)
        with pytest.raises(MaterialError):
            add(world)

    def test_is_for_those_who_plan_the_class_alone(self, world):
        leader = factories.make_user()
        factories.grant(leader, "school_leader", world.school)

        with pytest.raises(PermissionDenied):
            add(world, by=factories.acting(leader))


class TestTheOrder:
    def test_is_changed_by_one_place(self, world):
        first, _two, three = (add(world, title=title) for title in ("一", "二", "三"))

        move_material(**arguments(world, three), up=True)
        assert titles(world) == ["一", "三", "二"]
        move_material(**arguments(world, first), up=True)
        move_material(**arguments(world, first), up=False)
        assert titles(world) == ["三", "一", "二"]

    def test_stays_where_one_is_taken_off(self, world):
        _one, two, three = (add(world, title=title) for title in ("一", "二", "三"))

        remove_material(**arguments(world, two), reason="版本有误")
        assert titles(world) == ["一", "三"]

        move_material(**arguments(world, three), up=True)
        assert titles(world) == ["三", "一"]
        add(world, title="四")
        assert titles(world) == ["三", "一", "四"]


class TestTakingOff:
    def test_deletes_the_file_and_tells_the_trail_why(
        self, world, django_capture_on_commit_callbacks
    ):
        material = add(world)

        with django_capture_on_commit_callbacks(execute=True):
            remove_material(**arguments(world, material), reason="版本有误")

        assert not ClassMaterial.objects.exists()
        assert not StoredFile.objects.exists()
        entry = AuditEntry.objects.get(act="remove_material")
        assert entry.before == {"title": "提纲", "file_name": material.file.name}
        assert entry.after == {"reason": "版本有误"}

    def test_wants_a_reason(self, world):
        with pytest.raises(MaterialError):
            remove_material(**arguments(world, add(world)), reason=" ")

    def test_does_not_reach_into_another_class(self, world):
        material = add(world)
        other = factories.make_class(world.school)

        with pytest.raises(ClassMaterial.DoesNotExist):
            remove_material(**arguments(world, material, training_class_id=other.pk), reason="x")


@pytest.mark.django_db(transaction=True)
def test_two_added_at_once_stand_one_after_the_other():
    world = ClassWorld(size=1)

    together(lambda: add(world, title="一"), lambda: add(world, title="二"))

    assert sorted(titles(world)) == ["一", "二"]
    assert list(world.training_class.materials.values_list("position", flat=True)) == [1, 2]
