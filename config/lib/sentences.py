"""Sentences one after the other, as each language writes them."""

from collections.abc import Iterable
from functools import reduce

from django.utils.translation import pgettext


def join_sentences(sentences: Iterable[str]) -> str:
    """The sentences as one text; empty if there are none."""
    return reduce(_follow, sentences, "")


def _follow(text: str, other: str) -> str:
    if not text or not other:
        return text or other
    return pgettext("two sentences", "%(one)s %(other)s") % {"one": text, "other": other}
