"""Salesforce's messages for invalid files: docs/salesforce/product.md, Error texts."""

from xml.parsers import expat

_CODES = {
    name: expat.errors.codes[text]
    for name, text in vars(expat.errors).items()
    if name.startswith("XML_ERROR_")
}
SHOWN = 100
_UNENDED = "XML document structures must start and end within the same entity."
_BEFORE_ROOT = {_CODES["XML_ERROR_SYNTAX"], _CODES["XML_ERROR_INVALID_TOKEN"]}
_WORDS = {
    _CODES["XML_ERROR_UNCLOSED_TOKEN"]: _UNENDED,
    _CODES["XML_ERROR_JUNK_AFTER_DOC_ELEMENT"]: (
        "The markup in the document following the root element must be well-formed."
    ),
    _CODES["XML_ERROR_INVALID_TOKEN"]: (
        "The content of elements must consist of well-formed character data or markup."
    ),
    _CODES["XML_ERROR_UNDEFINED_ENTITY"]: ("An entity was referenced, but not declared."),
}


def why_no_xml(error: expat.ExpatError, *, is_begun: bool, open_element: str) -> str:
    """Return the message of Salesforce's parser for an error of ours."""
    if error.code == _CODES["XML_ERROR_TAG_MISMATCH"] and open_element:
        name = shown(open_element)
        return (
            f'The element type "{name}" must be terminated by the matching end-tag '
            f'"</{name}>".'
        )
    if error.code == _CODES["XML_ERROR_NO_ELEMENTS"]:
        return _UNENDED if is_begun else "Premature end of file."
    if not is_begun and error.code in _BEFORE_ROOT:
        return "Content is not allowed in prolog."
    return _WORDS.get(error.code) or f"{expat.ErrorString(error.code).capitalize()}."


def full_name(name: str) -> str:
    """Return a name as in Salesforce's messages: {namespace}name."""
    namespace, _, short = name.rpartition(" ")
    return f"{{{shown(namespace)}}}{shown(short)}"


def misplaced(name: str, kind: str, what: str) -> str:
    where = f"this location in type {shown(kind)}"
    return f"Error parsing file: Element {full_name(name)} {what} {where}"


def shown(text: str) -> str:
    """Shorten a text so that it fits into a sentence."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
