"""The name and superclass that code declares, also if it has errors."""

from itertools import pairwise, takewhile

from .tokens import Token, read_tokens

_KINDS = {"_CLASS", "_INTERFACE", "_ENUM"}
# A declaration starts within so many tokens: annotations can come before it.
_FARTHEST = 1_000


def declared_name(body: str) -> str:
    """Return the name of the class, interface, enum, or trigger, or an empty string."""
    tokens = _start_of(body)
    for token, name in pairwise(tokens):
        is_trigger = token is tokens[0] and token.text.lower() == "trigger"
        if is_trigger or token.type in _KINDS:
            return name.text if name.type == "NAME" else ""
    return ""


def declared_superclass(body: str) -> str:
    """Return the dotted name of the superclass without type arguments, or empty."""
    header = takewhile(lambda token: token.type != "LBRACE", _start_of(body))
    words = list(header)
    names = [index for index, token in enumerate(words) if token.type == "_EXTENDS"]
    if not names or "_CLASS" not in {token.type for token in words}:
        return ""
    after = takewhile(lambda token: token.type in ("NAME", "_DOT"), words[names[0] + 1 :])
    return "".join(token.text for token in after)


def _start_of(body: str) -> list[Token]:
    return [
        token for token, _ in zip(read_tokens(body, []), range(_FARTHEST), strict=False)
    ]
