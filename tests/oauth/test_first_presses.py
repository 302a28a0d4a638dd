"""Try It's first press in the org of each scenario: green, or red where its fault is."""

import pytest

from tests.conftest import signed_in
from tests.factories import EnablementFactory
from tests.metadata.deploy.deploying import deploy
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.metadata.models import Status
from tokenx.oauth.decision import DecisionState
from tokenx.org.models import ClientApp, PermittedUsers, RemoteSite, User
from tokenx.training.scenarios.catalogue import DEMO, find_scenario, scenarios
from tokenx.training.scenarios.demo_org import build_demo_org

from .test_try_it import entries

URL = "/try-it/"
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Each app of a scenario that the page proposes or that has a fault, and the decision that
# refuses its first token.
FAULTS = {
    "user-not-approved": {"Warehouse_Scanner": "approval", "TokenExchangeApp1": ""},
    "app-not-found": {
        "Legacy_ERP_Bridge": "switches",
        "Billing_Sync": "switches",
        "Payroll_Export": "switches",
        "Marketing_Automation": "switches",
        "Ops_Dashboard": "",
    },
    "two-handlers-one-default": {"Chat_Assistant": "handler"},
    "broken-deployment": {"Partner_Sync": "handler", "Partner_Portal": "switches"},
}
# Scenarios without a fault that breaks an exchange. Pages can't build `large-company`.
HEALTHY = ["first-steps", "personal-account", "busy-handler", DEMO]
WITHOUT_APPS = ["empty"]


class Press:
    """An org of a scenario, and its administrator's browser."""

    def __init__(self, slug):
        self.admin = build_demo_org(find_scenario(slug), password="correct horse")
        self.org, self.client = self.admin.org, signed_in(self.admin)

    def __call__(self, query="", **changes):
        """Press Try It with what the page proposes. Return the decision that refused it.

        Every decision before it passed, and none after it was reached.
        """
        proposed = entries(self.client.get(URL + query))
        response = self.client.post(URL, proposed | changes | {"do": "exchange"})
        rows = response.context["outcome"].decided.rows
        passed = [row.state == DecisionState.PASSED for row in rows]
        failed = [row.name for row in rows if row.state == DecisionState.FAILED]
        assert len(failed) <= 1
        assert passed == sorted(passed, reverse=True)
        return "".join(failed)

    def app(self, name, **changes):
        """Press Try It on the page of an app."""
        app = self.row(ClientApp, api_name=name)
        return self(f"?app={app.kind}:{app.api_name}", **changes)

    def row(self, model, **values):
        return model.objects.get(org=self.org, **values)

    def enable(self, handler, app):
        """Enable an app for a handler, and make the handler its default."""
        rows = Enablement.objects.filter(org=self.org, app__api_name=app)
        rows.update(is_default=False)
        found = rows.filter(handler__developer_name=handler)
        if not found.update(is_default=True):
            EnablementFactory(
                handler=self.row(TokenExchangeHandler, developer_name=handler),
                app=self.row(ClientApp, api_name=app),
                run_as=self.row(User, username="integrationuser@mycompany.com"),
                is_default=True,
            )

    def set_app(self, name, **values):
        ClientApp.objects.filter(org=self.org, api_name=name).update(**values)

    @property
    def apps_with_default(self):
        """Return the API names of apps with a default handler, except for those of stores.

        A store's tokens name the app of that store.
        """
        rows = Enablement.objects.filter(org=self.org, is_default=True)
        rows = rows.exclude(handler__developer_name="Store_Fleet")
        return list(rows.order_by("id").values_list("app__api_name", flat=True))


def test_every_light_scenario_is_tested():
    light = {each.slug for each in scenarios().values() if each.is_light}

    assert light - {DEMO} == {*FAULTS, *HEALTHY, *WITHOUT_APPS} - {DEMO}


@pytest.mark.parametrize("slug", HEALTHY)
def test_a_healthy_org_exchanges_the_first_token_of_each_app(slug, subtests):
    press = Press(slug)
    assert press() == ""
    for name in press.apps_with_default:
        with subtests.test(name):
            assert press.app(name) == ""


@pytest.mark.parametrize("slug", ["busy-handler", DEMO])
def test_a_handler_with_one_app_per_store_exchanges_the_first_token(slug):
    assert Press(slug)("?handler=Store_Fleet") == ""


@pytest.mark.parametrize("slug", FAULTS)
def test_a_fault_is_the_only_decision_that_fails(slug, subtests):
    press = Press(slug)
    for name, fault in FAULTS[slug].items():
        with subtests.test(name):
            assert press.app(name) == fault


def test_a_handler_refuses_types_that_its_settings_do_not_have(subtests):
    press = Press(DEMO)
    rows = Enablement.objects.filter(org=press.org, handler__is_enabled=True)
    handlers = {row.handler: row.app for row in rows.select_related("handler", "app")}
    assert len(handlers) == 5
    for handler, app in handlers.items():
        for token_type in TOKEN_TYPES:
            if not token_type.is_taken_by(handler):
                with subtests.test(handler=handler.label, token_type=token_type.value):
                    refused = press(
                        f"?app={app.kind}:{app.api_name}&handler={handler.developer_name}",
                        token_source="own",
                        incoming_token="any",
                        token_type=token_type.value,
                    )

                    assert refused == "handler_ready"


# --- Repaired orgs --------------------------------------------------------------------


def test_an_enabled_app_exchanges_tokens():
    press = Press("first-steps")
    assert press.app("TokenExchangeApp1") == "handler"

    press.enable("MyTokenExchangeHandler", "TokenExchangeApp1")

    assert press.app("TokenExchangeApp1") == ""


def test_a_missing_remote_site_is_named_even_if_the_class_catches_the_exception():
    press = Press("first-steps")
    RemoteSite.objects.filter(org=press.org).update(is_active=False)

    response = press.client.post(URL, entries(press.client.get(URL)) | {"do": "exchange"})

    failed = response.context["outcome"].failed
    assert failed.name == "validate"
    assert failed.found.startswith("The token isn't valid: ")
    assert "A callout failed: Unauthorized endpoint" in failed.found
    assert "https://login.mycompany.example" in failed.found
    assert failed.place.label == "Remote Site Settings"


def test_preauthorized_users_exchange_tokens():
    press = Press("user-not-approved")

    press.set_app("Warehouse_Scanner", permitted_users=PermittedUsers.PRE_AUTHORIZED)

    assert press.app("Warehouse_Scanner") == ""


def test_an_app_that_was_not_found_exchanges_tokens_after_the_repair():
    press = Press("app-not-found")
    app = "Legacy_ERP_Bridge"

    press.set_app(app, allows_token_exchange=True, policy_allows_token_exchange=True)

    assert press.app(app) == "handler"
    press.enable("Okta_Workforce", app)
    assert press.app(app) == ""


def test_the_previous_default_refuses_tokens_of_okta():
    press = Press("two-handlers-one-default")
    okta = {"issuer": "Okta", "token_type": "JWT", "claims": "", "person": ""}
    assert press.app("Sales_Insights", **okta) == "handler_ready"

    for name in ["Sales_Insights", "Chat_Assistant"]:
        press.enable("Okta_Workforce", name)

        assert press.app(name) == ""


def test_a_personal_account_breaks_its_apps_when_it_is_deactivated():
    press = Press("personal-account")
    User.objects.filter(org=press.org, username="pat.doe@mycompany.com").update(
        is_active=False
    )

    assert press.app("Field_Service_Mobile") == "run_as"
    assert press.app("Delivery_Tracking") == "run_as"
    assert press.app("Sales_Insights") == ""


def test_a_repaired_deployment_exchanges_tokens():
    press = Press("broken-deployment")
    press.set_app("Partner_Portal", policy_allows_token_exchange=True)
    [table] = find_scenario("broken-deployment").deployments
    files = {
        file.path: file.text.strip().replace(".com.uat<", ".com<").encode()
        for file in table.files
    }

    assert deploy(press.admin, files).status == Status.SUCCEEDED

    assert press.app("Partner_Sync") == ""
    assert press.app("Partner_Portal") == ""
