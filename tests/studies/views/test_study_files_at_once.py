"""A file is added while its record is thrown away: on real connections."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backstage.models import StoredFile
from config.lib.periods import today
from studies.models import Study, StudyFile
from tests.browsers import browser_of
from tests.connections import together
from tests.factories import StudyWorld, make_picture
from tests.studies.views.test_study_files import recorded

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = make_picture()


@pytest.mark.parametrize("act", ["add", "submit"])
def test_either_comes_first_and_neither_is_a_fault(act):
    world = StudyWorld()
    for day in range(1, 9):
        study = recorded(world, held_on=today() - timedelta(days=day))
        adding, discarding = (browser_of(world.secretary) for _ in range(2))
        url = reverse("studies:discard_study", args=[study.pk])
        asked = {"idempotency_key": str(uuid4()), "seen_version": 1}
        promised = discarding.post(url, asked).context["promised"]

        def add(study=study, browser=adding):
            url = reverse("studies:add_study_files", args=[study.pk])
            photo = SimpleUploadedFile("现场.png", PICTURE, "image/png")
            body = {"idempotency_key": str(uuid4()), "act": act, "photo": [photo]}
            return browser.post(url, body).status_code

        def discard(browser=discarding, url=url, body=asked | {"promised": promised}):
            return browser.post(url, body | {"step": "do"}).status_code

        answers = together(add, discard)

        assert max(answers) < 500, answers
        is_kept = Study.objects.filter(pk=study.pk).exists()
        assert is_kept or not StoredFile.objects.filter(owner=world.secretary).exists()
        Study.objects.filter(pk=study.pk).update(state="draft")
        StudyFile.objects.all().delete()
        StoredFile.objects.all().delete()
