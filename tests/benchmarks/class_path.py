"""One person doing the whole path in Setup."""

import html
import io
import re
import time
from collections.abc import Callable
from zipfile import ZipFile

from tokenx.training.exercises import exercises, paths
from tokenx.training.scenarios.apex_classes import body_of

from .browser import HTMX, Browser

HANDLER = "MyTokenExchangeHandler"
INTEGRATION, TOKEN = "integrationuser@mycompany.com", "token.exchange@mycompany.com"
APP = (
    "    <enablements>\n        <apexExecutionUser>{run_as}</apexExecutionUser>\n"
    "        <{element}>{app}</{element}>\n"
    "        <isDefault>true</isDefault>\n    </enablements>\n"
)


class Person:
    """A participant of a class, with a practice org."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def join(self, code: str, name: str) -> None:
        self.browser.get(f"/join/{code}/")
        self.browser.submit("/join/", "join", code=code, name=name)
        for page in ["/", "/training/", "/handlers/"]:
            self.browser.get(page)

    def work(self) -> None:
        """Do all exercises of the path in order, and check the panel after each one."""
        known, scenario = exercises(), "first-steps"
        for slug in paths()["all"].exercises:
            exercise = known[slug]
            start = f"/training/exercises/{slug}/start/"
            must_reset = exercise.scenario != scenario
            self.browser.submit(start, "start", reset=must_reset)
            scenario = exercise.scenario
            SOLUTIONS[slug](self)
            state = self.browser.get("/training/exercise-state/", "check", **HTMX)
            if "exercise__done" not in state:
                met = re.search(r"(\d+ of \d+) met", state)
                raise AssertionError(f"{slug}: {met and met[1]} met")

    # --- Exercises -------------------------------------------------------------------

    def find_the_page(self) -> None:
        self.browser.get("/search/?q=Token")
        self._answer("find-the-page", _count(self.browser.get("/handlers/")), "Identity")

    def view_details(self) -> None:
        page = self.browser.get(f"/handlers/{HANDLER}/")
        apex_class = re.search(r'href="/apex-classes/(\w+)/"', page)[1]
        self._answer("view-details", apex_class, _count(page))

    def enable_a_connected_app(self) -> None:
        self._enable("TokenExchangeApp1", "tok", TOKEN)

    def enable_an_external_client_app(self) -> None:
        self._enable("Partner Portal", "tok", TOKEN, kind="external")

    def run_as_an_integration_user(self) -> None:
        self._enable("TokenExchangeApp2", "*ion", INTEGRATION)

    def make_it_the_default(self) -> None:
        self._enable("Customer Mobile App", "*ion", INTEGRATION, "external", default=True)

    def edit_an_enabled_app(self) -> None:
        self._edit(HANDLER, "connected/Warehouse_Scanner", "tok", TOKEN)

    def remove_and_enable_again(self) -> None:
        row = self._row(HANDLER, "connected/Warehouse_Scanner")
        self.browser.submit(f"{row}remove/", "remove")
        self._enable("Warehouse Scanner", "*ion", INTEGRATION, default=True)

    def create_a_handler(self) -> None:
        self.browser.submit(
            "/create-handler/", "create",
            label="Partner Tokens", token_types=["supports_id_token", "supports_jwt"],
            makes_template="on",
        )  # fmt: skip
        page = self.browser.get("/handlers/Partner_Tokens/")
        name = re.search(r'href="/apex-classes/(\w+)/"', page)[1]
        body = body_of(name)
        self.browser.submit(f"/apex-classes/{name}/edit/", "edit class", body=body)
        self.browser.submit("/handlers/Partner_Tokens/switch/?to=on", "switch")

    def class_of_a_tutorial(self) -> None:
        body = body_of("KioskTokenHandler")
        self.browser.submit("/new-apex-class/", "create class", body=body)

    def no_app_enabled(self) -> None:
        file = _code(self.browser.get("/training/exercises/no-app-enabled/"))
        portal = APP.format(
            app="Partner_Portal", run_as=INTEGRATION, element="externalClientApp"
        )
        at = file.index("    <isAccessTokenSupported>")
        self._deploy(file[:at] + portal + file[at:])

    def another_token_type(self) -> None:
        types = ["supports_access_token", "supports_id_token", "supports_jwt"]
        self.browser.submit(f"/handlers/{HANDLER}/edit/", "edit", token_types=types)

    def user_not_approved(self) -> None:
        self.browser.submit(
            "/apps/connected/Warehouse_Scanner/policies/", "edit app",
            permitted_users="AdminApprovedPreAuthorized",
        )  # fmt: skip

    def app_not_found(self) -> None:
        app = "/apps/connected/Legacy_ERP_Bridge/"
        self.browser.submit(f"{app}edit/", "edit app", allows_token_exchange="on")
        self.browser.submit(
            f"{app}policies/", "edit app", policy_allows_token_exchange="on"
        )
        self._enable("Legacy ERP Bridge", "*ion", INTEGRATION, handler="Okta_Workforce")

    def default_taken_over(self) -> None:
        for app in ["connected/Sales_Insights", "external/Chat_Assistant"]:
            row = self._row("Okta_Workforce", app)
            self.browser.submit(f"{row}edit/", "edit", make_default="on")

    def personal_account(self) -> None:
        for app in ["connected/Field_Service_Mobile", "external/Delivery_Tracking"]:
            self._edit("Entra_ID", app, "*ion", INTEGRATION)

    def filter_and_sort(self) -> None:
        page = self.browser.get("/handlers/Store_Fleet/")
        external = self.browser.get("/handlers/Store_Fleet/?kind=external")
        self._answer("filter-and-sort", _count(page), _count(external), "100")

    def deploy_an_edit(self) -> None:
        page = self.browser.get(f"/handlers/{HANDLER}/metadata/download/")
        more = [
            APP.format(
                app=f"TokenExchangeApp{n}", run_as=INTEGRATION, element="connectedApp"
            )
            for n in (1, 2)
        ]
        at = page.index("    <enablements>")
        self._deploy(page[:at] + "".join(more) + page[at:])

    def repair_the_sample(self) -> None:
        page = self.browser.get("/training/exercises/repair-the-sample/")
        self._deploy(_code(page).replace("conectedApp", "connectedApp"))

    def repair_a_deployment(self) -> None:
        self.browser.submit(
            "/apps/external/Partner_Portal/policies/", "edit app",
            policy_allows_token_exchange="on",
        )  # fmt: skip
        failed = re.search(r"/deployments/\d+/", self.browser.get("/deployments/"))[0]
        source = re.search(r"/deploy/\d+/download/", self.browser.get(failed))[0]
        self.browser.get(source)
        with ZipFile(io.BytesIO(self.browser.content)) as package:
            [name] = [name for name in package.namelist() if name.endswith("handler")]
            self._deploy(package.read(name).decode().replace(".com.uat", ".com"))

    # --- Steps -----------------------------------------------------------------------

    def _answer(self, slug: str, *answers: str) -> None:
        questions = exercises()[slug].questions
        for question, answer in zip(questions, answers, strict=True):
            url = f"/training/exercises/{slug}/answer/"
            self.browser.post(url, "answer", question=question, answer=answer)

    def _enable(
        self,
        app: str,
        typed: str,
        run_as: str,
        kind: str = "connected",
        *,
        handler: str = HANDLER,
        default: bool = False,
    ) -> None:
        lookup = f"/handlers/{handler}/lookup/apps/{kind}/?q={app.replace(' ', '+')}"
        self.browser.submit(
            f"/handlers/{handler}/enable-app/?kind={kind}", "enable",
            app=self.browser.choose(lookup, app),
            run_as=self._user(typed, run_as),
            make_default="on" if default else False,
        )  # fmt: skip

    def _edit(self, handler: str, app: str, typed: str, run_as: str) -> None:
        row = self._row(handler, app)
        self.browser.submit(f"{row}edit/", "edit", run_as=self._user(typed, run_as))

    def _row(self, handler: str, app: str) -> str:
        """Return an enabled app's URL from the handler's page."""
        page = self.browser.get(f"/handlers/{handler}/")
        row = page[page.index(f'href="/apps/{app}/"') :]
        return re.search(r'href="(/handlers/\w+/enabled-apps/\d+/)edit/', row)[1]

    def _user(self, typed: str, username: str) -> str:
        return self.browser.choose(f"/lookup/users/?q={typed}", username)

    def _deploy(self, xml: str) -> None:
        self.browser.submit("/deploy/", "send", xml=xml)
        review = self.browser.location
        self.browser.submit(review, "deploy", do="deploy")
        status = self.browser.location
        while re.search(r'id="deployment"[^>]*hx-get', self.browser.get(status)):
            time.sleep(0.5)


def _count(page: str) -> str:
    """Return the number of rows in a list's heading."""
    heading = r'id="(?:handlers|enabled-apps)-heading"[^>]*>\s*<span>\D*(\d+)'
    return re.search(heading, page)[1]


def _code(page: str) -> str:
    """Return the sample in an exercise's text, as a person copies it."""
    return html.unescape(re.search(r"<pre[^>]*><code[^>]*>(.*?)</code>", page, re.S)[1])


SOLUTIONS: dict[str, Callable[[Person], None]] = {
    slug: getattr(Person, slug.replace("-", "_")) for slug in paths()["all"].exercises
}
