"""Practice orgs: started on the sign-in page, opened again, reset, and deleted."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.addresses import everything
from tests.conftest import signed_in
from tests.factories import AccessTokenFactory, ProfileFactory, UserFactory
from tests.read import read
from tests.rollback import rolled_back
from tests.test_concurrency import concurrently
from tests.training.scenarios.test_demo_org import contents
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import AuditEntry, BuiltInProfile, Org, Profile, User
from tokenx.training.models import Classroom, ExerciseRun, PracticeOrg, Snapshot
from tokenx.training.practice import actions as practice
from tokenx.training.scenarios.catalogue import ScenarioError, find_scenario, scenarios
from tokenx.training.scenarios.demo_org import build_demo_org, sign_in_name

START = "/practice/"
FORM = {"scenario": "first-steps", "name": ""}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture(autouse=True)
def signup(settings):
    settings.SIGNUP = "open"
    return settings


@pytest.fixture
def owner(db):
    return practice.start_practice_org(scenario="first-steps", name="Grace Hopper")


def link_of(owner):
    practice_org = PracticeOrg.objects.get(org=owner.org_id)
    return reverse(
        "training:open-practice-org", args=[practice.personal_token(practice_org)]
    )


def start(client, **form):
    return client.post(START, {**FORM, **form}, **ELSEWHERE)


# --- Starting one --------------------------------------------------------------------


def test_the_sign_in_page_starts_an_org(db, client):
    form = read(client.get("/sign-in/")).one("form", id="start-practice-org")
    assert form.attributes["action"] == START

    response = start(client)

    assertRedirects(response, "/training/")
    assert client.get("/handlers/").status_code == 200
    [user] = User.objects.filter(profile__kind=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    assert user.name == "Administrator"
    assert not user.can_sign_in


def test_offers_every_light_scenario_in_order(db, client):
    offered = client.get(START).context["form"].fields["scenario"].choices

    assert [slug for slug, _ in offered] == [s for s in scenarios() if s != "large-company"]
    assert start(client, scenario="large-company").status_code == 422
    assert not Org.objects.exists()


def test_describes_each_scenario(db, client):
    response = client.get("/sign-in/")

    for offered in scenarios().values():
        if offered.is_light:
            assertContains(response, f"<dd>{escape(offered.description)}</dd>", html=True)


def test_the_sign_in_page_always_links_to_classes(db, client, settings):
    settings.SIGNUP = "closed"

    assertContains(client.get("/sign-in/"), 'href="/join/"')


def test_uses_the_entered_name(db, subtests):
    for text, name in [
        ("Grace Hopper", "Grace Hopper"),
        ("  Madonna ", "Madonna"),
        ("Ana María de la Cruz", "Ana María de la Cruz"),
        ("<b>x</b>", "<b>x</b>"),
        ("", "Administrator"),
    ]:
        with subtests.test(text=text), rolled_back():
            client = Client()
            start(client, name=text)

            owner = User.objects.get(profile__kind=BuiltInProfile.SYSTEM_ADMINISTRATOR)
            assert owner.name == name
            assertNotContains(client.get("/training/"), "<b>x</b>")


@pytest.mark.parametrize("name", ["x" * 81, "a\0b"])
def test_refuses_invalid_names(db, client, name):
    assert start(client, name=name).status_code == 422
    assert not Org.objects.exists()


def test_the_org_has_a_viewer(owner):
    owner.full_clean()
    viewer = User.objects.get(org=owner.org, profile__kind=BuiltInProfile.SETUP_VIEWER)
    assert not viewer.can_sign_in


def test_closed_sign_up_hides_practice_orgs(db, client, signup):
    for signup.SIGNUP, signup.SIGNUP_CODE in [("closed", ""), ("code", ""), ("x", "y")]:
        assertNotContains(client.get("/sign-in/"), "practice org")
        assert client.get(START).status_code == 404
        assert start(client).status_code == 404
    assert not Org.objects.exists()


def test_another_site_cannot_start_an_org(db):
    client = Client(enforce_csrf_checks=True)

    assert start(client).status_code == 403
    assert not Org.objects.exists()
    assert Client().put(START).status_code == 405


def test_submitting_twice_starts_two_orgs(db, client):
    assert [start(client).status_code for _ in range(2)] == [302, 302]
    assert PracticeOrg.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_concurrent_starts_all_succeed():
    answers = concurrently(lambda _: start(Client()).status_code, range(6))

    assert answers == [302] * 6
    assert PracticeOrg.objects.count() == 6
    users = {User.objects.filter(org=org).count() for org in Org.objects.all()}
    assert len(users) == 1


@pytest.mark.parametrize("limit", ["PRACTICE_ORGS", "PRACTICE_ORGS_PER_ADDRESS"])
@pytest.mark.django_db(transaction=True)
def test_concurrent_starts_stay_within_the_limits(signup, limit):
    setattr(signup, limit, 2)

    answers = concurrently(lambda _: start(Client()).status_code, range(6))

    assert sorted(answers) == [302, 302, 429, 429, 429, 429]
    assert Org.objects.count() == PracticeOrg.objects.count() == 2


# --- The code ------------------------------------------------------------------------


@pytest.fixture
def with_code(signup):
    signup.SIGNUP, signup.SIGNUP_CODE = "code", "swordfish"


@pytest.mark.usefixtures("with_code", "db")
def test_requires_the_code(client):
    assertContains(client.get("/sign-in/"), 'name="code"')

    response = start(client, code="Swordfish")
    assertContains(response, "This code isn&#x27;t valid.", status_code=422)
    assertContains(start(client), "Enter the code.", status_code=422)
    assert not Org.objects.exists()

    assertRedirects(start(client, code="swordfish"), "/training/")


@pytest.mark.usefixtures("with_code", "db")
def test_incorrect_codes_throttle_their_address():
    for _ in range(6):
        start(Client(), code="wrong")

    response = start(Client(), code="swordfish")
    assertContains(response, "Too many incorrect codes.", status_code=422)
    other = {**FORM, "code": "swordfish"}
    response = Client().post(START, other, REMOTE_ADDR="198.51.100.1")
    assert response.status_code == 302


# --- Limits --------------------------------------------------------------------------


@pytest.mark.django_db
def test_limits_orgs_per_address(signup):
    signup.PRACTICE_ORGS_PER_ADDRESS = 2
    assert [start(Client()).status_code for _ in range(2)] == [302, 302]

    response = start(Client())

    message = "Your network already has 2 practice orgs."
    assertContains(response, message, status_code=429)
    assert Client().post(START, FORM, REMOTE_ADDR="203.0.113.8").status_code == 302
    # Requests from this machine come from a proxy or from its administrator.
    assert [Client().post(START, FORM).status_code for _ in range(3)] == [302] * 3


@pytest.mark.django_db
def test_stores_networks_as_hashes(signup):
    signup.PRACTICE_ORGS_PER_ADDRESS = 1
    assert Client().post(START, FORM, REMOTE_ADDR="2001:db8::1").status_code == 302
    assert Client().post(START, FORM, REMOTE_ADDR="2001:db8::2").status_code == 429
    assert Client().post(START, FORM, REMOTE_ADDR="2001:db8:0:1::1").status_code == 302
    assert Client().post(START, FORM, REMOTE_ADDR="::ffff:203.0.113.1").status_code == 302
    assert Client().post(START, FORM, REMOTE_ADDR="::ffff:203.0.113.2").status_code == 302
    assert Client().post(START, FORM, REMOTE_ADDR="203.0.113.1").status_code == 429
    assert len(PracticeOrg.objects.first().address_hash) == 64


@pytest.mark.django_db
def test_the_forwarded_address_counts_only_behind_https(signup):
    signup.PRACTICE_ORGS_PER_ADDRESS = 1
    headers = {"X-Forwarded-For": "203.0.113.1"}
    assert start(Client(headers=headers)).status_code == 302
    assert start(Client(headers={"X-Forwarded-For": "203.0.113.2"})).status_code == 429

    signup.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert start(Client(headers={"X-Forwarded-For": "203.0.113.2"})).status_code == 302
    assert start(Client(headers={"X-Forwarded-For": "203.0.113.2"})).status_code == 429


@pytest.mark.django_db
def test_limits_all_orgs_except_expired_ones(signup):
    signup.PRACTICE_ORGS = 2
    for _ in range(2):
        start(Client())

    response = start(Client())
    message = "This server already has 2 practice orgs, its limit."
    assertContains(response, message, status_code=429)

    past = timezone.now() - timedelta(seconds=1)
    Org.objects.filter(pk=Org.objects.first().pk).update(expires_at=past)
    assert start(Client()).status_code == 302
    assert Org.objects.count() == 2


def test_permanent_orgs_do_not_count(db, signup):
    signup.PRACTICE_ORGS = 1
    build_demo_org(find_scenario("empty"), password="correct horse battery")

    assert start(Client()).status_code == 302


# --- The personal link ---------------------------------------------------------------


def test_only_the_owner_sees_the_personal_link(owner, viewer):
    page = signed_in(owner)

    response = page.get("/training/")
    assertContains(response, f"http://testserver{link_of(owner)}")
    assertContains(response, "First steps.")

    looking = User.objects.get(org=owner.org, profile__kind=BuiltInProfile.SETUP_VIEWER)
    response = signed_in(looking).get("/training/")
    assertNotContains(response, link_of(owner))
    assertNotContains(response, "/training/reset/")
    assertNotContains(signed_in(viewer).get("/training/"), "Practice org")


def test_the_personal_link_works_repeatedly(owner, client):
    for _ in range(2):
        response = client.get(link_of(owner))
        assertContains(response, "Grace Hopper")
        assert client.get("/").status_code == 302
        assertRedirects(client.post(link_of(owner)), "/training/")
        assert client.get("/").wsgi_request.user == owner
        client.post("/sign-out/")


def test_a_changed_link_is_not_found(owner, client):
    other = practice.start_practice_org(scenario="empty", name="")
    key, _, signature = link_of(owner).rstrip("/").rpartition(":")
    wrong = [
        link_of(owner)[:-3] + "/",
        f"{key[:-1]}{PracticeOrg.objects.get(org=other.org).pk}:{signature}/",
        "/practice/x/",
        f"/practice/{'x' * 5_000}/",
    ]
    for address in wrong:
        response = client.post(address)
        assertContains(response, "find that practice org", status_code=404)
    assert client.get("/").status_code == 302


def test_the_link_switches_from_another_org(owner, admin_client):
    assertRedirects(admin_client.post(link_of(owner)), "/training/")
    assert admin_client.get("/").wsgi_request.org == owner.org


def test_another_site_cannot_use_the_link(owner):
    client = Client(enforce_csrf_checks=True)
    assert client.post(link_of(owner)).status_code == 403


def test_a_permanent_org_has_no_personal_link(db, client):
    administrator = build_demo_org(password="correct horse battery")

    assert client.post(link_of(administrator)).status_code == 404
    response = signed_in(administrator).get("/training/")
    assertContains(response, "/training/reset/")
    assertNotContains(response, "Personal link")


# --- Expiration ----------------------------------------------------------------------


def test_use_extends_the_expiration_date(owner, client):
    soon = timezone.now() + timedelta(minutes=1)
    Org.objects.update(expires_at=soon)

    signed_in(owner).get("/")

    assert Org.objects.get().expires_at > soon + timedelta(days=6)


def test_only_expired_orgs_are_removed(owner, admin_client, org):
    other = practice.start_practice_org(scenario="empty", name="")
    Org.objects.filter(pk=owner.org_id).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    link = link_of(owner)

    out = StringIO()
    call_command("remove_expired_orgs", stdout=out)

    assert out.getvalue() == "Removed 1 expired practice org.\n"
    assert set(Org.objects.all()) == {other.org, org}
    assertContains(Client().get(link), "find that practice org", status_code=404)
    connection.check_constraints()


def test_demo_removes_expired_orgs(owner, plain_static_files):
    Org.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    out = StringIO()
    call_command("demo", "--no-serve", "--scenario", "empty", stdout=out)

    assert "Removed 1 expired practice org." in out.getvalue()
    assert Org.objects.get().name == "Mycompany"


# --- Reset ---------------------------------------------------------------------------


def disturb(owner):
    """Change, delete, and add rows of every kind."""
    TokenExchangeHandler.objects.filter(org=owner.org).update(label="Changed")
    User.objects.filter(org=owner.org).exclude(pk=owner.pk).update(is_active=False)
    UserFactory(org=owner.org, username="new@mycompany.com")
    Org.objects.filter(pk=owner.org_id).update(is_strict=True)
    User.objects.filter(pk=owner.pk).update(
        username="integrationuser2@mycompany.com",
        profile=ProfileFactory(org=owner.org),
        alias="other",
        nickname="other",
        language="de",
        federation_id="E-1",
    )
    AccessTokenFactory(user=owner)


def test_a_reset_org_is_like_a_new_one(db, subtests):
    for slug in ["first-steps", "busy-handler", "broken-deployment"]:
        with subtests.test(slug=slug), rolled_back():
            owner = practice.start_practice_org(scenario=slug, name="Grace Hopper")
            before = contents_without_times(owner.org)
            name = owner.org.name
            disturb(owner)
            Org.objects.update(name="A snapshot's name")

            again = practice.reset_org(org=owner.org, by=owner)

            connection.check_constraints()
            assert again.pk == owner.pk
            assert Org.objects.get().name == name
            assert contents_without_times(owner.org) == before
            assert not Org.objects.get().is_strict
            assert not Profile.objects.custom().exists()
            trail = AuditEntry.objects.filter(action="resetOrg")
            assert [entry.user for entry in trail] == [owner]


def contents_without_times(org):
    rows = contents(org)
    rows["handlers"] = [(*row[:-6], *row[-5:]) for row in rows["handlers"]]
    rows["enablements"] = [row[:-1] for row in rows["enablements"]]
    return rows


def test_a_reset_asks_first_and_keeps_the_session(owner):
    page = signed_in(owner)
    before = everything()
    assertContains(page.get("/training/reset/"), "Reset this org?")
    assert everything() == before
    TokenExchangeHandler.objects.update(label="Changed")

    response = page.post("/training/reset/", follow=True)

    assertContains(response, "The org was reset.")
    assertNotContains(page.get("/handlers/"), "Changed")


def test_the_dialog_redirects_after_a_reset(owner):
    client = signed_in(owner, **{"HX-Request": "true"})

    response = client.post("/training/reset/")

    assert response["HX-Redirect"] == "/training/"


def test_a_reset_keeps_training_data(owner):
    colleague = UserFactory(org=owner.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    ends_at = timezone.now() + timedelta(days=1)
    Snapshot.objects.create(org=owner.org, name="S", created_by=colleague, data=b"x")
    Classroom.objects.create(
        org=owner.org, trainer=colleague, name="C", code="c", ends_at=ends_at
    )
    ExerciseRun.objects.create(org=owner.org, exercise="first")

    practice.reset_org(org=owner.org, by=owner)

    connection.check_constraints()
    assert Snapshot.objects.get().created_by == owner
    assert Classroom.objects.get().trainer == owner
    assert ExerciseRun.objects.exists()


def test_the_audit_trail_names_a_trainer_of_another_org(owner, admin):
    practice.reset_org(org=owner.org, by=admin)

    entry = AuditEntry.objects.get(action="resetOrg")
    assert (entry.org, entry.user) == (owner.org, owner)
    assert entry.delegate_user == admin.username


def test_a_reset_does_not_change_other_orgs(owner):
    other = practice.start_practice_org(scenario="first-steps", name="")
    rows = {"User": User, "TokenExchangeHandler": TokenExchangeHandler}
    before = [list(m.objects.filter(org=other.org).values()) for m in rows.values()]

    practice.reset_org(org=owner.org, by=owner)

    after = [list(m.objects.filter(org=other.org).values()) for m in rows.values()]
    assert after == before


def test_resets_the_demo_org(db):
    administrator = build_demo_org(password="correct horse battery")
    before = contents(administrator.org)
    viewer = User.objects.get(username=sign_in_name("viewer"))
    disturb(administrator)
    Org.objects.update(name="That of a snapshot")

    practice.reset_org(org=administrator.org, by=administrator)

    connection.check_constraints()
    assert contents(administrator.org) == before
    assert User.objects.get(username=sign_in_name("viewer")).pk == viewer.pk
    assert Org.objects.get().name == "tokenx Demo"


def test_resets_a_demo_org_of_a_scenario(db):
    scenario = find_scenario("first-steps")
    administrator = build_demo_org(scenario, password="correct horse battery")
    before = contents_without_times(administrator.org)
    disturb(administrator)
    Org.objects.update(name="That of a snapshot")

    practice.reset_org(org=administrator.org, by=administrator)

    assert contents_without_times(administrator.org) == before
    assert Org.objects.get().name == scenario.org.name


def test_a_large_org_is_reset_only_by_the_command(owner):
    PracticeOrg.objects.update(scenario="large-company")
    page = signed_in(owner)
    before = everything()

    for response in [page.get("/training/reset/"), page.post("/training/reset/")]:
        message = "Run this command: demo --scenario large-company --reset"
        assertContains(response, message, status_code=response.status_code)
    assert everything() == before


def test_an_org_of_a_removed_scenario_is_not_reset(owner):
    PracticeOrg.objects.update(scenario="gone")
    before = everything()

    response = signed_in(owner).post("/training/reset/")

    message = "The scenario gone no longer exists or has errors."
    assertContains(response, message, status_code=422)
    with pytest.raises(ScenarioError):
        practice.reset_org(org=owner.org, by=owner)
    assert everything() == before


def test_an_org_without_a_scenario_is_not_reset(admin_client):
    assert admin_client.get("/training/reset/").status_code == 404
    assert admin_client.post("/training/reset/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_concurrent_resets_all_succeed():
    owner = practice.start_practice_org(scenario="first-steps", name="")
    before = contents_without_times(owner.org)

    def reset(_):
        return signed_in(owner).post("/training/reset/").status_code

    assert concurrently(reset, range(4)) == [302] * 4
    assert contents_without_times(owner.org) == before


# --- Query counts --------------------------------------------------------------------

USUAL = """
label = "Usual"
description = "300 users, 25 apps and 6 handlers, of which one has 110 apps."
[people]
count = 299
[[users]]
username = "integrationuser@mycompany.com"
last_name = "Integration"
[[classes]]
name = "C"
[[many_apps]]
count = 25
kind = "connected"
label = "App {number}"
[[many_apps]]
count = 110
kind = "external"
label = "Store {number}"
handler = "Handler_1"
run_as = "integrationuser@mycompany.com"
""" + "".join(
    f'[[handlers]]\nname = "Handler {number}"\nclass = "C"\ntoken_types = ["jwt"]\n'
    for number in range(1, 7)
)


@pytest.fixture
def usual(tmp_path, settings):
    settings.SCENARIOS_DIR = str(tmp_path)
    (tmp_path / "usual.toml").write_text(USUAL)


@pytest.mark.usefixtures("usual", "db")
def test_starting_and_resetting_take_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(62):
        assert start(client, scenario="usual").status_code == 302
    with django_assert_max_num_queries(78):
        assert client.post("/training/reset/").status_code == 302
    assert User.objects.count() == 302
