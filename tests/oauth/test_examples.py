"""The regression list: examples are saved from Try It, run, edited, and deleted."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ExchangeExampleFactory, IssuerFactory, OrgFactory
from tests.form import field_errors
from tests.oauth.exchanging import exchanging_org
from tests.setup.test_run_apex_class import held
from tokenx.oauth.actions import examples as actions
from tokenx.oauth.views import examples as views
from tokenx.org import audit
from tokenx.org.models import (
    AccessToken,
    AuditEntry,
    ClientApp,
    ExchangeExample,
    LoginRecord,
)

from .test_try_it import entries

URL = "/exchange-examples/"
SAVE = "/new-exchange-example/"
pytestmark = pytest.mark.django_db
# A class that trusts the claim `sub` of each token, without checking its signature.
TRUSTING_CLAIMS = """
public class ClaimsHandler extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
            String appName, Auth.IntegratingAppType appType, String incomingToken,
            Auth.OAuth2TokenExchangeType tokenType) {
        Auth.JWT jwt = Auth.JWTUtil.parseJWTFromStringWithoutValidation(incomingToken);
        Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
            null, null, 'test', null, null);
        return new Auth.TokenValidationResult(
            true, null, data, incomingToken, tokenType, null);
    }
    public override User getUserForTokenSubject(Id networkId,
            Auth.TokenValidationResult result, Boolean canCreateUser,
            String appName, Auth.IntegratingAppType appType) {
        String name = result.userData.identifier;
        List<User> found = [SELECT Id FROM User WHERE Username = :name];
        return found.isEmpty() ? null : found[0];
    }
}
"""


@pytest.fixture
def setup(org):
    IssuerFactory(org=org, name="Idp")
    return exchanging_org(org, TRUSTING_CLAIMS)


@pytest.fixture
def example(setup):
    return add(setup, name="Valid", expected_username=setup.user.username)


def add(setup, *, sub=None, **values):
    claims = {"sub": setup.user.username if sub is None else sub}
    recipe = {"claims": claims, "issuer": "Idp", "token_type": "JWT"}
    values = {"app_api_name": setup.app.api_name, "recipe": recipe} | values
    return ExchangeExampleFactory(org=setup.org, **values)


def run(client, example):
    response = client.post(f"{URL}{example.pk}/run/", follow=True)
    assert response.status_code == 200
    example.refresh_from_db()
    return response


def minted(client, setup, **changes):
    data = entries(client.get("/try-it/")) | {"claims": f"sub={setup.user.username}"}
    return client.post("/try-it/", data | {"do": "check"} | changes)


def test_a_result_of_try_it_is_saved_and_run(admin_client, htmx_client, setup):
    for client, name in [(admin_client, "One"), (htmx_client, "Two")]:
        response = minted(client, setup, scope="api", broken="expired")
        draft = response.context["example_form"].initial["draft"]

        response = client.post(SAVE, {"name": name, "draft": draft}, follow=True)

        assertContains(response, f"{name} was saved.")
        saved = ExchangeExample.objects.get(name=name)
        assert (saved.app_kind, saved.app_api_name) == ("connected", setup.app.api_name)
        assert (saved.scope, saved.token_type) == ("api", "JWT")
        assert (saved.token_handler, saved.ran_at) == ("", None)
        assert saved.expected_username == setup.user.username
        assert saved.recipe == {
            "issuer": "Idp",
            "token_type": "JWT",
            "claims": {"sub": setup.user.username},
            "broken": "expired",
        }
        run(client, saved)
        assert saved.actual_username == setup.user.username
    entry = AuditEntry.objects.filter(action=actions.CREATED).latest("pk")
    assert (entry.section, entry.display) == (
        "Training",
        "Created token exchange example Two",
    )


def test_a_refusal_is_saved_as_the_expected_answer(admin_client, setup):
    response = minted(admin_client, setup, claims="sub=nobody")
    draft = response.context["example_form"].initial["draft"]

    admin_client.post(SAVE, {"name": "Nobody", "draft": draft})

    saved = ExchangeExample.objects.get()
    assert (saved.expected_error, saved.expected_username) == ("invalid_grant", "")
    assert saved.expected_description == "no active user found for the token"
    assertContains(run(admin_client, saved), "Passed")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"token_source": "own", "incoming_token": "x"}, "Pasted tokens expire."),
        ({"changed_parameters": "scope=api"}, "have changed parameters. Clear them"),
        ({"secret": "omit"}, "contain secrets. For Consumer Secret"),
    ],
)
def test_says_why_a_result_cannot_be_saved(admin_client, setup, changes, reason):
    response = minted(admin_client, setup, **changes)

    assertContains(response, reason)
    assertNotContains(response, "Save as Example")


def test_an_example_is_only_a_check(admin_client, setup, example):
    assertContains(run(admin_client, example), "Passed")

    assert not AccessToken.objects.exists()
    assert not LoginRecord.objects.exists()
    assert not AuditEntry.objects.filter(org=setup.org).exists()


def test_a_failure_shows_both_answers_and_leads_to_try_it(admin_client, setup, example):
    ClientApp.objects.filter(pk=setup.app.pk).update(allows_token_exchange=False)

    response = run(admin_client, example)

    assertContains(response, "Failed")
    assertContains(response, f"A token for {setup.user.username}")
    assertContains(response, "unsupported_grant_type: grant type not supported")
    assertContains(response, f"/try-it/?example={example.pk}")
    form = admin_client.get(f"/try-it/?example={example.pk}").context["form"]
    assert form["app"].value() == f"connected:{setup.app.api_name}"
    assert form["claims"].value() == f"sub={setup.user.username}"
    response = admin_client.post(
        "/try-it/",
        {name: form[name].value() or "" for name in form.fields} | {"do": "check"},
    )
    assert response.context["outcome"].decided.refusal.error == "unsupported_grant_type"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"app_api_name": "Deleted"}, "invalid_client_id"),
        ({"token_handler": "Deleted"}, "invalid_request"),
        ({"recipe": {"issuer": "Deleted", "token_type": "JWT"}}, "token not minted"),
        ({"recipe": {"issuer": "Idp", "person": "x"}}, "token not minted"),
        ({"recipe": {}}, "token not minted"),
    ],
)
def test_an_example_outlives_what_it_names(admin_client, setup, values, error):
    example = add(setup, **values)

    assertContains(run(admin_client, example), "Failed")
    assert example.actual_error == error
    assert admin_client.get(f"/try-it/?example={example.pk}").status_code == 200


def test_it_says_not_run_since_a_change_in_setup(admin_client, setup, admin, example):
    assertContains(admin_client.get(URL), "Not run yet")
    run(admin_client, example)
    assertNotContains(admin_client.get(URL), "Not run")

    actions.edit_example(example=example, name="Renamed", by=admin)
    assertNotContains(admin_client.get(URL), "Not run")
    audit.record(by=admin, action="a", section="s", display="d")

    response = admin_client.get(URL)
    assertContains(response, "Not run since Setup changed on")
    assertContains(response, "Not run since the last change")
    example.refresh_from_db()
    ran_at = example.ran_at
    admin_client.get(URL)
    example.refresh_from_db()
    assert example.ran_at == ran_at


def test_run_all_runs_one_example_per_request_of_htmx(htmx_client, setup):
    examples = [add(setup, name=f"Example {number}") for number in range(3)]
    data = {}
    for remaining in [2, 1, 0]:
        response = htmx_client.post(URL, data)
        running = response.context.get("running")
        assert (running["remaining"] if running else 0) == remaining
        assert ExchangeExample.objects.filter(ran_at=None).count() == remaining
        data = {"started": running["started"], "tries": 0} if running else {}
    assert all(
        ExchangeExample.objects.get(pk=each.pk).actual_username == setup.user.username
        for each in examples
    )


def test_run_all_without_javascript_stops_after_some_seconds(
    admin_client, setup, monkeypatch
):
    for number in range(3):
        add(setup, name=f"Example {number}")
    times = iter([0.0, 1.0, 6.0])
    monkeypatch.setattr(views, "monotonic", lambda: next(times))

    response = admin_client.post(URL, follow=True)

    assertContains(
        response, "Ran 2 of 3 examples. To run the others, select Run All again."
    )
    monkeypatch.undo()
    # The one that ran longest ago is first.
    first = ExchangeExample.objects.get(ran_at=None)
    admin_client.post(URL)
    first.refresh_from_db()
    assert first.ran_at == min(ExchangeExample.objects.values_list("ran_at", flat=True))


def test_without_a_place_run_all_tries_again_and_gives_up(htmx_client, admin_client, setup):
    add(setup)
    with held(setup.org):
        response = htmx_client.post(URL)
        running = response.context["running"]
        assert (running["remaining"], running["tries"]) == (1, 1)
        assertContains(response, "delay:1s")
        data = {"started": running["started"], "tries": 4}
        response = htmx_client.post(URL, data)
        assert "running" not in response.context
        assertContains(response, "The server is busy")
        assertContains(admin_client.post(URL, follow=True), "The server is busy")
    assert ExchangeExample.objects.get().ran_at is None


def test_odd_values_of_run_all(htmx_client, setup):
    add(setup)
    for started in ["x", "9999-99-99", "2999-01-01T00:00:00Z", "\0", "2026-11-30"]:
        response = htmx_client.post(URL, {"started": started, "tries": "x" * 50})
        assert response.status_code == 200
        assert "running" not in response.context


def test_name_and_expected_answer_can_be_edited(admin_client, setup, example):
    add(setup, name="Other")
    url = f"{URL}{example.pk}/edit/"
    data = {"name": "New", "expected_error": "invalid_grant"}

    assert field_errors(admin_client.post(url, data | {"name": ""}), "name")
    response = admin_client.post(url, data | {"name": "other"})
    assert field_errors(response, "name") == ["Another example already has this name."]
    response = admin_client.post(url, data | {"expected_username": "x"})
    assert field_errors(response, "expected_username")
    assertContains(admin_client.post(url, data, follow=True), "New was saved.")

    example.refresh_from_db()
    assert (example.name, example.expected_error) == ("New", "invalid_grant")
    assert example.expected_username == ""


def test_an_example_can_be_deleted(admin_client, setup, example):
    url = f"{URL}{example.pk}/delete/"
    assertContains(admin_client.get(url), "Delete")

    assertContains(admin_client.post(url, follow=True), "No examples yet")

    assert AuditEntry.objects.get().action == actions.DELETED
    assert admin_client.post(url).status_code == 404


def test_an_org_has_at_most_100_examples(setup, admin, monkeypatch):
    monkeypatch.setattr(actions, "MAX_EXAMPLES", 1)
    add(setup)

    with pytest.raises(ValidationError, match="Delete one first"):
        actions.create_example(
            by=admin,
            name="x",
            app_kind="connected",
            app_api_name="x",
            token_type="JWT",
            recipe={"issuer": "Idp"},
        )


@pytest.mark.parametrize(
    "draft",
    ["", "x", "[]", "{}", "[" * 30_000, '{"recipe": {}}', "x" * 40_000, "\0"],
)
def test_a_changed_draft_is_refused(admin_client, setup, draft):
    response = admin_client.post(SAVE, {"name": "x", "draft": draft})

    assert response.status_code == 422
    assertContains(response, "Exchange the token in Try It again", status_code=422)


def test_invalid_values_in_a_draft_are_refused(admin_client, setup):
    draft = json.loads(minted(admin_client, setup).context["example_form"].initial["draft"])
    for name, value in [
        ("recipe", {"issuer": "Idp", "key": "-----BEGIN"}),
        ("recipe", "x"),
        ("recipe", {"issuer": "Idp", "claims": {"a": "\0"}}),
        ("app_kind", "other"),
        ("token_type", "x" * 20),
        ("token_type", "COOKIE"),
        ("scope", "x" * 1_001),
    ]:
        data = {"name": "x", "draft": json.dumps(draft | {name: value})}
        assert admin_client.post(SAVE, data).status_code == 422
    assert not ExchangeExample.objects.exists()


def test_the_list_shows_nothing_of_another_org(admin_client, setup):
    ExchangeExampleFactory(org=OrgFactory(), name="Theirs")

    assertContains(admin_client.get(URL), "No examples yet")
    assertNotContains(admin_client.get(URL), "Theirs")
    admin_client.post(URL)
    assert ExchangeExample.objects.get().ran_at is None


def test_a_viewer_reads_the_list_but_runs_nothing(viewer_client, setup, example):
    response = viewer_client.get(URL)

    assertContains(response, "Valid")
    assertNotContains(response, "Run All")
    for url in [URL, f"{URL}{example.pk}/run/", SAVE]:
        assert viewer_client.post(url).status_code == 403
    example.refresh_from_db()
    assert example.ran_at is None


def test_results_are_cut_to_their_columns(setup, example):
    actions.keep_result(
        example=example, error="e" * 99, description="d" * 999, username="u" * 99
    )

    example.refresh_from_db()
    assert len(example.actual_description) == 255
    assert example.ran_at <= timezone.now()
