"""Pieces of pages that read alike for many people, rendered once for all of them."""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def render_cached(template_name: str, **inputs: Hashable) -> SafeString:
    """The template, which shows its inputs and nothing else, kept once rendered.

    It has no request, so neither a person nor a token of a form. What is kept is found by the
    language and all that the template is given, so it is never out of date; about 1.5 kB each.
    Inputs hold on to nothing but what they say: no request, no lazy object of one.
    """
    return _render(template_name, get_language(), **inputs)


# By type too: a text that is safe and one that must be escaped are equal otherwise. Texts within an
# input, such as those of a line, come from the database and are never safe.
@lru_cache(maxsize=8192, typed=True)
def _render(template_name: str, _language: str, **inputs: Hashable) -> SafeString:
    return render_to_string(template_name, inputs)
