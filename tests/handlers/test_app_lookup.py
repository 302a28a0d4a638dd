"""Select App: the apps that it lists, and the reasons why it doesn't list the rest."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ClientAppFactory, EnablementFactory, OrgFactory
from tests.many import enable, make_apps
from tests.read import links, marked, options, read
from tests.rollback import rolled_back
from tokenx.org.models import ClientApp, Org
from tokenx.org.search import grams

CONNECTED, EXTERNAL = ClientApp.Kind


@pytest.fixture
def url(handler):
    return reverse("handlers:app-lookup", args=[handler.developer_name, CONNECTED])


@pytest.fixture
def make(handler):
    """Create an app in the handler's org."""
    return lambda label, **fields: ClientAppFactory(org=handler.org, label=label, **fields)


@pytest.fixture
def search(htmx_client, url, handler):
    """Search with and without a search index, with the same results."""

    def ask(text):
        responses = []
        for has_grams in [False, True]:
            if has_grams:
                for app in ClientApp.objects.filter(org=handler.org):
                    grams.remove_app(app)
                    grams.add_app(app)
            Org.objects.filter(pk=handler.org_id).update(has_app_grams=has_grams)
            responses.append(htmx_client.get(url, {"q": text}))
        assert responses[0].content == responses[1].content
        return responses[1]

    return ask


def messages(response):
    return read(response).one("div", class_="lookup__message").text


def test_lists_all_apps_that_can_be_enabled_by_label(search, make):
    for label in ["Zebra", "élan", "apple", "Ähre", "Banana"]:
        make(label)

    assert options(search("")) == ["Ähre", "apple", "Banana", "élan", "Zebra"]


def test_matches_any_part_of_the_label(search, make, subtests):
    make("Billing Sync")
    make("Other")

    texts = ["bil", "BIL", "bíl", "ling", "g s", "*ling", "* ling", "  billing   sync "]
    for text in texts:
        with subtests.test(text=text):
            assert options(search(text)) == ["Billing Sync"]


def test_matches_any_part_of_the_api_name(search, make):
    make("日本語ポータル", api_name="Japan_Portal")
    make("Other")

    response = search("PAN_P")

    assert options(response) == ["日本語ポータル"]
    assert marked(response) == ["pan_P"]


def test_does_not_search_across_label_and_api_name(search, make):
    make("Bill", api_name="Sync")

    assert options(search("bill sync")) == options(search("lls")) == []


def test_highlights_the_match(search, make, subtests):
    for label, text, match in [
        ("Café Loyalty", "cafe", "Café"),
        ("Cafe Loyalty", "café", "Cafe"),
        ("ΑΘΉΝΑ", "αθηνα", "ΑΘΉΝΑ"),
        ("Straße", "STRASSE", "Straße"),
        ("Łódź Port", "lodz", "Łódź"),
        ("日本語ポータル", "本語", "本語"),
        ("בית ספר", "ספר", "ספר"),
        ("A & B <App>", "& b <", "& B <"),
    ]:
        with subtests.test(label=label, text=text), rolled_back():
            make(label, api_name="Some_Name")

            response = search(text)

            assert options(response) == [label]
            assert marked(response) == [match]


def test_lists_only_apps_set_up_for_token_exchange(search, make):
    make("Ready")
    make("No Setting", allows_token_exchange=False)
    make("No Policy", policy_allows_token_exchange=False)

    assert options(search("")) == ["Ready"]
    assert options(search("no")) == []


def test_lists_only_the_selected_type(search, make):
    make("Connected one")
    make("External one", kind=EXTERNAL)

    assert options(search("one")) == ["Connected one"]


def test_does_not_list_apps_that_are_already_enabled(search, make, handler):
    EnablementFactory(handler=handler, app=make("Taken"))
    make("Take me")

    assert options(search("take")) == ["Take me"]


def test_lists_apps_that_are_enabled_for_another_handler(search, make, handler):
    EnablementFactory(handler__org=handler.org, app=make("Shared"))

    assert options(search("")) == ["Shared"]


def test_lists_no_apps_of_another_org(search, make):
    theirs = ClientAppFactory(org=OrgFactory(), label="Theirs")
    grams.add_app(theirs)
    make("Ours")

    assert options(search("")) == ["Ours"]
    assert options(search("heir")) == []


def test_says_why_the_nearest_app_is_not_listed(search, make, subtests):
    refused = "can't be enabled because token exchange is turned off"
    for fields, reason in [
        (
            {"policy_allows_token_exchange": False},
            f"{refused} in its policies",
        ),
        (
            {"allows_token_exchange": False},
            f"{refused} in its settings",
        ),
        (
            {"allows_token_exchange": False, "policy_allows_token_exchange": False},
            f"{refused} in its settings and policies",
        ),
        ({"kind": EXTERNAL}, "is an external client app. Go back to select that type."),
    ]:
        with subtests.test(fields=fields), rolled_back():
            app = make("Billing Sync", **fields)

            response = search("billing")

            assert options(response) == []
            assert messages(response).startswith(f"Billing Sync {reason}")
            assert links(response) == {
                "Billing Sync": reverse("setup:app", args=[app.kind, app.api_name])
            }


def test_says_that_an_app_is_already_enabled(search, make, handler):
    EnablementFactory(handler=handler, app=make("Billing Sync"))

    response = search("billing")

    assert messages(response) == "Billing Sync is already enabled for My Handler."


def test_gives_no_reasons_if_an_app_matches(search, make):
    make("Billing")
    make("Billing Sync", policy_allows_token_exchange=False)

    assertNotContains(search("billing"), "switched off")


def test_lists_a_few_nearest_apps_by_label(search, make):
    for index in range(5):
        make(f"Billing {index}", policy_allows_token_exchange=False)

    assert list(links(search("billing"))) == ["Billing 0", "Billing 1", "Billing 2"]


def test_says_that_no_app_matches(search, make):
    make("Billing")

    assertContains(search("zz"), "No connected apps match “zz”.")


def test_says_what_to_check_if_no_apps_are_available(search, make, handler):
    EnablementFactory(handler=handler, app=make("Billing"))

    assertContains(search(""), "Check app settings and policies")


def test_lists_fifty_and_says_that_there_are_more(search, handler):
    make_apps(handler.org, 51)

    response = search("app")

    assert options(response) == [f"App {index:04}" for index in range(50)]
    assertContains(response, "Showing the first 50 apps.")


def test_lists_exactly_fifty_without_a_note(search, handler):
    make_apps(handler.org, 50)

    response = search("")

    assert len(options(response)) == 50
    assertNotContains(response, "are listed")


def test_lists_the_apps_after_many_enabled_apps(search, handler):
    apps = make_apps(handler.org, 120)
    enable(handler, apps[:110])

    assert options(search("app")) == [app.label for app in apps[110:]]


def test_accepts_any_text(search, make, subtests):
    make("Billing", api_name="Billing")

    for text in ["\0", "a\0b", "*", "'", '"><b>', "🙂", "%", "_", "x" * 9_999]:
        with subtests.test(text=text):
            response = search(text)

            assert response.status_code == 200
            assert options(response) == (["Billing"] if text in {"\0", "*"} else [])


def test_the_form_accepts_an_options_key(search, make):
    app = make("Billing")

    option = read(search("bill")).one(role="option").attributes
    assert (option["data-value"], option["id"]) == (app.api_name, f"app-option-{app.pk}")
