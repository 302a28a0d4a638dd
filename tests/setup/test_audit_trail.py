"""View Setup Audit Trail: the newest entries on a page, 180 days as CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from tests.factories import OrgFactory, UserFactory
from tests.read import headings, links, read
from tests.rollback import rolled_back
from tokenx.org.models import AuditEntry

CSV = "/audit-trail/download/"
COLUMNS = ["Date", "User", "Source Namespace Prefix", "Action", "Section", "Delegate User"]


@pytest.fixture
def record(admin):
    def record(display="Enabled app", days_ago=0.0, **fields):
        fields = {"org": admin.org, "user": admin, "section": "Handlers"} | fields
        when = timezone.now() - timedelta(days=days_ago)
        return AuditEntry.objects.create(
            display=display, action="x", **({"created_at": when} | fields)
        )

    return record


def shown(response):
    body = read(response).one("tbody")
    return [[c.text for c in r.all() if c.tag in {"td", "th"}] for r in body.all("tr")]


def downloaded(client):
    text = b"".join(client.get(CSV).streaming_content).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_shows_date_user_action_and_section(viewer_client, record):
    record("Enabled Billing", created_at=datetime(2026, 3, 4, 15, 5, tzinfo=UTC))

    response = viewer_client.get("/audit-trail/")

    assert headings(response) == COLUMNS
    assert shown(response) == [
        [
            "3/4/2026, 3:05 PM UTC",
            "admin@mycompany.example",
            "",
            "Enabled Billing",
            "Handlers",
            "",
        ]
    ]
    assert links(response)["Download 180 days (CSV)"] == CSV


def test_shows_the_20_newest(admin_client, record):
    for number in range(25):
        record(f"Change {number}", days_ago=number % 5 * 10 + number / 100)

    response = admin_client.get("/audit-trail/")

    newest = AuditEntry.objects.order_by("-created_at")[:20]
    assert [row[3] for row in shown(response)] == [entry.display for entry in newest]


def test_the_later_of_two_simultaneous_entries_is_first(admin_client, record):
    moment = timezone.now()
    for number in range(3):
        record(f"Change {number}", created_at=moment)

    actions = [row[3] for row in shown(admin_client.get("/audit-trail/"))]
    assert actions == ["Change 2", "Change 1", "Change 0"]
    assert [row[3] for row in downloaded(admin_client)[1:]] == actions


def test_an_empty_trail_says_what_it_is_for(admin_client):
    assertContains(
        admin_client.get("/audit-trail/"), "Every change in Setup is listed here"
    )


def test_shows_no_entries_of_another_org(admin_client, record):
    org = OrgFactory()
    record("Theirs", org=org, user=UserFactory(org=org))

    assert len(downloaded(admin_client)) == 1
    assertContains(admin_client.get("/audit-trail/"), "No changes yet")


def test_downloads_180_days(admin_client, record):
    for number in range(30):
        record(f"Change {number}")
    record("Just kept", days_ago=179.99)
    record("Just gone", days_ago=180.01)

    head, *rows = downloaded(admin_client)

    assert head == COLUMNS
    assert len(rows) == 31
    assert rows[-1][3] == "Just kept"


def test_a_row_of_the_download(admin_client, record):
    record("Enabled Billing", created_at=timezone.now().replace(microsecond=0))

    [row] = downloaded(admin_client)[1:]

    when = AuditEntry.objects.get().created_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    assert row == [when, "admin@mycompany.example", "", "Enabled Billing", "Handlers", ""]


def test_the_download_is_a_streamed_file(admin_client, record):
    response = admin_client.get(CSV)

    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith(
        'attachment; filename="setup-audit-trail-'
    )


def test_a_formula_is_text_in_the_download(admin_client, record, subtests):
    columns = [("display", 3), ("section", 4), ("delegate_user", 5)]
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x","y")']
    for (column, index), text in product(columns, formulas):
        with subtests.test(column=column, text=text), rolled_back():
            record(**{column: text})

            [row] = downloaded(admin_client)[1:]

            assert row[index] == f"'{text}"


def test_a_username_that_looks_like_a_formula_is_text(admin_client, record, org):
    record(user=UserFactory(org=org, username="=cmd@mycompany.example"))

    assert downloaded(admin_client)[1][1] == "'=cmd@mycompany.example"


def test_the_download_keeps_any_text(admin_client, record, subtests):
    texts = [
        "a,b",
        'say "hi"',
        "two\nlines",
        "two\r\nlines",
        "naïve 日本 🙂",
        " a ",
        "a=1",
        "'",
    ]
    for text in texts:
        with subtests.test(text=text), rolled_back():
            record(display=text)
            record("Another")

            rows = downloaded(admin_client)[1:]

            assert [row[3] for row in rows] == ["Another", text]
            assert {len(row) for row in rows} == {6}
