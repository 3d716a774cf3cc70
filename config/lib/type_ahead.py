"""Fields in which one of many is found by typing parts of the name, or of its pinyin.

Without script they are a plain select, plain boxes, and a plain text; `static/js/choose.js` makes
more of them. What the words of an option do not say, such as initials, stands in `data-find`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.lib.names import pinyin_forms

_SCRIPTS = [forms.Script("js/choose.js", type="module")]


def spelled(*texts: str) -> str:
    """Words that fit only what begins with three letters of them, or they would fit too much."""
    return " ".join(f"~{text.replace(' ', '')}" for text in texts)


@lru_cache(maxsize=4096)
def pinyin_of(text: str) -> str:
    """The words by which a text is found: its pinyin initials, and its full pinyin in one word."""
    full, initials = pinyin_forms(text)
    return f"{initials} {spelled(full)}"


@lru_cache(maxsize=64)
def pinyin_of_kind(text: str) -> str:
    """The same of what many rows have in common, whose initials are short: both are spelled."""
    full, initials = pinyin_forms(text)
    return spelled(initials, full)


def _said() -> dict[str, str]:
    """What the script says of its hits."""
    return {
        "data-found": _("Found: {n}. Choose with the arrow keys and Enter."),
        "data-more": _("There are more: type more of the name."),
        "data-nothing": _("Nothing fits. Type less of the name."),
    }


class TypeAhead(forms.Select):
    """A select of many options: with script a text field that shows those that fit.

    `words` has further words by which an option is found, by its value; a subclass for rows of a
    model says them in `words_of`.
    """

    template_name = "widgets/type_ahead.html"

    class Media:
        js = _SCRIPTS

    def __init__(self, attrs: Any = None, *, words: Mapping[str, str] | None = None) -> None:
        super().__init__(attrs)
        self.words = words or {}

    def words_of(self, row: Any) -> str:
        """Further words by which a row is found."""
        return pinyin_of(str(row))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, {**(attrs or {}), "data-type-ahead": "", **_said()})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        row = getattr(value, "instance", None)
        words = self.words.get(str(value), "") if row is None else self.words_of(row)
        if words:
            option["attrs"]["data-find"] = words
        return option


class TickList(forms.CheckboxSelectMultiple):
    """Many boxes: with script a text field above them shows those that fit."""

    is_narrowed = True

    class Media:
        js = _SCRIPTS

    def words_of(self, row: Any) -> str:
        """Further words by which a row is found."""
        return pinyin_of(str(row))

    def create_option(
        self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        row = getattr(value, "instance", None)
        option["attrs"]["data-find"] = f"{label} {self.words_of(row) if row else ''}"
        return option


class TickSeveral(TickList):
    """Many boxes of which few are ticked: with script a text field ticks, and only they show."""

    is_narrowed = False
    is_several = True

    @property
    def said(self) -> dict[str, str]:
        """What the script says of its hits."""
        return _said()


class TypeAheadText(forms.TextInput):
    """A text that names one of very many: with script, `address` answers the first that fit.

    `day_field` is the field of the form whose day is sent along.
    """

    class Media:
        js = _SCRIPTS

    def __init__(self, attrs: Any = None, *, address: Any, day_field: str = "") -> None:
        super().__init__(attrs)
        self.address, self.day_field = address, day_field

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        more = {"data-type-ahead": str(self.address), "autocomplete": "off", **_said()}
        if self.day_field:
            more["data-day"] = self.day_field
        return super().get_context(name, value, {**(attrs or {}), **more})


def said_so_far(form: forms.BaseForm, name: str) -> Any:
    """What a field of a form that is being filled in says, or None if that is not valid yet."""
    try:
        return form.fields[name].clean(form[name].value()) or None
    except forms.ValidationError:
        return None


def render_options(field: BoundField) -> SafeString:
    """The options of a `TypeAhead` alone, which HTMX puts into the select on the page."""
    context = field.field.widget.get_context(field.html_name, field.value(), {})
    return render_to_string("widgets/options.html", context)


def ask_again(field: forms.Field, address: str, names: list[str]) -> None:
    """Let HTMX ask `address` for the options anew whenever one of these fields changes.

    The values of the fields go along.
    """
    when = [f"change from:[name={name}]" for name in names]
    field.widget.attrs |= {
        "hx-get": address,
        "hx-trigger": ", ".join(when),
        "hx-include": ", ".join(f"[name={name}]" for name in names),
        "hx-target": "this",  # and not what the form around it aims at
        "hx-sync": "this:queue last",
    }
