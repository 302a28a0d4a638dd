"""Exercises on repairs, definitions, and deployments: which states pass."""

from html import unescape

import pytest

from tests.factories import ApexClassFactory, TokenExchangeHandlerFactory
from tests.metadata.deploy.deploying import (
    apex_class,
    deploy,
    enabled,
    manifest,
    problems,
    retrieved,
)
from tests.metadata.deploy.deploying import handler as definition
from tests.rollback import rolled_back
from tokenx.handlers.actions import edit_handler
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.apex import TEMPLATE
from tokenx.org.models import User
from tokenx.setup.actions.apex_classes import create_apex_class
from tokenx.setup.actions.apps import edit_app_policies
from tokenx.training.exercises.checks import look
from tokenx.training.scenarios.apex_classes import body_of

from .exercising import INTEGRATION, MY_HANDLER, TOKEN, Learner, enablement_xml, with_app

pytestmark = pytest.mark.django_db

# --- An app is missing from Select App -----------------------------------------------


def switch(learner: Learner, app: str, kind: str = "connected", **switches) -> None:
    row = learner.app(app, kind)
    for name, value in switches.items():
        setattr(row, name, value)
    row.save()


BOTH = {"allows_token_exchange": True, "policy_allows_token_exchange": True}


def test_both_settings_and_the_enabled_app_pass(learn):
    learner = learn("app-not-found")
    switch(learner, "Legacy_ERP_Bridge", **BOTH)

    learner.enable("Legacy_ERP_Bridge", handler="Okta_Workforce")

    assert learner.is_done


def test_both_settings_and_the_enabled_app_pass_when_deployed(learn):
    learner = learn("app-not-found")
    switch(learner, "Legacy_ERP_Bridge", **BOTH)
    file = learner.file_of("Okta_Workforce")

    learner.deploy_text(with_app(file, enablement_xml("Legacy_ERP_Bridge")))

    assert learner.is_done


def test_one_setting_is_not_enough(learn, subtests):
    learner = learn("app-not-found")
    for name in BOTH:
        with subtests.test(name=name), rolled_back():
            switch(learner, "Legacy_ERP_Bridge", **{name: True})

            assert len(learner.open) == 2
            assert "off in" in learner.actual("Token exchange is")


def test_another_app_does_not_pass(learn):
    learner = learn("app-not-found")
    switch(learner, "Billing_Sync", **BOTH)

    learner.enable("Billing_Sync", handler="Okta_Workforce")

    assert len(learner.open) == 3


def test_a_setting_turned_off_again_does_not_pass(learn):
    learner = learn("app-not-found")
    switch(learner, "Legacy_ERP_Bridge", **BOTH)
    learner.enable("Legacy_ERP_Bridge", handler="Okta_Workforce")

    switch(learner, "Legacy_ERP_Bridge", policy_allows_token_exchange=False)

    assert len(learner.open) == 1
    assert learner.actual("Token exchange is") == (
        "token exchange on in settings, token exchange off in policies"
    )


# --- User hasn't approved this consumer ------------------------------------------------


def permit(learner: Learner, app: str, *, is_on: bool = True) -> None:
    edit_app_policies(
        app=learner.app(app),
        permitted_users="AdminApprovedPreAuthorized",
        policy_allows_token_exchange=is_on,
        by=learner.user,
    )


def test_preauthorized_users_pass(learn):
    learner = learn("user-not-approved")
    assert learner.actual("Permitted Users") == "All users may self-authorize"

    permit(learner, "Warehouse_Scanner")

    assert learner.is_done


def test_preauthorized_users_pass_when_deployed(learn):
    learner = learn("user-not-approved")
    name = "connectedApps/Warehouse_Scanner.connectedApp"
    file = retrieved(learner.org)[name].decode()
    off, on = "<isAdminApproved>false</", "<isAdminApproved>true</"
    files = {"package.xml": manifest(ConnectedApp=["Warehouse_Scanner"])}

    deployment = deploy(learner.user, files | {name: file.replace(off, on).encode()})

    assert problems(deployment) == []
    assert learner.is_done


def test_preauthorized_users_of_another_app_do_not_pass(learn):
    learner = learn("user-not-approved")

    permit(learner, "TokenExchangeApp1")

    assert learner.open == [
        'Permitted Users of Warehouse Scanner is "Admin approved users are pre-authorized".'
    ]


def test_preauthorized_users_with_token_exchange_off_do_not_pass(learn):
    learner = learn("user-not-approved")

    permit(learner, "Warehouse_Scanner", is_on=False)

    assert learner.open == ["Token exchange is still turned on for Warehouse Scanner."]


# --- Another token type ----------------------------------------------------------------


def test_only_the_missing_token_type_passes_when_deployed(learn, subtests):
    learner = learn("another-token-type")
    file = learner.file_of()
    for element, is_done in [("isIdTokenSupported", True), ("isSaml2Supported", False)]:
        with subtests.test(element=element), rolled_back():
            off, on = f"<{element}>false</", f"<{element}>true</"
            learner.deploy_text(file.replace(off, on))

            assert learner.is_done is is_done


def test_the_missing_token_type_passes_in_setup(learn):
    learner = learn("another-token-type")
    handler = learner.handler()
    definition = {
        "label": handler.label,
        "developer_name": handler.developer_name,
        "description": handler.description,
        "token_types": ["supports_access_token", "supports_id_token", "supports_jwt"],
        "allows_user_creation": handler.allows_user_creation,
        "apex_class": handler.apex_class,
    }

    edit_handler(handler=handler, definition=definition, by=learner.user)

    assert learner.is_done


def test_all_token_types_do_not_pass(learn):
    learner = learn("another-token-type")
    file = learner.file_of().replace(">false</is", ">true</is")

    learner.deploy_text(file)

    assert learner.actual("supports") == (
        "Supported Token Types: Access Token, ID Token, JWT, Refresh Token, SAML 2"
    )


# --- Two handlers, one default ---------------------------------------------------------


def test_a_moved_default_passes(learn):
    learner = learn("default-taken-over")

    learner.edit("Sales_Insights", handler="Okta_Workforce", default=True)
    learner.edit("Chat_Assistant", handler="Okta_Workforce", default=True)

    assert learner.is_done


def test_a_default_moved_by_deployments_passes(learn):
    learner = learn("default-taken-over")
    saml = learner.file_of("Legacy_SAML").replace("Default>true", "Default>false")
    okta = learner.file_of("Okta_Workforce").replace("Default>false", "Default>true")

    assert learner.deploy_text(saml).is_success
    assert learner.deploy_text(okta).is_success

    assert learner.is_done


def test_a_moved_default_of_only_one_app_does_not_pass(learn):
    learner = learn("default-taken-over")

    learner.edit("Sales_Insights", handler="Okta_Workforce", default=True)

    assert learner.open == ["The default handler for Chat Assistant is Okta Workforce."]
    assert learner.actual("for Chat Assistant is") == "No default handler"


def test_a_removed_default_does_not_pass(learn):
    learner = learn("default-taken-over")

    learner.edit("Sales_Insights", handler="Legacy_SAML", default=False)

    assert len(learner.open) == 2


def test_an_app_removed_from_the_old_handler_does_not_pass(learn):
    learner = learn("default-taken-over")
    learner.remove("Sales_Insights", handler="Legacy_SAML")

    learner.edit("Sales_Insights", handler="Okta_Workforce", default=True)
    learner.edit("Chat_Assistant", handler="Okta_Workforce", default=True)

    assert learner.open == ["Sales Insights is still enabled for Legacy SAML."]


# --- A personal account ----------------------------------------------------------------


def test_an_integration_user_for_both_apps_passes(learn):
    learner = learn("personal-account")

    for app in ["Field_Service_Mobile", "Delivery_Tracking"]:
        learner.edit(app, handler="Entra_ID", run_as=INTEGRATION)

    assert learner.is_done


def test_an_integration_user_for_both_apps_passes_when_deployed(learn):
    learner = learn("personal-account")
    file = learner.file_of("Entra_ID")

    learner.deploy_text(file.replace("pat.doe@mycompany.com", INTEGRATION))

    assert learner.is_done


def test_an_integration_user_for_one_app_is_not_enough(learn):
    learner = learn("personal-account")

    learner.edit("Field_Service_Mobile", handler="Entra_ID", run_as=INTEGRATION)

    assert len(learner.open) == 2
    assert learner.actual("No handlers run") == "Delivery Tracking for Entra ID"


def test_another_personal_account_does_not_pass(learn):
    learner = learn("personal-account")

    for app in ["Field_Service_Mobile", "Delivery_Tracking"]:
        learner.edit(app, handler="Entra_ID", run_as=learner.any_person().username)

    assert len(learner.open) >= 1
    assert "Run as: a personal account" in learner.actual("Field Service Mobile")


def test_a_lost_default_does_not_pass_and_is_the_next_step(learn):
    learner = learn("personal-account")
    for app in ["Field_Service_Mobile", "Delivery_Tracking"]:
        learner.edit(app, handler="Entra_ID", run_as=INTEGRATION, default=False)

    assert not learner.is_done
    step = look(learner.org, learner.exercise).next_step
    assert step is not None
    assert "Field Service Mobile" in step.html


def test_deactivating_the_personal_account_does_not_pass(learn):
    learner = learn("personal-account")

    User.objects.filter(org=learner.org, first_name="Pat").update(is_active=False)

    assert len(learner.open) == 3


def test_removing_the_apps_does_not_pass(learn):
    learner = learn("personal-account")

    for app in ["Field_Service_Mobile", "Delivery_Tracking"]:
        learner.remove(app, handler="Entra_ID")

    assert len(learner.open) == 2


# --- A handler with a template ---------------------------------------------------------

READY = apex_class("Partner_Class")


def create_handler(learner: Learner, **values) -> TokenExchangeHandler:
    defaults = {
        "label": "Partner Tokens",
        "supports_jwt": True,
        "supports_id_token": True,
        "is_enabled": True,
    }
    return TokenExchangeHandlerFactory(
        org=learner.org,
        developer_name="Partner_Tokens",
        apex_class=ApexClassFactory(org=learner.org, name="PartnerClass"),
        modified_by=learner.user,
        **defaults | values,
    )


def test_a_handler_with_a_ready_class_passes(learn):
    learner = learn("create-a-handler")

    create_handler(learner)

    assert learner.is_done


def test_a_handler_with_a_ready_class_passes_when_deployed(learn):
    learner = learn("create-a-handler")
    handler = definition(
        "Partner_Tokens", apex_class="Partner_Class", supports_id_token=True
    )

    deployment = learner.deploy(("Partner_Class", READY), handler)

    assert deployment.is_success
    assert learner.is_done


def test_a_different_handler_does_not_pass(learn, subtests):
    learner = learn("create-a-handler")
    for values in [
        {"is_enabled": False},
        {"supports_id_token": False},
        {"supports_saml2": True},
        {"label": "Partners"},
    ]:
        with subtests.test(values=values), rolled_back():
            create_handler(learner, **values)

            assert len(learner.open) == 1


def test_a_class_that_is_not_ready_does_not_pass(learn, subtests):
    learner = learn("create-a-handler")
    handler = create_handler(learner)
    for body, finding in [
        ("public class PartnerClass { }", "doesn't extend"),
        (TEMPLATE.format(name="Another"), "declares the class Another"),
        (TEMPLATE.format(name="PartnerClass"), "still the template"),
        (f"// Mine.\n{TEMPLATE.format(name='PartnerClass')}", "still the template"),
    ]:
        with subtests.test(body=body), rolled_back():
            handler.apex_class.body = body
            handler.apex_class.save()

            assert learner.open == [
                "The Apex class of Partner Tokens is ready to validate tokens."
            ]
            assert finding in learner.actual("is ready")


# --- Deployments -----------------------------------------------------------------------

BOTH_APPS = [
    enablement_xml(app, default=True) for app in ["TokenExchangeApp1", "TokenExchangeApp2"]
]


def test_the_edited_file_passes(learn):
    learner = learn("deploy-an-edit")

    learner.deploy_text(with_app(learner.file_of(), *BOTH_APPS))

    assert learner.is_done


def test_the_same_state_without_a_deployment_does_not_pass(learn):
    learner = learn("deploy-an-edit")

    for app in ["TokenExchangeApp1", "TokenExchangeApp2"]:
        learner.enable(app, default=True)

    assert learner.open == [f"{MY_HANDLER} was deployed as metadata."]
    assert learner.actual("deployed") == "None since you started"


def test_a_check_only_deployment_does_not_pass(learn):
    learner = learn("deploy-an-edit")

    learner.deploy_text(with_app(learner.file_of(), *BOTH_APPS), check_only=True)

    assert len(learner.open) == 3


def test_a_file_without_the_existing_app_does_not_pass(learn):
    learner = learn("deploy-an-edit")
    file = with_app(learner.file_of(), *BOTH_APPS)
    start = file.index("    <enablements>", file.index("TokenExchangeApp2"))
    end = file.index("</enablements>", start) + 15

    assert learner.deploy_text(file[:start] + file[end:]).is_success

    assert learner.open == ["Warehouse Scanner and all other enabled apps didn't change."]


def test_a_file_with_another_user_or_no_default_does_not_pass(learn):
    learner = learn("deploy-an-edit")
    more = [
        enablement_xml("TokenExchangeApp1", TOKEN, default=True),
        enablement_xml("TokenExchangeApp2"),
    ]

    learner.deploy_text(with_app(learner.file_of(), *more))

    assert len(learner.open) == 2


def sample(learner: Learner) -> str:
    """Return the XML of the exercise's story."""
    html = learner.exercise.story_html
    start, end = html.index("&lt;?xml"), html.index("</code>")
    return unescape(html[start:end])


# --- Token handler not found -----------------------------------------------------------

PORTAL = enablement_xml("Partner_Portal", default=True, element="externalClientApp")


def test_the_file_with_an_enabled_app_passes(learn):
    learner = learn("no-app-enabled")

    assert learner.deploy_text(with_app(sample(learner), PORTAL)).is_success

    assert learner.is_done


def test_the_unchanged_file_and_an_app_enabled_in_setup_pass(learn):
    learner = learn("no-app-enabled")
    assert learner.deploy_text(sample(learner)).is_success
    assert learner.open == [
        "Partner Portal is enabled for Kiosk Tokens, which runs as Integration User "
        "(integrationuser@mycompany.com) and is the app's default handler."
    ]

    learner.enable("Partner_Portal", handler="Kiosk_Tokens", kind="external", default=True)

    assert learner.is_done


def test_a_file_with_another_enabled_app_does_not_pass(learn, subtests):
    learner = learn("no-app-enabled")
    external = "externalClientApp"
    for difference, portal in {
        "not the default": enablement_xml("Partner_Portal", element=external),
        "another user": enablement_xml(
            "Partner_Portal", TOKEN, default=True, element=external
        ),
        "another app": enablement_xml("TokenExchangeApp1", default=True),
    }.items():
        with subtests.test(difference=difference), rolled_back():
            assert learner.deploy_text(with_app(sample(learner), portal)).is_success

            assert len(learner.open) == 1


def test_enabling_the_app_for_another_handler_does_not_pass(learn):
    learner = learn("no-app-enabled")
    learner.deploy_text(sample(learner))

    learner.enable("Partner_Portal", kind="external", default=True)

    assert len(learner.open) == 2


def test_the_same_handler_created_in_setup_does_not_pass(learn):
    learner = learn("no-app-enabled")
    created = TokenExchangeHandlerFactory(
        org=learner.org, label="Kiosk Tokens", modified_by=learner.user
    )

    learner.enable(
        "Partner_Portal", handler=created.developer_name, kind="external", default=True
    )

    assert learner.open == ["Kiosk Tokens was deployed."]


# --- A class from a tutorial -----------------------------------------------------------

KIOSK = "KioskTokenHandler"


def tutorial_class(learner: Learner) -> str:
    html = learner.exercise.story_html
    return unescape(html[html.index("public class") : html.index("</code>")])


def test_the_tutorials_class_does_not_pass(learn):
    learner = learn("class-of-a-tutorial")

    create_apex_class(name=KIOSK, body=tutorial_class(learner), by=learner.user)

    assert len(learner.open) == 1
    assert "Extend Auth.Oauth2TokenExchangeHandler" in learner.actual(KIOSK)


def test_the_correct_class_passes(learn):
    learner = learn("class-of-a-tutorial")

    create_apex_class(name=KIOSK, body=body_of(KIOSK), by=learner.user)

    assert learner.is_done


def test_the_correct_class_passes_when_deployed(learn):
    learner = learn("class-of-a-tutorial")

    assert learner.deploy((KIOSK, apex_class(KIOSK))).is_success

    assert learner.is_done


ONE_METHOD = f"""public class {KIOSK} extends Auth.Oauth2TokenExchangeHandler {{
    public override Auth.TokenValidationResult validateIncomingToken(
            String appDeveloperName, Auth.IntegratingAppType appType,
            String incomingToken, Auth.OAuth2TokenExchangeType tokenType) {{
        return new Auth.TokenValidationResult(incomingToken == 'valid');
    }}
}}
"""


def test_a_nearly_correct_class_does_not_pass(learn, subtests):
    learner = learn("class-of-a-tutorial")
    ready = body_of(KIOSK)
    for difference, body in {
        "template": TEMPLATE.format(name=KIOSK),
        "another method": ready.replace("getUserForTokenSubject", "findUser"),
        "one method": ONE_METHOD,
        "implements": ready.replace("extends", "implements"),
        "no override": ready.replace("public override User", "public User"),
    }.items():
        with subtests.test(difference=difference), rolled_back():
            create_apex_class(name=KIOSK, body=body, by=learner.user)

            assert len(learner.open) == 1


def test_a_correct_class_of_another_name_does_not_pass(learn):
    learner = learn("class-of-a-tutorial")

    create_apex_class(name="Other", body=body_of("Other"), by=learner.user)

    assert len(learner.open) == 1


# --- The sample ------------------------------------------------------------------------


def test_the_unchanged_sample_is_refused(learn):
    learner = learn("repair-the-sample")

    deployment = learner.deploy_text(sample(learner))

    assert not deployment.is_success
    assert len(learner.open) == 4
    assert learner.actual("deployed").startswith("The deployment failed")


def test_the_repaired_sample_passes(learn):
    learner = learn("repair-the-sample")

    learner.deploy_text(sample(learner).replace("conectedApp", "connectedApp"))

    assert learner.is_done


def test_the_sample_with_one_app_does_not_pass(learn):
    learner = learn("repair-the-sample")
    text = sample(learner).replace("conectedApp", "connectedApp")
    end = text.index("</enablements>") + 14

    learner.deploy_text(text[:end] + "</OauthTokenExchangeHandler>")

    assert len(learner.open) == 2


def test_the_sample_with_the_existing_app_does_not_pass(learn):
    learner = learn("repair-the-sample")

    learner.deploy_text(with_app(learner.file_of(), *BOTH_APPS))

    assert len(learner.open) == 1
    assert learner.actual("these two apps") == "3 enabled apps"


PARTNER = definition(
    "Partner",
    enabled("Partner_Sync", is_default=True, run_as=INTEGRATION),
    enabled(external="Partner_Portal", is_default=True, run_as=INTEGRATION),
    apex_class="PartnerTokenHandler",
)


def test_the_repaired_deployment_passes(learn):
    learner = learn("repair-a-deployment")
    switch(learner, "Partner_Portal", "external", **BOTH)

    assert learner.deploy(PARTNER).is_success

    assert learner.is_done


def test_a_deployment_with_token_exchange_off_does_not_pass(learn):
    learner = learn("repair-a-deployment")

    assert not learner.deploy(PARTNER).is_success

    assert len(learner.open) == 5


def test_a_deployment_of_one_app_does_not_pass(learn):
    learner = learn("repair-a-deployment")
    half = definition(
        "Partner",
        enabled("Partner_Sync", is_default=True, run_as=INTEGRATION),
        apex_class="PartnerTokenHandler",
    )

    learner.deploy(half)

    assert len(learner.open) == 2


def test_the_handler_created_in_setup_does_not_pass(learn):
    learner = learn("repair-a-deployment")
    switch(learner, "Partner_Portal", "external", **BOTH)
    TokenExchangeHandlerFactory(
        org=learner.org,
        label="Partner",
        developer_name="Partner",
        apex_class=learner.apex_class("PartnerTokenHandler"),
        modified_by=learner.user,
    )
    learner.enable("Partner_Sync", handler="Partner", default=True)
    learner.enable("Partner_Portal", handler="Partner", kind="external", default=True)

    assert learner.open == ["Partner was deployed as metadata."]
