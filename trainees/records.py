"""Save members and their dated facts: computed columns, encrypted ID numbers, past years."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import end_sessions
from accounts.activation import end_codes
from accounts.audit import Facts
from accounts.interests import refuse_own_rows
from accounts.origin import Actor
from accounts.records import RecordError, delete_record, lock_row, save_record
from config.lib.dates import format_day
from config.lib.encryption import encrypt, fingerprint
from config.lib.names import clean_name, pinyin_forms
from config.lib.periods import first_day, local_date
from config.lib.resident_ids import birth_date_of, clean_resident_id, mask_resident_id
from schools.actions.tree import refuse_past_years_of
from schools.queries.open_years import is_open, say_settled
from trainees.enums import PostKind
from trainees.models import Exemption, Member, Membership, Post


def save_member(
    *,
    obj: Member,
    by: Actor,
    fields: Collection[str],
    resident_id: str = "",
    notes: Facts | None = None,
    **kwargs: Any,
) -> bool:
    """Save a member. Raises RecordError.

    A saved name also updates the columns computed from it and the account's name. A new member has
    a `resident_id`, which is encrypted and never stored or logged in clear.
    """
    computed = []
    # If the name is not saved, its computed columns are not either.
    if obj._state.adding or "name" in fields:
        obj.name = clean_name(obj.name)
        obj.name_pinyin, obj.name_initials = pinyin_forms(obj.name)
        computed = ["name_pinyin", "name_initials"]
    if obj._state.adding:
        number = checked_resident_id(resident_id, birth_date=obj.birth_date)
        obj.resident_id_encrypted = encrypt(number)
        obj.resident_id_fingerprint = fingerprint(number)
        notes = {**(notes or {}), "resident_id": mask_resident_id(number)}
    if {"joined_on", "full_member_on"} & {*fields}:  # clocks run from these days
        refuse_own_rows(by, [obj.pk], RecordError)
    with transaction.atomic():
        changed = save_record(
            obj=obj, by=by, fields=fields, computed=computed, notes=notes, **kwargs
        )
        if changed and obj.user is not None and "name" in fields:
            obj.user.display_name = obj.name
            save_record(obj=obj.user, by=by, fields=["display_name"])
        return changed


def checked_resident_id(text: str, *, birth_date: date) -> str:
    """The canonical ID number of a new member born on `birth_date`.

    Raises RecordError if it is not valid, has another date of birth, or belongs to another member.
    """
    try:
        number = clean_resident_id(text)
    except ValidationError as error:
        raise RecordError(error.messages[0], field="resident_id") from error
    if birth_date_of(number) != birth_date:
        raise RecordError(
            _("The date of birth is not the one that the ID number carries."), field="birth_date"
        )
    if Member.objects.filter(resident_id_fingerprint=fingerprint(number)).exists():
        raise RecordError(_("Another member has this ID number."), field="resident_id")
    return number


def save_membership(*, obj: Membership, by: Actor, at: datetime, **kwargs: Any) -> bool:
    """Save a membership. Raises RecordError, also for days of a past year."""
    with transaction.atomic():
        refuse_own_rows(by, [obj.member_id], RecordError)
        refuse_past_years_of(obj, at)
        return save_record(obj=obj, by=by, **kwargs)


def save_post(*, obj: Post, by: Actor, at: datetime, **kwargs: Any) -> bool:
    """Save a post. A secretary's open codes end, and open sessions if the post was changed.

    Raises RecordError, also for days of a past year.
    """
    with transaction.atomic():
        refuse_own_rows(by, [obj.member_id], RecordError)
        refuse_past_years_of(obj, at)
        is_new = obj._state.adding
        changed = save_record(obj=obj, by=by, **kwargs)
        if changed:
            end_codes_of_secretary(obj)
        if changed and not is_new:
            end_sessions_of_secretary(obj)
        return changed


def save_exemption(*, obj: Exemption, by: Actor, at: datetime, **kwargs: Any) -> bool:
    """Save an exemption. Raises RecordError, also for days of a past year."""
    with transaction.atomic():
        refuse_own_rows(by, [obj.member_id], RecordError)
        refuse_past_years_of(obj, at)
        return save_record(obj=obj, by=by, **kwargs)


def delete_fact(*, obj: Membership | Exemption, by: Actor, at: datetime, **kwargs: Any) -> None:
    """Delete what was entered by mistake. Raises RecordError if a past year depends on it."""
    with transaction.atomic():
        refuse_own_rows(by, [obj.member_id], RecordError)
        _refuse_past_start(obj, at)
        delete_record(obj=obj, by=by, **kwargs)


def delete_post(*, obj: Post, by: Actor, at: datetime, **kwargs: Any) -> None:
    """Delete a post entered by mistake. A secretary's open sessions end.

    Raises RecordError, also if a past year depends on it.
    """
    with transaction.atomic():
        refuse_own_rows(by, [obj.member_id], RecordError)
        _refuse_past_start(obj, at)
        end_sessions_of_secretary(obj)
        delete_record(obj=obj, by=by, **kwargs)


def _refuse_past_start(obj: Membership | Post | Exemption, at: datetime) -> None:
    """Raise RecordError for a row that begins in a closed year, whenever it was recorded."""
    begins = first_day(lock_row(obj, no_key=True).period)
    if not is_open(begins.year, local_date(at)):
        raise RecordError(
            _(
                "This begins on %(day)s, so it is not deleted. Name its last day instead. "
                "%(settled)s"
            )
            % {"day": format_day(begins), "settled": say_settled(begins.year)}
        )


def end_sessions_of_secretary(post: Post) -> None:
    """A secretary's post is a role: an act that takes it away ends the open sessions at once."""
    if post.kind == PostKind.SECRETARY and post.member.user_id:
        end_sessions(post.member.user_id)


def end_codes_of_secretary(post: Post) -> None:
    """A secretary's post is a role: codes that were printed before the appointment end."""
    if post.kind == PostKind.SECRETARY and post.member.user_id:
        end_codes(post.member.user_id)
