"""Files of study records: sent together, kept or named, and what one of them may do."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from backstage.evidence_files import MOST_BYTES
from config.lib.periods import at_local, today
from studies.enums import StudyKind
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.factories import StudyWorld, make_picture

INERT = "default-src 'none'; frame-ancestors 'none'; sandbox"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


def recorded(world, **kwargs) -> Study:
    """A draft of yesterday evening, as the clock of the pages sees it."""
    yesterday = today() - timedelta(days=1)
    return world.record(**{"held_on": yesterday, "at": at_local(yesterday, 21)} | kwargs)


class TestEvidence:
    @pytest.fixture
    def study(self, world):
        return recorded(world)

    @pytest.fixture
    def secretary(self, world):
        return browser_of(world.secretary)

    def send(self, browser, study, *files, act="add", kind="photo"):
        url = reverse("studies:add_study_files", args=[study.pk])
        body = {"idempotency_key": str(uuid4()), "act": act, kind: list(files)}
        return browser.post(url, body)

    def photo(self, name="现场.png"):
        return SimpleUploadedFile(name, make_picture(), "image/png")

    def test_photographs_are_added_and_the_record_handed_in_with_one_button(self, study, secretary):
        self.send(secretary, study, self.photo(), self.photo(), act="submit")

        study.refresh_from_db()
        assert (study.state, study.files.count()) == ("submitted", 2)

    def test_a_photograph_and_the_sheet_chosen_beside_it_are_both_handed_in(self, study, secretary):
        page = secretary.get(reverse("studies:study", args=[study.pk]))
        assert page.text.count('type="file"') == 2
        assert page.text.count('enctype="multipart/form-data"') == 1
        sheet = SimpleUploadedFile("签到表.pdf", factories.make_pdf(), "application/pdf")
        body = {
            "idempotency_key": str(uuid4()),
            "act": "submit",
            "photo": [self.photo()],
            "sheet": [sheet],
        }
        url = reverse("studies:add_study_files", args=[study.pk])

        reply = secretary.post(url, body, follow=True)

        study.refresh_from_db()
        assert study.state == "submitted"
        assert [evidence.kind for evidence in study.files.all()] == ["photo", "sheet"]
        assert "The record is handed in." in reply.text

    def test_the_good_ones_are_kept_and_the_bad_one_is_named_at_the_field(self, study, secretary):
        bad = SimpleUploadedFile("说明.png", b"<html>", "image/png")
        large = SimpleUploadedFile("大图.png", b"x" * (MOST_BYTES + 1), "image/png")
        reply = self.send(secretary, study, self.photo(), bad, large, act="submit")

        assert reply.status_code == 422
        text = str(reply.context["wrong"].errors["photo"])
        assert "说明.png" in text
        assert "大图.png is larger than 10 MB" in text
        study.refresh_from_db()
        assert (study.state, study.files.count()) == ("draft", 1)

        key = reply.context["wrong"]["idempotency_key"].value()
        right = SimpleUploadedFile("改.png", make_picture(red=9), "image/png")
        body = {"idempotency_key": key, "act": "add", "photo": [right]}
        url = reverse("studies:add_study_files", args=[study.pk])
        assert secretary.post(url, body).status_code == 302
        assert study.files.count() == 2

    def test_a_refused_hand_in_keeps_the_photograph_and_is_not_blamed_on_it(
        self, world, study, secretary
    ):
        elsewhere = factories.make_member(factories.make_organisation(world.school), "周八")
        study.participants.create(member=elsewhere, organisation=world.organisation)

        reply = self.send(secretary, study, self.photo(), act="submit")
        study.refresh_from_db()

        assert (reply.status_code, reply.context["wrong"]) == (409, None)
        assert "周八" in reply.context["problem"]
        assert (study.state, study.round, study.files.count()) == ("draft", 0, 1)
        assert not study.submissions.exists()
        assert [evidence.kind for evidence in reply.context["page"].files] == ["photo"]

        study.participants.filter(member=elsewhere).delete()
        form = reply.context["version_form"]
        body = {name: form[name].value() for name in form.fields}
        assert secretary.post(reverse("studies:submit_study", args=[study.pk]), body).url
        study.refresh_from_db()
        assert study.state == "submitted"

    def test_no_file_is_an_error_at_the_field(self, study, secretary):
        reply = self.send(secretary, study)

        assert "Choose a file first." in str(reply.context["wrong"].errors["photo"])

    def test_only_the_recorder_adds_and_removes(self, world, study, secretary):
        self.send(secretary, study, self.photo())
        file = study.files.get()
        url = reverse("studies:remove_study_file", args=[study.pk, file.pk])
        for user in (world.clerk, world.commissioner):
            assert self.send(browser_of(user), study, self.photo()).status_code == 403
            assert browser_of(user).post(url).status_code == 403
        assert secretary.post(url).status_code == 302
        assert not study.files.exists()

    def test_a_picture_is_shown_and_a_pdf_is_saved(self, world, study, secretary):
        self.send(secretary, study, self.photo())
        pdf = SimpleUploadedFile("签到表.pdf", factories.make_pdf(), "application/pdf")
        self.send(secretary, study, pdf, kind="sheet")
        photo, sheet = study.files.all()
        address = reverse("studies:study_file", args=[study.pk, photo.pk])
        shown = secretary.get(address)
        saved = secretary.get(reverse("studies:study_file", args=[study.pk, sheet.pk]))

        assert shown.headers["Content-Type"] == "image/jpeg"
        assert shown.headers["Content-Disposition"] == "inline"
        assert secretary.get(address, {"small": "1"}).content[:2] == b"\xff\xd8"
        assert saved.headers["Content-Disposition"].startswith("attachment")
        for reply in (shown, saved):
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert reply.headers["Content-Security-Policy"] == INERT
        stranger = browser_of(world.member_with_account().user)
        assert stranger.get(address).status_code == 404

    def test_a_file_of_another_record_is_not_found_below_this_one(self, world, study, secretary):
        other = recorded(world, kind=StudyKind.PARTY_LESSON)
        self.send(secretary, other, self.photo())
        url = reverse("studies:study_file", args=[study.pk, other.files.get().pk])

        assert secretary.get(url).status_code == 404

    def test_too_much_at_once_leads_back_to_the_record_with_words_about_photographs(self, world):
        study, browser = recorded(world), browser_of(world.secretary)
        page = reverse("studies:study", args=[study.pk])

        reply = browser.post(
            reverse("studies:add_study_files", args=[study.pk]),
            b"",
            content_type="multipart/form-data; boundary=x",
            headers={"Content-Length": str(settings.UPLOAD_MAX_BYTES + 1)},
        )

        assert reply.url == f"{page}?too_large=1"
        text = browser.get(reply.url).content.decode()
        assert "These photographs are more than 20 MB together. Choose fewer at a time." in text
        assert "data-shrink" in text
