"""Messages about compiling the Apex classes of a deployment."""

from collections.abc import Iterable, Iterator

from tokenx.apex.compiled import CompileOutcome
from tokenx.apex.problems import Severity
from tokenx.metadata.format.definitions import ApexClassDefinition
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.limits import MAX_PROBLEMS
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.package.manifests import PACKAGE_XML
from tokenx.setup.compile_classes import MAX_NEW_CODE
from tokenx.web.text import count_of

from .messages import Message


def compile_errors(read: ReadComponent) -> list[Problem]:
    """Return the errors that refuse a class."""
    if read.compiled is None or read.compiled.status != CompileOutcome.INVALID:
        return []
    errors = [each for each in read.compiled.problems if each.severity == Severity.ERROR]
    return [
        Problem(each.at.line, each.at.column, each.text) for each in errors[:MAX_PROBLEMS]
    ]


def add_compile_warning(message: Message, read: ReadComponent) -> None:
    """Add tokenx's own warning about a class to the message about its success."""
    warnings = read.compiled.problems if read.compiled else ()
    if warnings and not message.deleted:
        message.is_warning = message.is_from_tokenx = True
        message.problem = " ".join(each.message for each in warnings)
        message.line, message.column = warnings[0].at


def not_compiled_warnings(components: Iterable[ReadComponent]) -> Iterator[Message]:
    """Yield one warning if the package has more code than a deployment compiles."""
    count = sum(
        read.type_name == ApexClassDefinition.type_name
        and read.definition is not None
        and read.definition.status != "Deleted"
        and read.compiled is None
        for read in components
    )
    if count:
        verb = "isn't" if count == 1 else "aren't"
        yield Message(
            type_name="",
            full_name=PACKAGE_XML,
            file_name=PACKAGE_XML,
            is_warning=True,
            is_from_tokenx=True,
            problem=f"{count_of(count, 'Apex class')} {verb} compiled yet. A deployment "
            f"compiles at most {MAX_NEW_CODE // 1000} kB of new code. The rest is compiled "
            "when it's first opened.",
        )
