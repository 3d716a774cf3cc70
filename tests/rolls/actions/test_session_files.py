"""Evidence of a session: photographs and the signed sheet."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation
from PIL import Image

from accounts.models import AuditEntry
from backstage.enums import FileKind
from backstage.evidence_files import MOST_PHOTOS
from backstage.files import read_file
from backstage.models import StoredFile
from rolls.actions.attendance import submit_roll
from rolls.actions.session_files import add_session_file, remove_session_file
from rolls.errors import RollError
from rolls.models import SessionFile
from tests import factories
from tests.factories import NOON, ClassWorld, acting, make_picture
from tests.refusals import refused

pytestmark = pytest.mark.django_db
PDF = factories.make_pdf()


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return ClassWorld(size=2)


def add(world, kind=FileKind.PHOTO, data=None, name="现场.jpg", **kwargs) -> SessionFile:
    kwargs = {"by": world.by, "at": NOON} | kwargs
    return add_session_file(
        session_id=world.session.pk, kind=kind, data=data or make_picture(), name=name, **kwargs
    )


def submit(world):
    submit_roll(
        session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=NOON
    )


def test_a_photograph_is_kept_as_our_copy_without_its_place(world):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Phone"

    added = add(world, data=make_picture(form="JPEG", exif=exif))

    kept = Image.open(BytesIO(read_file(added.file)))
    assert added.is_picture
    assert not kept.getexif()


def test_the_signed_sheet_may_be_a_pdf_a_photograph_may_not(world):
    assert add(world, FileKind.SHEET, PDF, "签到表.pdf").file.media_type == "application/pdf"
    with refused(RollError, match="no JPEG, PNG or WebP"):
        add(world, FileKind.PHOTO, PDF)


def test_a_session_holds_nine_photographs(world):
    for red in range(MOST_PHOTOS):
        add(world, data=make_picture(red=red))

    with refused(RollError, match=r"^第十张.jpg: .* no more than 9"):
        add(world, name="第十张.jpg")
    add(world, FileKind.SHEET, PDF)


def test_a_file_is_kept_once_on_a_session_and_may_be_sent_again_when_it_was_removed(world):
    added = add(world)

    for kind in (FileKind.PHOTO, FileKind.SHEET):
        with refused(RollError, match=r"^又一次.jpg: this file is there already \(photograph\)"):
            add(world, kind, name="又一次.jpg")
    remove_session_file(session_id=world.session.pk, file_id=added.pk, by=world.by, at=NOON)
    add(world)
    evening = factories.make_session(
        world.training_class, starts_at=world.session.starts_at + timedelta(hours=6)
    )
    add_session_file(
        session_id=evening.pk,
        kind=FileKind.PHOTO,
        data=make_picture(),
        name="a.jpg",
        by=world.by,
        at=evening.starts_at,
    )


def test_what_is_called_a_pdf_and_is_none_is_refused_by_its_name(world):
    for data in (b"%PDF-1.7\n<script>", b"hello"):
        with refused(RollError, match=r"^签到表.pdf: "):
            add(world, FileKind.SHEET, data, "签到表.pdf")


def test_the_scan_may_come_after_the_roll_is_submitted_and_then_stays(world):
    submit(world)
    added = add(world, FileKind.SHEET, PDF)

    with refused(RollError, match="evidence stays"):
        remove_session_file(session_id=world.session.pk, file_id=added.pk, by=world.by, at=NOON)


def test_what_is_removed_is_gone_and_told(world):
    added = add(world)

    remove_session_file(session_id=world.session.pk, file_id=added.pk, by=world.by, at=NOON)

    assert not SessionFile.objects.exists()
    assert not StoredFile.objects.filter(key=added.file.key).exists()
    acts = AuditEntry.objects.order_by("id").values_list("act", flat=True)
    assert list(acts) == ["add_session_file", "remove_session_file"]


def test_only_the_schools_clerk_adds_and_not_before_the_day(world):
    with refused(RollError, match="from the day of the session on"):
        add(world, at=world.session.starts_at - timedelta(days=1))
    with pytest.raises(PermissionDenied):
        add(world, by=acting(None))
    other = factories.make_clerk(factories.make_school("120111006", "精武镇"))
    with pytest.raises(world.session.DoesNotExist):
        add(world, by=acting(other))
