"""Reading enablements at one go each: a file may have a hundred thousand of them."""

from dataclasses import fields
from typing import Any, Protocol
from xml.parsers import expat

from .definitions import NAMESPACE
from .elements import Spot, unpacked
from .values import SPACE, Frame

_NOTHING: dict[str, Spot] = {}


class Reader(Protocol):
    """Whom rows are read for: it knows all that is to be said of an unusual one."""

    parser: expat.XMLParserType
    open: list[Frame]
    text: list[str]
    replayed: tuple[int, int] | None

    def listen(self) -> None: ...
    def start(self, name: str, attributes: list[str], /) -> None: ...
    def end(self, name: str, /) -> None: ...
    def value(self, spot: Spot, text: str) -> str | bool: ...
    def refuse(self, words: str, place: tuple[int, int]) -> None: ...


class Rows:
    """Elements with nothing but texts in them, one after the other, while all is usual.

    What the parser says in a row is gathered, and looked at where the row ends. Anything
    unusual is said again to the reader, who goes on from there as if there were no rows.
    """

    def __init__(self, reader: Reader, spot: Spot, number: int) -> None:
        """Begin where the reader is: in a row that has the number among its like."""
        self.reader = reader
        self.spot = spot
        self.number = number
        self.name = f"{NAMESPACE} {spot.element.name}"
        self.above = reader.open[-1]
        self.found = self.above.values[spot.element.attribute]
        # The elements that may begin here; none between two rows.
        self.inside = spot.inside
        # An element that begins, None where one ends, and the texts in and around them.
        self.events: list[Any] = []
        self.places: list[int] = []
        # The row before, and what was before that: most rows are like it.
        self.shape = _Shape(spot, [])
        self.gaps: list[str] = []
        self.between: list[str] = []
        parser = self.parser = reader.parser
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.events.append

    def start(self, name: str, attributes: list[str]) -> None:
        spot = self.inside.get(name)
        parser = self.parser
        # Packed here: calls are most of the time that an element takes.
        place = parser.CurrentLineNumber << 32 | parser.CurrentColumnNumber + 1
        if attributes or (spot is None and not self.is_next(name)):
            self.leave()
            self.reader.start(name, attributes)
        elif spot is None:
            self.events.clear()
            self.number = self.spot.note(self.above.number, place)
            self.inside = self.spot.inside
        else:
            self.events.append(spot)
            self.places.append(place)

    def is_next(self, name: str) -> bool:
        """Whether another row begins, with nothing but space before it."""
        if name != self.name or self.inside:
            return False
        if self.events != self.between:
            if "".join(self.events).strip(SPACE):
                return False
            self.between = [*self.events]
        return True

    def end(self, name: str) -> None:
        if self.inside and name != self.name:
            self.events.append(None)
        elif self.inside and (texts := self.texts()):
            self.take(texts)
        else:
            self.leave()
            self.reader.end(name)

    def texts(self) -> list[str] | None:
        """The texts of the row's elements, in their order; None if it is no usual row.

        In a usual one, each element is there once and has a text, in one piece. There is
        space around each element, or around none.
        """
        events, count = self.events, len(self.places)
        first = 1 if events and isinstance(events[0], str) else 0
        step = 3 + first
        if len(events) != first + step * count:
            return None
        if events[first + 2 :: step] != [None] * count:
            return None
        spots = events[first::step]
        if spots != self.shape.spots:
            if not all(isinstance(spot, Spot) for spot in spots):
                return None
            self.shape = _Shape(self.spot, spots)
        if first and (gaps := events[::step]) != self.gaps:
            if "".join(gaps).strip(SPACE):
                return None
            self.gaps = gaps
        return events[first + 1 :: step] if self.shape.is_whole else None

    def take(self, texts: list[str]) -> None:
        number, shape = self.number, self.shape
        made = object.__new__(shape.definition)
        said = zip(shape.parts, self.places, texts, strict=True)
        for (spot, places, known, put), place, text in said:
            if len(places) == number:
                places.append(place)
            else:
                spot.note(number, place)
            value = known.get(text)
            if value is None:
                value = self.reader.value(spot, text)
            put(made, value)
        for put, default in shape.absent:
            put(made, default)
        for path, words in made.contradictions():
            self.reader.refuse(words, self.spot.place(path, number))
        self.found.append(made)
        self.events.clear()
        self.places.clear()
        self.inside = _NOTHING

    def leave(self) -> None:
        """Say again to the reader what was said since the last row ended."""
        reader, places = self.reader, iter(self.places)
        reader.listen()
        if self.inside:
            reader.open.append(Frame(self.spot, self.number))
        for event in self.events:
            if event is None:
                reader.end("")
            elif isinstance(event, str):
                reader.text.append(event)
            else:
                reader.replayed = unpacked(next(places))
                reader.start(f"{NAMESPACE} {event.element.name}", [])
                reader.replayed = None


class _Shape:
    """The elements of a row, in their order, and how a definition is made of them.

    Its class is frozen, and takes twice the time to do the same itself.
    """

    def __init__(self, row: Spot, spots: list[Spot]) -> None:
        self.spots = spots
        self.definition: Any = row.element.inner
        there = {spot.element.attribute for spot in spots}
        is_each_once = len(there) == len(spots)
        self.is_whole = is_each_once and there.issuperset(name for name, _ in row.required)
        self.parts = [
            (spot, spot.places, spot.known, self.putter(spot.element.attribute))
            for spot in spots
        ]
        self.absent = [
            (self.putter(each.name), each.default)
            for each in fields(self.definition)  # type: ignore[arg-type]
            if each.name not in there
        ]

    def putter(self, attribute: str) -> Any:
        return getattr(self.definition, attribute).__set__
