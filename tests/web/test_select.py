"""The template of lists to select from."""

from django import forms
from django.forms.renderers import DjangoTemplates

from tests.read import Element, read


class Page:
    def __init__(self, html):
        self.content = html.encode()


class Sample(forms.Form):
    text = forms.ChoiceField(
        choices=[("", "---"), ("a", "A"), ("b", "<b>&'\""), ("שלום", "🙂")],
        initial="b",
        required=False,
    )
    number = forms.TypedChoiceField(
        choices=[(1_000, "1,000"), (2, "2")], coerce=int, initial=1_000
    )
    group = forms.ChoiceField(
        choices=[("", "None"), ("<Letters>", [("a", "A"), ("b", "B")]), ("c", "C")],
        initial="b",
        required=False,
    )


def plain(element):
    """Return the element with its attributes, and without line breaks among children."""
    children = [
        plain(child) if isinstance(child, Element) else child.strip()
        for child in element.children
    ]
    return element.tag, element.attributes, [child for child in children if child]


def test_is_djangos_apart_from_line_breaks():
    for bound in Sample(), Sample({"text": "a", "number": "2"}), Sample({"number": "9"}):
        for field in bound:
            ours = plain(read(Page(field.as_widget())))
            bound.renderer, renderer = DjangoTemplates(), bound.renderer
            theirs = plain(read(Page(field.as_widget())))
            bound.renderer = renderer

            assert ours == theirs
            assert len(ours[2][0][2]) == len(field.field.choices)


def test_labels_and_ends_groups():
    html = Sample()["group"].as_widget()

    assert (
        html.count('<optgroup label="&lt;Letters&gt;">') == html.count("</optgroup>") == 1
    )
    assert html.count("<option ") == 4
