"""Reading, checking, comparing and merging a register of 38,000 rows.

The register is one year later: of a hundred members two have moved to another branch, five have a
new phone, and one in five hundred is new. The limit trusts every cell: calamine reads them, COPY
stores them with the look-up hash of each ID number, and plain statements merge them. It validates
nothing, stores no preview and writes no audit entries. Each turn is rolled back after the
constraints are checked.
"""

import io
import time
from collections.abc import Iterator
from datetime import date
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook
from stdnum.cn import ric

from accounts.enums import ActorChannel
from accounts.models import User
from accounts.origin import Actor
from backstage.jobs import run_job
from backstage.models import Job
from config.lib.copying import copy_rows, reserve_ids
from config.lib.encryption import decrypt, encrypt, fingerprint
from config.lib.garbage import freeze_gc
from config.lib.names import pinyin_forms
from config.lib.periods import in_force, period, today
from config.lib.resident_ids import birth_date_of
from config.lib.spreadsheet_writing import Column, write_table
from tests.bench.figures import Row, compare, require_truth
from trainees.actions.register import order_merge, start_import
from trainees.enums import MembershipStatus, RowKind
from trainees.models import Member, Membership, RegisterImport

OFFICER = "org.department"
# The position of the new member in each five hundred rows.
NEW = 3
TURNS = 9
ASKED = 4
HEADERS = ("所在党支部", "姓名", "公民身份号码", "联系电话", "性别", "入党时间", "党员状态")
_STATUSES = {
    MembershipStatus.NORMAL: "正常",
    MembershipStatus.SUSPENDED: "停止党籍",
    MembershipStatus.LOST_CONTACT: "失联",
}


def make_register(on: date) -> bytes:
    """The register as an XLSX file, as an office would send it."""
    target = io.BytesIO()
    columns = [Column(header) for header in HEADERS]
    write_table(target, title="西青区党员名册", columns=columns, rows=_rows(on))
    return target.getvalue()


def _rows(on: date) -> Iterator[list[Any]]:
    memberships = Membership.objects.filter(in_force(on)).order_by("member__number")
    stored = memberships.values_list(
        "organisation__code",
        "member__name",
        "member__resident_id_encrypted",
        "member__phone",
        "member__sex",
        "member__joined_on",
        "membership_status",
    )
    branches = sorted({row[0] for row in stored})
    for place, (code, name, sealed, phone, sex, joined, status) in enumerate(stored):
        is_new = place % 500 == NEW
        yield [
            branches[place % len(branches)] if place % 50 == 0 else code,
            name,
            _new_number(place) if is_new else decrypt(sealed),
            f"101{place:08}" if place % 20 == 1 else phone,
            None if is_new else "男" if sex == "m" else "女",
            # Late enough to be of age with any birth date of the new ID numbers.
            "2020-07-01" if is_new else joined.isoformat(),
            _STATUSES[status],
        ]


def _new_number(place: int) -> str:
    body = f"120000{1950 + place // 500 % 50}0228{place // 500 // 50:03}"
    return body + ric.calc_check_digit(f"{body}0")


_CELLS = """
CREATE TEMP TABLE cells (branch text, name text, number text, phone text, sex text, joined text,
                         membership_status text, fingerprint text) ON COMMIT DROP
"""
_MERGE = (
    """
    UPDATE trainees_member m SET phone = c.phone FROM cells c
    WHERE m.resident_id_fingerprint = c.fingerprint AND c.phone <> '' AND m.phone <> c.phone
    """,
    """
    CREATE TEMP TABLE moved ON COMMIT DROP AS
    SELECT ms.id, ms.member_id, ms.membership_status, upper(ms.period) AS ends,
           o.id AS organisation_id
    FROM cells c JOIN trainees_member m ON m.resident_id_fingerprint = c.fingerprint
    JOIN trainees_membership ms ON ms.member_id = m.id AND ms.period @> %(on)s::date
    JOIN schools_organisation o ON o.code = c.branch WHERE o.id <> ms.organisation_id
    """,
    """
    UPDATE trainees_membership ms SET period = daterange(lower(ms.period), %(on)s)
    FROM moved WHERE ms.id = moved.id
    """,
    """
    INSERT INTO trainees_membership (member_id, organisation_id, membership_status, period,
                                     recorded_at)
    SELECT member_id, organisation_id, membership_status, daterange(%(on)s, ends), now() FROM moved
    """,
    """
    UPDATE trainees_post p SET period = daterange(lower(p.period), %(on)s)
    FROM moved JOIN trainees_membership ms ON ms.id = moved.id
    WHERE p.member_id = moved.member_id AND p.organisation_id = ms.organisation_id
      AND p.period @> %(on)s::date AND lower(p.period) < %(on)s
    """,
)
_NEW = """
SELECT c.name, c.number, c.phone, c.fingerprint, c.joined, o.id
FROM cells c JOIN schools_organisation o ON o.code = c.branch
WHERE NOT EXISTS (SELECT FROM trainees_member m WHERE m.resident_id_fingerprint = c.fingerprint)
"""


class Registers:
    """One file that is merged in two ways."""

    def __init__(self) -> None:
        self.on = today()
        self.data = make_register(self.on)
        self.by = Actor(User.objects.get(username=OFFICER), ActorChannel.WEB)
        self.counts: dict[str, int] = {}
        self.ours = self.by_hand = (0, 0, 0)

    def merge_by_hand(self) -> float:
        """The limit. Only new members need their full ID number, all others only its hash."""
        with transaction.atomic(), connection.cursor() as cursor:
            started = time.perf_counter()
            cursor.execute(_CELLS)
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(self.data))
            rows = workbook.get_sheet_by_index(0).to_python()[2:]
            lines = ("\t".join((*map(str, row), fingerprint(row[2]))) for row in rows)
            cursor.copy_expert("COPY cells FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
            for statement in _MERGE:
                cursor.execute(statement, {"on": self.on})
            cursor.execute(_NEW)
            new = cursor.fetchall()
            self._add_by_hand(new)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            seconds = time.perf_counter() - started
            self.by_hand = self._count_written()
            transaction.set_rollback(True)
        return seconds

    def _add_by_hand(self, new: list[tuple[Any, ...]]) -> None:
        ids = reserve_ids(Member, len(new))
        copy_rows(
            Member,
            ["id", "number", "name", "name_pinyin", "name_initials", "sex", "birth_date", "phone",
             "resident_id_encrypted", "resident_id_fingerprint", "joined_on"],
            [
                (pk, f"9{pk:09}", name, *pinyin_forms(name), "m", birth_date_of(number), phone,
                 encrypt(number), mark, joined)
                for pk, (name, number, phone, mark, joined, _branch) in zip(ids, new, strict=True)
            ],
        )  # fmt: skip
        copy_rows(
            Membership,
            ["member_id", "organisation_id", "membership_status", "period", "recorded_at"],
            [
                (pk, row[5], MembershipStatus.NORMAL.value, period(self.on), timezone.now())
                for pk, row in zip(ids, new, strict=True)
            ],
        )

    def _count_written(self) -> tuple[int, int, int]:
        """The numbers of members, of memberships that begin today, and of phones of this file."""
        return (
            Member.objects.count(),
            Membership.objects.filter(period__startswith=self.on).count(),
            Member.objects.filter(phone__startswith="101").count(),
        )

    def merge(self) -> float:
        """Ours: both jobs of an import, without the upload before them."""
        with transaction.atomic():
            register = start_import(
                data=self.data,
                file_name="register.xlsx",
                media_type="x",
                as_of=self.on,
                by=self.by,
                at=timezone.now(),
            )
            started = time.perf_counter()
            self._work(register)
            order_merge(
                register_id=register.pk, leave_out_refused=True, by=self.by, at=timezone.now()
            )
            register.refresh_from_db(fields=["job"])
            self._work(register)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            seconds = time.perf_counter() - started
            register.refresh_from_db()
            self.counts = register.counts | {"state": register.state}
            self.ours = self._count_written()
            transaction.set_rollback(True)
        return seconds

    @staticmethod
    def _work(register: RegisterImport) -> None:
        assert register.job is not None
        run_job(job_id=register.job.pk, clock=timezone.now)
        assert Job.objects.get(pk=register.job.pk).state == "done"


def measure_register() -> list[Row]:
    """Measure the register, and check that the merge wrote the expected rows."""
    registers = Registers()
    freeze_gc()  # as a worker does at startup
    members = Member.objects.count()
    with TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = folder
        row = compare(
            "register of 38,000 rows read and merged",
            asked=ASKED,
            turns=TURNS,
            limit=registers.merge_by_hand,
            ours=registers.merge,
            warm_up=1,
        )
    counts = registers.counts
    written = (counts[RowKind.TRANSFERRED], counts[RowKind.CHANGED], counts[RowKind.NEW])
    expected = counts["state"] == "applied" and sum(written) > members * 0.06
    expected = expected and not counts.get(RowKind.REFUSED)
    expected = expected and registers.ours == registers.by_hand
    return [row, require_truth(f"… writing {sum(written):,} members", is_true=expected)]
