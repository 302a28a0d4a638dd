"""The steps of the workflow, for whoever presents it: what each needs, and where it is."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

from .stage import Stage

# How long a caption is shown, by how long it takes to read.
SECONDS_FOR_A_PAGE, SECONDS_FOR_A_WORD = 3, 0.4


@dataclass(frozen=True)
class Step:
    slug: str
    label: str
    caption: str
    # Puts the org into the state, and says where that is seen.
    prepare: Callable[[Stage], str]

    def go(self, by: User) -> str:
        """Where to go, in an org that is in the state the step needs."""
        return self.prepare(Stage(by))

    @property
    def seconds(self) -> float:
        words = len(self.caption.split())
        return round(SECONDS_FOR_A_PAGE + SECONDS_FOR_A_WORD * words, 1)


def _quick_find(stage: Stage) -> str:
    stage.free()
    return reverse("setup:search", query={"q": "Token"}, fragment="quick-find")


def _list(stage: Stage) -> str:
    stage.free()
    return reverse("handlers:list")


def _detail(stage: Stage) -> str:
    stage.free()
    return _of_handler("handlers:detail", stage)


def _choose_kind(stage: Stage) -> str:
    stage.free()
    return _of_handler("handlers:enable-app", stage)


def _choose_app(stage: Stage) -> str:
    app = stage.free()
    return _of_handler(
        "handlers:enable-app",
        stage,
        kind=app.kind,
        app=app.pk,
        app_text=app.label,
        run_as=stage.run_as.pk,
        run_as_text=stage.run_as.name,
        make_default="on",
    )


def _enabled(stage: Stage) -> str:
    return _shown(stage, stage.enabled())


def _taken_over(stage: Stage) -> str:
    return _shown(stage, stage.taken_over())


def _remove(stage: Stage) -> str:
    pk = stage.enabled().pk
    return reverse("handlers:remove-app", args=[stage.handler.developer_name, pk])


def _metadata(stage: Stage) -> str:
    return _of_handler("metadata:handler-metadata", stage)


def _review(stage: Stage) -> str:
    stage.free()
    return reverse("metadata:review", args=[stage.source().pk])


def _failed(stage: Stage) -> str:
    return reverse("metadata:deployment", args=[stage.failed_deployment().pk])


def _shown(stage: Stage, enablement: Enablement) -> str:
    """The row of the app, where the bars do not cover it."""
    return reverse(
        "handlers:detail",
        args=[stage.handler.developer_name],
        query={"shown": enablement.pk},
        fragment=f"enabled-app-{enablement.pk}",
    )


def _of_handler(name: str, stage: Stage, **query: object) -> str:
    return reverse(name, args=[stage.handler.developer_name], query=query)


STEPS = {
    step.slug: step
    for step in [
        Step(
            "quick-find",
            "Quick Find",
            "Everything begins in Setup: enter Token in Quick Find, and select "
            "Token Exchange Handlers.",
            _quick_find,
        ),
        Step(
            "list",
            "The handlers",
            "A token exchange handler checks tokens of another identity provider. "
            "Each has a status, and the types of token it takes.",
            _list,
        ),
        Step(
            "detail",
            "A handler",
            "A handler has an Apex class, which checks the token, and the apps "
            "it is enabled for. Enable New App adds one.",
            _detail,
        ),
        Step(
            "choose-kind",
            "Wizard, step 1",
            "First, the type of app: a connected app, or an external client app.",
            _choose_kind,
        ),
        Step(
            "choose-app",
            "Wizard, step 2",
            "Then the app, and the user that the handler runs as: best an integration "
            "user, and nobody's own account. The box makes this the app's default handler.",
            _choose_app,
        ),
        Step(
            "enabled",
            "Just enabled",
            "Done. The app can exchange tokens now, and the list says since when.",
            _enabled,
        ),
        Step(
            "taken-over",
            "A default taken over",
            "An app has one default handler. Where a second one becomes it, the first "
            "gives it up, and stays enabled.",
            _taken_over,
        ),
        Step(
            "remove",
            "Remove, asked first",
            "An app is removed in its row's menu. Setup asks first, and says what "
            "the app loses.",
            _remove,
        ),
        Step(
            "metadata",
            "As metadata",
            "The same handler as a file: what is seen on the page goes to another "
            "org by the Metadata API.",
            _metadata,
        ),
        Step(
            "review",
            "Review before deploying",
            "Coming back, a file is compared with the org first, line by line. "
            "Nothing is deployed yet.",
            _review,
        ),
        Step(
            "failed",
            "A failed deployment",
            "This one names an app that the org does not have. The deployment says where "
            "in the file, and changes nothing.",
            _failed,
        ),
    ]
}
SLUGS = list(STEPS)


def neighbours(slug: str) -> tuple[Step, Step]:
    """The step before and the one after; the last is followed by the first."""
    place = SLUGS.index(slug)
    return STEPS[SLUGS[place - 1]], STEPS[SLUGS[(place + 1) % len(SLUGS)]]
