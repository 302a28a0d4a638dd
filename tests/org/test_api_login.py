"""Logins with a password through the API and the page, and the throttle for failures."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import OrgFactory, UserFactory, profile_of
from tests.rollback import rolled_back
from tests.test_concurrency import concurrently
from tokenx.org import login_throttle as attempts
from tokenx.org.models import AccessToken, AuditEntry, BuiltInProfile, LoginFailure, MadeBy
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
    """Change the rows as if time had passed."""
    LoginFailure.objects.update(closed_until=timezone.now() - timedelta(seconds=seconds))


def waiting():
    """Return the longest wait in seconds, rounded."""
    latest = max(LoginFailure.objects.values_list("closed_until", flat=True))
    return round((latest - timezone.now()).total_seconds())


# --- Logging in ---------------------------------------------------------------------


def test_an_incorrect_password_is_noted_only_for_the_user_who_logs_in(person):
    noted = []
    for username in [USERNAME, "grace@mycompany.example"]:
        # Users of other orgs, who can't log in, can have the same username.
        UserFactory(org=OrgFactory(), username=username, can_sign_in=False)

        api_login(username, "wrong", address=ADDRESS, on_invalid_password=noted.append)

    assert noted == [person]


def test_login_returns_a_session_of_the_user(person, subtests):
    for typed in [USERNAME, "ADA@MyCompany.example", f" {USERNAME} "]:
        with subtests.test(typed=typed):
            issued = login(typed)

            assert issued.token.user == issued.token.created_by == person
            assert issued.token.context == MadeBy.LOGIN
            assert issued.token.expires_at - issued.token.created_at == LOGIN_LASTS
            assert session_of(issued.secret).user == person


def test_any_profile_can_log_in(person, subtests):
    for profile in BuiltInProfile:
        with subtests.test(profile=profile):
            type(person).objects.update(profile=profile_of(person.org, profile))

            assert login()


def test_logging_in_and_out_is_not_audited(person):
    issued = login()
    log_out(session_of(issued.secret))

    assert session_of(issued.secret) is None
    assert not AuditEntry.objects.exists()


def test_a_namesake_in_another_org_is_another_user(person):
    UserFactory(org=OrgFactory(), username=USERNAME)

    assert login().token.user == person


def test_all_refusals_look_alike_and_take_equally_long(person, org, subtests):
    inactive = UserFactory(org=org, username="gone@mycompany.example", is_active=False)
    with_password(inactive)
    UserFactory(org=org, username="nopassword@mycompany.example")

    for username, password in [
        (USERNAME, "wrong"),
        (USERNAME, ""),
        (USERNAME, PASSWORD.upper()),
        (USERNAME, f"{PASSWORD}SecurityToken"),
        ("unknown@mycompany.example", PASSWORD),
        ("gone@mycompany.example", PASSWORD),
        ("nopassword@mycompany.example", "!"),
        ("", ""),
        ("\0", "\0"),
        ("x" * 10_000, "x" * 10_000),
        ("🙂", "🙂"),
    ]:
        with subtests.test(username=username, password=password), rolled_back():
            CountingHasher.calls = 0

            assert login(username, password) is None

            assert CountingHasher.calls == 1
            assert not AccessToken.objects.exists()


# --- Throttling ---------------------------------------------------------------------


def test_after_five_failures_even_the_correct_password_has_to_wait(person):
    fail(4)
    assert login()
    fail(5)
    CountingHasher.calls = 0

    assert login() is None
    assert CountingHasher.calls == 1

    wait()
    assert login()
    assert login()


def test_each_further_failure_doubles_the_wait_up_to_15_minutes(person):
    waits = []
    fail(4)
    for _ in range(13):
        fail(1)
        waits.append(waiting())
        wait(1)

    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-2:] == [900, 900]


def test_attempts_during_the_wait_do_not_extend_it(person):
    fail(5)
    before = list(LoginFailure.objects.order_by("pk").values())

    fail(10)

    assert list(LoginFailure.objects.order_by("pk").values()) == before


def test_unknown_usernames_are_throttled_too(db):
    fail(5, "unknown@mycompany.example")

    assert attempts.begin("Unknown@mycompany.example ", ADDRESS)


def test_another_user_at_the_same_address_does_not_wait(person, org):
    with_password(UserFactory(org=org, username="bea@mycompany.example"))
    fail(5)

    assert login("bea@mycompany.example")


def test_a_username_is_throttled_across_addresses(person):
    for number in range(5):
        fail(1, address=f"203.0.113.{number}")

    assert login(address="198.51.100.1") is None


def test_an_address_is_throttled_across_usernames(person):
    for number in range(50):
        fail(1, f"user{number}@mycompany.example")

    assert login() is None
    assert login(address="198.51.100.1")
    wait()
    assert login()


def test_a_correct_password_does_not_reset_an_addresss_failures(person):
    for number in range(49):
        fail(1, f"user{number}@mycompany.example")
    assert login()

    fail(1, "user49@mycompany.example")

    assert login() is None


def test_does_not_throttle_local_addresses(person, subtests):
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


def test_typed_text_is_not_stored_and_old_failures_are_deleted(person):
    fail(1, "my secret password", "198.51.100.1")
    assert "secret" not in str(list(LoginFailure.objects.values()))
    assert "198.51" not in str(list(LoginFailure.objects.values()))
    LoginFailure.objects.update(last_at=timezone.now() - timedelta(days=2))

    login()

    assert LoginFailure.objects.count() == 1  # the new address


@pytest.mark.django_db(transaction=True)
def test_concurrent_attempts_get_only_the_free_ones():
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


def test_attempts_from_one_network_count_together(db, subtests):
    for one, other, is_same in NETWORKS:
        with subtests.test(one=one, other=other), rolled_back():
            for number in range(attempts.FREE_FROM_ADDRESS + 1):
                attempts.begin(f"user{number}@mycompany.example", one)

            assert bool(attempts.begin(USERNAME, other)) == is_same
            assert bool(attempts.begin_code(other)) is False


def test_the_throttle_ignores_local_addresses(db, subtests):
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


def test_the_page_throttles_unknown_users_too(client, db):
    for _ in range(5):
        enter(client, "wrong")

    assertContains(enter(client), TOO_MANY)


def test_an_empty_form_is_not_an_attempt(client, person):
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
def test_the_client_address_comes_from_the_proxy_if_there_is_one(
    settings, forwarded, has_proxy, expected
):
    proxied = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_PROXY_SSL_HEADER = proxied if has_proxy else None
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})

    assert attempts.address_of(request) == expected
