"""Login History: who logged in, and how token requests were decided."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.api.calling import Rest, session_id
from tests.factories import (
    LoginRecordFactory,
    OAuthApprovalFactory,
    OrgFactory,
    UserFactory,
)
from tests.oauth.exchanging import TRUSTING, exchanging_org
from tests.read import headings, read
from tokenx.oauth.sweeping import sweep_unused_orgs
from tokenx.org.login_history import record_login, sweep_login_history
from tokenx.org.models import AccessToken, AuditEntry, LoginRecord, OAuthApproval
from tokenx.org.record_ids import LOGIN, record_id
from tokenx.training.practice.removal import clear_org
from tokenx.training.snapshots.actions import restore_snapshot, save_snapshot

PAGE, CSV = "/login-history/", "/login-history/download/"
COLUMNS = [
    "Login Time",
    "Username",
    "Login Type",
    "Login Subtype",
    "Status",
    "Application",
    "Source IP",
]


def rows_of(response):
    body = read(response).one("tbody")
    return [[c.text for c in r.all() if c.tag in {"td", "th"}] for r in body.all("tr")]


def test_lists_logins_newest_first(admin_client, admin):
    LoginRecordFactory(user=admin, logged_in_at=timezone.now() - timedelta(hours=1))
    LoginRecordFactory(user=admin, application="Billing", source_ip="198.51.100.7")
    LoginRecordFactory(user=UserFactory(org=OrgFactory()), application="Elsewhere")

    response = admin_client.get(PAGE)

    assert [each.split(":")[0] for each in headings(response)] == COLUMNS
    assert [row[5:] for row in rows_of(response)] == [["Billing", "198.51.100.7"], ["", ""]]


def test_an_empty_list_says_what_it_is_for(admin_client):
    assertContains(admin_client.get(PAGE), "No logins yet")
    assertContains(admin_client.get(PAGE, {"search": "x"}), "No matching logins")


def test_searches_and_filters(admin_client, admin):
    LoginRecordFactory(user=admin, application="Billing")
    LoginRecordFactory(user=admin, status="Invalid Password")

    for query, number in [
        ({"search": "bill"}, 1),
        ({"search": "ADMIN@"}, 2),
        ({"search": "invalid"}, 1),
        ({"outcome": "success"}, 1),
        ({"outcome": "failure"}, 1),
    ]:
        assert len(rows_of(admin_client.get(PAGE, query))) == number, query


def test_a_viewer_sees_only_the_own_logins(viewer_client, viewer, admin):
    other = LoginRecordFactory(user=admin)
    own = LoginRecordFactory(user=viewer)

    assert len(rows_of(viewer_client.get(PAGE))) == 1
    assertContains(viewer_client.get(PAGE), "Only administrators can view other users")
    assert viewer_client.get(f"{PAGE}{own.pk}/").status_code == 200
    assert viewer_client.get(f"{PAGE}{other.pk}/").status_code == 404
    lines = b"".join(viewer_client.get(CSV).streaming_content).decode().splitlines()
    assert len(lines) == 2


def test_downloads_all_columns_safely(admin_client, admin):
    LoginRecordFactory(user=admin, application="=cmd()", api_type="SOAP Partner")

    text = b"".join(admin_client.get(CSV).streaming_content).decode()
    head, row = csv.reader(io.StringIO(text, newline=""))

    assert head[:4] == ["Username", "Login Time", "Source IP", "Login Type"]
    assert row[head.index("Application")] == "'=cmd()"
    assert row[head.index("API Type")] == "SOAP Partner"


def test_a_token_request_shows_its_decisions(admin_client, org):
    setup = exchanging_org(org)
    setup.post(subject_token="bad")
    record = LoginRecord.objects.get(org=org)

    response = admin_client.get(record.get_absolute_url())

    assertContains(response, "Failed: token handler validation failed")
    assertContains(response, "The token isn’t valid.".replace("’", "&#x27;"))
    page = read(response)
    states = {
        name: len(page.all("li", class_=f"decision decision_{name}"))
        for name in ("passed", "failed", "not_reached")
    }
    assert states == {"passed": 9, "failed": 1, "not_reached": 5}


def test_logins_to_setup_are_recorded(client, admin):
    admin.set_password("correct horse battery")
    admin.save()
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/130.0 Safari/537"
    for password in ["wrong", "correct horse battery"]:
        client.post(
            "/sign-in/",
            {"username": admin.username, "password": password},
            headers={"User-Agent": agent},
        )

    found = LoginRecord.objects.filter(org=admin.org).order_by("pk")
    assert [(r.login_type, r.status, r.browser, r.platform) for r in found] == [
        ("Application", "Invalid Password", "Chrome 130", "Windows"),
        ("Application", "Success", "Chrome 130", "Windows"),
    ]
    assert not AuditEntry.objects.exists()


def test_an_unknown_username_is_not_recorded(client, admin):
    client.post("/sign-in/", {"username": "nobody@x.example", "password": "x"})

    assert not LoginRecord.objects.exists()


def test_soql_has_the_login_history(admin, viewer):
    LoginRecordFactory(user=admin, application="Billing")
    LoginRecordFactory(user=viewer)
    query = "SELECT Id, LoginTime, LoginType, Status, Application FROM LoginHistory"

    for user, number in [(admin, 2), (viewer, 1)]:
        rest = Rest(session_id(user))
        answer = rest.get("query", q=query)
        assert answer["totalSize"] == number, answer
        assert all(record["Id"].startswith("0Ya") for record in answer["records"])


def test_a_list_of_ids_returns_only_the_own_logins(admin, viewer):
    rows = [LoginRecordFactory(user=user) for user in (admin, viewer)]
    ids = ",".join(record_id(LOGIN, row.pk) for row in rows)

    for user, expected in [(admin, [True, True]), (viewer, [False, True])]:
        rest = Rest(session_id(user))
        found = rest.get("composite/sobjects/LoginHistory", ids=ids, fields="Id,Status")
        assert [each is not None for each in found] == expected


def test_old_records_and_traces_are_swept(admin):
    now = timezone.now()
    trace = [{"name": "client"}]
    for days in [1, 40, 200]:
        LoginRecordFactory(user=admin, logged_in_at=now - timedelta(days=days), trace=trace)
    elsewhere = LoginRecordFactory(logged_in_at=now - timedelta(days=200), trace=trace)

    sweep_login_history(admin.org_id)

    kept = LoginRecord.objects.filter(org=admin.org).order_by("-logged_in_at")
    assert [record.trace for record in kept] == [trace, []]
    assert LoginRecord.objects.filter(pk=elsewhere.pk).exists()


def test_orgs_without_logins_are_swept_when_a_server_starts(db):
    now = timezone.now()
    trace = [{"name": "client"}]
    for days in [1, 40, 200]:
        LoginRecordFactory(logged_in_at=now - timedelta(days=days), trace=trace)

    sweep_unused_orgs()

    kept = LoginRecord.objects.order_by("-logged_in_at")
    assert [record.trace for record in kept] == [trace, []]


def test_only_the_newest_records_have_a_trace(admin, monkeypatch):
    monkeypatch.setattr("tokenx.org.login_history.MAX_TRACES", 3)
    now = timezone.now()
    trace = [{"name": "client"}]
    for minutes in range(5):
        when = now - timedelta(minutes=minutes)
        LoginRecordFactory(user=admin, logged_in_at=when, trace=trace)

    sweep_login_history(admin.org_id)

    rows = LoginRecord.objects.filter(org=admin.org).order_by("-logged_in_at")
    assert [record.trace for record in rows] == [trace] * 3 + [[]] * 2


def test_the_steps_of_a_trace_have_a_limit(org):
    body = TRUSTING.replace(
        "if (incomingToken == 'bad')",
        "for (Integer i = 0; i < 90; i++) { System.debug('long '.repeat(500)); }\n"
        "        if (incomingToken == 'bad')",
    )
    setup = exchanging_org(org, body=body)

    assert setup.post().status_code == 200

    trace = LoginRecord.objects.get(org=org).trace
    [steps] = [row["steps"] for row in trace if "steps" in row]
    assert 10 < len(steps) < 90
    assert max(len(step["text"]) for step in steps) <= 1_000
    assert len(json.dumps(trace)) < 50_000


def test_logins_of_the_soap_api_are_recorded(person_with_password):
    user = person_with_password
    for password, status, address in [
        ("a password", "Success", "u"),
        ("guess", "Invalid Password", "u"),
        ("guess", "Invalid Password", "c"),
    ]:
        log_in_with_soap(user.username, password, address)

        record = LoginRecord.objects.filter(org=user.org).latest("pk")
        assert (record.user, record.status) == (user, status)
        assert record.api_type == f"SOAP {'Partner' if address == 'u' else 'Enterprise'}"
        assert record.api_version == "60.0"
    log_in_with_soap("unknown@mycompany.example", "guess", "u")
    assert LoginRecord.objects.count() == 3


@pytest.fixture
def person_with_password(org):
    user = UserFactory(org=org)
    user.set_password("a password")
    user.save()
    return user


def log_in_with_soap(username, password, api):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<login xmlns="urn:{SOAP_NAMES[api]}.soap.sforce.com">'
        f"<username>{username}</username><password>{password}</password>"
        "</login></e:Body></e:Envelope>"
    )
    Client().post(
        f"/services/Soap/{api}/60.0",
        body,
        content_type="text/xml",
        headers={"SOAPAction": "login"},
    )


SOAP_NAMES = {"u": "partner", "c": "enterprise"}


def test_an_old_trace_is_not_shown_before_it_is_swept(admin_client, admin):
    when = timezone.now() - timedelta(days=31)
    row = {"label": "Consumer key", "state": "passed", "found": "It was found."}
    record = LoginRecordFactory(user=admin, logged_in_at=when, trace=[row])

    assertNotContains(admin_client.get(record.get_absolute_url()), "It was found.")


def test_an_org_has_a_limit_of_records(admin, monkeypatch):
    monkeypatch.setattr("tokenx.org.login_history.MAX_RECORDS", 3)
    now = timezone.now()
    for minutes in range(5):
        LoginRecordFactory(user=admin, logged_in_at=now - timedelta(minutes=minutes))

    sweep_login_history(admin.org_id)

    assert LoginRecord.objects.filter(org=admin.org).count() == 3


def test_long_values_are_cut(org):
    record = record_login(org=org.pk, status="x" * 300, login_type="Application")

    assert len(record.status) == 255


def test_snapshots_have_no_logins_tokens_or_approvals(admin, org):
    setup = exchanging_org(org)
    setup.post()
    snapshot = save_snapshot(org=org, name="Before", by=admin)
    later = OAuthApprovalFactory(app__org=org)

    restore_snapshot(snapshot=snapshot, by=admin)

    assert LoginRecord.objects.filter(org=org).count() == 1
    assert AccessToken.objects.filter(org=org).count() == 1
    # The app of this approval isn't in the snapshot.
    assert not OAuthApproval.objects.filter(pk=later.pk).exists()
    assert OAuthApproval.objects.filter(org=org).count() == 1


def test_reset_deletes_logins_tokens_and_approvals(admin, org):
    exchanging_org(org).post()
    clear_org(org, owner=admin)

    for model in (LoginRecord, AccessToken, OAuthApproval):
        assert not model.objects.filter(org=org).exists()


@pytest.mark.parametrize("number", [1, 60])
def test_the_list_takes_as_many_queries_for_many_logins(admin_client, admin, number):
    for _ in range(number):
        LoginRecordFactory(user=admin)
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(PAGE)
    assert len(queries) <= 6
