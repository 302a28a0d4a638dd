"""The workflow's steps for presenters: the data they need and the pages they show."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from tokenx.handlers.models import Enablement
from tokenx.org.models import User
from tokenx.web.dialogs import address_query

from .demo_data import DemoData

# A caption is shown for as long as it takes to read.
SECONDS_FOR_A_PAGE, SECONDS_FOR_A_WORD = 3, 0.4


@dataclass(frozen=True)
class TourStep:
    """A step of the workflow, with its caption."""

    slug: str
    label: str
    caption: str
    # Creates the data and returns the URL that shows it.
    prepare: Callable[[DemoData], str]

    def go(self, by: User) -> str:
        """Prepare the org for the step, and return the step's URL."""
        return self.prepare(DemoData(by))

    @property
    def seconds(self) -> float:
        words = len(self.caption.split())
        return round(SECONDS_FOR_A_PAGE + SECONDS_FOR_A_WORD * words, 1)


def _quick_find(demo: DemoData) -> str:
    demo.app_not_enabled()
    return reverse("setup:search", query={"q": "Token"}, fragment="quick-find")


def _list(demo: DemoData) -> str:
    demo.app_not_enabled()
    return reverse("handlers:list")


def _detail(demo: DemoData) -> str:
    demo.app_not_enabled()
    return _handler_url("handlers:detail", demo)


def _choose_kind(demo: DemoData) -> str:
    demo.app_not_enabled()
    return _dialog_url(demo, "enable-app")


def _choose_app(demo: DemoData) -> str:
    app = demo.app_not_enabled()
    return _dialog_url(
        demo,
        "enable-app",
        kind=app.kind,
        app=app.api_name,
        run_as=demo.run_as.username,
        make_default="on",
    )


def _enabled(demo: DemoData) -> str:
    return _row_url(demo, demo.app_enabled())


def _taken_over(demo: DemoData) -> str:
    return _row_url(demo, demo.default_replaced())


def _remove(demo: DemoData) -> str:
    app = demo.app_enabled().app
    return _dialog_url(demo, "remove-app", app=app.api_name, kind=app.kind)


def _metadata(demo: DemoData) -> str:
    return _handler_url("metadata:handler-metadata", demo)


def _review(demo: DemoData) -> str:
    demo.app_not_enabled()
    return reverse("metadata:review", args=[demo.changed_file().pk])


def _failed(demo: DemoData) -> str:
    return reverse("metadata:deployment", args=[demo.failed_deployment().pk])


def _row_url(demo: DemoData, enablement: Enablement) -> str:
    """Return the URL of the app's row, which scrolls clear of the bars."""
    return reverse(
        "handlers:detail",
        args=[demo.handler.developer_name],
        query={"shown": enablement.pk},
        fragment=f"enabled-app-{enablement.pk}",
    )


def _dialog_url(demo: DemoData, name: str, **fields: str) -> str:
    """Return the URL of a dialog on the handler's page."""
    return f"{_handler_url('handlers:detail', demo)}?{address_query(name, fields)}"


def _handler_url(name: str, demo: DemoData, **query: object) -> str:
    return reverse(name, args=[demo.handler.developer_name], query=query)


STEPS = {
    step.slug: step
    for step in [
        TourStep(
            "quick-find",
            "Quick Find",
            "The workflow starts in Setup. In Quick Find, enter Token, and select "
            "Token Exchange Handlers.",
            _quick_find,
        ),
        TourStep(
            "list",
            "The handler list",
            "A token exchange handler validates tokens from another identity provider. "
            "The list shows each handler's status and token types.",
            _list,
        ),
        TourStep(
            "detail",
            "A handler",
            "A handler has an Apex class that validates tokens, and a list of enabled "
            "apps. To add an app, select Enable New App.",
            _detail,
        ),
        TourStep(
            "choose-kind",
            "Wizard, step 1",
            "First, select the type of app: connected app or external client app.",
            _choose_kind,
        ),
        TourStep(
            "choose-app",
            "Wizard, step 2",
            "Then select the app and the Run As User: ideally an integration user, not a "
            "personal account. Select the checkbox to make this handler the app's default.",
            _choose_app,
        ),
        TourStep(
            "enabled",
            "App enabled",
            "The app can now exchange tokens. The list shows the date it was enabled.",
            _enabled,
        ),
        TourStep(
            "taken-over",
            "Change the default handler",
            "An app has one default handler. When another handler becomes the default, "
            "the previous one stays enabled but is no longer the default.",
            _taken_over,
        ),
        TourStep(
            "remove",
            "Confirm removal",
            "To remove an app, use its row menu. Setup asks you to confirm and explains "
            "the consequences for the app.",
            _remove,
        ),
        TourStep(
            "metadata",
            "View metadata",
            "This is the same handler as a metadata file. You can deploy it to another org "
            "with Metadata API.",
            _metadata,
        ),
        TourStep(
            "review",
            "Review before deploying",
            "Before a file is deployed, it's compared with the org line by line. "
            "Nothing has changed yet.",
            _review,
        ),
        TourStep(
            "failed",
            "A failed deployment",
            "This file contains an app that the org doesn't have. The deployment shows "
            "the line of the error and changes nothing.",
            _failed,
        ),
    ]
}
SLUGS = list(STEPS)


def neighbors(slug: str) -> tuple[TourStep, TourStep]:
    """Return the previous and the next step. The last one is followed by the first."""
    index = SLUGS.index(slug)
    return STEPS[SLUGS[index - 1]], STEPS[SLUGS[(index + 1) % len(SLUGS)]]
