"""Lists as files: at once or by a job, within what the person may see when it is written."""

from __future__ import annotations

import re
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.audit import record_act
from accounts.enums import ActorChannel
from accounts.models import AuditEntry, User
from accounts.trail import list_changes
from backstage import exports
from backstage.enums import JobState
from backstage.exports import ExportColumn, ListExport, register_export
from backstage.files import read_file
from backstage.jobs import run_job, stop_job
from backstage.models import Job
from config.lib.filters import Filters, ListRequest, choose, search
from config.lib.spreadsheet_reading import read_table
from config.lib.spreadsheet_writing import Kind
from tests import factories
from tests.browsers import browser_of
from tests.factories import NOON

pytestmark = pytest.mark.django_db

URL = "/exports/test-people/"
LATER = NOON + timedelta(minutes=5)


def narrow(asked: ListRequest) -> Filters:
    active = choose(
        asked,
        "active",
        "Active",
        {"yes": "yes", "no": "no"},
        conditions={"yes": Q(is_active=True), "no": Q(is_active=False)},
        any_label="all",
    )
    name = asked.text("q")
    return Filters([active, search(asked, "Name", Q(display_name__contains=name))])


@pytest.fixture
def people():
    """A list of accounts that everybody may export who is called so."""
    export = ListExport(
        "test-people",
        "People",
        "backstage:jobs",
        lambda user: user.display_name.startswith("Reader"),
        narrow,
        lambda asked, filters: filters.apply(User.objects.order_by("pk")),
        (
            ExportColumn("name", lambda row: row.display_name),
            ExportColumn("since", lambda row: row.joined_at, Kind.MOMENT),
        ),
    )
    register_export(export)
    yield export
    del exports._exports["test-people"]


@pytest.fixture
def reader(people) -> User:
    return factories.make_user(display_name="Reader")


@pytest.fixture
def browser(reader) -> Client:
    return browser_of(reader)


def names(data: bytes) -> list[str]:
    rows = read_table(data, "a.xlsx").rows
    head = next(number for number, row in enumerate(rows) if row[0] == "Name")
    return [row[0] for row in rows[head + 1 :]]


class TestAShortList:
    def test_comes_at_once_under_its_name(self, browser):
        reply = browser.post(URL)

        assert reply.status_code == 200
        assert reply.headers["Content-Type"] == exports.MEDIA_TYPE
        assert 'attachment; filename="People ' in reply.headers["Content-Disposition"]
        assert names(reply.content) == ["Reader"]

    def test_says_what_it_holds_who_fetched_it_and_when(self, browser):
        factories.make_user(display_name="Zhang")
        rows = read_table(browser.post(URL, {"active": "yes"}).content, "a.xlsx").rows

        assert [row[0] for row in rows[:2]] == ["People", "Active: yes"]
        assert re.fullmatch(r"Exported by Reader, \d+ \w+ 20\d\d \d\d:\d\d", rows[2][0])
        assert rows[3] == ["Name", "Since"]

    def test_is_narrowed_as_the_page_was(self, browser):
        factories.make_user(display_name="Zhang", is_active=False)

        assert names(browser.post(URL, {"active": "no"}).content) == ["Zhang"]
        assert names(browser.post(URL, {"q": "Read"}).content) == ["Reader"]

    def test_stands_in_the_trail_without_the_name_that_was_searched(self, browser, reader):
        browser.post(URL, {"q": "Reader", "active": "yes"})

        entry = AuditEntry.objects.get(act="export_list")
        assert (entry.actor, entry.object_label[:7]) == (reader, "People ")
        assert entry.after == {
            "list": "test-people",
            "filters": {"active": "yes", "q": None},
            "rows": 1,
        }

    def test_is_refused_to_who_may_not_see_it(self, people):
        client = Client()
        client.force_login(
            factories.make_user(display_name="Other"), "accounts.backends.PhoneOrNumberBackend"
        )

        assert client.post(URL).status_code == 403
        assert client.get(URL).status_code == 405
        assert client.post("/exports/nothing/").status_code == 404

    def test_is_not_looked_up_by_an_id_number(self, browser):
        reply = browser.post(URL, {"q": "11010519491231002X"}, follow=True)

        assert "An ID number does not belong here" in reply.text
        assert not AuditEntry.objects.filter(act="export_list").exists()

    def test_is_not_written_where_a_filter_could_not_be_read(self, browser):
        reply = browser.post(URL, {"active": "perhaps"}, follow=True)

        assert "A filter could not be read, so nothing was exported: Active." in reply.text
        assert not AuditEntry.objects.filter(act="export_list").exists()

    def test_takes_as_many_statements_for_sixty_rows_as_for_one(
        self, browser, django_assert_num_queries
    ):
        browser.post(URL)
        with django_assert_num_queries(6):
            assert len(names(browser.post(URL).content)) == 1
        for _ in range(60):
            factories.make_user()
        with django_assert_num_queries(6):
            assert len(names(browser.post(URL).content)) == 61


class TestALongList:
    @pytest.fixture(autouse=True)
    def _everything_is_long(self, monkeypatch):
        monkeypatch.setattr(exports, "AT_ONCE", 0)
        monkeypatch.setattr(exports, "_ROWS_AT_ONCE", 1)

    @pytest.fixture
    def job(self, browser) -> Job:
        browser.post(URL, {"active": "yes"})
        return Job.objects.get()

    def run(self, job: Job) -> Job:
        run_job(job_id=job.pk, clock=lambda: LATER)
        job.refresh_from_db()
        return job

    def test_is_ordered_once_however_often_it_is_asked_for(self, browser):
        for _ in range(2):
            reply = browser.post(URL, {"active": "yes", "csrfmiddlewaretoken": "x"})
            assert reply.url == reverse("backstage:job", args=[Job.objects.get().pk])
        assert not AuditEntry.objects.filter(act="export_list").exists()

        browser.post(URL, {"active": "no"})
        browser.post(URL)
        assert Job.objects.count() == 2  # nobody is disabled: an empty list comes at once

    def test_is_written_with_its_progress_and_kept_for_its_owner(self, browser, job, reader):
        factories.make_user(display_name="Zhang")

        assert self.run(job).state == JobState.DONE
        assert (job.done, job.total) == (2, 2)
        assert names(read_file(job.file)) == ["Reader", "Zhang"]
        assert job.file.owner == reader
        assert (job.file.expires_at - job.file.created_at).days == 7
        entry = AuditEntry.objects.get(act="export_list")
        assert (entry.object_id, entry.after["rows"]) == (str(job.file.pk), 2)
        assert (entry.actor, entry.channel, entry.address) == (
            reader,
            ActorChannel.WEB,
            "127.0.0.1",
        )

    @pytest.mark.parametrize(
        "change", [{"display_name": "Other"}, {"is_active": False}], ids=["role", "account"]
    )
    def test_is_not_written_for_who_may_no_longer_see_it(self, job, reader, change):
        User.objects.filter(pk=reader.pk).update(**change)

        assert self.run(job).state == JobState.FAILED
        assert "has changed since" in job.problem
        assert job.file is None
        assert not AuditEntry.objects.filter(act="export_list").exists()

    def test_is_not_written_wider_than_it_was_ordered(self, job):
        """A filter that is no choice any more would otherwise narrow nothing."""
        job.arguments["query"]["active"] = "gone"
        job.save()

        assert self.run(job).state == JobState.FAILED

    def test_is_stopped_between_two_rows(self, job, reader):
        factories.make_user()
        Job.objects.update(stop_asked=True)

        assert self.run(job).state == JobState.STOPPED
        assert job.file is None

    def test_waits_no_longer_once_it_is_stopped(self, job, reader):
        stop_job(job=job, by=factories.acting(reader), at=LATER)

        assert self.run(job).state == JobState.STOPPED

    def test_that_no_sheet_holds_is_refused_with_words(self, browser, monkeypatch):
        monkeypatch.setattr(exports, "MOST_ROWS", 0)
        reply = browser.post(URL, follow=True)

        assert "a sheet holds 0: narrow the list first" in reply.text
        assert not Job.objects.exists()


def test_memory_does_not_grow_with_the_rows(people, reader, tmp_path: Path):
    """Rows come from an iterator and go to the disk; the file is four times as large."""

    class Rows:
        def __init__(self, count: int) -> None:
            self.count = count

        def __len__(self) -> int:
            return self.count

        def iterator(self, chunk_size: int):
            return (User(display_name=f"Person {n}", joined_at=NOON) for n in range(self.count))

    def peak(count: int) -> int:
        export = ListExport(
            people.name,
            people.title,
            people.page,
            people.may,
            people.filters,
            lambda asked, filters: Rows(count),
            people.columns,
        )
        asked = ListRequest(reader, {}, NOON)
        tracemalloc.start()
        with (tmp_path / f"{count}.xlsx").open("w+b") as target:
            assert exports._write(export, asked, narrow(asked), target) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded once
    short, long = peak(2_000), peak(8_000)

    sizes = [(tmp_path / f"{count}.xlsx").stat().st_size for count in (2_000, 8_000)]
    assert sizes[1] > 3 * sizes[0]
    assert long < 1.2 * short, (short, long)


def test_a_search_is_kept_in_the_job_only_sealed(people, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    reader = factories.make_user(display_name="Reader 王芳")
    asked = ListRequest(reader, {"q": "王芳", "active": "yes"}, NOON)
    job = exports.export_list(
        export=exports.find_export("test-people"), asked=asked, by=factories.acting(reader)
    )

    assert "王芳" not in str(job.arguments)
    assert job.arguments["query"] == {"active": "yes"}
    run_job(job_id=job.pk, clock=lambda: LATER)
    job.refresh_from_db()
    rows = read_table(read_file(job.file), "a.xlsx").rows
    assert [row[0] for row in rows[4:]] == ["Reader 王芳"]


def test_who_may_no_longer_see_a_list_fetches_no_file_of_it(people, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    reader = factories.make_user(display_name="Reader")
    job = exports.export_list(
        export=exports.find_export("test-people"),
        asked=ListRequest(reader, {}, timezone.now()),
        by=factories.acting(reader),
    )
    run_job(job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    client = browser_of(reader, None)
    url = reverse("backstage:file", args=[job.file.key])
    assert client.get(url).status_code == 200

    User.objects.filter(pk=reader.pk).update(display_name="Former")
    assert client.get(url).status_code == 403


def told_of(entry: AuditEntry) -> dict[str, str]:
    return {label: after for label, _before, after in list_changes(entry)}


class TestInTheTrail:
    """An export is kept by keys and read in words, for any exporter and any reader."""

    def exported(self, user: User, name: str, query: dict[str, str]) -> AuditEntry:
        asked = ListRequest(user, query, NOON)
        export = exports.find_export(name)
        exports.export_list(export=export, asked=asked, by=factories.acting(user))
        return AuditEntry.objects.get(act="export_list")

    def test_it_reads_in_the_readers_language(self):
        school = factories.make_school()
        query = {"outcome": "short", "audience": "secretaries", "q": "王芳"}
        with translation.override("zh-hans"):
            entry = self.exported(factories.make_clerk(school), "members", query)

        assert entry.after["filters"] == {
            "school": school.name,
            "year": "2026",
            "audience": "secretaries",
            "outcome": "not_yet_due",
            "q": None,
        }
        with translation.override("en"):
            changes = told_of(entry)
        assert changes["List"] == "Members and their hours"
        assert f"School: {school.name}" in changes["Narrowed to"]
        assert "Verdict: not yet on target" in changes["Narrowed to"]
        assert "member number: (not kept)" in changes["Narrowed to"]
        with translation.override("zh-hans"):
            assert "target" not in " ".join(told_of(entry).values())

    def test_one_of_a_list_and_a_filter_that_are_no_more_is_told_as_stored(self):
        """As exports were kept before, in the words of the person who exported."""
        user = factories.make_user()
        facts = {
            "list": "gone",
            "title": "党员名单",
            "filters": {"学校": "杨柳青镇党校", "outcome": "gone", "q": "(not kept)"},
        }
        with translation.override("en"):
            entry = record_act(act="export_list", obj=user, by=factories.acting(user), after=facts)
            changes = {label: after for label, _, after in list_changes(entry)}

        assert changes["List"] == "gone"
        assert changes["Title then"] == "党员名单"
        assert "学校: 杨柳青镇党校" in changes["Narrowed to"]
        assert "Verdict: gone" in changes["Narrowed to"]

    def test_every_filter_is_called_in_the_trail_as_on_its_page(self):
        """And what can be chosen on the page reads the same there."""
        clerk = factories.make_clerk(factories.make_school())
        asked = ListRequest(clerk, {}, NOON)
        seen = set()
        for export in exports._exports.values():
            for item in export.filters(asked).items:
                if item.name == "order":  # which narrows nothing
                    continue
                label, write = exports._filter_words[item.name]
                assert str(label) == item.label, (export.name, item.name)
                choices = getattr(item.field, "choices", ())
                for value, words in choices if write else ():
                    assert not value or write(value) == words, (export.name, item.name)
                seen.add(item.name)
        assert seen == set(exports._filter_words)


def test_a_job_whose_list_is_no_more_keeps_its_name_and_hands_out_nothing(people, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    reader = factories.make_user(display_name="Reader")
    job = exports.export_list(
        export=exports.find_export("test-people"),
        asked=ListRequest(reader, {}, timezone.now()),
        by=factories.acting(reader),
    )
    run_job(job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    Job.objects.update(arguments=job.arguments | {"list": "gone"})
    client = browser_of(reader, None)

    assert "gone" in client.get("/jobs/").text
    assert client.get(reverse("backstage:file", args=[job.file.key])).status_code == 403
