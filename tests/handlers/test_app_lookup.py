"""Select App: what it lists, and why it does not list the rest."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ClientAppFactory, EnablementFactory, OrgFactory
from tests.handlers.many import enable, make_apps
from tests.handlers.read import links, marked, options, read
from tokenx.org import grams
from tokenx.org.models import ClientApp

CONNECTED, EXTERNAL = ClientApp.Kind


@pytest.fixture
def url(handler):
    return reverse("handlers:app-lookup", args=[handler.developer_name, CONNECTED])


@pytest.fixture
def make(handler):
    """An app of the handler's org."""
    return lambda label, **fields: ClientAppFactory(org=handler.org, label=label, **fields)


@pytest.fixture(params=["walking", "grams"])
def search(request, htmx_client, url, handler):
    """What the look-up answers, in a small org and in one with a search index."""

    def ask(typed):
        if request.param == "grams":
            for app in ClientApp.objects.filter(org=handler.org):
                grams.remove_app(app)
                grams.add_app(app)
            handler.org.has_app_grams = True
            handler.org.save()
        return htmx_client.get(url, {"q": typed})

    return ask


def messages(response):
    return read(response).one("div", class_="lookup__message").text


def test_lists_all_that_can_be_enabled_by_label(search, make):
    for label in ["Zebra", "élan", "apple", "Ähre", "Banana"]:
        make(label)

    assert options(search("")) == ["Ähre", "apple", "Banana", "élan", "Zebra"]


@pytest.mark.parametrize(
    "typed", ["bil", "BIL", "bíl", "ling", "g s", "*ling", "* ling", "  billing   sync "]
)
def test_finds_any_part_of_the_label(search, make, typed):
    make("Billing Sync")
    make("Other")

    assert options(search(typed)) == ["Billing Sync"]


def test_finds_any_part_of_the_api_name(search, make):
    make("日本語ポータル", api_name="Japan_Portal")
    make("Other")

    response = search("PAN_P")

    assert options(response) == ["日本語ポータル"]
    assert marked(response) == ["pan_P"]


def test_nothing_reaches_from_the_label_into_the_api_name(search, make):
    make("Bill", api_name="Sync")

    assert options(search("bill sync")) == options(search("lls")) == []


@pytest.mark.parametrize(
    ("label", "typed", "found"),
    [
        ("Café Loyalty", "cafe", "Café"),
        ("Cafe Loyalty", "café", "Cafe"),
        ("ΑΘΉΝΑ", "αθηνα", "ΑΘΉΝΑ"),
        ("Straße", "STRASSE", "Straße"),
        ("Łódź Port", "lodz", "Łódź"),
        ("日本語ポータル", "本語", "本語"),
        ("בית ספר", "ספר", "ספר"),
        ("A & B <App>", "& b <", "& B <"),
    ],
)
def test_marks_what_was_typed(search, make, label, typed, found):
    make(label, api_name="Some_Name")

    response = search(typed)

    assert options(response) == [label]
    assert marked(response) == [found]


def test_lists_only_apps_set_up_for_token_exchange(search, make):
    make("Ready")
    make("No Setting", allows_token_exchange=False)
    make("No Policy", policy_allows_token_exchange=False)

    assert options(search("")) == ["Ready"]
    assert options(search("no")) == []


def test_lists_only_the_type_that_was_chosen(search, make):
    make("Connected one")
    make("External one", kind=EXTERNAL)

    assert options(search("one")) == ["Connected one"]


def test_does_not_list_what_is_enabled_already(search, make, handler):
    EnablementFactory(handler=handler, app=make("Taken"))
    make("Take me")

    assert options(search("take")) == ["Take me"]


def test_lists_what_another_handler_is_enabled_for(search, make, handler):
    EnablementFactory(handler__org=handler.org, app=make("Shared"))

    assert options(search("")) == ["Shared"]


def test_lists_nothing_of_another_org(search, make):
    theirs = ClientAppFactory(org=OrgFactory(), label="Theirs")
    grams.add_app(theirs)
    make("Ours")

    assert options(search("")) == ["Ours"]
    assert options(search("heir")) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"policy_allows_token_exchange": False},
            "token exchange is switched off in its policies",
        ),
        (
            {"allows_token_exchange": False},
            "token exchange is switched off in its settings",
        ),
        (
            {"allows_token_exchange": False, "policy_allows_token_exchange": False},
            "token exchange is switched off in its settings and in its policies",
        ),
        ({"kind": EXTERNAL}, "this is an external client app; go back"),
    ],
)
def test_says_why_the_nearest_app_is_not_listed(search, make, fields, reason):
    app = make("Billing Sync", **fields)

    response = search("billing")

    assert options(response) == []
    assert messages(response).startswith(f"Billing Sync: {reason}")
    assert links(response) == {
        "Billing Sync": reverse("setup:app", args=[app.kind, app.api_name])
    }


def test_says_that_an_app_is_enabled_already(search, make, handler):
    EnablementFactory(handler=handler, app=make("Billing Sync"))

    response = search("billing")

    assert messages(response) == "Billing Sync: already enabled for My Handler."


def test_gives_no_reasons_where_something_was_found(search, make):
    make("Billing")
    make("Billing Sync", policy_allows_token_exchange=False)

    assertNotContains(search("billing"), "switched off")


def test_the_nearest_are_a_few_by_label(search, make):
    for place in range(5):
        make(f"Billing {place}", policy_allows_token_exchange=False)

    assert list(links(search("billing"))) == ["Billing 0", "Billing 1", "Billing 2"]


def test_says_that_there_is_no_such_app(search, make):
    make("Billing")

    assertContains(search("zz"), "No connected app has “zz” in its name.")


def test_says_what_to_check_where_nothing_is_left(search, make, handler):
    EnablementFactory(handler=handler, app=make("Billing"))

    assertContains(search(""), "Check the settings and policies of the app.")


def test_lists_fifty_and_says_that_there_are_more(search, handler):
    make_apps(handler.org, 51)

    response = search("app")

    assert options(response) == [f"App {place:04}" for place in range(50)]
    assertContains(response, "The first 50 apps are listed.")


def test_lists_fifty_without_a_word_where_that_is_all(search, handler):
    make_apps(handler.org, 50)

    response = search("")

    assert len(options(response)) == 50
    assertNotContains(response, "are listed")


def test_lists_what_comes_after_many_that_are_enabled(search, handler):
    apps = make_apps(handler.org, 120)
    enable(handler, apps[:110])

    assert options(search("app")) == [app.label for app in apps[110:]]


@pytest.mark.parametrize(
    "typed", ["\0", "a\0b", "*", "'", '"><b>', "🙂", "%", "_", "x" * 9_999]
)
def test_takes_whatever_is_typed(search, make, typed):
    make("Billing", api_name="Billing")

    response = search(typed)

    assert response.status_code == 200
    assert options(response) == (["Billing"] if typed in {"\0", "*"} else [])


def test_the_key_of_an_option_is_what_the_form_takes(search, make):
    app = make("Billing")

    option = read(search("bill")).one(role="option").attributes
    assert (option["data-value"], option["id"]) == (str(app.pk), f"app-option-{app.pk}")
