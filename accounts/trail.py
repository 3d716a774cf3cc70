"""Search and display of the audit trail: filters, and the content of an entry in words."""

from __future__ import annotations

import hmac
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import digest_of
from accounts.audit_labels import ACT_LABELS, act_label
from accounts.enums import ActorChannel
from accounts.models import AuditEntry, User
from accounts.roles import format_roles
from config.lib.dates import format_day, format_moment
from config.lib.filters import Filter, Filters, ListRequest, choose, day, search, yes_or_no
from config.lib.hours import format_hours
from config.lib.period_forms import describe_period
from config.lib.periods import at_local, inclusive_period, period

# From this many characters on, the trigram index finds a part; a shorter text is a prefix.
SHORTEST_PART = 3
# The separators between the parts of an object's name.
_JOINTS = re.compile("( · |: )")
_STORED_PERIOD = re.compile(r"\[(\d{4}-\d\d-\d\d), ?(\d{4}-\d\d-\d\d)?(?:None)?\)")

type FactWriter = Callable[[Any], str]


@dataclass(frozen=True)
class _Fact:
    """The label and format of a fact that is no field of the object.

    With `model`, the value is one or more of its objects, by the values of `key`.
    """

    label: str | Promise
    write: FactWriter | None = None
    model: type[models.Model] | None = None
    key: str = "pk"


def _format_hours(value: Any) -> str:
    """Hours without trailing zeros, which older entries have; other values unchanged."""
    try:
        return format_hours(Decimal(str(value)))
    except InvalidOperation:
        return _plain(value)


# By kind of object and name; the kind is empty if the name means the same for all kinds.
_registered_facts: dict[tuple[str, str], _Fact] = {
    ("", name): _Fact(label)
    for name, label in {
        # For exports, which formerly stored the title in the user's language.
        "title": gettext_lazy("title then"),
        "rows": gettext_lazy("rows"),
        "year": gettext_lazy("year"),
        "on": gettext_lazy("from the day"),
        "count": gettext_lazy("number of persons"),
        "reason": gettext_lazy("reason"),
        "replaces": gettext_lazy("replaces"),
        "period": gettext_lazy("period"),
        "version": gettext_lazy("version"),
        "batch": gettext_lazy("batch of slips"),
        "expires_at": gettext_lazy("valid until"),
        "sha256": gettext_lazy("hash of the file"),
        "seed": gettext_lazy("seed"),
    }.items()
} | {
    ("", "hours"): _Fact(gettext_lazy("credit hours"), _format_hours),
    ("", "roles"): _Fact(gettext_lazy("in the role of"), format_roles),
    ("accounts.user", "session_epoch"): _Fact(gettext_lazy("times sessions were ended")),
}


def register_fact(
    name: str, label: str | Promise, write: FactWriter | None = None, *, of: str = ""
) -> None:
    """Register the label and format of a fact that a higher app defines.

    `of` names the kind of object, if a fact of that name means something else for other kinds.
    """
    _registered_facts[of, name] = _Fact(label, write)


def register_reference(
    name: str, label: str | Promise, model: type[models.Model], key: str = "pk", *, of: str = ""
) -> None:
    """Register which objects a fact refers to, by the values of their field `key`."""
    _registered_facts[of, name] = _Fact(label, None, model, key)


type NameWriter = Callable[[str], str]

_name_writers: dict[str, NameWriter] = {}


def register_name(model: type[models.Model], write: NameWriter) -> None:
    """Register how a stored object name is displayed in the audit trail."""
    _name_writers[model._meta.label_lower] = write


type Finder = Callable[[str], Mapping[type[models.Model], Iterable[int]]]

_finders: list[Finder] = []


def register_finder(find: Finder) -> None:
    """Register a finder for objects of a higher app that people know by a separate number."""
    if find not in _finders:
        _finders.append(find)


def trail_filters(asked: ListRequest) -> Filters:
    """The filters of the audit trail: days, person, act, kind of object, object, channel."""
    acts = {act: act_label(act) for act in ACT_LABELS}
    kinds = {model._meta.label_lower: capfirst(str(model._meta.verbose_name)) for model in _kinds()}
    channels = {value: str(label) for value, label in ActorChannel.choices}
    return Filters(
        [
            _from_day(asked),
            _to_day(asked),
            search(asked, _("Person: name"), _by_person(asked.text("person")), "person"),
            choose(
                asked,
                "act",
                _("Act"),
                dict(sorted(acts.items(), key=lambda act: act[1])),
                conditions={act: Q(act=act) for act in acts},
                any_label=_("all acts"),
            ),
            choose(
                asked,
                "kind",
                _("Kind of object"),
                dict(sorted(kinds.items(), key=lambda kind: kind[1])),
                conditions={kind: Q(object_type=kind) for kind in kinds},
                any_label=_("all kinds"),
            ),
            search(asked, _("Object: name or number"), _by_object(asked.text("object")), "object"),
            choose(
                asked,
                "channel",
                _("By way of"),
                channels,
                conditions={channel: Q(channel=channel) for channel in channels},
                any_label=_("all ways"),
            ),
        ]
    )


def _kinds() -> list[type[models.Model]]:
    """The kinds of objects that actions are about: the models of this project's own apps."""
    our_apps = [a for a in apps.get_app_configs() if Path(a.path).parent == settings.BASE_DIR]
    return [model for app in our_apps for model in app.get_models()]


def _from_day(asked: ListRequest) -> Filter:
    chosen = day(asked, "from", _("From"))
    if not chosen.value:
        return chosen
    start = at_local(date.fromisoformat(chosen.value), 0)
    return Filter(
        chosen.name, chosen.label, chosen.value, chosen.field, chosen.words, Q(at__gte=start)
    )


def _to_day(asked: ListRequest) -> Filter:
    chosen = day(asked, "to", _("To"))
    if not chosen.value:
        return chosen
    last = date.fromisoformat(chosen.value)
    end = at_local(inclusive_period(last, last).upper, 0)
    return Filter(
        chosen.name, chosen.label, chosen.value, chosen.field, chosen.words, Q(at__lt=end)
    )


def _by_person(text: str) -> Q:
    """Acts of accounts with `text` in their name now, or with exactly this name at the time."""
    named = User.objects.filter(display_name__contains=text).values_list("pk", flat=True)
    return Q(actor__in=list(named) if text else []) | Q(actor_name=text)


def _by_object(text: str) -> Q:
    """Objects with that number, or with `text` in their name; a short text is a prefix."""
    if not text:
        return Q()
    lookup = "contains" if len(text) >= SHORTEST_PART else "startswith"
    condition = Q(object_id=text) | Q(**{f"object_label__{lookup}": text})
    for find in _finders:
        for model, keys in find(text).items():
            numbers = [str(key) for key in keys]
            condition |= Q(object_type=model._meta.label_lower, object_id__in=numbers)
    return condition


def list_trail(_asked: ListRequest, filters: Filters) -> QuerySet[AuditEntry]:
    """The entries, newest first."""
    return filters.apply(AuditEntry.objects.order_by("-at", "-id"))


def older_than(rows: QuerySet[AuditEntry], entry: AuditEntry) -> QuerySet[AuditEntry]:
    """The entries after `entry` in a list that is newest first."""
    return rows.filter(Q(at__lt=entry.at) | Q(at=entry.at, pk__lt=entry.pk))


def is_intact(entry: AuditEntry) -> bool:
    """Whether the entry still matches its digest."""
    return hmac.compare_digest(entry.digest, digest_of(entry))


def kind_label(object_type: str) -> str:
    """The display name of a model; the stored name if the model no longer exists."""
    model = _model(object_type)
    return str(model._meta.verbose_name) if model else object_type


def object_name(entry: AuditEntry) -> str:
    """The object's name at the time; choices in it, such as a role, in the reader's language."""
    write = _name_writers.get(entry.object_type)
    if write is not None:
        return write(entry.object_label)
    words = _choice_words(entry.object_type)
    parts = _JOINTS.split(entry.object_label)
    return "".join(str(words.get(part, part)) for part in parts)


@cache
def _choice_words(object_type: str) -> Mapping[str, str | Promise]:
    """The choices of an object's fields, by their words in each language.

    Older entries named their object in the language of the person who acted.
    """
    model = _model(object_type)
    labels = [
        label
        for field in (model._meta.concrete_fields if model else ())
        for _key, label in field.flatchoices
    ]
    words: dict[str, str | Promise] = {}
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            words |= {str(label): label for label in labels}
    return words


def actor_label(entry: AuditEntry) -> str:
    """The actor's name at the time; the portal if nobody was signed in."""
    is_nobody = entry.actor_id is None and entry.actor_name in ActorChannel.values
    return _("the portal") if is_nobody else entry.actor_name


# The names of objects that facts refer to, by model and key field.
type Names = Mapping[tuple[type[models.Model], str], Mapping[str, str]]


def list_changes(entry: AuditEntry, names: Names | None = None) -> list[tuple[str, str, str]]:
    """The changes in the entry, as label, before and after, in words.

    Objects that a fact refers to are named; `names` has those of several entries (`name_objects`).
    """
    names = name_objects([entry]) if names is None else names
    before, after = _facts(entry.before), _facts(entry.after)
    return [
        (
            fact_label(entry.object_type, name),
            _in_words(entry.object_type, name, before.get(name), names),
            _in_words(entry.object_type, name, after.get(name), names),
        )
        for name in dict.fromkeys([*before, *after])
    ]


def name_objects(entries: Iterable[AuditEntry]) -> Names:
    """The objects that the facts of these entries refer to; one statement per kind."""
    wanted: dict[tuple[type[models.Model], str], set[Any]] = defaultdict(set)
    for entry in entries:
        for facts in (_facts(entry.before), _facts(entry.after)):
            for name, value in facts.items():
                referred = _referred_model(entry.object_type, name)
                if referred is not None:
                    wanted[referred].update(_keys(value))
    return {referred: _names_of(*referred, keys) for referred, keys in wanted.items()}


def _referred_model(object_type: str, name: str) -> tuple[type[models.Model], str] | None:
    """The kind of objects that a fact refers to, and their key field."""
    fact, field = _fact(object_type, name), _field(object_type, name)
    if fact is not None:
        return (fact.model, fact.key) if fact.model is not None else None
    return (field.related_model, "pk") if field is not None and field.is_relation else None


def _keys(value: Any) -> list[Any]:
    keys = value if isinstance(value, list) else [value]
    return [key for key in keys if isinstance(key, str | int) and key != ""]


def _names_of(model: type[models.Model], key: str, keys: Iterable[Any]) -> dict[str, str]:
    field: Any = model._meta.pk if key == "pk" else model._meta.get_field(key)
    fitting = []
    for value in keys:
        try:
            fitting.append(field.to_python(value))
        except ValidationError:  # a stored value that is no valid reference
            continue
    parts = [part.name for part in model._meta.concrete_fields if part.is_relation]
    rows = model._default_manager.filter(**{f"{key}__in": fitting})
    rows = rows.select_related(*parts) if parts else rows
    return {str(getattr(row, key)): str(row) for row in rows} if fitting else {}


def _facts(stored: Any) -> Mapping[str, Any]:
    if stored is None:
        return {}
    return stored if isinstance(stored, dict) else {"": stored}


def _model(object_type: str) -> type[models.Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _field(object_type: str, name: str) -> Any:
    """The model's own field of that name or column, or None."""
    model = _model(object_type)
    if model is None:
        return None
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return next((field for field in fields if name in {field.name, field.attname}), None)


def _fact(object_type: str, name: str) -> _Fact | None:
    """The description of a fact: first for this kind of object, then a field, then in general."""
    fact = _registered_facts.get((object_type, name))
    if fact is not None or _field(object_type, name) is not None:
        return fact
    return _registered_facts.get(("", name))


def fact_label(object_type: str, name: str) -> str:
    """The label of a fact; its stored name if it is unknown."""
    fact, field = _fact(object_type, name), _field(object_type, name)
    if fact is not None:
        return capfirst(str(fact.label))
    if field is None:
        return capfirst(name)
    return capfirst(_("record number") if field.primary_key else str(field.verbose_name))


def _in_words(object_type: str, name: str, value: Any, names: Names) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    referred = _referred_model(object_type, name)
    if referred is not None:
        called = names.get(referred, {})
        keys = value if isinstance(value, list) else [value]
        return _("; ").join(called.get(str(key)) or _plain(key) for key in keys)
    fact, field = _fact(object_type, name), _field(object_type, name)
    if fact is not None:
        return fact.write(value) if fact.write else _plain(value)
    if field is None:
        return _plain(value)
    choices = {str(key): str(label) for key, label in field.flatchoices}
    return choices.get(str(value)) or _plain(value)


def _plain(value: Any) -> str:
    """A value in words, judged by its type alone."""
    match value:
        case bool():
            return yes_or_no(value)
        case dict():
            return _("; ").join(f"{key}: {_plain(inner)}" for key, inner in value.items())
        case list():
            return _("; ").join(_plain(inner) for inner in value)
        case str():
            return _stored_time(value)
    return str(value)


def _stored_time(text: str) -> str:
    """A period, date or moment from JSON in words; any other text unchanged."""
    match = _STORED_PERIOD.fullmatch(text)
    if match:
        first, end = (date.fromisoformat(day) if day else None for day in match.groups())
        return describe_period(period(first, end)) if first else text
    try:
        if len(text) == len("2026-11-24"):
            return format_day(date.fromisoformat(text))
        moment = parse_datetime(text) if "T" in text else None
    except ValueError:
        return text
    return format_moment(moment) if moment and moment.tzinfo else text


def format_pairs(pairs: Iterable[tuple[object, object]]) -> str:
    """Labels with their values, in one line."""
    return _("; ").join(_("%(label)s: %(value)s") % {"label": a, "value": b} for a, b in pairs)
