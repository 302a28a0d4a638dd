"""The Setup tree: every node opens or redirects to its page."""

from pytest_django.asserts import assertContains, assertRedirects

from tests.read import links, read
from tokenx.web import navigation
from tokenx.web.synonyms import SYNONYMS
from tokenx.web.text import fold

NODES = list(navigation.all_nodes())
IDENTITY = [
    "Auth. Providers",
    "Identity Provider",
    "Identity Provider Event Log",
    "Identity Verification",
    "Identity Verification History",
    "Login Flows",
    "Login History",
    "OAuth Custom Scopes",
    "OAuth and OpenID Connect Settings",
    "Single Sign-On Settings",
    "Token Exchange Handlers",
]


def test_every_node_opens(viewer_client, subtests):
    for node in NODES:
        with subtests.test(node=node.slug):
            response = viewer_client.get(f"/lightning/setup/{node.slug}/home")

            if node.view:
                assertRedirects(response, node.url)
            else:
                assertContains(response, "This page isn't included in tokenx")
                assert read(response).one("h1").text.endswith(node.label)
                assert links(response)["Go to Token Exchange Handlers"] == "/handlers/"


def test_slugs_are_unique():
    slugs = [node.slug for node in NODES]

    assert len(slugs) == len(set(slugs))


def test_salesforces_path_redirects_to_the_list(admin_client):
    response = admin_client.get("/lightning/setup/OauthTokenExchangeHandlers/home")

    assertRedirects(response, "/handlers/")


def test_the_tree_has_a_link_to_every_node(admin_client):
    urls = links(admin_client.get("/"))

    for node in NODES:
        if node is not navigation.HOME:
            assert urls[node.label] == node.url
    assert urls["Setup Home"] == "/"


def test_groups_and_identity_have_salesforces_order(admin_client):
    tree = read(admin_client.get("/")).one("div", id="setup-tree")

    assert [h.text for h in tree.all("h2")] == [
        "Administration",
        "Platform Tools",
        "Settings",
        "tokenx",
    ]
    branch = tree.one("li", aria_label="Identity")
    assert [a.text for a in branch.all("a")] == IDENTITY


def test_the_current_node_is_marked_and_its_branch_open(admin_client, handler, subtests):
    for url, current in [
        ("/", "Setup Home"),
        ("/handlers/", "Token Exchange Handlers"),
        ("/handlers/My_Handler/", "Token Exchange Handlers"),
        ("/handlers/My_Handler/enable-app/", "Token Exchange Handlers"),
        ("/audit-trail/", "View Setup Audit Trail"),
        ("/lightning/setup/ApexTriggers/home", "Apex Triggers"),
    ]:
        with subtests.test(url=url):
            nav = read(admin_client.get(url)).one("nav", id="setup-nav")

            assert [a.text for a in nav.all("a", aria_current="page")] == [current]
            for branch in nav.all("li", aria_expanded="true"):
                assert current in branch.text


def test_quick_find_without_javascript_finds_nodes(admin_client, subtests):
    for typed, expected in [
        ("token", ["Token Exchange Handlers"]),
        ("TOKEN EXCHANGE", ["Token Exchange Handlers"]),
        ("audit", ["View Setup Audit Trail"]),
        ("idéntity verif", ["Identity Verification", "Identity Verification History"]),
    ]:
        with subtests.test(typed=typed):
            main = read(admin_client.get("/search/", {"q": typed})).one("main")

            assert [a.text for a in main.all("a")] == expected
            assert {a.attributes["href"] for a in main.all("a")} <= {n.url for n in NODES}


def test_search_setup_marks_pages_that_tokenx_lacks(admin_client):
    items = read(admin_client.get("/search/", {"q": "login"})).one("main").all("li")

    assert [" ".join(item.text.split()) for item in items] == [
        "Login History",
        "Login Flows Not in tokenx",
    ]


def test_quick_find_keeps_its_text_without_javascript(admin_client, subtests):
    for source, kept in [("quick-find", "audit"), ("", "")]:
        with subtests.test(source=source):
            page = read(admin_client.get("/search/", {"q": "audit", "from": source}))

            assert page.one("input", id="quick-find").attributes["value"] == kept


def test_each_page_has_one_h1_two_skip_links_and_its_landmarks(admin_client, handler):
    for url in ["/", "/handlers/", "/handlers/My_Handler/", "/audit-trail/", "/help/"]:
        page = read(admin_client.get(url))
        assert len(page.all("h1")) == 1
        skips = [a.attributes["href"].removeprefix("#") for a in page.all("a")[:2]]
        assert skips == ["setup-nav", "main"]
        for target in skips:
            page.one(id=target)
        assert len(page.all("main")) == len(page.all("title")) == 1
        ids = [e.attributes["id"] for e in page if "id" in e.attributes]
        assert len(ids) == len(set(ids))


def test_quick_find_knows_synonyms(subtests):
    for typed, expected in [
        ("training", "Training"),
        ("exercises", "Exercises"),
        ("health", "Health"),
        ("connected app", "Manage Connected Apps"),
        ("ECA", "External Client App Manager"),
        ("audit", "View Setup Audit Trail"),
        ("logs", "Debug Logs"),
        ("SAML", "Simulated Issuers"),
        ("OAuth", "Manage Connected Apps"),
        ("JWT", "Try It"),
        ("permissions", "Permission Sets"),
        ("deploy", "Deployment Status"),
        ("metadata", "Deployment Status"),
        ("IdP", "Simulated Issuers"),
        ("access token", "API Access"),
        ("API", "API Access"),
        ("password", "Users"),
        ("strict fidelity", "Strict Mode"),
        ("apps connected", "Manage Connected Apps"),
        ("tokens", "Token Exchange Handlers"),
    ]:
        with subtests.test(typed=typed):
            assert expected in [node.label for node in navigation.find_nodes(typed)]


def test_each_synonym_is_of_a_node_and_finds_it(subtests):
    by_slug = {node.slug: node for node in NODES}
    for slug, phrases in SYNONYMS.items():
        with subtests.test(slug=slug):
            for phrase in phrases:
                assert phrase == fold(phrase)
                assert by_slug[slug] in navigation.find_nodes(phrase)
                assert phrase not in fold(by_slug[slug].label), "The label is enough."


def test_token_alone_finds_only_the_handlers():
    assert navigation.find_nodes("Token") == [navigation.HANDLERS]


def test_nodes_that_tokenx_lacks_are_marked(admin_client):
    tree = read(admin_client.get("/")).one("div", id="setup-tree")

    lacking = tree.all(aria_describedby="not-in-tokenx")
    marked = [item.attributes["aria-label"] for item in lacking]

    assert marked == [node.label for node in NODES if not node.view]


def test_the_app_launcher_leads_to_its_apps(viewer_client):
    menu = read(viewer_client.get("/")).one("ul", aria_label="App Launcher")

    for item in menu.all("a"):
        assert viewer_client.get(item.attributes["href"]).status_code == 200
    assert [a.text for a in menu.all("a")] == [
        "Setup",
        "Training",
        "Demos",
        "API Access",
        "Try It",
    ]
