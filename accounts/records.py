"""Add, change and delete rows that people edit by hand: one transaction, one audit entry.

The browser admin writes through these actions. Rows that result from a domain action (a roll, the
ledger) are only written by that action, never from here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, models, transaction
from django.db.models import Max, ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from accounts.actions import end_sessions
from accounts.activation import end_codes
from accounts.audit import Facts, facts_of, record_act
from accounts.interests import refuse_own_accounts
from accounts.models import AuditEntry, PrivacyNotice, User
from accounts.origin import Actor
from config.lib.append_only import AppendOnlyModel
from config.lib.encryption import keyed_hash

ADD, CHANGE, DELETE = "add_record", "change_record", "delete_record"

type Links = Mapping[str, Iterable[models.Model]]


class RecordError(Exception):
    """The write was refused. The message is for the user; `field` says where to show it."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class RecordChangedError(RecordError):
    """Another person changed the row after the user had opened it."""

    def __init__(self, stored: models.Model, differing: list[str], last: AuditEntry | None) -> None:
        super().__init__(_("Somebody else changed this meanwhile."))
        self.stored = stored
        self.differing = differing
        self.last = last


def save_record(
    *,
    obj: models.Model,
    by: Actor,
    fields: Collection[str],
    computed: Collection[str] = (),
    seen: str | None = None,
    links: Links | None = None,
    notes: Facts | None = None,
    school_code: str = "",
) -> bool:
    """Store a new row, or the named `fields` of a stored row; return whether anything was written.

    `computed` names columns derived from them. `links` has the objects of many-to-many fields.
    `seen` is the `state_of` the fields and links when the user opened the row. `notes` adds facts
    to the audit entry that are in no field. Raises RecordError, and RecordChangedError if the row
    has changed since it was opened.
    """
    _refuse_append_only(obj)
    links = {name: list(objects) for name, objects in (links or {}).items()}
    with transaction.atomic():
        if obj._state.adding:
            return _insert(obj, by, links, notes, school_code)
        # Does not block new references to the row: a roll need not wait for an edit of its school.
        stored = lock_row(obj, no_key=True)
        written = [*fields, *computed]
        changed = [name for name in written if _value(stored, name) != _value(obj, name)]
        relinked = [name for name in links if _keys(stored, name) != _keys_given(links[name])]
        if not changed and not relinked:
            return False
        if seen is not None and seen != state_of(stored, fields, links):
            last = AuditEntry.objects.about(stored).first()
            differing = [name for name in (*changed, *relinked) if name not in computed]
            raise RecordChangedError(stored, differing, last)
        before = _facts(stored, changed, relinked)
        _store(obj, links, update_fields=changed)
        record_act(
            act=CHANGE,
            obj=obj,
            by=by,
            before=before,
            after=_facts(obj, changed, relinked) | dict(notes or {}),
            school_code=school_code,
        )
    return True


def delete_record(*, obj: models.Model, by: Actor, school_code: str = "") -> None:
    """Delete a row that nothing refers to. Raises RecordError otherwise."""
    _refuse_append_only(obj)
    with transaction.atomic():
        stored = lock_row(obj)
        linked = [field.name for field in stored._meta.many_to_many]
        before = _facts(stored, None, linked)
        record_act(act=DELETE, obj=stored, by=by, before=before, school_code=school_code)
        try:
            with transaction.atomic():
                stored.delete()
        except (ProtectedError, RestrictedError, IntegrityError) as error:
            raise RecordError(_("Other records refer to this one, so it stays.")) from error


def save_account(*, obj: User, by: Actor, **kwargs: Any) -> bool:
    """Store an account; a new one has no password until its owner sets one. Raises RecordError.

    Nobody may disable their own account, or the last security administrator could lock everyone
    out; nor may they enable one of theirs again, such as one that a merge closed. The open sessions
    of a disabled account end, and stay ended if it is enabled again.
    """
    if obj._state.adding:
        obj.set_unusable_password()
    elif by.user is not None and obj.pk == by.user.pk and not obj.is_active:
        raise RecordError(
            _("Nobody disables their own account: another administrator does."), field="is_active"
        )
    with transaction.atomic():
        if not obj._state.adding and obj.is_active and not lock_row(obj).is_active:
            refuse_own_accounts(by, [obj.pk], lambda text: RecordError(text, field="is_active"))
        changed = save_record(obj=obj, by=by, **kwargs)
        if changed and not obj.is_active:
            end_sessions(obj.pk)
        return changed


def set_active(*, user: User, is_active: bool, by: Actor, at: datetime) -> None:
    """Disable or enable the account of a person who leaves or comes back.

    Its sessions and slips end, and stay ended.
    """
    with transaction.atomic():
        end_codes(user.pk)
        end_sessions(user.pk)
        if User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active):
            before, after = {"is_active": not is_active}, {"is_active": is_active}
            record_act(act=CHANGE, obj=user, by=by, at=at, before=before, after=after)


def save_notice(*, obj: PrivacyNotice, by: Actor, on: date, **kwargs: Any) -> bool:
    """Store a version of the privacy notice, numbered after the last. Raises RecordError.

    The publication day is today or later. Then the version is fixed: people have read it.
    """
    with transaction.atomic():
        if obj._state.adding:
            last = PrivacyNotice.objects.aggregate(last=Max("version"))["last"] or 0
            obj.version = last + 1
        elif lock_row(obj).published_on <= on:
            raise RecordError(_("A published notice stays as it is; add a new version instead."))
        if obj.published_on < on:
            raise RecordError(_("A notice is not published in the past."), field="published_on")
        return save_record(obj=obj, by=by, **kwargs)


def lock_row[M: models.Model](obj: M, *, no_key: bool = False) -> M:
    """Lock the stored row until the transaction ends. Raises RecordError if it is gone.

    Unless `no_key`, new rows that refer to it wait too.
    """
    rows = type(obj)._base_manager.select_for_update(of=("self",), no_key=no_key)
    stored = rows.filter(pk=obj.pk).first()
    if stored is None:
        raise RecordError(_("This was deleted meanwhile."))
    return stored


def state_of(obj: models.Model, fields: Iterable[str], links: Iterable[str] = ()) -> str:
    """A keyed hash of the named values, which detects later changes."""
    text = repr([(name, _value(obj, name)) for name in sorted(fields)])
    text += repr([(name, _keys(obj, name)) for name in sorted(links)])
    return keyed_hash(text, purpose="record state")


def mask_phone(phone: str | None) -> str:
    """A masked phone for the audit trail and lists: the first three and last four digits."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def message_for(error: IntegrityError, model: type[models.Model]) -> str:
    """The message to the user for a violated database constraint."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(constraint.get_violation_error_message())
    return _("Something stored meanwhile excludes this. Look it up and try again.")


def _insert(
    obj: models.Model, by: Actor, links: Links, notes: Facts | None, school_code: str
) -> bool:
    _store(obj, links, force_insert=True)
    after = _facts(obj, None, list(links)) | dict(notes or {})
    record_act(act=ADD, obj=obj, by=by, after=after, school_code=school_code)
    return True


def _store(obj: models.Model, links: Links, **kwargs: Any) -> None:
    """Write the row and its links. A violated constraint raises RecordError."""
    try:
        with transaction.atomic():
            obj.save(**kwargs)
            for name, objects in links.items():
                getattr(obj, name).set(objects)
    except IntegrityError as error:
        raise RecordError(message_for(error, type(obj))) from error


def _refuse_append_only(obj: models.Model) -> None:
    if isinstance(obj, AppendOnlyModel):
        raise TypeError(f"{type(obj).__name__} rows are append-only.")


def _value(obj: models.Model, name: str) -> Any:
    field: Any = obj._meta.get_field(name)
    return field.value_from_object(obj)


def _keys(obj: models.Model, name: str) -> list[Any]:
    return sorted(getattr(obj, name).values_list("pk", flat=True))


def _keys_given(objects: Iterable[models.Model]) -> list[Any]:
    return sorted(obj.pk for obj in objects)


def _facts(obj: models.Model, fields: list[str] | None, links: list[str]) -> dict[str, Any]:
    """Facts for the audit trail with phones masked and birth dates reduced to the year."""
    facts = facts_of(obj, fields)
    if facts.get("phone"):
        facts["phone"] = mask_phone(facts["phone"])
    if facts.get("birth_date"):
        facts["birth_date"] = f"{facts['birth_date'].year}-**-**"
    return facts | {name: _keys(obj, name) for name in links}
