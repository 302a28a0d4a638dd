"""Cells of CSV files that are safe to open in a spreadsheet."""


def harmless(cell: str) -> str:
    """Quote a cell that a spreadsheet would otherwise run as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
