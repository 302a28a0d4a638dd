"""A zip file in a SOAP request: base64 that comes in pieces, decoded into a file."""

import binascii
from typing import IO, NoReturn

from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.limits import MAX_ZIP_SIZE

_SPACE = b" \t\r\n"


class ZipDecoder:
    """Takes text in pieces of any length. Nothing but the last three letters is kept."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target = target
        self.size = 0
        self.rest = b""
        self.is_padded = False

    def feed(self, text: str) -> None:
        try:
            data = self.rest + text.encode("ascii").translate(None, _SPACE)
            end = len(data) - len(data) % 4
            made = binascii.a2b_base64(data[:end], strict_mode=True)
        except ValueError:
            self.refuse()
        if data and self.is_padded:
            self.refuse()
        self.rest = data[end:]
        self.is_padded = self.is_padded or data[:end].endswith(b"=")
        self.size += len(made)
        if self.size > MAX_ZIP_SIZE:
            words = f"Maximum size of zip file is {MAX_ZIP_SIZE} bytes"
            raise Fault(
                FaultCode.LIMIT_EXCEEDED, f"Maximum size of zip file reached. {words}"
            )
        self.target.write(made)

    def finish(self) -> None:
        """The text has ended: nothing may be left of it."""
        if self.rest:
            self.refuse()
        self.target.seek(0)

    def refuse(self) -> NoReturn:
        words = "ZipFile is not a valid value for the type xsd:base64Binary"
        raise Fault(FaultCode.CLIENT, words) from None
