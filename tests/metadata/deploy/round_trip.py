"""Two packages that undo each other: defaults move, and a handler is created or deleted."""

from .deploying import enabled, handler, manifest, package

HANDLER = "OauthTokenExchangeHandler"
APPS = [f"App{number}" for number in range(60)]


def _defaults(apps):
    return [enabled(app, is_default=True) for app in apps]


HANDLERS = {
    "there.zip": [
        handler("A", *_defaults(APPS[:40])),
        handler("B", *APPS[20:]),
        handler("C", *APPS[:10]),
    ],
    "back.zip": [
        handler("A", *APPS[:20], label="Another"),
        handler("B", *_defaults(APPS[10:30])),
    ],
}
PACKAGES = {
    "there.zip": package(*HANDLERS["there.zip"]),
    "back.zip": package(
        *HANDLERS["back.zip"],
        **{"destructiveChanges.xml": manifest(**{HANDLER: ["C"]})},
    ),
}


def rows_of(name):
    """Return each handler's label, its apps, and whether it's their default."""
    return sorted(
        (handler.label, each.connected_app, int(each.is_default))
        for handler in HANDLERS[name]
        for each in handler.enablements
    )
