"""Translation catalogues without system gettext: lets Babel read Django templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Appears in the translators' comment on date formats, which are exempt from the spacing rule.
_DATE_FORMAT = "Django date format"
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_CHINESE = "[\u3400-\u4dbf\u4e00-\u9fff，。、：；？！（）《》“”]"
_HALF_WIDTH = re.compile(rf"{_CHINESE} ?[,;:?!()]|[,;:?!()] ?{_CHINESE}")
_TOUCHING = re.compile(rf"{_HAN}[A-Za-z0-9]|[A-Za-z0-9]{_HAN}")
# Placeholders for figures, days and moments. Any other name may be filled with Chinese words.
_FIGURE = re.compile(r"%\((?:\w+\)d|(?:n|at|day|days|count|limit|row|rows|year|most)\)s)")
_NAME = re.compile(r"%\(\w+\)s")
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")


def extract_template(
    fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Babel extractor for Django templates, based on Django's own `templatize`."""
    code = templatize(fileobj.read().decode(), origin=getattr(fileobj, "name", None))
    # Python's tokenizer checks indentation, which has no meaning in a template.
    flat = "\n".join(line.strip() for line in code.splitlines())
    yield from extract_python(BytesIO(flat.encode()), keywords, comment_tags, options)


def _roots() -> list[str]:
    """The folders with messages: all our apps, config among them, and the templates."""
    ours = [
        config.name
        for config in apps.get_app_configs()
        if Path(config.path).parent == settings.BASE_DIR
    ]
    return [*ours, "templates"]


def extract_catalogue() -> Catalog:
    """All messages of the code and the templates, with their locations."""
    catalogue = Catalog(locale="zh_Hans", project="Xuetang", charset="utf-8")
    for root in _roots():
        for name, line, message, comments, context in extract_from_dir(
            settings.BASE_DIR / root,
            method_map=[("**.py", "python"), ("**.html", "config.translations:extract_template")],
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
        ):
            catalogue.add(
                message,
                locations=[(f"{root}/{name}", line)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def read_catalogue() -> Catalog:
    """The stored Chinese catalogue."""
    path = settings.BASE_DIR / CATALOGUE
    if not path.exists():
        return Catalog(locale="zh_Hans", project="Xuetang", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def list_slips(text: str) -> list[str]:
    """List faults in the punctuation and spacing of a Chinese text.

    Chinese uses full-width punctuation. A space separates it from Latin letters, digits and
    placeholders for figures, days and moments. Placeholders for names follow without a space.
    """
    shown = _NAME.sub("\u540d", _FIGURE.sub("0", text))
    slips = []
    if _HALF_WIDTH.search(shown):
        slips.append("half-width punctuation beside Chinese")
    if _TOUCHING.search(shown):
        slips.append("no space between Chinese and Latin or digits")
    return slips


def list_problems() -> list[str]:
    """List faults of the Chinese catalogue.

    Reports missing, untranslated, fuzzy and unused messages, and violations of Chinese typography.
    """
    wanted, stored = extract_catalogue(), read_catalogue()
    problems = []
    for message in wanted:
        if not message.id:
            continue
        kept = stored.get(message.id, message.context)
        text = message.id[0] if isinstance(message.id, tuple) else message.id
        if kept is None:
            problems.append(f"missing: {text!r}")
        elif not kept.string or (isinstance(kept.string, tuple) and not all(kept.string)):
            problems.append(f"untranslated: {text!r}")
        elif kept.fuzzy:
            problems.append(f"fuzzy: {text!r}")
        else:
            problems += [f"{error}: {text!r}" for error in kept.check(stored)]
            if not any(_DATE_FORMAT in comment for comment in message.auto_comments):
                strings = [kept.string] if isinstance(kept.string, str) else kept.string
                problems += [
                    f"{slip}: {string!r}" for string in strings for slip in list_slips(string)
                ]
    problems += [
        f"no longer used: {message.id!r}"
        for message in stored
        if message.id and wanted.get(message.id, message.context) is None
    ]
    return problems
