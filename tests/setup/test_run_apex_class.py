"""Run on the page of an Apex class: the form, results, steps, and who can run."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IssuerFactory,
    RemoteSiteFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.form import field_errors, form_errors
from tests.read import links, read
from tokenx.org.models import ApexClass, AuditEntry, User
from tokenx.setup.apex_runs import places
from tokenx.setup.apex_runs.tokens import Mint, TokenKind, mint
from tokenx.setup.forms import run_apex_class

CODE = """\
public class Handler extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
            String appDeveloperName, Auth.IntegratingAppType appType,
            String incomingToken, Auth.OAuth2TokenExchangeType tokenType) {
        System.debug('App ' + appDeveloperName + ', type ' + tokenType);
        try {
            Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(
                incomingToken, 'https://idp.example/keys', true);
            Auth.UserData data = new Auth.UserData(
                jwt.getSub(), null, null, null, null, null, jwt.getSub(), null,
                'Idp', null, null);
            return new Auth.TokenValidationResult(
                true, null, data, incomingToken, tokenType, null);
        } catch (Auth.JWTValidationException e) {
            return new Auth.TokenValidationResult(
                false, null, null, null, null, 'Bad signature.');
        }
    }
    public override User getUserForTokenSubject(
            Id networkId, Auth.TokenValidationResult result, Boolean canCreateUser,
            String appDeveloperName, Auth.IntegratingAppType appType) {
        String name = result.getUserData().username;
        return [SELECT Id FROM User WHERE Username = :name];
    }
}
"""
URL = "/apex-classes/Handler/run/"


@pytest.fixture
def ada(org):
    return UserFactory(org=org, username="ada@x.example", first_name="Ada", last_name="L")


@pytest.fixture
def idp(org):
    RemoteSiteFactory(org=org, url="https://idp.example")
    return IssuerFactory(
        org=org,
        name="Idp",
        iss="https://idp.example",
        keys_url="https://idp.example/keys",
        claims={"sub": "ada@x.example"},
    )


@pytest.fixture
def handler(org, idp, ada):
    apex_class = ApexClassFactory(org=org, name="Handler", body=CODE)
    return TokenExchangeHandlerFactory(
        org=org,
        apex_class=apex_class,
        supports_access_token=False,
        supports_id_token=False,
        supports_jwt=True,
        allows_user_creation=True,
    )


@pytest.fixture
def app(org, handler):
    app = ClientAppFactory(org=org, label="Billing")
    return EnablementFactory(handler=handler, app=app)


def entries(response):
    """Return what the form would submit."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value not in (None, False)
    }


def run(client, **changes):
    data = entries(client.get(URL)) | {"do": "run"} | changes
    return client.post(URL, data)


def steps_at(response):
    return [
        (line.number, step.text)
        for shown in response.context["outcome"].classes
        for line in shown.lines
        for step in line.steps
    ]


def test_the_class_page_leads_to_run(admin_client, viewer_client, org, handler):
    ApexClassFactory(org=org, name="Other", body="public class Other {}")

    for client in [admin_client, viewer_client]:
        assert links(client.get("/apex-classes/Handler/"))["Run"] == URL
        assert "Run" not in links(client.get("/apex-classes/Other/"))


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_the_first_click_runs_the_class(request, client_name, app):
    client = request.getfixturevalue(client_name)
    before = AuditEntry.objects.count(), User.objects.count()

    response = run(client)

    assert response.status_code == 200
    outcome = response.context["outcome"]
    assert outcome.run.is_successful
    assertContains(response, "The token was accepted for")
    assert outcome.methods == (
        ("validateIncomingToken", "The token is valid"),
        ("getUserForTokenSubject", "Returned the user ada@x.example"),
    )
    steps = dict(steps_at(response))
    assert steps[5] == "DEBUG: App Billing, type JWT"
    assert steps[23].startswith("Query: SELECT Id FROM User")
    assert steps[23].endswith("1 row")
    callout = "GET https://idp.example/keys → 200 OK"
    assert any(text.startswith(callout) for _, text in steps_at(response))
    assertContains(response, "EXECUTION_FINISHED")
    assertContains(response, "1 of 100")
    assert (AuditEntry.objects.count(), User.objects.count()) == before


def test_a_page_and_a_fragment_show_the_same(admin_client, htmx_client, app):
    page, fragment = run(admin_client), run(htmx_client)

    assert read(page).one("div", id="run-apex-class")
    assert b"<html" not in fragment.content
    assert read(fragment).one("section", id="run-outcome")


@pytest.mark.parametrize("broken", ["forged_signature", "expired"])
def test_runs_on_bad_tokens(admin_client, app, broken):
    outcome = run(admin_client, broken=broken).context["outcome"]

    # The class doesn't check the time.
    assert outcome.run.is_successful == (broken == "expired")
    if broken == "forged_signature":
        assert outcome.methods[0][1] == "The token isn't valid: Bad signature."
        assert outcome.methods[1][1] == "Not called"


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_one_click_runs_on_a_broken_token(request, client_name, app):
    client = request.getfixturevalue(client_name)
    data = entries(client.get(URL)) | {"break": "alg_none"}

    response = client.post(URL, data)

    assert not response.context["outcome"].run.is_successful
    assert response.context["form"]["broken"].value() == "alg_none"
    assertContains(response, 'value="algorithm_confusion"')


def test_runs_on_your_own_token(admin_client, app, idp):
    token = mint(idp, {"sub": "ada@x.example"})

    response = run(admin_client, token_source="own", incoming_token=f" {token} ")

    assert response.context["outcome"].run.is_successful
    for bad in ["x", mint(idp, {}, Mint(kind=TokenKind.OPAQUE))]:
        response = run(admin_client, token_source="own", incoming_token=bad)
        assert not response.context["outcome"].run.is_successful


def test_the_app_decides_the_user_and_user_creation(admin_client, app, org):
    inputs = run(admin_client, run_as="admin", can_create_users="").context["inputs"]

    assert inputs.run_as == app.run_as
    assert (inputs.app_developer_name, inputs.app_type) == ("Billing", "CA")
    assert inputs.can_create_users

    response = run(admin_client, app="", run_as="ADA@x.example")

    inputs = response.context["inputs"]
    assert (inputs.run_as.username, inputs.app_developer_name) == ("ada@x.example", "")
    assert inputs.can_create_users


def test_another_issuers_claims_can_be_filled_in(admin_client, htmx_client, app, org):
    IssuerFactory(org=org, name="Other", claims={"sub": "grace", "aud": ["a"]})
    data = entries(admin_client.get(URL)) | {"issuer": "Other", "lifetime": 7}

    for client in [admin_client, htmx_client]:
        response = client.post(URL, data | {"do": "fill"})

        assert response.status_code == 200
        form = response.context["form"]
        assert form["claims"].value() == 'sub=grace\naud=["a"]'
        assert (form["issuer"].value(), str(form["lifetime"].value())) == ("Other", "7")
        assert "outcome" not in response.context


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("claims", "sub", "Line 1 isn't a claim."),
        ("lifetime", "0", "greater than or equal to 1"),
        ("issuer", "None_Such", "Select one of the listed issuers."),
        ("token_type", "COOKIE", "Select one of the listed token types."),
        ("app", "999999", "Select one of the listed apps."),
        ("token_source", "", "Select a token."),
    ],
)
def test_refuses_invalid_inputs(admin_client, app, field, value, message):
    response = run(admin_client, **{field: value})

    assert response.status_code == 422
    assert message in field_errors(response, field)[0]


def test_needs_a_token_and_a_user(admin_client, app):
    response = run(admin_client, token_source="own", app="", run_as="none@x.example")

    assert field_errors(response, "incoming_token") == ["Enter a token."]
    message = "Enter the username of a user in this org."
    assert field_errors(response, "run_as") == [message]


def test_says_why_a_token_cannot_be_signed(admin_client, app):
    response = run(admin_client, token_form="saml")

    assert response.status_code == 422
    assert "SAML assertions need RS256" in form_errors(response)[0]


def test_names_the_base_method_that_returned_null(admin_client, handler):
    body = CODE[: CODE.index("    public override User")] + "}\n"
    ApexClass.objects.update(body=body)

    outcome = run(admin_client).context["outcome"]

    result = "Not overridden: the base method returned null"
    assert outcome.methods[1] == ("getUserForTokenSubject", result)
    assert "doesn't override getUserForTokenSubject" in outcome.run.refusal


def test_shows_exceptions_with_their_stack(admin_client, handler):
    ApexClass.objects.update(
        body=CODE.replace("System.debug('App '", "throw new DmlException('No'")
    )
    ApexClass.objects.update(
        body=CODE.replace("        try {", "        Integer i = 1 / 0;\n        try {", 1)
    )

    response = run(admin_client)

    assertContains(response, "System.MathException: Divide by 0")
    assertContains(response, "Class.Handler.validateIncomingToken: line 6, column")
    assert steps_at(response)[-1][0] == 6


def test_shows_assignments_if_asked(admin_client, app):
    def texts(**changes):
        return [text for _, text in steps_at(run(admin_client, **changes))]

    assert not any(text.startswith("name = ") for text in texts())
    assert any(text.startswith("name = ") for text in texts(shows_assignments="on"))


def test_shows_the_steps_of_other_classes(admin_client, org, handler):
    ApexClassFactory(
        org=org,
        name="Names",
        body="public class Names {\n    // 2\n    // 3\n    // 4\n"
        "    public static String of(String name) {\n        return name;\n    }\n}\n",
    )
    ApexClass.objects.filter(name="Handler").update(
        body=CODE.replace("result.getUserData().username", "Names.of('ada@x.example')")
    )

    classes = run(admin_client).context["outcome"].classes

    assert [each.name for each in classes] == ["Handler", "Names"]
    lines = [line.number for line in classes[1].lines]
    assert lines == [3, 4, 5, 6, 7]


def test_a_viewer_reads_the_page_but_cannot_run(viewer_client, app):
    response = viewer_client.get(URL)

    assert response.status_code == 200
    buttons = [button.text for button in read(response).all("button", value="run")]
    assert buttons == []
    assert viewer_client.post(URL, {"do": "run"}).status_code == 403


def test_an_org_without_issuers_takes_your_own_token(admin_client, org):
    ApexClassFactory(org=org, name="Handler", body=CODE)

    response = admin_client.get(URL)

    assertContains(response, "simulated issuer")
    assert response.context["form"]["token_source"].value() == "own"
    assert run(admin_client, incoming_token="x").status_code == 200


def test_says_that_a_class_is_no_handler(admin_client, org):
    ApexClassFactory(org=org, name="Handler", body="public class Handler {}")

    reason = "extend Auth.Oauth2TokenExchangeHandler"
    assertContains(admin_client.get(URL), reason)
    outcome = run(admin_client, incoming_token="x", token_source="own").context["outcome"]
    assert reason in outcome.run.refusal


def test_a_run_without_a_place_is_asked_to_come_back(admin_client, htmx_client, org, app):
    data = entries(admin_client.get(URL)) | {"do": "run"}
    with held(org):
        for client in [admin_client, htmx_client]:
            response = client.post(URL, data)

            assert (response.status_code, response["Retry-After"]) == (503, "1")
            assert "Try again in a moment." in form_errors(response)[0]
    assert admin_client.post(URL, data).status_code == 200


@contextmanager
def held(org):
    """Hold the org's place in another thread."""
    is_held, is_done = threading.Event(), threading.Event()

    def hold():
        with places.place_for(org.pk):
            is_held.set()
            is_done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait(30)
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def test_a_token_is_in_no_address_after_the_session_ended(client, handler):
    data = {"token_source": "own", "incoming_token": "secret-token", "claims": "sub=x"}

    response = client.post(URL, data)

    assert "claims" in response["Location"]
    assert "secret-token" not in response["Location"]


def test_the_likely_issuer_is_the_one_that_the_class_names(admin_client, org, app):
    IssuerFactory(org=org, name="Aaa", iss="https://aaa.example")

    assert entries(admin_client.get(URL))["issuer"] == "Idp"


def test_a_run_takes_little_time_from_its_clock(admin_client, app):
    started = timezone.now()

    log = run(admin_client).context["outcome"].log

    assert log.startswith("67.0 APEX_CODE,FINEST")
    assert timezone.now() - started < timedelta(minutes=1)


def test_hostile_names_and_claims_are_escaped(admin_client, app):
    response = run(admin_client, claims="sub=<script>alert(1)</script>")

    assertNotContains(response, "<script>alert(1)")


def test_says_if_not_all_apps_are_listed(admin_client, org, handler, monkeypatch):
    monkeypatch.setattr(run_apex_class, "APPS_LISTED", 1)
    for label in ["Billing", "Catalog"]:
        EnablementFactory(handler=handler, app=ClientAppFactory(org=org, label=label))

    response = admin_client.get(URL)

    assertContains(response, "Only the first 1 apps are listed;")
    assert len(response.context["form"].fields["app"].choices) == 2


def test_steps_stay_beside_a_whole_statement(admin_client, app):
    [traced] = run(admin_client).context["outcome"].classes

    statements = [
        [line.number for line in block.lines] for block in traced.blocks if block.steps
    ]
    assert [2, 3, 4] in statements
    assert [5] in statements
    numbers = [line.number for block in traced.blocks for line in block.lines + block.rest]
    assert numbers == [line.number for line in traced.lines]


def test_shows_the_largest_heap(admin_client, app):
    limits = dict(run(admin_client).context["outcome"].limits)

    used, most = limits["Heap (bytes)"].split(" of ")
    assert most == "6,000,000"
    assert 100 < int(used.replace(",", "")) < 100_000


def test_folds_the_steps_of_a_loop(admin_client, app):
    loop = "for (Integer i = 0; i < 30; i++) { System.debug('Round ' + i); }"
    ApexClass.objects.update(
        body=CODE.replace("        try {", f"        {loop} try {{", 1)
    )

    response = run(admin_client)

    assertContains(response, "<summary>20 more steps</summary>", html=True)
    [traced] = response.context["outcome"].classes
    first, folded, last = next(
        block.steps_in_parts for block in traced.blocks if len(block.steps) > 20
    )
    assert (first[0].text, last[-1].text) == ("DEBUG: Round 0", "DEBUG: Round 29")
    assert (len(first), len(folded), len(last)) == (8, 20, 2)


def test_says_that_a_trace_can_lack_steps(admin_client, app):
    ApexClass.objects.update(
        body=CODE.replace("try {", "while (true) { appType = null; } try {", 1)
    )

    response = run(admin_client)

    assertContains(response, "Apex CPU time limit exceeded")
    assertContains(response, "This run was too long to record all of its steps.")
    assertNotContains(response, "not shown")
