"""Logins with a password through the API and the page, and the throttle for failures."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import OrgFactory, UserFactory
from tests.rollback import rolled_back
from tests.test_concurrency import concurrently
from tokenx.org import login_throttle as attempts
from tokenx.org.models import AccessToken, AuditEntry, LoginFailure, MadeBy, Profile
from tokenx.org.sessions import LOGIN_LASTS, api_login, log_out, session_of

from .hashers import CountingHasher

PASSWORD = "correct horse battery"
USERNAME = "ada@mycompany.example"
ADDRESS = "203.0.113.7"
TOO_MANY = "Too many failed logins."


@pytest.fixture(autouse=True)
def counted_hashes(settings):
    settings.PASSWORD_HASHERS = ["tests.org.hashers.CountingHasher"]


@pytest.fixture
def person(org):
    return with_password(UserFactory(org=org, username=USERNAME))


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def login(username=USERNAME, password=PASSWORD, address=ADDRESS):
    return api_login(username, password, address=address)


def fail(times, username=USERNAME, address=ADDRESS):
    for _ in range(times):
        assert login(username, "wrong", address) is None


def wait(seconds=60 * 60):
    """Let the time pass, as far as the rows know."""
    LoginFailure.objects.update(closed_until=timezone.now() - timedelta(seconds=seconds))


def waiting():
    """How many seconds the longest wait is, about."""
    latest = max(LoginFailure.objects.values_list("closed_until", flat=True))
    return round((latest - timezone.now()).total_seconds())


# --- Logging in ---------------------------------------------------------------------


def test_gives_a_session_of_the_user(person, subtests):
    for typed in [USERNAME, "ADA@MyCompany.example", f" {USERNAME} "]:
        with subtests.test(typed=typed):
            made = login(typed)

            assert made.token.user == made.token.created_by == person
            assert made.token.context == MadeBy.LOGIN
            assert made.token.expires_at - made.token.created_at == LOGIN_LASTS
            assert session_of(made.secret).user == person


def test_any_profile_may_log_in(person, subtests):
    for profile in Profile:
        with subtests.test(profile=profile):
            type(person).objects.update(profile=profile)

            assert login()


def test_logging_in_and_out_is_no_change_in_setup(person):
    made = login()
    log_out(session_of(made.secret))

    assert session_of(made.secret) is None
    assert not AuditEntry.objects.exists()


def test_a_namesake_in_another_org_is_somebody_else(person):
    UserFactory(org=OrgFactory(), username=USERNAME)

    assert login().token.user == person


def test_refuses_everyone_alike_and_takes_as_long(person, org, subtests):
    gone = UserFactory(org=org, username="gone@mycompany.example", is_active=False)
    with_password(gone)
    UserFactory(org=org, username="nopassword@mycompany.example")

    for username, password in [
        (USERNAME, "wrong"),
        (USERNAME, ""),
        (USERNAME, PASSWORD.upper()),
        (USERNAME, f"{PASSWORD}SecurityToken"),
        ("nobody@mycompany.example", PASSWORD),
        ("gone@mycompany.example", PASSWORD),
        ("nopassword@mycompany.example", "!"),
        ("", ""),
        ("\0", "\0"),
        ("x" * 10_000, "x" * 10_000),
        ("🙂", "🙂"),
    ]:
        with subtests.test(username=username, password=password), rolled_back():
            CountingHasher.made = 0

            assert login(username, password) is None

            assert CountingHasher.made == 1
            assert not AccessToken.objects.exists()


# --- Slowing down -------------------------------------------------------------------


def test_after_five_failures_the_right_password_has_to_wait_too(person):
    fail(4)
    assert login()
    fail(5)
    CountingHasher.made = 0

    assert login() is None
    assert CountingHasher.made == 1

    wait()
    assert login()
    assert login()


def test_each_further_failure_doubles_the_wait_up_to_15_minutes(person):
    seen = []
    fail(4)
    for _ in range(13):
        fail(1)
        seen.append(waiting())
        wait(1)

    assert seen[:5] == [1, 2, 4, 8, 16]
    assert seen[-2:] == [900, 900]


def test_tries_during_the_wait_do_not_make_it_longer(person):
    fail(5)
    before = list(LoginFailure.objects.order_by("pk").values())

    fail(10)

    assert list(LoginFailure.objects.order_by("pk").values()) == before


def test_unknown_usernames_wait_like_others(db):
    fail(5, "nobody@mycompany.example")

    assert attempts.begin("Nobody@mycompany.example ", ADDRESS)


def test_somebody_else_from_the_same_place_does_not_wait(person, org):
    with_password(UserFactory(org=org, username="bea@mycompany.example"))
    fail(5)

    assert login("bea@mycompany.example")


def test_the_same_username_waits_wherever_it_is_tried_from(person):
    for number in range(5):
        fail(1, address=f"203.0.113.{number}")

    assert login(address="198.51.100.1") is None


def test_an_address_that_tries_many_usernames_waits(person):
    for number in range(50):
        fail(1, f"user{number}@mycompany.example")

    assert login() is None
    assert login(address="198.51.100.1")
    wait()
    assert login()


def test_a_right_password_does_not_let_an_address_go_on_guessing(person):
    for number in range(49):
        fail(1, f"user{number}@mycompany.example")
    assert login()

    fail(1, "user49@mycompany.example")

    assert login() is None


def test_does_not_count_addresses_of_this_machine(person, subtests):
    for address in ["127.0.0.1", "::1", ""]:
        with subtests.test(address=address), rolled_back():
            for number in range(60):
                fail(1, f"user{number}@mycompany.example", address)

            assert login(address=address)


def test_forgets_failures_after_an_hour(person):
    fail(4)
    LoginFailure.objects.update(last_at=timezone.now() - timedelta(minutes=61))
    fail(4)

    assert login()


def test_what_was_typed_is_not_kept_and_old_rows_are_swept(person):
    fail(1, "my secret password", "198.51.100.1")
    assert "secret" not in str(list(LoginFailure.objects.values()))
    assert "198.51" not in str(list(LoginFailure.objects.values()))
    LoginFailure.objects.update(last_at=timezone.now() - timedelta(days=2))

    login()

    assert LoginFailure.objects.count() == 1  # the address of just now


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_only_the_free_ones_are_made():
    waits = concurrently(lambda _: attempts.begin(USERNAME, ADDRESS), range(12))

    assert waits.count(timedelta(0)) == attempts.FREE_FOR_USERNAME


NETWORKS = [
    ("203.0.113.9", "::ffff:203.0.113.9", True),
    ("203.0.113.9", "203.0.113.8", False),
    ("2001:db8::1", "2001:db8::ffff:1", True),
    ("2001:db8::1", "2001:db8:0:1::1", False),
    ("::ffff:203.0.113.9", "::ffff:203.0.113.8", False),
    ("fe80::1%eth0", "fe80::2%eth0", True),
]


def test_tries_from_one_network_count_together(db, subtests):
    for one, other, is_same in NETWORKS:
        with subtests.test(one=one, other=other), rolled_back():
            for number in range(attempts.FREE_FROM_ADDRESS + 1):
                attempts.begin(f"user{number}@mycompany.example", one)

            assert bool(attempts.begin(USERNAME, other)) == is_same
            assert bool(attempts.begin_code(other)) is False


def test_the_throttle_ignores_addresses_of_this_machine(db, subtests):
    for own in ["127.0.0.1", "::1", "::ffff:127.0.0.1", ""]:
        with subtests.test(own=own), rolled_back():
            for number in range(attempts.FREE_FROM_ADDRESS + 1):
                attempts.begin(f"user{number}@mycompany.example", own)

            assert not attempts.begin(USERNAME, own)


# --- The page -----------------------------------------------------------------------


def enter(client, password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": USERNAME, "password": password}, **more)


def test_the_page_says_how_long_to_wait(client, person):
    for _ in range(5):
        assertNotContains(enter(client, "wrong"), TOO_MANY)

    assertContains(enter(client), f"{TOO_MANY} Wait 1 second and try again.")

    ahead = timezone.now() + timedelta(seconds=130)
    LoginFailure.objects.update(closed_until=ahead)
    assertContains(enter(client), f"{TOO_MANY} Wait 3 minutes and try again.")
    wait()
    assertRedirects(enter(client), "/", target_status_code=403)


def test_the_page_and_the_api_count_together(client, person):
    fail(3)
    for _ in range(2):
        enter(client, "wrong")

    assert login() is None
    assertContains(enter(client), TOO_MANY)


def test_the_page_says_the_same_of_a_user_that_there_is_not(client, db):
    for _ in range(5):
        enter(client, "wrong")

    assertContains(enter(client), TOO_MANY)


def test_a_form_that_is_not_filled_in_is_no_try(client, person):
    for _ in range(10):
        enter(client, "")

    assertRedirects(enter(client), "/", target_status_code=403)


def test_the_page_counts_addresses(client, person):
    for number in range(50):
        fail(1, f"user{number}@mycompany.example")

    assertContains(enter(client, REMOTE_ADDR=ADDRESS), TOO_MANY)
    assertRedirects(enter(client), "/", target_status_code=403)


@pytest.mark.parametrize(
    ("forwarded", "has_proxy", "expected"),
    [
        ("203.0.113.9", True, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", True, "203.0.113.9"),
        ("", True, "127.0.0.1"),
        ("203.0.113.9", False, "127.0.0.1"),
    ],
)
def test_an_address_is_what_the_proxy_says_where_there_is_one(
    settings, forwarded, has_proxy, expected
):
    proxied = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_PROXY_SSL_HEADER = proxied if has_proxy else None
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})

    assert attempts.address_of(request) == expected
