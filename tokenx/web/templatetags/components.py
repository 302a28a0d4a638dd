"""Block tags that put their content into the slots of a shared template.

    {% card_table id="users" rows=page columns=columns target="#users" %}
      {% slot title %}3 users{% endslot %}
      <tbody>…</tbody>
    {% endcard_table %}

The template gets the tag's arguments as variables, and `slots`: the content of each `slot`
tag by its name, and everything else between the tags as `slots.body`.
"""

from collections.abc import Callable

from django import template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    Token,
    token_kwargs,
)
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class SlotNode(Node):
    """Content for a named slot of the block tag around it."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        raise TemplateSyntaxError(f'The slot "{self.name}" isn\'t directly in a component.')


class ComponentNode(Node):
    """A shared template, with the tag's arguments and the content of its slots."""

    def __init__(
        self, template_name: str, arguments: dict[str, FilterExpression], content: NodeList
    ) -> None:
        self.template_name = template_name
        self.arguments = arguments
        self.slots = {
            node.name: node.nodelist for node in content if isinstance(node, SlotNode)
        }
        body = [node for node in content if not isinstance(node, SlotNode)]
        self.slots["body"] = NodeList(body)

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.arguments.items()}
        slots = {
            # Each node has escaped its values.
            name: mark_safe(nodelist.render(context).strip())  # noqa: S308
            for name, nodelist in self.slots.items()
        }
        component = context.template.engine.get_template(self.template_name)  # type: ignore[union-attr]
        with context.push(**values, slots=slots):
            return component.render(context)


def _component(template_name: str) -> Callable[[Parser, Token], Node]:
    """Return the compile function of a block tag that renders the template."""

    def compile_tag(parser: Parser, token: Token) -> Node:
        name, *bits = token.split_contents()
        arguments = token_kwargs(bits, parser)
        if bits:
            raise TemplateSyntaxError(f"{name} takes arguments like title=label only.")
        content = parser.parse([f"end{name}"])
        parser.delete_first_token()
        return ComponentNode(template_name, arguments, content)

    return compile_tag


register.tag("card_header", _component("_card_header.html"))
register.tag("card_table", _component("_card_table.html"))
register.tag("data_table", _component("_data_table.html"))
register.tag("modal_form", _component("_modal_form.html"))
register.tag("notice", _component("_notice.html"))
register.tag("record_header", _component("_record_header.html"))
register.tag("row_menu", _component("_row_menu.html"))


@register.tag("slot")
def slot(parser: Parser, token: Token) -> Node:
    """Compile the content of a slot."""
    _, name = token.split_contents()
    nodelist = parser.parse(["endslot"])
    parser.delete_first_token()
    return SlotNode(name, nodelist)
