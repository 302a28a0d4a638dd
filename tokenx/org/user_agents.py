"""Names of browsers and operating systems, as the login history shows them."""

import re

# The first name that occurs wins: Chrome also names Safari, and Edge names both.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Version": "Safari",
}
_PLATFORMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Mac OS X": "Mac OSX",
    "Linux": "Linux",
}
_UNKNOWN = "Unknown"


def browser_of(user_agent: str) -> str:
    """Return the browser and its major version, or the first product of other programs."""
    for name, label in _BROWSERS.items():
        if found := re.search(rf"\b{name}/(\d+)", user_agent):
            return f"{label} {found[1]}"
    product = re.match(r"[\w.-]+(/[\w.]+)?", user_agent)
    return product[0].replace("/", " ")[:80] if product else _UNKNOWN


def platform_of(user_agent: str) -> str:
    """Return the operating system."""
    names = (label for name, label in _PLATFORMS.items() if name in user_agent)
    return next(names, _UNKNOWN)
