"""JSONParser: reads a document token by token."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..runtime.api import Run
from ..runtime.errors import ThrownError
from ..types import ApexType
from ..values import EnumConstant, PlatformObject, TypeValue, Value
from .allocation import constant
from .checks import null_argument
from .json_building import Reading, blob_in, convert_scalar, read_value
from .json_reader import JsonToken, fail, input_location, read_tokens
from .registry import method, static_method


@dataclass(slots=True, eq=False, kw_only=True)
class JsonParser(PlatformObject):
    """A JSONParser: its text, the tokens to come, and where it is."""

    source: str
    tokens: Iterator[JsonToken]
    current: JsonToken | None = None
    last_cleared: JsonToken | None = None
    # The names of the fields that are open; None for an array.
    names: list[str | None]

    def advance(self) -> JsonToken | None:
        """Go to the next token."""
        self.current = next(self.tokens, None)
        if self.current is not None:
            self._follow(self.current)
        return self.current

    def _follow(self, token: JsonToken) -> None:
        if token.kind == "FIELD_NAME":
            self.names[-1] = str(token.value)
        elif token.kind.startswith("START_"):
            self.names.append(None)
        elif token.kind.startswith("END_"):
            self.names.pop()

    def children(self) -> Iterator[Value]:
        """Yield the text."""
        yield self.source


@static_method("JSON", "createParser")
def create_parser(run: Run, text: str | None) -> JsonParser:
    """Make a parser; it's before the first token."""
    if text is None:
        raise null_argument()
    run.allocate(64)
    tokens = read_tokens(run, text)
    return JsonParser(type=ApexType("JSONParser"), source=text, tokens=tokens, names=[None])


def _kind(token: JsonToken | None) -> EnumConstant | None:
    return constant("JSONToken", token.kind) if token else None


@method("JSONParser", "nextToken")
def next_token(run: Run, receiver: JsonParser) -> EnumConstant | None:
    """Go to the next token and return its kind; null after the last one."""
    return _kind(receiver.advance())


@method("JSONParser", "nextValue")
def next_value(run: Run, receiver: JsonParser) -> EnumConstant | None:
    """Go to the next token that isn't the name of a field."""
    token = receiver.advance()
    if token is not None and token.kind == "FIELD_NAME":
        token = receiver.advance()
    return _kind(token)


@method("JSONParser", "skipChildren")
def skip_children(run: Run, receiver: JsonParser) -> None:
    """Go to the end of the array or object that starts here."""
    if receiver.current is None or not receiver.current.kind.startswith("START_"):
        return
    depth = 1
    while depth:
        token = receiver.advance()
        if token is None:
            return
        depth += token.kind.startswith("START_")
        depth -= token.kind.startswith("END_")


@method("JSONParser", "getCurrentToken")
def get_current_token(run: Run, receiver: JsonParser) -> EnumConstant | None:
    """Return the kind of the current token, or null."""
    return _kind(receiver.current)


@method("JSONParser", "hasCurrentToken")
def has_current_token(run: Run, receiver: JsonParser) -> bool:
    """Say whether a token is current."""
    return receiver.current is not None


@method("JSONParser", "clearCurrentToken")
def clear_current_token(run: Run, receiver: JsonParser) -> None:
    """Forget the current token."""
    if receiver.current is not None:
        receiver.last_cleared = receiver.current
    receiver.current = None


@method("JSONParser", "getLastClearedToken")
def get_last_cleared_token(run: Run, receiver: JsonParser) -> EnumConstant | None:
    """Return the kind of the token that was cleared last."""
    return _kind(receiver.last_cleared)


@method("JSONParser", "getCurrentName")
def get_current_name(run: Run, receiver: JsonParser) -> str | None:
    """Return the name of the field that the current token belongs to."""
    token = receiver.current
    if token is not None and token.kind.startswith("START_"):
        return receiver.names[-2] if len(receiver.names) > 1 else None
    return receiver.names[-1] if receiver.names else None


_TEXTS = {
    "START_OBJECT": "{",
    "END_OBJECT": "}",
    "START_ARRAY": "[",
    "END_ARRAY": "]",
    "VALUE_TRUE": "true",
    "VALUE_FALSE": "false",
    "VALUE_NULL": "null",
}


@method("JSONParser", "getText")
def get_text(run: Run, receiver: JsonParser) -> str | None:
    """Return the current token as text; a string without quotes."""
    token = receiver.current
    if token is None:
        return None
    return _TEXTS.get(token.kind) or str(token.value)


def _refused(receiver: JsonParser, why: str) -> ThrownError:
    token = receiver.current
    kind, index = (token.kind, token.start) if token else ("null", len(receiver.source))
    place = input_location(receiver.source, index)
    return fail(f"Current token ({kind}) {why} at {place}")


def _scalar(run: Run, receiver: JsonParser, type_name: str) -> Value:
    token = receiver.current
    is_scalar = token is not None and token.kind.startswith("VALUE_")
    if token is None or not is_scalar:
        raise _refused(receiver, f"can not be read as {type_name}")
    if token.value is None:
        return None
    return convert_scalar(run, token, type_name)


def _number(run: Run, receiver: JsonParser, type_name: str) -> Value:
    token = receiver.current
    if token is None or not token.kind.startswith("VALUE_NUMBER"):
        raise _refused(receiver, "not numeric, can not use numeric value accessors")
    return convert_scalar(run, token, type_name)


@method("JSONParser", "getIntegerValue")
def get_integer_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current number as an Integer."""
    return _number(run, receiver, "Integer")


@method("JSONParser", "getLongValue")
def get_long_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current number as a Long."""
    return _number(run, receiver, "Long")


@method("JSONParser", "getDoubleValue")
def get_double_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current number as a Double."""
    return _number(run, receiver, "Double")


@method("JSONParser", "getDecimalValue")
def get_decimal_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current number as a Decimal."""
    return _number(run, receiver, "Decimal")


@method("JSONParser", "getBooleanValue")
def get_boolean_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current Boolean."""
    token = receiver.current
    if token is None or not isinstance(token.value, bool):
        raise _refused(receiver, "not of boolean type")
    return token.value


@method("JSONParser", "getIdValue")
def get_id_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current string as an ID."""
    return _scalar(run, receiver, "Id")


@method("JSONParser", "getDateValue")
def get_date_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current string as a date."""
    return _scalar(run, receiver, "Date")


@method("JSONParser", "getDatetimeValue")
def get_datetime_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current string as a Datetime."""
    return _scalar(run, receiver, "Datetime")


@method("JSONParser", "getTimeValue")
def get_time_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current string as a time."""
    return _scalar(run, receiver, "Time")


@method("JSONParser", "getBlobValue")
def get_blob_value(run: Run, receiver: JsonParser) -> Value:
    """Return the current string, which is base64, as a Blob."""
    token = receiver.current
    if token is None or token.kind != "VALUE_STRING":
        raise _refused(receiver, "not VALUE_STRING, can not access as binary")
    run.allocate(len(str(token.value)))
    return blob_in(token)


@method("JSONParser", "readValueAs")
def read_value_as(run: Run, receiver: JsonParser, type_: TypeValue | None) -> Value:
    """Return the value that starts here, as a type; the parser goes to its end."""
    return _read(Reading(run, receiver.source), receiver, type_)


@method("JSONParser", "readValueAsStrict")
def read_value_as_strict(run: Run, receiver: JsonParser, type_: TypeValue | None) -> Value:
    """Return the value that starts here, and refuse names that its type doesn't have."""
    return _read(Reading(run, receiver.source, is_strict=True), receiver, type_)


def _read(reading: Reading, receiver: JsonParser, type_: TypeValue | None) -> Value:
    if type_ is None:
        raise null_argument()
    token = receiver.current or receiver.advance()
    if token is not None and token.kind == "FIELD_NAME":
        token = receiver.advance()
    if token is None:
        raise fail("No content to map to Object due to end of input")
    return read_value(reading, token, _following(receiver), type_.type)


def _following(receiver: JsonParser) -> Iterator[JsonToken]:
    while token := receiver.advance():
        yield token
