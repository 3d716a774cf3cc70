"""The tree of Party organisations: district committee → committee → general branch → branch."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from config.lib.copying import copy_rows, reserve_ids
from config.lib.names import pinyin_forms
from config.lib.periods import period
from config.lib.shares import share_out
from schools.demo.network import DISTRICT_CODE, Network, TownshipRow
from schools.demo.plan import DemoPlan
from schools.enums import OrganisationKind
from schools.models import Organisation, Placement

ORGANISATIONS = 1_962
FEWEST_BELOW_COMMITTEE = 3
TREE_SINCE = date(2012, 7, 1)

_ORDINALS = "一二三四五六七八九十"
_MOST_BRANCHES = {"village": 8, "other": 5}
# Places other than villages: kinds, never a real company. A township has each of the first list
# once, and as many of the second as it needs; {} is an ordinal.
_OFFICES = ("机关", "机关退休干部", "党群服务中心", "综合行政执法大队", "社区卫生服务中心")
_PLACES = (
    "{}中学", "{}小学", "{}幼儿园", "商务楼宇{}联合", "商圈{}联合", "园区企业{}联合",
    "个体工商户{}联合", "物业企业{}联合", "社会组织{}联合", "农民专业合作社{}联合",
    "快递外卖行业{}联合", "退役军人{}联合", "建筑工地{}流动", "养老机构{}联合", "网格员{}联合",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A stored organisation. `parent` is its position in the list of all organisations."""

    id: int
    code: str
    name: str
    kind: OrganisationKind
    parent: int | None
    township: TownshipRow | None
    village_id: int | None
    since: date


@dataclass(slots=True)
class _Unit:
    """A village or another place, with one branch, or with a general branch over several."""

    stem: str
    village_id: int | None
    branches: int = 1

    @property
    def most(self) -> int:
        return _MOST_BRANCHES["other" if self.village_id is None else "village"]

    @property
    def weight(self) -> int:
        return 1 if self.village_id is None else 3


def seed_organisations(plan: DemoPlan, network: Network) -> list[OrganisationRow]:
    """Store the tree: 1,962 organisations for the whole district, fewer for a small demo.

    Every township has its committee, and below it a general branch with at least two branches.
    """
    committees = len(network.townships)
    below = round((ORGANISATIONS - 1 - committees) * plan.scale)
    below = max(below, committees * FEWEST_BELOW_COMMITTEE)
    ids = iter(reserve_ids(Organisation, 1 + committees + below))
    rows = [_district_row(next(ids))]
    weights = [len(township.villages) + 6 for township in network.townships]
    shares = share_out(below, weights, FEWEST_BELOW_COMMITTEE)
    for township, share in zip(network.townships, shares, strict=True):
        units = _plan_units(township, share, plan.rng("organisations", township.code))
        rows.extend(_township_rows(township, units, len(rows), ids))
    _store(rows)
    return rows


def _district_row(pk: int) -> OrganisationRow:
    code = f"{DISTRICT_CODE}00000000"
    name = "中共天津市西青区委员会"
    kind = OrganisationKind.DISTRICT_COMMITTEE
    return OrganisationRow(pk, code, name, kind, None, None, None, TREE_SINCE)


def _plan_units(township: TownshipRow, share: int, rng: random.Random) -> list[_Unit]:
    """Units that make exactly `share` organisations: one each, plus one per general branch."""
    in_villages = min(len(township.villages), max(1, share // 3))
    elsewhere = share // 4 if share >= 8 else 0
    units = [_Unit(_village_stem(name), pk) for pk, _, name in township.villages[:in_villages]]
    units += [_Unit(_place_stem(township.name, number), None) for number in range(elsewhere)]
    rest = share - len(units)
    while rest:
        # The second branch of a unit also adds the general branch above both.
        growing = [u for u in units if u.branches < u.most and (u.branches > 1 or rest > 1)]
        if not growing:
            units.append(_Unit(_place_stem(township.name, elsewhere), None))
            elsewhere += 1
            rest -= 1
            continue
        unit = rng.choices(growing, [u.weight for u in growing])[0]
        rest -= 2 if unit.branches == 1 else 1
        unit.branches += 1
    return units


def _village_stem(name: str) -> str:
    """A village's name as used for its branches: 于台村委会 → 于台村."""
    for ending in ("居民委员会", "居委会", "委员会", "委会"):
        name = name.removesuffix(ending)
    if name.endswith("村村"):
        name = name[:-1]
    return name if name.endswith(("社区", "村")) else f"{name}社区"


def _place_stem(township: str, number: int) -> str:
    if number < len(_OFFICES):
        return township + _OFFICES[number]
    turn, kind = divmod(number - len(_OFFICES), len(_PLACES))
    return township + _PLACES[kind].format(f"第{_ordinal(turn + 1)}" if turn else "")


def _ordinal(number: int) -> str:
    """一 to 九十九."""
    tens, ones = divmod(number, 10)
    text = "" if not tens else "十" if tens == 1 else f"{_ORDINALS[tens - 1]}十"
    return text + (_ORDINALS[ones - 1] if ones else "")


def _township_rows(
    township: TownshipRow, units: list[_Unit], committee: int, ids: Iterator[int]
) -> Iterator[OrganisationRow]:
    """The committee (at position `committee`) and everything below it."""
    since = township.since or TREE_SINCE
    name = f"{township.name}{'党委' if township.name.endswith('镇') else '党工委'}"
    kinds = OrganisationKind
    yield OrganisationRow(
        next(ids), f"{township.code}00000", name, kinds.COMMITTEE, 0, township, None, since
    )
    place = committee
    for number, unit in enumerate(units, 1):
        code = f"{township.code}{number:03d}"
        parent = committee
        if unit.branches > 1:
            place += 1
            parent = place
            yield OrganisationRow(
                next(ids), f"{code}00", f"{unit.stem}党总支", kinds.GENERAL_BRANCH,
                committee, township, unit.village_id, since,
            )  # fmt: skip
        for branch in range(1, unit.branches + 1):
            place += 1
            title = f"第{_ordinal(branch)}党支部" if unit.branches > 1 else "党支部"
            yield OrganisationRow(
                next(ids), f"{code}{branch:02d}", unit.stem + title, kinds.BRANCH,
                parent, township, unit.village_id, since,
            )  # fmt: skip


def _store(rows: list[OrganisationRow]) -> None:
    copy_rows(
        Organisation,
        ["id", "code", "name", "name_pinyin", "name_initials", "kind", "period"],
        [
            (
                row.id,
                row.code,
                row.name,
                *pinyin_forms(row.name),
                row.kind.value,
                period(row.since),
            )
            for row in rows
        ],
    )
    copy_rows(
        Placement,
        ["organisation_id", "parent_id", "township_id", "village_id", "period"],
        [
            (
                row.id,
                None if row.parent is None else rows[row.parent].id,
                row.township and row.township.id,
                row.village_id,
                period(row.since),
            )
            for row in rows
        ],
    )
