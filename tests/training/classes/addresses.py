"""URLs of classes, for tests/addresses.py."""

_CLASS, _PERSON = ["classroom_id"], ["classroom_id", "participant_id"]
KEYS = {
    "training:classroom-list": [],
    "training:open-classroom": [],
    "training:classroom": _CLASS,
    "training:end-classroom": _CLASS,
    "training:delete-classroom": _CLASS,
    "training:class-results-csv": _CLASS,
    "training:class-statements": _CLASS,
    "training:send-statements": _CLASS,
    "training:participant": _PERSON,
    "training:send-note": _PERSON,
    "training:reset-participant": _PERSON,
    "training:remove-participant": _PERSON,
    "training:look-into": _PERSON,
    "training:stop-looking": [],
    "training:class-note": [],
    "training:join": [],
    "training:join-by-link": ["code"],
    "training:come-back": ["token"],
}
OPEN_TO_ALL = {"training:join", "training:join-by-link", "training:come-back"}
# Only administrators open classes: the pages show participants' names and links.
CHANGING = set(KEYS) - OPEN_TO_ALL - {"training:class-note"}
TAKES_POST = {
    "training:open-classroom",
    "training:end-classroom",
    "training:delete-classroom",
    "training:send-statements",
    "training:send-note",
    "training:reset-participant",
    "training:remove-participant",
    "training:look-into",
    "training:stop-looking",
    "training:class-note",
}
