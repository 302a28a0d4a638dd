"""The parts of pages that have been checked in an earlier state."""

import re

from playwright.sync_api import Page

# The forms of the header have a token, and the page to return to.
OF_ONE_PAGE = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=name="next" value=")[^"]*'
)
HEADER, TABS, MAIN, TREE = ".slds-global-header", ".slds-context-bar", "main", "#setup-tree"

READ = """(names) => names.map((name) => [name, document.querySelector(name)])
  .filter(([, part]) => part).map(([name, part]) => [name, part.innerHTML])"""

# The parts themselves stay, and headings of pages. Rules about the whole page need them.
EMPTY = """(names) => {
  for (const name of names)
    for (const part of document.querySelectorAll(name))
      part.replaceChildren(...part.querySelectorAll("h1"));
  const rows = new Set();
  for (const row of document.querySelectorAll("tbody tr")) {
    const html = row.outerHTML.replace(/\\d/g, "0");
    if (rows.has(html)) row.remove();
    rows.add(html);
  }
}"""


class CheckedParts:
    """The parts that are the same in many states, and needn't be checked in each.

    These are the frame around pages, and the page under a dialog. A page without a dialog
    is always checked, because its HTML doesn't show what's typed into its fields.
    """

    def __init__(self) -> None:
        self._checked: set[tuple[str, str]] = set()
        self._checked_below_dialogs: set[tuple[str, str]] = set()

    def empty(self, page: Page, *names: str) -> None:
        """Remove the content of the named parts, and of parts that have been checked.

        Of a table's rows that differ only in digits, one remains.
        """
        parts = {
            (name, OF_ONE_PAGE.sub("", html))
            for name, html in page.evaluate(READ, [HEADER, TABS, MAIN])
        }
        checked = set(self._checked)
        if page.locator("dialog:modal").count():
            checked |= self._checked_below_dialogs
            self._checked_below_dialogs |= parts
        else:
            self._checked |= parts
            checked = {(name, html) for name, html in checked if name != MAIN}
        page.evaluate(EMPTY, [*names, *(name for name, _ in parts & checked)])
