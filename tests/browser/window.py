"""A browser window that consecutive tests share, each in a new tab."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page


class Window:
    """A browser context whose tabs all run in the process of its first tab.

    A new context starts a new process, which compiles every script again and has nothing
    in its cache. That takes longer than what most tests do with their page. A tab that a
    page opens shares that page's process.
    """

    def __init__(self, new_context: Callable[[], BrowserContext], url: str) -> None:
        self._new_context = new_context
        self._url = url
        self._opener: Page | None = None

    def open_tab(self) -> Page:
        """Open a tab without any state from earlier tabs."""
        opener = self._opener or self._open()
        with opener.expect_popup() as tab:
            opener.evaluate("() => { window.open() }")
        return tab.value

    def close_tabs(self) -> None:
        """Close all tabs but the first, and clear cookies and storage."""
        if not self._opener:
            return
        context = self._opener.context
        for tab in context.pages:
            if tab != self._opener:
                tab.close()
        context.clear_cookies()
        context.clear_permissions()
        self._opener.evaluate("localStorage.clear()")

    def close(self) -> None:
        """Close the context; the next tab gets a new one."""
        if self._opener:
            self._opener.context.close()
        self._opener = None

    def _open(self) -> Page:
        self._opener = self._new_context().new_page()
        self._opener.goto(self._url)
        return self._opener
