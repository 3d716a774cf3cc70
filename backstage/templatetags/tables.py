"""Tables that become cards on a phone: each column's word stands once, in the head.

A card has no head, so each of its cells carries the word of its column, which CSS shows.

    {% table _("Costs") %}
      <thead><tr>
        {% column "cost" _("Cost") %}
        {% column "paid" _("Paid") "num" %}
      </tr></thead>
      <tbody>
        {% for cost in costs %}
          <tr>
            <th scope="row">{{ cost.name }}</th>
            {% cell "paid" %}{{ cost.paid|yuan }}{% endcell %}
          </tr>
        {% endfor %}
      </tbody>
    {% endtable %}
"""

from typing import NamedTuple

from django import template
from django.forms.utils import flatatt
from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

COLUMNS = "columns of the table"


class Column(NamedTuple):
    """The word of a column, escaped, and the class of its head and cells."""

    word: str
    css: str


class TableNode(Node):
    """What `{% table %}` renders; its columns are known within it alone."""

    def __init__(self, attributes: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.attributes, self.nodelist = attributes, nodelist

    def render(self, context: Context) -> SafeString:
        """The table within the region that scrolls."""
        given = {
            name.replace("_", "-"): of.resolve(context) for name, of in self.attributes.items()
        }
        css = f"table table-cards {given.pop('css', '')}".strip()
        with context.push(**{COLUMNS: {}}):
            rows = self.nodelist.render(context)
        return format_html(
            '<div class="table-wrap" tabindex="0" role="region"{}>'
            '<table class="{}">{}</table></div>',
            flatatt(given),
            css,
            rows,
        )


@register.tag
def table(parser: Parser, token: Token) -> TableNode:
    """A table with its name, or with `aria_labelledby`; `css` adds classes to it.

    Other arguments are attributes of the region around it, which scrolls.
    """
    bits = token.split_contents()[1:]
    named = token_kwargs(bits, parser)
    if not named and bits:
        named["aria_label"] = parser.compile_filter(bits.pop(0))
        named |= token_kwargs(bits, parser)
    if bits or not named.keys() & {"aria_label", "aria_labelledby"}:
        raise template.TemplateSyntaxError("A table takes its name, then arguments by name.")
    rows = parser.parse(("endtable",))
    parser.delete_first_token()
    return TableNode(named, rows)


@register.simple_tag(takes_context=True)
def column(context: Context, key: str, word: str, css: str = "", *, unseen: bool = False) -> str:
    """The head of a column. `css` is also of its cells; an unseen word is read out only."""
    context[COLUMNS][key] = known = Column(conditional_escape(word), css)
    shown = f'<span class="visually-hidden">{known.word}</span>' if unseen else known.word
    return mark_safe(f'<th scope="col"{_class(css)}>{shown}</th>')  # noqa: S308 - escaped above


@register.simple_block_tag(takes_context=True)
def cell(
    context: Context, content: str, key: str, css: str = "", *, inner: str = "", row: bool = False
) -> str:
    """A cell of the column `key`; with `row` it is the head of its row.

    White space around what it holds is dropped. `css` adds classes to those of the column; `inner`
    are those of the block within the cell.
    """
    word, of_column = context[COLUMNS][key]
    name, scope = ("th", ' scope="row"') if row else ("td", "")
    css = f"{of_column} {css}" if of_column and css else of_column or css
    # `column` and the template of the cell have escaped what they show. A long list has hundreds of
    # cells, which `format_html` makes 1.6 times as slow.
    return mark_safe(  # noqa: S308
        f'<{name}{scope}{_class(css)} data-label="{word}">'
        f"<div{_class(inner)}>{content.strip()}</div></{name}>"
    )


def _class(css: str) -> str:
    return f' class="{conditional_escape(css)}"' if css else ""
