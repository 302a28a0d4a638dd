"""An oracle for the search rules, in plain Python and without the product's folding.

Names consist of letters whose plain form is listed here. The oracle therefore doesn't
depend on the tested code.
"""

from typing import NamedTuple

from hypothesis import strategies as st

# Letters in names or typed text, and their plain forms for comparison.
PLAIN = {
    **{letter: letter for letter in "abino"},
    **{letter.upper(): letter for letter in "abino"},
    "á": "a", "Å": "a", "Ñ": "n", "ī": "i", "ö": "o", "ø": "o", "İ": "i", "ı": "i",
    "ß": "ss", "æ": "ae", "ﬁ": "fi", "s": "s", "f": "f", "e": "e",
    "n\u0303": "n", "’": "'", "'": "'", "-": "-",
    "Ж": "ж", "ж": "ж", "Й": "и", "и": "и", "Σ": "σ", "ς": "σ", "Ά": "α", "α": "α",
    "ﻻ": "لا", "ل": "ل", "ש": "ש", "日": "日", "本": "本", "김": "\u1100\u1175\u11b7",
    "Ａ": "a", "🙂": "🙂",
}  # fmt: skip


class Text(NamedTuple):
    """A text, and its plain form for comparison."""

    written: str
    plain: str


def joined(letters: list[str]) -> Text:
    return Text("".join(letters), "".join(PLAIN[letter] for letter in letters))


def spaced(words: list[Text]) -> Text:
    return Text(
        " ".join(word.written for word in words), " ".join(word.plain for word in words)
    )


words = st.lists(st.sampled_from(sorted(PLAIN)), min_size=1, max_size=4).map(joined)
last_names = st.lists(words, min_size=1, max_size=2).map(spaced)
first_names = st.one_of(st.just(Text("", "")), st.lists(words, max_size=2).map(spaced))


class Person(NamedTuple):
    first: Text
    last: Text
    is_active: bool

    @property
    def whole(self) -> str:
        return f"{self.first.plain} {self.last.plain}".strip()


persons = st.builds(
    Person, first_names, last_names, st.sampled_from([True, True, True, False])
)


class Typed(NamedTuple):
    """Typed text, and whether an asterisk precedes it."""

    text: Text
    is_anywhere: bool

    @property
    def written(self) -> str:
        return "*" * self.is_anywhere + self.text.written


def matches(person: Person, typed: Typed) -> bool:
    if typed.is_anywhere:
        return typed.text.plain in person.whole
    names = [person.first.plain, person.last.plain, person.whole]
    return any(name.startswith(typed.text.plain) for name in names)


def expected_indexes(people: list[Person], typed: Typed) -> list[int]:
    """Return the indexes of the first 200 matching active people, by name and age."""
    indexes = [
        index
        for index, person in enumerate(people)
        if person.is_active and matches(person, typed)
    ]
    return sorted(indexes, key=lambda index: (people[index].whole, index))[:200]
