"""Helpers for testing the admin through a client: sign in by role, read a form, submit changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.models import User
from schools.models import School
from tests import factories
from tests.browsers import browser_of


def make_officer(role: Role, **fields: Any) -> User:
    """A user with `role`, held at the first school or organisation if the role needs one."""
    user = factories.make_user(**fields)
    if role in ADMINISTRATOR_ROLES | DISTRICT_ROLES:
        factories.grant(user, role)
    else:
        school = School.objects.first() or factories.make_school()
        organisation = factories.make_organisation(school)
        factories.give_role(user, role, organisation)
    return user


def signed_in(user: User) -> Client:
    return browser_of(user, None)


def page_url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def change_url(obj: Model) -> str:
    return page_url(type(obj), "change", obj.pk)


def form_of(response: HttpResponse) -> forms.ModelForm:
    return response.context["adminform"].form


def filled(form: forms.BaseForm, **changes: Any) -> dict[str, Any]:
    """The data that a browser would send for `form`, with some fields changed.

    A period is given as `period=("2024-01-01", "")`.
    """
    data: dict[str, Any] = {}
    for bound in form:
        widget, value = bound.field.widget, bound.value()
        if isinstance(widget, forms.MultiWidget):
            parts = value if isinstance(value, list) else widget.decompress(value)
            names = zip(widget.widgets_names, parts, strict=True)
            data |= {f"{bound.html_name}{name}": part or "" for name, part in names}
        elif isinstance(widget, forms.CheckboxInput):
            data |= {bound.html_name: "on"} if value else {}
        else:
            shown = widget.format_value(value)
            data[bound.html_name] = "" if shown is None else shown
    for name, value in changes.items():
        if isinstance(value, tuple):
            data |= {f"{name}_{i}": part for i, part in enumerate(value)}
        elif value is None:
            data.pop(name, None)
        else:
            data[name] = value
    return data


def add(client: Client, model: type[Model], **typed: Any) -> HttpResponse:
    """Open the add form of `model` and submit it with the values `typed`."""
    url = page_url(model, "add")
    return client.post(url, filled(form_of(client.get(url)), **typed))


def change(client: Client, obj: Model, **typed: Any) -> HttpResponse:
    """Open the change form of `obj` and submit it with the values `typed`."""
    url = change_url(obj)
    return client.post(url, filled(form_of(client.get(url)), **typed))


def errors_of(response: HttpResponse) -> str:
    """All errors of a rejected form, as one text; empty if it was accepted."""
    if response.status_code == 302:
        return ""
    return " ".join(
        message for messages in form_of(response).errors.values() for message in messages
    )
