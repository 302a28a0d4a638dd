"""Compile the Apex classes of a deployment before its transaction.

Classes of the packages see each other and the org's.
"""

from collections.abc import Iterator

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.org.models import ApexClass
from tokenx.setup.compile_classes import compile_together

from .apply import APEX_CLASS, HANDLER
from .engine import ReadPackages
from .progress import Progress


def compile_packages(packages: ReadPackages, org: int, progress: Progress) -> None:
    """Compile the classes, first those that handlers use. Raises CanceledError."""

    def check() -> None:
        progress.check()
        if progress.on_step:
            progress.on_step()

    classes = list(_classes_in(packages))
    if not classes:
        return
    progress.detail = "Compiling Apex classes"
    packages.classes_state = ApexClass.objects.state_of(org)
    results = compile_together(
        org=org,
        bodies={read.full_name: read.definition.body for read in classes},
        first=[*_used_in(packages), *_used_in_org(org)],
        on_each=check,
    )
    for read in classes:
        read.compiled = results.get(read.full_name.lower())


def recompile_if_changed(packages: ReadPackages, org: int) -> None:
    """Compile again if a class of the org changed since. The org is locked."""
    state = packages.classes_state
    if state and state != ApexClass.objects.state_of(org):
        compile_packages(packages, org, Progress())


def _classes_in(packages: ReadPackages) -> Iterator[ReadComponent]:
    for read in packages.components:
        is_class = read.type_name == APEX_CLASS and read.definition is not None
        if is_class and read.definition.status != "Deleted":
            yield read


def _used_in(packages: ReadPackages) -> Iterator[str]:
    for read in packages.components:
        if read.type_name == HANDLER and read.definition is not None:
            yield read.definition.apex_class


def _used_in_org(org: int) -> Iterator[str]:
    handlers = TokenExchangeHandler.objects.filter(org=org)
    yield from handlers.values_list("apex_class__name", flat=True)
