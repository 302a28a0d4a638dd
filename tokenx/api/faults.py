"""What a SOAP call is refused with: facts/metadata-api.md 5.2."""

from enum import StrEnum


class FaultCode(StrEnum):
    """The codes in use. Clients compare them as text, so they are never ours to choose."""

    INVALID_SESSION_ID = "INVALID_SESSION_ID"
    INVALID_LOGIN = "INVALID_LOGIN"
    INVALID_TYPE = "INVALID_TYPE"
    INVALID_CROSS_REFERENCE_KEY = "INVALID_CROSS_REFERENCE_KEY"
    INVALID_ID_FIELD = "INVALID_ID_FIELD"
    INVALID_OPERATION = "INVALID_OPERATION"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    EXCEEDED_ID_LIMIT = "EXCEEDED_ID_LIMIT"
    INSUFFICIENT_ACCESS = "INSUFFICIENT_ACCESS"
    UNKNOWN_EXCEPTION = "UNKNOWN_EXCEPTION"
    # The request itself is malformed: SOAP's own word, not Salesforce's.
    CLIENT = "Client"


class Fault(Exception):  # noqa: N818 (SOAP's word for it)
    """A call that is answered with nothing else; the answer's HTTP status is 500."""

    def __init__(self, code: FaultCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @property
    def faultcode(self) -> str:
        prefix = "soapenv" if self.code is FaultCode.CLIENT else "sf"
        return f"{prefix}:{self.code}"

    @property
    def faultstring(self) -> str:
        return self.text if self.code is FaultCode.CLIENT else f"{self.code}: {self.text}"
