"""Find rows by a typed part of a person's name, or by its pinyin initials."""

from unicodedata import normalize

from django.db.models import CharField, Func, Q, Value

from config.lib.names import SEPARATOR, search_key

# The first sign of each part of initials such as mmt·al.
FIRST_OF_PARTS = f"([^{SEPARATOR}])[^{SEPARATOR}]*{SEPARATOR}?"


def name_aliases() -> dict[str, Func]:
    """Columns that `is_named_like` asks about, for `alias` of a queryset."""
    return {
        "bare_name": _without("name", f" {SEPARATOR}"),
        "bare_initials": _without("name_initials", SEPARATOR),
        "first_initials": Func(
            *("name_initials", Value(FIRST_OF_PARTS), Value(r"\1"), Value("g")),
            function="regexp_replace",
            output_field=CharField(),
        ),
    }


def is_named_like(text: str) -> Q:
    """Rows with `text` in their `name`, or as the start of their `name_initials` or a part's.

    Letters may be full-width, as input methods produce them. The separator of a name may be left
    out or be another one; the first sign of each part is enough.
    """
    key = search_key(text)
    first, initials = key.lower(), normalize("NFKC", text).lower()
    in_parts = Q(name_initials__contains=SEPARATOR) & (
        Q(bare_initials__startswith=first)
        | Q(name_initials__contains=SEPARATOR + first)
        | Q(first_initials__startswith=first)
    )
    named = Q(name__contains=text) | Q(bare_name__contains=key)
    return named | Q(name_initials__startswith=initials) | in_parts


def _without(field: str, signs: str) -> Func:
    """A text column without these signs."""
    return Func(field, Value(signs), Value(""), function="translate", output_field=CharField())
