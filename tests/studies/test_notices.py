"""Those who recorded a study or declared hours are told what came of the review."""

import pytest
from django.urls import reverse

from studies.actions.study_reviews import withdraw_study
from studies.models import Study
from tests.factories import StudyWorld, acting
from tests.studies.actions.test_study_reviews import LATER
from tests.told import addresses, told

pytestmark = pytest.mark.django_db


def test_the_recorder_is_told_at_the_end_and_when_it_comes_back():
    world = StudyWorld()
    study = world.submit(world.record())
    world.review(study, world.commissioner)
    assert told(world.secretary) == []
    world.review(study, world.clerk, reason="缺照片")

    [(title, text)] = told(world.secretary)
    assert title.startswith("重温入党誓词 (")
    assert title.endswith("is returned to you")
    assert text == "缺照片"
    assert addresses(world.secretary) == [reverse("studies:study", args=[study.pk])]
    assert told(world.clerk) == told(world.commissioner) == []


def test_and_when_hours_come_and_go():
    world = StudyWorld(two_steps=False)
    study = world.submit(world.record())
    world.review(study, world.clerk)
    seen = Study.objects.get(pk=study.pk).version
    withdraw_study(
        study_id=study.pk, seen_version=seen, reason="重复", by=acting(world.clerk), at=LATER
    )

    titles = [title.rpartition(") ")[2] for title, _text in told(world.secretary)]
    assert titles == ["is approved", "is taken back, with its hours"]
