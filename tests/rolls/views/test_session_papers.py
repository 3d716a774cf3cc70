"""The papers of a session: the sign-in sheet, marks entered by its numbers, evidence."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEntry
from classes.models import Enrolment
from config.lib.documents import set_document
from rolls.actions.attendance import record_attendance, submit_roll
from rolls.forms.sheet_numbers import SheetNumbersForm
from rolls.models import Attendance
from rolls.queries.rolls import get_roll_page
from rolls.sign_in_sheet import SPARE_LINES, mark_of_list, write_sign_in_sheet
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld
from tests.pdf_text import read_pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return ClassWorld(size=5)


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


def page_of(world):
    return get_roll_page(world.clerk, world.session.pk, factories.DAY)


class TestTheSheet:
    def test_numbers_the_roster_in_its_order_and_leaves_spare_lines(self, world):
        data = write_sign_in_sheet(page_of(world))

        numbers = [row["numbers"] for row in data["rows"]]
        assert numbers == [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"], ["5", "5"]]
        assert [row["name"] for row in data["rows"]] == [member.name for member in world.members]
        assert len(data["spare"]) == SPARE_LINES

    def test_has_a_column_of_seats_where_the_class_has_seats(self, world):
        Enrolment.objects.filter(member=world.members[1]).update(seat=31)

        data = write_sign_in_sheet(page_of(world))

        assert [row["numbers"][2] for row in data["rows"]] == ["", "31", "", "", ""]
        assert len(data["columns"]["numbers"]) == 3
        assert set_document("sign_in_sheet", data).startswith(b"%PDF-")

    def test_its_signatures_never_stand_alone_on_a_page(self, world):
        data = write_sign_in_sheet(page_of(world))
        (row, *_others), last = data["rows"], "77"
        turned = set()
        for size in range(30):
            data |= {"rows": [row] * size, "spare": ["1", last]}
            pages = read_pages(set_document("sign_in_sheet", data))
            assert any(last in line for line in pages[-1]), size
            turned.add(len(pages))

        assert turned == {1, 2}

    @pytest.mark.parametrize("size", [0, 5, 90])
    def test_is_a_pdf_of_as_many_pages_as_it_takes(self, size):
        world = ClassWorld(size=size)

        pdf = set_document("sign_in_sheet", write_sign_in_sheet(page_of(world)))

        assert pdf.startswith(b"%PDF-")
        assert (b"/Count 4/" if size == 90 else b"/Count 1/") in pdf

    def test_is_handed_out_and_that_stands_in_the_trail(self, clerk, world):
        rare = world.members[0]
        rare.name = "\U00020bb7\u5b50"
        rare.save()

        reply = clerk.get(reverse("rolls:sign_in_sheet", args=[world.session.pk]))

        assert reply.headers["Content-Type"] == "application/pdf"
        entry = AuditEntry.objects.get(act="print_sheet")
        assert (entry.object_id, entry.after) == (str(world.session.pk), {"count": 5})

    def test_with_a_sign_that_no_font_holds_is_not_printed(self, clerk, world):
        odd = world.members[0]
        odd.name = "\U0001f40d"
        odd.save()

        reply = clerk.get(reverse("rolls:sign_in_sheet", args=[world.session.pk]), follow=True)

        assert "U+1F40D" in reply.text
        assert not AuditEntry.objects.filter(act="print_sheet").exists()

    def test_says_by_four_signs_whether_the_order_is_still_the_same(self, world):
        before = mark_of_list(page_of(world).lines)
        guest = factories.make_member(world.organisation)
        number = world.session.number
        walked_in = Enrolment(
            training_class=world.training_class,
            member=guest,
            organisation=world.organisation,
            sessions=(number, number + 1),
        )
        walked_in.save()
        assert mark_of_list(page_of(world).lines) == before

        Enrolment.objects.get(member=world.members[1]).delete()
        assert mark_of_list(page_of(world).lines) != before


class TestTheNumbers:
    def read(self, count=20, **fields) -> SheetNumbersForm:
        body = {f"numbers-{name}": text for name, text in fields.items()}
        form = SheetNumbersForm(body, count=count)
        form.is_valid()
        return form

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("3", {3}),
            ("1-4, 7", {1, 2, 3, 4, 7}),
            ("1 - 3;5", {1, 2, 3, 5}),
            ("1–3、5 6", {1, 2, 3, 5, 6}),
            ("\uff11\uff0d\uff13\uff0c\uff15", {1, 2, 3, 5}),
            ("20-20", {20}),
        ],
    )
    def test_are_read_as_people_write_them(self, text, numbers):
        form = self.read(present=text)

        assert not form.errors
        assert form.marks == dict.fromkeys(numbers, "present")

    @pytest.mark.parametrize(
        ("field", "fields", "words"),
        [
            ("present", {"present": "21"}, "21 is not on the sheet"),
            ("present", {"present": "0-3"}, "0-3 is not on the sheet"),
            ("present", {"present": "1-99999"}, "from 1 to 20"),
            ("present", {"present": "5-2"}, "5-2 runs backwards"),
            ("present", {"present": "1-2-3"}, "1-2-3 is neither"),
            ("late", {"late": "3, x"}, "x is neither"),
            ("late", {"present": "1-9", "late": "4"}, "4 stands twice"),
            ("present", {"present": "1-9, 4"}, "4 stands twice"),
            ("present", {"present": " "}, "Type the numbers first"),
        ],
    )
    def test_that_are_wrong_are_named_at_their_field(self, field, fields, words):
        assert words in self.read(**fields).errors[field][0]


class TestEntryByNumber:
    def post(self, clerk, world, act="numbers", more=(), **fields):
        body = {"idempotency_key": str(uuid4()), "act": act}
        for member in world.members:
            body |= {f"mark-{member.pk}": "", f"seen-{member.pk}": ""}
        body |= {f"numbers-{name}": text for name, text in fields.items()}
        body |= dict(more)
        return clerk.post(reverse("rolls:roll", args=[world.session.pk]), body)

    def chosen(self, reply) -> list[str]:
        return [row["chosen"] for row in reply.context["rows"]]

    def test_fills_the_form_and_saves_nothing(self, clerk, world):
        reply = self.post(clerk, world, present="1-2", late="4", rest_absent="on")

        assert self.chosen(reply) == ["present", "present", "absent", "late", "absent"]
        assert not Attendance.objects.exists()

    def test_leaves_open_whom_nobody_named(self, clerk, world):
        reply = self.post(clerk, world, present="1", on_leave="5")

        assert self.chosen(reply) == ["present", "", "", "", "on_leave"]

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            (
                {"present": "1-2", "late": "4", "rest_absent": "on"},
                [
                    "Filled in from the sheet: present 2, late 1.",
                    "2 others without a mark are set to absent.",
                ],
            ),
            (
                {"present": "1", "on_leave": "5"},
                [
                    "Filled in from the sheet: present 1, on leave 1.",
                    "3 people have no mark still.",
                ],
            ),
            ({"rest_absent": "on"}, ["5 others without a mark are set to absent."]),
        ],
    )
    def test_says_what_was_done_and_no_more(self, clerk, world, fields, says):
        reply = self.post(clerk, world, **fields)

        assert reply.context["entered"].splitlines()[:-1] == says
        assert "<br>".join(says) in reply.text
        assert "Everyone without a mark" not in reply.text

    def test_names_how_many_had_another_mark_before(self, clerk, world):
        marks = {world.members[0].pk: "absent", world.members[1].pk: "present"}
        kwargs = {"by": world.by, "at": timezone.now()}
        record_attendance(session_id=world.session.pk, marks=marks, seen={}, **kwargs)
        shown = {f"mark-{pk}": mark for pk, mark in marks.items()}

        reply = self.post(clerk, world, present="1-5", more=shown)

        assert "Of them 1 had another mark before." in reply.context["entered"]

    @pytest.mark.parametrize("act", ["save", "submit"])
    def test_comes_first_where_somebody_sends_the_roll_with_numbers_in_it(self, clerk, world, act):
        reply = self.post(clerk, world, act=act, present="1-5")

        assert self.chosen(reply) == ["present"] * 5
        assert not Attendance.objects.exists()

    def test_keeps_what_was_typed_beside_what_is_wrong_with_it(self, clerk, world):
        reply = self.post(clerk, world, present="1-6")

        assert reply.status_code == 422
        assert 'value="1-6"' in reply.text
        assert "1-6 is not on the sheet" in reply.text
        assert self.chosen(reply) == [""] * 5


class TestTheEvidence:
    def url(self, world, name="session_evidence", *more):
        return reverse(f"rolls:{name}", args=[world.session.pk, *more])

    def send(self, clerk, world, kind="photo", *files):
        uploads = files or [SimpleUploadedFile("现场.png", factories.make_picture())]
        body = {"idempotency_key": str(uuid4()), kind: list(uploads)}
        return clerk.post(self.url(world), body)

    def test_is_added_and_shown_on_the_roll(self, clerk, world):
        assert self.send(clerk, world).status_code == 302

        photo = world.session.files.get()
        address = self.url(world, "session_file", photo.pk)
        page = clerk.get(reverse("rolls:roll", args=[world.session.pk]))
        assert f"{address}?small=1" in page.text

    def test_opened_at_full_size_stands_in_the_trail_a_small_picture_does_not(self, clerk, world):
        self.send(clerk, world)
        address = self.url(world, "session_file", world.session.files.get().pk)

        assert clerk.get(address, {"small": 1}).headers["Content-Type"] == "image/jpeg"
        assert not AuditEntry.objects.filter(act="open_session_file").exists()
        shown = clerk.get(address)
        assert shown.headers["Content-Disposition"] == "inline"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert AuditEntry.objects.get(act="open_session_file").after["evidence"] == "photo"

    def test_keeps_the_good_ones_and_names_the_others(self, clerk, world):
        good = SimpleUploadedFile("好.png", factories.make_picture())
        bad = SimpleUploadedFile("坏.png", b"MZ\x90")

        reply = self.send(clerk, world, "photo", good, bad)

        assert reply.status_code == 422
        assert "坏.png" in reply.text
        assert world.session.files.count() == 1

        right = SimpleUploadedFile("改.png", factories.make_picture(red=9))
        key = reply.context["wrong"]["idempotency_key"].value()
        body = {"idempotency_key": key, "photo": [right]}
        assert clerk.post(self.url(world), body).status_code == 302
        assert world.session.files.count() == 2

    def test_says_how_many_of_ten_photographs_were_kept(self, clerk, world):
        for red in range(2):
            picture = SimpleUploadedFile("现场.png", factories.make_picture(red=100 + red))
            self.send(clerk, world, "photo", picture)
        ten = [SimpleUploadedFile(f"{n}.png", factories.make_picture(red=n)) for n in range(10)]
        page = self.send(clerk, world, "photo", *ten).text

        assert "7 files were kept; the others were not:" in page
        assert "9.png: a session holds no more than 9 photographs." in page
        assert "6.png:" not in page
        assert world.session.files.count() == 9

    def test_sent_twice_at_once_is_kept_once_and_the_second_is_named(self, clerk, world):
        twice = [
            SimpleUploadedFile(name, factories.make_picture()) for name in ("甲.png", "乙.png")
        ]

        reply = self.send(clerk, world, "photo", *twice)

        assert "乙.png: this file is there already" in reply.text
        assert "甲.png: this file" not in reply.text
        assert world.session.files.count() == 1

    def test_that_is_no_evidence_of_a_session_is_refused(self, clerk, world):
        assert self.send(clerk, world, "certificate").status_code == 422

    def test_too_large_to_be_read_leads_back_to_its_page(self, clerk, world):
        assert "20 MB together" in clerk.get(self.url(world), {"too_large": 1}).text

    def test_is_removed_until_the_roll_is_submitted(self, clerk, world):
        for red in range(2):
            picture = SimpleUploadedFile("现场.png", factories.make_picture(red=red))
            self.send(clerk, world, "photo", picture)
        first, second = world.session.files.all()
        assert clerk.post(self.url(world, "remove_session_file", first.pk)).status_code == 302
        submit_roll(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=timezone.now(),
        )

        assert clerk.post(self.url(world, "remove_session_file", second.pk)).status_code == 409
        assert list(world.session.files.all()) == [second]
