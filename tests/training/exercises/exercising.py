"""A learner who works through an exercise in Setup or with metadata files."""

from typing import Any

from tests.metadata.deploy.deploying import deploy, package, retrieved
from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.deploy.uploads import receive_text
from tokenx.metadata.models import Deployment
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.training.exercises import Exercise, exercises
from tokenx.training.exercises.actions import start_exercise
from tokenx.training.exercises.checks import check
from tokenx.training.exercises.conditions import ConditionResult
from tokenx.training.practice.actions import start_practice_org

MY_HANDLER = "MyTokenExchangeHandler"
INTEGRATION, TOKEN = "integrationuser@mycompany.com", "token.exchange@mycompany.com"


class Learner:
    """A user who does an exercise in an org of its scenario."""

    def __init__(self, slug: str, user: User | None = None) -> None:
        self.exercise: Exercise = exercises()[slug]
        self.user = user or start_practice_org(
            scenario=self.exercise.scenario, name="Lea Learner"
        )
        self.org: Org = self.user.org
        start_exercise(org=self.org, exercise=self.exercise, by=self.user)

    @property
    def results(self) -> list[ConditionResult]:
        return check(self.org, self.exercise)

    @property
    def is_done(self) -> bool:
        return all(result.is_met for result in self.results)

    @property
    def open(self) -> list[str]:
        """Return the unmet conditions, as the panel shows them."""
        return [result.sentence for result in self.results if not result.is_met]

    def actual(self, text: str) -> str:
        """Return the actual value of the condition whose sentence contains a text."""
        [actual] = [result.actual for result in self.results if text in result.sentence]
        return actual

    # --- Rows ----------------------------------------------------------------------

    def handler(self, name: str = MY_HANDLER) -> TokenExchangeHandler:
        return TokenExchangeHandler.objects.get(org=self.org, developer_name=name)

    def app(self, name: str, kind: str = "connected") -> ClientApp:
        return ClientApp.objects.get(org=self.org, kind=kind, api_name__iexact=name)

    def user_named(self, username: str) -> User:
        return User.objects.get(org=self.org, username=username)

    def any_person(self) -> User:
        personal_accounts = User.objects.filter(org=self.org, is_integration_user=False)
        return personal_accounts.filter(
            is_active=True, can_sign_in=False, profile__kind="standard"
        )[0]

    def enablement(self, app: str, handler: str = MY_HANDLER) -> Enablement:
        rows = Enablement.objects.of(self.handler(handler))
        return rows.select_related("app", "handler", "run_as").get(
            app__api_name__iexact=app
        )

    def apex_class(self, name: str) -> ApexClass:
        return ApexClass.objects.get(org=self.org, name=name)

    # --- Changes in Setup ----------------------------------------------------------

    def enable(
        self,
        app: str,
        run_as: str = INTEGRATION,
        *,
        handler: str = MY_HANDLER,
        kind: str = "connected",
        default: bool = False,
    ) -> None:
        actions.enable_app(
            handler=self.handler(handler),
            app=self.app(app, kind),
            run_as=self.user_named(run_as),
            make_default=default,
            by=self.user,
        )

    def edit(self, app: str, *, handler: str = MY_HANDLER, **changes: Any) -> None:
        enablement = self.enablement(app, handler)
        username = changes.get("run_as", enablement.run_as.username)
        actions.edit_enablement(
            enablement=enablement,
            run_as=self.user_named(username),
            make_default=changes.get("default", enablement.is_default),
            by=self.user,
        )

    def remove(self, app: str, *, handler: str = MY_HANDLER) -> None:
        actions.remove_app(enablement=self.enablement(app, handler), by=self.user)

    # --- Changes with metadata files -----------------------------------------------

    def deploy_text(self, text: str, **options: Any) -> Deployment:
        source = receive_text(text=text, by=self.user)
        deployment = queue_deployment(
            source=source, options=Options(**options), by=self.user
        )
        queue.wake(self.org.pk)
        deployment.refresh_from_db()
        return deployment

    def deploy(self, *components: Any, **options: Any) -> Deployment:
        """Deploy definitions of `tests.metadata.deploy.deploying`."""
        return deploy(self.user, package(*components), **options)

    def file_of(self, handler: str = MY_HANDLER) -> str:
        files = retrieved(self.org)
        name = f"oauthtokenexchangehandlers/{handler}.oauthtokenexchangehandler"
        [file] = [data for path, data in files.items() if path.endswith(name)]
        return file.decode()


def enablement_xml(
    app: str,
    run_as: str = INTEGRATION,
    *,
    default: bool = False,
    element: str = "connectedApp",
) -> str:
    return (
        f"    <enablements>\n        <apexExecutionUser>{run_as}</apexExecutionUser>\n"
        f"        <{element}>{app}</{element}>\n"
        f"        <isDefault>{str(default).lower()}</isDefault>\n    </enablements>\n"
    )


def with_app(file: str, *more: str) -> str:
    """Insert enablements into a handler's file, before the first one."""
    start = (
        file.index("    <enablements>")
        if "<enablements>" in file
        else file.index("    <isAccessTokenSupported>")
    )
    return file[:start] + "".join(more) + file[start:]
