"""New and edited apps: valid values, copies of the name, and the audit trail."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.form import field_errors, form_errors, form_of
from tests.many import add_grams, make_apps
from tests.read import links, names, options, read, toasts
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement
from tokenx.org.models import AppGram, AuditEntry, ClientApp, Scope
from tokenx.org.search import grams
from tokenx.setup.actions import apps as actions

NEW = "/new-app/connected/"
SETTINGS = {
    "label": "Billing Sync",
    "contact_email": "ada@mycompany.example",
    "description": "",
    "callback_url": "https://billing.example/callback",
    "scopes": ["api"],
    "requires_secret": "on",
}


@pytest.fixture
def app(org):
    return ClientAppFactory(
        org=org,
        label="Billing Sync",
        api_name="Billing_Sync",
        contact_email="ada@mycompany.example",
        callback_url="https://billing.example/callback",
        scopes=["refresh_token", "api"],
    )


def url_of(app, name="edit-app"):
    return reverse(f"setup:{name}", args=[app.kind, app.api_name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


# --- New ------------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
@pytest.mark.parametrize("kind", ["connected", "external"])
def test_creates_an_app(request, admin, client_name, kind):
    client, url = request.getfixturevalue(client_name), f"/new-app/{kind}/"
    form = form_of(client.get(url)) | SETTINGS | {"allows_token_exchange": "on"}

    response = client.post(url, form)

    assert response.status_code == 200
    created = ClientApp.objects.get()
    assert (created.org, created.kind) == (admin.org, kind)
    assert (created.label, created.api_name) == ("Billing Sync", "Billing_Sync")
    assert created.scopes == ["api"]
    assert created.requires_secret
    assert created.allows_token_exchange
    assert not created.policy_allows_token_exchange
    assert "Billing Sync was created." in toasts(response)
    [entry] = trail()
    assert entry == (
        "insertApplication",
        "Application",
        f"Created {created.get_kind_display()} Billing Sync",
    )
    assert AuditEntry.objects.get().user == admin


def test_a_new_app_refreshes_the_list_behind_the_dialog(htmx_client):
    assert "apps-changed" in htmx_client.post(NEW, SETTINGS)["HX-Trigger"]


def test_accepts_a_custom_api_name(htmx_client):
    htmx_client.post(NEW, SETTINGS | {"api_name": "Other_1"})

    assert ClientApp.objects.get().api_name == "Other_1"


def test_the_action_creates_an_app_for_files_and_calls_too(admin):
    settings = SETTINGS | {"allows_token_exchange": True, "requires_secret": False}

    created = actions.create_app(kind="external", api_name="One", by=admin, **settings)

    assert created.app.has_secret(created.secret)


def test_the_action_refuses_by_field_too(admin, subtests):
    for field, value, message in [
        ("api_name", "a__b", "An API name can't contain two consecutive underscores."),
        ("label", "", "This field cannot be blank."),
        ("contact_email", "ada", "Enter a valid email address."),
    ]:
        with subtests.test(field=field, value=value):
            values = SETTINGS | {"requires_secret": True, "allows_token_exchange": False}
            values |= {"api_name": "One", field: value}

            with pytest.raises(actions.ValidationError) as raised:
                actions.create_app(kind="connected", by=admin, **values)

            assert raised.value.message_dict == {field: [message]}


LONG = {"label": 81, "api_name": 81, "description": 256}
HOSTILE = "<b>bold</b> 🙂👩‍👩‍👧 \u202eשלום"
BAD = [
    ("label", "", "Enter a name."),
    ("label", "   ", "Enter a name."),
    ("label", "a\0b", "Null characters are not allowed."),
    *(
        (name, "a" * size, f"at most {size - 1} characters (it has {size})")
        for name, size in LONG.items()
    ),
    ("contact_email", "", "Enter a contact email."),
    ("contact_email", "ada", "Enter an email address, such as name@example.com."),
    ("contact_email", HOSTILE, "Enter an email address"),
    ("contact_email", "a" * 250 + "@x.example", "at most 254 characters"),
    ("callback_url", "", "Enter a callback URL."),
    ("callback_url", "javascript:alert(1)", "Enter a callback URL, such as"),
    ("callback_url", HOSTILE, "Enter a callback URL, such as"),
    ("callback_url", "https://x.example/" + "a" * 2000, "at most 2000 characters"),
    ("scopes", [], "Select at least one scope."),
    ("scopes", ["api", "everything"], "Select only listed scopes."),
    ("scopes", [HOSTILE], "Select only listed scopes."),
]
BAD_API_NAMES = [
    ("1st", "Start an API name with a letter."),
    ("_a", "Start an API name with a letter."),
    ("a__b", "An API name can't contain two consecutive underscores."),
    ("a_", "An API name can't end with an underscore."),
    ("a b", "Use only the letters A to Z, digits, and underscores"),
    ("a-b", "Use only the letters A to Z, digits, and underscores"),
    ("é", "Use only the letters A to Z, digits, and underscores"),
    (HOSTILE, "Use only the letters A to Z, digits, and underscores"),
    ("a\0b", "Null characters are not allowed."),
    ("Taken", "An app of this type already has this API name."),
    ("tAKEN", "An app of this type already has this API name."),
]


def test_refuses_an_invalid_value_at_its_field(admin_client, org, subtests):
    ClientAppFactory(org=org, api_name="Taken")

    for field, value, message in BAD + [("api_name", *bad) for bad in BAD_API_NAMES]:
        with subtests.test(field=field, value=value):
            form = {"api_name": "Mine", **SETTINGS, field: value}

            response = admin_client.post(NEW, form)

            assert response.status_code == 422
            [error] = field_errors(response, field)
            assert message in error
            assert response.context["form"].errors.keys() == {field}
            assert ClientApp.objects.count() == 1
            assert not AuditEntry.objects.exists()
            values = form_of(response)
            for name in {"label", "description", "callback_url", "contact_email"} - {field}:
                assert values[name] == SETTINGS[name]


def test_refuses_an_invalid_value_at_its_field_in_an_edit(admin_client, app, subtests):
    opened = form_of(admin_client.get(url_of(app)))

    for field, value, message in [bad for bad in BAD if bad[0] != "api_name"]:
        with subtests.test(field=field, value=value):
            response = admin_client.post(url_of(app), opened | {field: value})

            assert response.status_code == 422
            [error] = field_errors(response, field)
            assert message in error
            assert not AuditEntry.objects.exists()


def test_names_all_missing_fields_together(admin_client, org):
    response = admin_client.post(NEW, {})

    assert set(response.context["form"].errors) == {
        "label",
        "contact_email",
        "callback_url",
        "scopes",
    }


def test_accepts_any_text_as_a_name(admin_client, org, subtests):
    for label in [HOSTILE, "日本語ポータル", "{{ 7 }}{% now 'Y' %}"]:
        with subtests.test(label=label), rolled_back():
            admin_client.post(NEW, SETTINGS | {"label": label})

            created = ClientApp.objects.get()
            assert created.label == label
            assertContains(admin_client.get(url_of(created, "app")), created.api_name)
            assert names(admin_client.get("/apps/connected/")) == [label]


def test_shows_a_generated_api_name_that_is_taken(admin_client, org):
    ClientAppFactory(org=org, api_name="billing_sync")

    response = admin_client.post(NEW, SETTINGS)

    assert field_errors(response, "api_name") == [
        "An app of this type already has this API name."
    ]
    assert form_of(response)["api_name"] == "Billing_Sync"


def test_another_type_or_another_org_can_have_the_api_name(admin_client, org):
    ClientAppFactory(org=org, api_name="Billing_Sync", kind="external")
    ClientAppFactory(org=OrgFactory(), api_name="Billing_Sync")

    assert admin_client.post(NEW, SETTINGS).status_code == 200


def test_only_two_types_exist(admin_client, subtests):
    for kind in ["other", "CONNECTED", "🙂"]:
        with subtests.test(kind=kind):
            assert admin_client.post(f"/new-app/{kind}/", SETTINGS).status_code == 404


# --- Edit -----------------------------------------------------------------------------


def test_opens_with_the_current_values_except_the_api_name(admin_client, app):
    form = form_of(admin_client.get(url_of(app)))

    assert form["label"] == "Billing Sync"
    assert set(form["scopes"]) == {"api", "refresh_token"}
    assert form["allows_token_exchange"] == "on"
    assert "api_name" not in form


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
@pytest.mark.parametrize("kind", ["connected", "external"])
def test_saves_every_setting_and_returns_to_the_app(request, app, client_name, kind):
    client = request.getfixturevalue(client_name)
    ClientApp.objects.update(kind=kind)
    app.refresh_from_db()
    form = form_of(client.get(url_of(app)))
    del form["requires_secret"]
    form |= {
        "label": "Invoices",
        "description": "Sends them.",
        "contact_email": "otto@mycompany.example",
        "callback_url": "https://invoices.example/",
        "scopes": ["id", "openid"],
    }

    response = client.post(url_of(app), form)

    assert url_of(app, "app") in (response.get("HX-Redirect"), response.get("Location"))
    before = app.modified_at
    app.refresh_from_db()
    assert app.label == "Invoices"
    assert app.scopes == [Scope.ID, Scope.OPENID]
    assert app.modified_at > before
    kind = app.get_kind_display().lower()
    prefix = f"Changed the Billing Sync {kind} setting"
    assert trail() == [
        (f"changeApplication{action}", "Application", f"{prefix} {change}")
        for action, change in [
            ("Name", "Name from Billing Sync to Invoices"),
            (
                "TokenExchangeSecretRequired",
                "Require Secret for Token Exchange Flow from true to false",
            ),
            (
                "ContactEmail",
                "Contact Email from ada@mycompany.example to otto@mycompany.example",
            ),
            ("Description", "Description from nothing to Sends them."),
            (
                "CallbackUrl",
                "Callback URL from https://billing.example/callback to "
                "https://invoices.example/",
            ),
            ("Scopes", "Selected OAuth Scopes from refresh_token, api to id, openid"),
        ]
    ]


def test_the_api_name_never_changes(admin_client, app):
    form = form_of(admin_client.get(url_of(app))) | {"api_name": "Other", "label": "Other"}

    admin_client.post(url_of(app), form)

    assert ClientApp.objects.get().api_name == "Billing_Sync"


@pytest.mark.parametrize("name", ["edit-app", "edit-app-policies"])
def test_saving_without_changes_leaves_no_trace(admin_client, app, name):
    before = app.modified_at

    admin_client.post(url_of(app, name), form_of(admin_client.get(url_of(app, name))))

    app.refresh_from_db()
    assert app.modified_at == before
    assert not AuditEntry.objects.exists()


def test_an_app_from_a_file_can_lack_required_values(admin_client, org):
    bare = ClientAppFactory(
        org=org, label="Bare", contact_email="", callback_url="", scopes=[]
    )
    form = form_of(admin_client.get(url_of(bare))) | {"label": "Still bare"}

    assertRedirects(admin_client.post(url_of(bare), form), url_of(bare, "app"))


# --- Policies -------------------------------------------------------------------------


def test_changes_the_policies_and_returns_to_their_tab(admin_client, app):
    url = url_of(app, "edit-app-policies")
    form = form_of(admin_client.get(url)) | {"permitted_users": "AllSelfAuthorized"}
    del form["policy_allows_token_exchange"]

    response = admin_client.post(url, form)

    assertRedirects(response, f"{url_of(app, 'app')}?tab=policies")
    assert trail() == [
        (
            "changeUserRuntimeAccessPolicy",
            "Application",
            "Changed connected app Billing Sync Permitted Users setting from Admin "
            "approved users are pre-authorized to All users may self-authorize",
        ),
        (
            "changeTokenExchangePolicy",
            "Application",
            "Changed connected app Billing Sync Enable Token Exchange Flow setting from "
            "true to false",
        ),
    ]


def test_refuses_an_invalid_policy_at_its_field(admin_client, app, subtests):
    url = url_of(app, "edit-app-policies")

    opened = form_of(admin_client.get(url))

    for value, message in [
        ("", "Select who can use the app."),
        ("Everybody", "Select one of the two policies."),
        (HOSTILE, "Select one of the two policies."),
    ]:
        with subtests.test(value=value):
            response = admin_client.post(url, opened | {"permitted_users": value})

            assert response.status_code == 422
            assert field_errors(response, "permitted_users") == [message]
            assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("name", "switch", "where"),
    [
        ("edit-app", "allows_token_exchange", "its settings"),
        ("edit-app-policies", "policy_allows_token_exchange", "its policies"),
    ],
)
def test_turning_off_a_used_app_names_its_handlers(htmx_client, app, name, switch, where):
    for label in "ABCDE":
        handler = TokenExchangeHandlerFactory(org=app.org, label=f"Handler {label}")
        EnablementFactory(handler=handler, app=app)
    used = "Handler A, Handler B, Handler C and 2 more"
    opened = htmx_client.get(url_of(app, name))
    form = form_of(opened)
    del form[switch]

    htmx_client.post(url_of(app, name), form)

    assertContains(opened, f"If you turn this off, {used} can")
    app.refresh_from_db()
    assert not getattr(app, switch)
    assert set(toasts(htmx_client.get(url_of(app, "app")))) == {
        f"Billing Sync was saved. {used} can no longer exchange tokens for this app "
        f"because token exchange is turned off in {where}."
    }


def test_turning_on_both_settings_adds_an_app_to_select_app(
    admin_client, htmx_client, handler
):
    htmx_client.post(NEW, SETTINGS)
    created = ClientApp.objects.get()
    lookup = f"/handlers/{handler.developer_name}/lookup/apps/connected/"
    for name, switch in [
        ("edit-app", "allows_token_exchange"),
        ("edit-app-policies", "policy_allows_token_exchange"),
    ]:
        assert options(htmx_client.get(lookup, {"q": "bill"})) == []
        form = form_of(admin_client.get(url_of(created, name))) | {switch: "on"}
        admin_client.post(url_of(created, name), form)

    assert options(htmx_client.get(lookup, {"q": "bill"})) == ["Billing Sync"]


# --- Concurrent changes ---------------------------------------------------------------


def test_says_what_someone_else_changed_and_loses_nothing(admin_client, app):
    stale = form_of(admin_client.get(url_of(app)))
    admin_client.post(url_of(app), stale | {"label": "Theirs", "scopes": ["id"]})

    mine = stale | {"description": "Mine"}
    response = admin_client.post(url_of(app), mine)

    assert response.status_code == 422
    [message] = form_errors(response)
    assert message == (
        "Someone else changed this app while you were editing it. These fields differ from "
        "yours: Name, Description, Selected OAuth Scopes. Save again to replace them."
    )
    app.refresh_from_db()
    assert app.label == "Theirs"
    again = form_of(response)
    assert (again["label"], again["description"]) == ("Billing Sync", "Mine")
    assert set(again["scopes"]) == set(mine["scopes"])

    assertRedirects(admin_client.post(url_of(app), again), url_of(app, "app"))
    app.refresh_from_db()
    assert (app.label, app.description) == ("Billing Sync", "Mine")


def test_asks_again_without_the_opened_version(admin_client, app, subtests):
    for name, change in [
        ("edit-app", {"label": "Mine"}),
        ("edit-app-policies", {"permitted_users": "AllSelfAuthorized"}),
    ]:
        url = url_of(app, name)
        opened = form_of(admin_client.get(url))
        for version in ["", "\0", "yesterday", "x" * 10_000, None]:
            with subtests.test(name=name, version=version):
                form = opened | change | {"version": version}
                if version is None:
                    del form["version"]

                assert admin_client.post(url, form).status_code == 422
                assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["edit-app", "edit-app-policies"])
def test_a_deleted_app_is_not_found(htmx_client, app, name):
    form = form_of(htmx_client.get(url_of(app, name)))
    ClientApp.objects.all().delete()

    assert htmx_client.post(url_of(app, name), form).status_code == 404


def test_says_that_the_app_was_deleted_concurrently(admin, app):
    ClientApp.objects.all().delete()

    with pytest.raises(actions.ValidationError, match="Billing Sync was already deleted"):
        actions.edit_app_policies(
            app=app,
            permitted_users="AllSelfAuthorized",
            policy_allows_token_exchange=True,
            by=admin,
        )


# --- Copies and the search index ------------------------------------------------------


def test_the_handlers_list_follows_a_new_name(admin_client, app, handler):
    EnablementFactory(handler=handler, app=app)
    EnablementFactory(handler=handler, app__label="Middle")
    url = f"/handlers/{handler.developer_name}/"
    assert names(admin_client.get(url)) == ["Billing Sync", "Middle"]

    form = form_of(admin_client.get(url_of(app))) | {"label": "Zebra"}
    admin_client.post(url_of(app), form)

    assert names(admin_client.get(url)) == ["Middle", "Zebra"]
    assert Enablement.objects.get(app=app).app_key == "zebra\tbilling_sync"


def assert_grams_are_right(org):
    wanted = {
        (app.pk, gram, app.search_key)
        for app in ClientApp.objects.filter(org=org)
        for gram in grams.grams_of_app(app)
    }
    rows = AppGram.objects.filter(org=org).values_list("app", "gram", "key")
    assert set(rows) == wanted


def test_changes_to_an_app_update_the_search_index(admin_client, htmx_client, org, app):
    add_grams(org)
    admin_client.post(NEW, SETTINGS | {"label": "Another"})
    assert_grams_are_right(org)

    form = form_of(admin_client.get(url_of(app)))
    del form["allows_token_exchange"]
    admin_client.post(url_of(app), form | {"label": "Zebra"})
    assert_grams_are_right(org)

    url = url_of(app, "edit-app-policies")
    form = form_of(admin_client.get(url))
    del form["policy_allows_token_exchange"]
    admin_client.post(url, form)
    assert_grams_are_right(org)

    admin_client.post(url_of(app, "delete-app"))
    assert ClientApp.objects.count() == 1
    assert_grams_are_right(org)


def test_a_small_org_has_no_search_index(admin_client, org, app):
    admin_client.post(NEW, SETTINGS | {"label": "Another"})
    form = form_of(admin_client.get(url_of(app))) | {"label": "Zebra"}
    admin_client.post(url_of(app), form)

    assert not AppGram.objects.exists()


def test_a_growing_org_gets_its_search_index(admin_client, org, monkeypatch):
    monkeypatch.setattr(grams, "WALKABLE", 5)
    make_apps(org, 5)

    admin_client.post(NEW, SETTINGS | {"allows_token_exchange": "on"})

    org.refresh_from_db()
    assert org.has_app_grams
    assert not org.has_user_grams
    assert_grams_are_right(org)
    assert names(admin_client.get("/apps/connected/", {"search": "illing"})) == [
        "Billing Sync"
    ]


def test_cancel_returns_to_the_page(admin_client, app):
    assert links(admin_client.get(NEW))["Cancel"] == "/apps/connected/"
    assert links(admin_client.get(url_of(app)))["Cancel"] == url_of(app, "app")
    policies = links(admin_client.get(url_of(app, "edit-app-policies")))
    assert policies["Cancel"] == f"{url_of(app, 'app')}?tab=policies"


def test_accepts_callback_urls_in_any_layout(admin_client, app):
    """Accept blank lines, spaces, custom schemes, and URLs without a scheme."""
    typed = "\n  https://a.example/cb \n\n app:/done  myapp://signed-in\nb.example\n"

    url = url_of(app)
    admin_client.post(url, form_of(admin_client.get(url)) | {"callback_url": typed})

    app.refresh_from_db()
    assert app.callback_url.split("\n") == [
        "https://a.example/cb",
        "app:/done",
        "myapp://signed-in",
        "https://b.example",
    ]


def test_an_api_name_is_proposed_for_a_new_app(admin_client):
    url = reverse("setup:propose-app-api-name", args=["external"])

    for query, name in [
        ({"label": "Partner Portal"}, "Partner_Portal"),
        ({"label": "Partner Portal", "api_name": "Mine"}, "Mine"),
        ({"label": " "}, ""),
    ]:
        field = read(admin_client.get(url, query)).one("input", id="id_api_name")
        assert field.attributes.get("value", "") == name
