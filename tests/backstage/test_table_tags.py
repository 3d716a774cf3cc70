"""The template tags of tables: a column's word stands once, and each cell carries it."""

from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

HEAD = '{% load tables %}{% table _("Costs") %}<tr>{% column "paid" _("Paid") "num" %}</tr>'


def render(source: str, **names: object) -> str:
    with translation.override("en"):
        return Template(source).render(Context(names))


def test_a_cell_has_the_word_and_the_class_of_its_column():
    page = render(
        HEAD + '{% cell "paid" "cell-aside" %}\n  {{ sum }}\n{% endcell %}{% endtable %}', sum=5
    )
    assert '<th scope="col" class="num">Paid</th>' in page
    assert '<td class="num cell-aside" data-label="Paid"><div>5</div></td>' in page


def test_a_table_is_a_region_with_a_name():
    page = render(HEAD + "{% endtable %}")
    assert page.startswith('<div class="table-wrap" tabindex="0" role="region" aria-label="Costs">')
    assert '<table class="table table-cards"><tr>' in page
    assert page.endswith("</table></div>")


def test_a_table_may_be_named_by_its_heading_and_have_a_class():
    page = render('{% load tables %}{% table aria_labelledby="costs" css="dense" %}{% endtable %}')
    assert ' aria-labelledby="costs">' in page
    assert '<table class="table table-cards dense">' in page


def test_the_head_of_a_row_is_a_cell_too():
    page = render(HEAD + '{% cell "paid" row=True inner="option" %}5{% endcell %}{% endtable %}')
    assert '<th scope="row" class="num" data-label="Paid"><div class="option">5</div></th>' in page


def test_an_unseen_word_is_only_read_out():
    page = render(
        '{% load tables %}{% table name %}{% column "act" _("What to do") unseen=True %}'
        "{% endtable %}",
        name="Costs",
    )
    assert '<th scope="col"><span class="visually-hidden">What to do</span></th>' in page


def test_what_people_wrote_is_escaped():
    page = render(
        '{% load tables %}{% table name %}{% column "a" name %}'
        '{% cell "a" %}{{ name }}{% endcell %}{% endtable %}',
        name='<b>"',
    )
    assert "<b>" not in page
    assert page.count("&lt;b&gt;&quot;") == 4


def test_a_table_knows_its_own_columns_alone():
    with pytest.raises(KeyError):
        render(HEAD + "{% endtable %}{% table name %}{% cell 'paid' %}{% endcell %}{% endtable %}")


@pytest.mark.parametrize("arguments", ["", 'css="dense"', '"Costs" "Sums"'])
def test_a_table_without_one_name_is_refused(arguments):
    with pytest.raises(TemplateSyntaxError, match="A table takes its name"):
        render("{% load tables %}{% table " + arguments + " %}{% endtable %}")
