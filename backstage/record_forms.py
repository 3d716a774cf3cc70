"""Edit a row on a portal page with the admin's protection against lost updates."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts.admin_forms import PortalModelForm
from accounts.records import RecordError
from accounts.requests import PersonRequest


def edit_record[F: PortalModelForm](
    request: PersonRequest,
    form_class: type[F],
    get_instance: Callable[[], Any],
    store: Callable[[F], object],
    **options: Any,
) -> F | None:
    """The form to show, or None after `store` succeeded, with a success message.

    If `store` raises RecordError, usually because another person has changed the row, the form
    shows the reason and keeps the input.
    """
    data = request.POST if request.method == "POST" else None
    form = form_class(data, instance=get_instance(), **options)
    if data is None or not form.is_valid():
        return form
    try:
        store(form)
    except RecordError as refusal:
        bound_class: Any = type(form_class.__name__, (form_class,), {"refusal": refusal})
        form = bound_class(data, instance=get_instance(), **options)
        form.is_valid()
        return form
    messages.success(request, _("What you entered is saved."))
    return None
