"""CSV files that are streamed and safe to open in a spreadsheet."""


class Echo:
    """A file-like object whose write() returns the line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def harmless(cell: str) -> str:
    """Quote a cell that a spreadsheet would otherwise run as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
