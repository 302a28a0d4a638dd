"""Times, dates, and numbers in the viewer's time zone and locale; elsewhere, in UTC."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from tests.api.calling import session_id
from tests.conftest import signed_in
from tests.factories import EnablementFactory
from tests.read import read
from tests.training.classes.rows import ClassroomFactory, ParticipantFactory
from tokenx.org.models import AuditEntry, User
from tokenx.web import time_zones
from tokenx.web.local_formats import COOKIE, format_number
from tokenx.web.locales import LOCALES

MOMENT = datetime(2026, 11, 30, 3, 37, 4, tzinfo=UTC)
IN_UTC = "11/30/2026, 3:37 AM UTC"
UTC_TITLE = "11/30/2026, 3:37:04 AM (GMT+00:00) UTC"
IN_NEW_YORK = "11/29/2026, 10:37 PM"
NEW_YORK_TITLE = "11/29/2026, 10:37:04 PM (GMT-05:00) America/New_York"
IN_TOKYO = "11/30/2026, 12:37 PM"
TOKYO_TITLE = "11/30/2026, 12:37:04 PM (GMT+09:00) Asia/Tokyo"


@pytest.fixture
def dated(handler, admin):
    """A handler, an enabled app, an audit entry, and a class, all from the same moment."""
    handler.modified_at = MOMENT
    handler.save()
    EnablementFactory(handler=handler, run_as=admin, enabled_at=MOMENT, modified_at=MOMENT)
    AuditEntry.objects.create(
        org=admin.org, user=admin, action="x", section="x", display="x", created_at=MOMENT
    )
    return handler


def times(response):
    """Return the distinct texts and titles of a response's times."""
    found = read(response).all("time")
    assert {time.attributes["datetime"] for time in found} == {"2026-11-30T03:37:04Z"}
    return {(time.text, time.attributes["title"]) for time in found}


def test_pages_swapped_rows_and_plain_pages_show_the_same_time(dated, admin, subtests):
    urls = ["/", "/handlers/", reverse("handlers:detail", args=[dated.developer_name])]
    urls.append("/audit-trail/")
    cases = [
        ("a setting", "America/New_York", "Asia/Tokyo", IN_NEW_YORK, NEW_YORK_TITLE),
        ("a cookie", "", "Asia/Tokyo", IN_TOKYO, TOKYO_TITLE),
        ("an old name", "", "Asia/Calcutta", "11/30/2026, 9:07 AM", None),
        ("neither", "", "", IN_UTC, UTC_TITLE),
        ("an unknown zone", "", "Mars/Olympus", IN_UTC, UTC_TITLE),
        ("a path", "", "../../etc/passwd", IN_UTC, UTC_TITLE),
        ("a removed zone", "Mars/Olympus", "Asia/Tokyo", IN_UTC, UTC_TITLE),
        ("UTC by name", "", "UTC", IN_UTC.removesuffix(" UTC"), UTC_TITLE),
    ]
    for name, setting, cookie, text, title in cases:
        User.objects.filter(pk=admin.pk).update(time_zone=setting)
        for headers in [{}, {"HX-Request": "true"}]:
            client = signed_in(admin, **headers)
            if cookie:
                client.cookies[COOKIE] = cookie
            for url in urls:
                with subtests.test(name, url=url, **headers):
                    [(shown, shown_title)] = times(client.get(url))
                    assert shown == text
                    assert title in (None, shown_title)


def test_a_request_leaves_nothing_for_the_next(dated, admin):
    client = signed_in(admin)
    client.cookies[COOKIE] = "Asia/Tokyo"

    assert times(client.get("/handlers/")) == {(IN_TOKYO, TOKYO_TITLE)}
    assert times(signed_in(admin).get("/handlers/")) == {(IN_UTC, UTC_TITLE)}


def test_csv_files_and_the_api_stay_in_utc(dated, admin, subtests):
    User.objects.filter(pk=admin.pk).update(time_zone="Asia/Tokyo", locale="de_DE")
    classroom = ClassroomFactory(trainer=admin)
    ParticipantFactory(classroom=classroom, joined_at=MOMENT)
    client = signed_in(admin)
    client.cookies[COOKIE] = "America/New_York"

    with subtests.test("audit trail"):
        response = client.get(reverse("setup:audit-trail-csv"))
        lines = b"".join(response.streaming_content).decode().splitlines()
        assert next(csv.reader(lines[1:]))[0] == "2026-11-30 03:37:04 UTC"
    with subtests.test("class results"):
        response = client.get(reverse("training:class-results-csv", args=[classroom.pk]))
        lines = csv.reader(io.StringIO(response.content.decode()))
        assert [*lines][1][1] == "2026-11-30 03:37:04 UTC"
    with subtests.test("REST"):
        query = "SELECT LastModifiedDate FROM OauthTokenExchangeHandler"
        client = Client(headers={"Authorization": f"Bearer {session_id(admin)}"})
        client.cookies[COOKIE] = "America/New_York"
        response = client.get("/services/data/v66.0/query", {"q": query})
        [record] = response.json()["records"]
        assert record["LastModifiedDate"] == "2026-11-30T03:37:04.000+0000"


def test_the_locale_decides_formats_but_no_words(dated, admin, subtests):
    cases = {
        "": "11/30/2026, 12:37 PM",
        "en_US": "11/30/2026, 12:37 PM",
        "de_DE": "30.11.2026, 12:37",
        "en_GB": "30/11/2026, 12:37",
        "ja_JP": "2026/11/30 12:37",
        "no_longer_there": "11/30/2026, 12:37 PM",
    }
    for locale, text in cases.items():
        User.objects.filter(pk=admin.pk).update(time_zone="Asia/Tokyo", locale=locale)
        with subtests.test(locale):
            response = signed_in(admin).get("/handlers/")
            [(shown, _)] = times(response)
            assert shown == text
            assert "Last Modified" in response.content.decode()


def test_formats_of_each_locale(subtests):
    morning = datetime(2026, 3, 4, 0, 5, 9, tzinfo=UTC)
    cases = {
        "en_US": ("3/4/2026", "3/4/2026, 12:05 AM", "3/4/2026, 12:05:09 AM"),
        "de_DE": ("04.03.2026", "04.03.2026, 00:05", "04.03.2026, 00:05:09"),
        "da_DK": ("04.03.2026", "04.03.2026, 00.05", "04.03.2026, 00.05.09"),
        "es_ES": ("4/3/2026", "4/3/2026, 0:05", "4/3/2026, 0:05:09"),
        "ko_KR": ("2026. 3. 4.", "2026. 3. 4. AM 12:05", "2026. 3. 4. AM 12:05:09"),
        "vi_VN": ("4/3/2026", "00:05 4/3/2026", "00:05:09 4/3/2026"),
    }
    for name, (date, time, precise_time) in cases.items():
        with subtests.test(name):
            locale = LOCALES[name]
            assert locale.format_date(morning) == date
            assert locale.format_time(morning) == time
            assert locale.format_precise_time(morning) == precise_time
    numbers = {
        "en_US": ("999", "-1,234", "1,234,567"),
        "de_DE": ("999", "-1.234", "1.234.567"),
        "de_CH": ("999", "-1’234", "1’234’567"),
        "fr_FR": ("999", "-1\u202f234", "1\u202f234\u202f567"),
        "pl_PL": ("999", "-1234", "1\u00a0234\u00a0567"),
        "en_IN": ("999", "-1,234", "12,34,567"),
    }
    for name, texts in numbers.items():
        with subtests.test(name):
            locale = LOCALES[name]
            assert tuple(map(locale.format_number, [999, -1234, 1_234_567])) == texts


def test_numbers_on_a_page_follow_the_locale(dated, admin):
    url = reverse("handlers:detail", args=[dated.developer_name])
    type(dated).objects.filter(pk=dated.pk).update(connected_count=1234)
    User.objects.filter(pk=admin.pk).update(locale="de_DE")

    assert "Enabled Apps (1.234)" in signed_in(admin).get(url).content.decode()
    assert format_number(1234) == "1,234"


def test_lists_time_zones_with_their_offsets():
    choices = dict(time_zones.choices())

    assert choices["Asia/Tokyo"] == "(GMT+09:00) Asia/Tokyo"
    assert choices["Asia/Kolkata"] == "(GMT+05:30) Asia/Kolkata"
    assert choices["UTC"] == "(GMT+00:00) UTC"
    assert {"Asia/Calcutta", "Factory", "localtime"}.isdisjoint(choices)
    assert "localtime" not in time_zones.names()
    assert max(map(len, time_zones.names())) <= time_zones.NAME_LENGTH
