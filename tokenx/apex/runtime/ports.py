"""Interfaces of everything outside that a run reaches; `setup/apex_runs/` implements it.

Arguments and results are Apex values; see `values`. An implementation raises ThrownError
for what Apex can catch, and NotRunnableError for what tokenx doesn't have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ..values import Id, QueryRows, Record, Value
from ..values.kinds import DmlError


@dataclass(frozen=True, slots=True)
class DmlOutcome:
    """The outcome of one row: its ID, or why it wasn't saved."""

    id: Id | None
    errors: tuple[DmlError, ...] = ()
    is_created: bool = False


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """A field of an object, as Schema describes it. `type` is SOQL's, such as picklist."""

    name: str
    label: str
    type: str
    is_changeable: bool = False
    # The object that it refers to, and the name of the relationship.
    refers_to: str = ""
    relationship: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectDescription:
    """An object, as Schema describes it. Its fields are by lower-case name."""

    name: str
    prefix: str
    is_changeable: bool
    is_deletable: bool
    fields: Mapping[str, FieldDescription]


class Records(Protocol):
    """The org's records, as the user who runs the code sees them.

    The interpreter counts queries, rows, and DML statements, and records their events.
    """

    def binds_of(self, text: str) -> Sequence[str]:
        """Return the Apex expressions of a query's binds, without the colons, in order."""

    def query(self, text: str, binds: Mapping[str, Value]) -> QueryRows | int:
        """Run a query; the keys of `binds` are its expressions. COUNT() gives an int."""

    def change(
        self, operation: str, records: Sequence[Record], *, all_or_none: bool
    ) -> list[DmlOutcome]:
        """Insert, update, upsert, delete, or undelete records: one outcome for each row.

        With `all_or_none`, nothing is saved if a row has an error. New records get their ID
        from the caller.
        """

    def savepoint(self) -> object:
        """Set a savepoint."""

    def roll_back(self, savepoint: object) -> None:
        """Return to a savepoint."""

    def fields_of(self, object_name: str) -> Mapping[str, str] | None:
        """Return the Apex type names of an object's fields and parents by lower-case name.

        None means that there's no such object.
        """

    def field_names(self, object_name: str) -> Mapping[str, str] | None:
        """Return the names of an object's fields and parents by lower-case name."""

    def describe(self, object_name: str) -> ObjectDescription | None:
        """Describe an object by its name without case, or return None."""

    def object_names(self) -> Sequence[str]:
        """Return the names of all objects."""

    def object_name_of(self, prefix: str) -> str | None:
        """Return the object whose IDs start with three characters, such as 005."""


@dataclass(slots=True)
class CalloutRequest:
    """An HTTP request of Apex. Header names keep the case in which the code sets them."""

    method: str
    endpoint: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    # In milliseconds, from 1 to 120,000.
    timeout: int = 10_000
    certificate_name: str = ""


@dataclass(slots=True)
class CalloutResponse:
    """The response to a callout; `source` is a sentence about who answered."""

    status_code: int
    status: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: str = ""


class Callouts(Protocol):
    """The addresses that code can call."""

    def send(self, request: CalloutRequest) -> CalloutResponse:
        """Send a request. Raise ThrownError with a CalloutException if that isn't possible.

        `callout:Name/path` is a named credential.
        """


class LocaleFormats(Protocol):
    """The formats of a user's locale, such as `LOCALES["de_DE"]` of `web/locales.py`."""

    @property
    def date(self) -> str:
        """Return the pattern of a date, such as DD.MM.YYYY."""

    @property
    def time(self) -> str:
        """Return the pattern of a time, such as HH:mm."""

    @property
    def both(self) -> str:
        """Return the pattern of a date with its time, such as `date, time`."""

    @property
    def decimal_mark(self) -> str:
        """Return the decimal mark."""

    def format_number(self, number: int) -> str:
        """Format a whole number."""


@dataclass(frozen=True, slots=True)
class AmericanFormats:
    """The formats of en_US."""

    date: str = "M/D/YYYY"
    time: str = "h:mm a"
    both: str = "date, time"
    decimal_mark: str = "."

    def format_number(self, number: int) -> str:
        """Format a whole number."""
        return f"{number:,}"


@dataclass(frozen=True, slots=True)
class RunningUser:
    """The user who runs the code, for UserInfo and the log."""

    id: Id
    username: str
    first_name: str
    last_name: str
    email: str
    profile_id: Id
    profile_name: str
    # IANA, such as America/Los_Angeles; the locale as Salesforce writes it, such as en_US.
    time_zone: str
    locale: str
    language: str
    organization_id: Id
    organization_name: str
    # The org's address: https://host without a path.
    my_domain: str
    is_multi_currency: bool = False
    default_currency: str = "USD"
    formats: LocaleFormats = AmericanFormats()


@dataclass(frozen=True, slots=True)
class CertificateOfOrg:
    """A certificate of Certificate and Key Management and its private key, in PEM."""

    name: str
    certificate: bytes
    private_key: bytes | None = None


class Configuration(Protocol):
    """Settings that administrators make and code reads."""

    def label(self, name: str) -> str | None:
        """Return the text of a custom label, by its name without case, or None."""

    def custom_metadata(self, type_name: str) -> Sequence[Record] | None:
        """Return all records of a custom metadata type such as Thing__mdt; None if unknown.

        Each has Id, DeveloperName, MasterLabel, Label, QualifiedApiName, and its fields.
        """

    def certificate(self, name: str) -> CertificateOfOrg | None:
        """Return a certificate by its unique name without case, or None."""


class Clock(Protocol):
    """The clock and the random numbers of a run; tests and replays fix both."""

    def now(self) -> datetime:
        """Return the time in UTC."""

    def random_bytes(self, count: int) -> bytes:
        """Return unpredictable bytes."""


@dataclass(frozen=True, slots=True)
class RunPorts:
    """Everything outside that a run reaches."""

    records: Records
    callouts: Callouts
    configuration: Configuration
    clock: Clock
    user: RunningUser
