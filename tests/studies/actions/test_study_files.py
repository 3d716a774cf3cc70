"""Evidence of a study: what may be added to a draft, what is kept of it, and when it must be."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from PIL import Image

from backstage.enums import FileKind
from backstage.evidence_files import MOST_BYTES, MOST_PHOTOS
from backstage.files import read_file, sweep_files
from config.lib.periods import at_local
from hours.models import CreditRule
from studies.actions.study_files import add_study_file, remove_study_file
from studies.enums import StudyKind
from studies.errors import StudyError
from studies.models import Study, StudyFile
from tests import factories
from tests.factories import DAY, StudyWorld, acting, make_picture
from tests.refusals import refused

pytestmark = pytest.mark.django_db
LATE = at_local(DAY, 21)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


def add(study, user, kind=FileKind.PHOTO, data=None, name="现场照片.png") -> StudyFile:
    data = make_picture() if data is None else data
    return add_study_file(
        study_id=study.pk, kind=kind, data=data, name=name, by=acting(user), at=LATE
    )


def test_a_photograph_is_kept_sealed_as_our_copy_for_as_long_as_its_record(world):
    added = add(world.record(), world.secretary)

    assert re.fullmatch(r"照片-[0-9a-f]{6}\.jpg", added.file.name)
    assert added.file.media_type == "image/jpeg"
    assert added.is_picture
    content = read_file(added.file)
    assert Image.open(BytesIO(content)).format == "JPEG"
    on_disk = (Path(settings.MEDIA_ROOT) / str(added.file.key)).read_bytes()
    assert content[:20] not in on_disk
    assert sweep_files(at=LATE + timedelta(days=10_000)) == 0
    assert read_file(added.file) == content


@pytest.mark.parametrize("kind", [FileKind.SHEET, FileKind.CERTIFICATE])
def test_a_sheet_or_certificate_may_be_a_pdf_which_no_page_shows(world, kind):
    added = add(world.record(), world.secretary, kind, factories.make_pdf(), "签到表.PDF")

    with translation.override("zh-hans"):
        label = str(kind.label)
    assert re.fullmatch(rf"{label}-[0-9a-f]{{6}}\.pdf", added.file.name)
    assert added.file.media_type == "application/pdf"
    assert not added.is_picture


@pytest.mark.parametrize("name", ["11010519491231002X.png", "张三 110105-19491231-002x.png"])
def test_a_name_that_holds_an_id_number_is_refused(world, name):
    with refused(StudyError, match="holds an ID number"):
        add(world.record(), world.secretary, name=name)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (FileKind.PHOTO, factories.make_pdf(), "no JPEG, PNG or WebP"),
        (FileKind.PHOTO, b"MZ\x90\x00", "no JPEG, PNG or WebP"),
        (FileKind.SHEET, b"<html><script>alert(1)</script>", "neither a photograph .* nor a PDF"),
        (FileKind.PHOTO, b"x" * (MOST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_wrong_types_and_sizes_are_refused_by_their_content(world, kind, data, words):
    study = world.record()

    with refused(StudyError, match=words) as caught:
        add(study, world.secretary, kind, data, "照片.jpg")

    assert caught.value.field == "files"
    assert "照片.jpg" in str(caught.value)
    assert not study.files.exists()


def test_nine_photographs_and_no_more(world):
    study = world.record()
    for _ in range(MOST_PHOTOS):
        add(study, world.secretary)

    with refused(StudyError, match="no more than 9"):
        add(study, world.secretary)
    add(study, world.secretary, FileKind.SHEET)


def test_only_the_recorder_adds_and_removes_and_only_while_it_is_a_draft(world):
    study = world.record()
    for user in (world.commissioner, world.clerk):
        with refused(Study.DoesNotExist):
            add(study, user)
    added = add(study, world.secretary)
    by = acting(world.clerk)
    with refused(Study.DoesNotExist):
        remove_study_file(study_id=study.pk, file_id=added.pk, by=by, at=LATE)
    world.submit(study)

    with refused(Study.DoesNotExist):
        add(study, world.secretary)
    by = acting(world.secretary)
    with refused(Study.DoesNotExist):
        remove_study_file(study_id=study.pk, file_id=added.pk, by=by, at=LATE)
    assert study.files.get() == added


def test_a_file_of_a_draft_is_gone_once_removed(world, django_capture_on_commit_callbacks):
    study = world.record()
    added = add(study, world.secretary)
    path = Path(settings.MEDIA_ROOT) / str(added.file.key)
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        by = acting(world.secretary)
        remove_study_file(study_id=study.pk, file_id=added.pk, by=by, at=LATE)

    assert not path.exists()
    assert not study.files.exists()


def test_a_file_of_another_record_is_not_removed_by_this_one(world):
    study, other = world.record(), world.record(kind=StudyKind.PARTY_LESSON)
    added = add(other, world.secretary)

    with refused(StudyFile.DoesNotExist):
        by = acting(world.secretary)
        remove_study_file(study_id=study.pk, file_id=added.pk, by=by, at=LATE)


class TestEvidenceIsARule:
    def hand_in(self, study):
        study = Study.objects.get(pk=study.pk)
        by = acting(study.recorded_by)
        factories.submit_study(study_id=study.pk, seen_version=study.version, by=by, at=LATE)

    @pytest.mark.parametrize("kind", [FileKind.PHOTO, FileKind.SHEET])
    def test_a_meeting_is_handed_in_with_a_photograph_or_the_sheet(self, world, kind):
        study = world.record()
        with refused(StudyError, match="photograph or the sign-in sheet") as caught:
            self.hand_in(study)
        assert caught.value.field == "files"

        add(study, world.secretary, kind)
        self.hand_in(study)

    def test_a_declaration_with_a_proof(self, world):
        member = world.member_with_account()
        study = world.record(kind=StudyKind.ONLINE_STUDY, members=[member], by=member.user)
        with refused(StudyError, match="certificate or a screenshot"):
            self.hand_in(study)

        add(study, member.user, FileKind.CERTIFICATE)
        self.hand_in(study)

    @pytest.mark.parametrize("kind", [StudyKind.OUTREACH_VISIT, StudyKind.ACTIVITY])
    def test_a_visit_and_an_activity_without(self, world, kind):
        self.hand_in(world.record(kind=kind))

    def test_as_the_rule_of_the_day_says(self, world):
        CreditRule.objects.filter(category="collective").update(evidence_required=False)

        self.hand_in(world.record())
