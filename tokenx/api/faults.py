"""SOAP faults, and the codes of errors (docs/salesforce/metadata-api.md, SOAP faults)."""

from enum import StrEnum

from django.core.exceptions import ValidationError


class FaultCode(StrEnum):
    """Salesforce's fault codes. Clients compare them as text, so never change one."""

    INVALID_SESSION_ID = "INVALID_SESSION_ID"
    INVALID_LOGIN = "INVALID_LOGIN"
    INVALID_TYPE = "INVALID_TYPE"
    INVALID_CROSS_REFERENCE_KEY = "INVALID_CROSS_REFERENCE_KEY"
    INVALID_ID_FIELD = "INVALID_ID_FIELD"
    INVALID_OPERATION = "INVALID_OPERATION"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    EXCEEDED_ID_LIMIT = "EXCEEDED_ID_LIMIT"
    INSUFFICIENT_ACCESS = "INSUFFICIENT_ACCESS"
    SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
    UNKNOWN_EXCEPTION = "UNKNOWN_EXCEPTION"
    # SOAP's own code for a malformed request.
    CLIENT = "Client"


class Fault(Exception):  # noqa: N818 (SOAP calls it a fault)
    """An error that is the whole response to a call, with HTTP status 500."""

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


# Codes that actions give their errors.
_STATUS_CODES = {
    "DUPLICATE_COMM_NICKNAME",
    "DUPLICATE_USERNAME",
    "DUPLICATE_VALUE",
    "INVALID_CROSS_REFERENCE_KEY",
    "REQUIRED_FIELD_MISSING",
}


def status_code(error: ValidationError) -> str:
    """Return Salesforce's status code for an error that an action raised."""
    if error.code == "duplicate_name":
        return "DUPLICATE_DEVELOPER_NAME"
    if error.code in _STATUS_CODES:
        return str(error.code)
    return "FIELD_INTEGRITY_EXCEPTION"
