"""The real network: district, townships, villages, and the eleven schools with their areas."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.lib.copying import copy_rows, reserve_ids
from config.lib.periods import period
from schools.models import District, School, SchoolArea, Township, Village

DISTRICT_CODE = "120111"
DISTRICT_NAME = "西青区"
SCHOOLS_SINCE = date(2019, 1, 1)

YANGLIUQING = "120111101"
JINMENHU = "120111005"
LIQIZHUANG = "120111002"
ZHANGJIAWO = "120111103"

# Split off in 2022 and still without a school: its members study at a neighbouring school.
CHILONGBEI = "120111004"
SPLIT_ON = date(2022, 1, 1)
TAUGHT_BY = {CHILONGBEI: "120111003"}

# One town, one school, one signature: the signatures that the source names.
SIGNATURES = {
    JINMENHU: "湖畔讲堂——夜校学习班",
    LIQIZHUANG: "“一二·九”抗日救亡运动纪念馆现场教学",
    YANGLIUQING: "西青区烈士陵园现场教学",
    ZHANGJIAWO: "周六红色大讲堂",
}

_DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class TownshipRow:
    """A township with its villages as (id, code, name)."""

    id: int
    code: str
    name: str
    has_school: bool
    villages: tuple[tuple[int, str, str], ...]

    @property
    def since(self) -> date | None:
        """The day it was created, if that is later than the network."""
        return SPLIT_ON if self.code == CHILONGBEI else None


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A township Party school; its code is that of its township."""

    id: int
    code: str
    name: str

    @property
    def place(self) -> str:
        """The township's name without its type: 杨柳青."""
        return self.name.removesuffix("党校").removesuffix("镇").removesuffix("街道")


@dataclass(frozen=True)
class Network:
    """The stored townships and schools, and which school serves which township."""

    district_id: int
    townships: list[TownshipRow]
    schools: list[SchoolRow]

    def school_of(self, township: TownshipRow) -> SchoolRow:
        """The school where the township's members study."""
        code = TAUGHT_BY.get(township.code, township.code)
        return next(school for school in self.schools if school.code == code)


def seed_network() -> Network:
    """Store the network and return it."""
    district_id = reserve_ids(District, 1)[0]
    copy_rows(District, ["id", "code", "name"], [(district_id, DISTRICT_CODE, DISTRICT_NAME)])
    townships = list(_read_townships())
    copy_rows(Township, ["id", "code", "name"], [(t.id, t.code, t.name) for t in townships])
    copy_rows(
        Village,
        ["id", "code", "name", "township_id"],
        [(*village, township.id) for township in townships for village in township.villages],
    )
    network = Network(district_id, townships, _store_schools(townships))
    _store_areas(network)
    return network


def _read_townships() -> Iterator[TownshipRow]:
    townships = _read("xiqing_townships.csv")
    villages = _read("xiqing_villages.csv")
    village_ids = dict(
        zip((v["code"] for v in villages), reserve_ids(Village, len(villages)), strict=True)
    )
    for row, pk in zip(townships, reserve_ids(Township, len(townships)), strict=True):
        of_township = [v for v in villages if v["township_code"] == row["code"]]
        yield TownshipRow(
            pk,
            row["code"],
            row["name"],
            row["in_seed_network"] == "1",
            tuple((village_ids[v["code"]], v["code"], v["name"]) for v in of_township),
        )


def _read(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _store_schools(townships: list[TownshipRow]) -> list[SchoolRow]:
    with_school = [township for township in townships if township.has_school]
    schools = [
        SchoolRow(pk, township.code, f"{township.name}党校")
        for pk, township in zip(reserve_ids(School, len(with_school)), with_school, strict=True)
    ]
    copy_rows(
        School,
        ["id", "code", "name", "signature", "office", "telephone", "address", "period"],
        [
            (
                s.id,
                s.code,
                s.name,
                SIGNATURES.get(s.code, ""),
                "组织人事办公室",
                f"022-0000{number:04d}",
                f"天津市西青区{s.name.removesuffix('党校')}党群服务中心",
                period(SCHOOLS_SINCE),
            )
            for number, s in enumerate(schools, 101)
        ],
    )
    return schools


def _store_areas(network: Network) -> None:
    copy_rows(
        SchoolArea,
        ["school_id", "township_id", "period"],
        [
            (network.school_of(t).id, t.id, period(t.since or SCHOOLS_SINCE))
            for t in network.townships
        ],
    )
