"""A class's results as CSV, as xAPI statements, and sent to a record store."""

import base64
import csv
import json
import re
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import UUID

import pytest
from django.urls import reverse

from tests.rollback import rolled_back
from tokenx.training.classes import record_store
from tokenx.training.classes.xapi import duration
from tokenx.training.exercises import exercises, paths
from tokenx.training.exercises.actions import start_exercise
from tokenx.training.models import PracticeOrg
from tokenx.web import public_addresses

from .rows import ClassroomFactory, ExerciseRunFactory, ParticipantFactory

PATH = next(iter(paths()))
FIRST, SECOND, *_ = paths()[PATH].exercises
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOGIN = {"username": "key", "password": "very secret"}


@pytest.fixture
def classroom(admin):
    return ClassroomFactory(trainer=admin, path=PATH)


@pytest.fixture
def ada(classroom):
    """Create a participant who finished the first exercise and started the second."""
    participant = ParticipantFactory(classroom=classroom, name="Ada", joined_at=START)
    done = START + timedelta(minutes=5, seconds=30)
    ExerciseRunFactory(
        org=participant.practice_org,
        exercise=FIRST,
        started_at=START,
        finished_at=done,
        changed_at=done,
        met=4,
        hints=1,
    )
    ExerciseRunFactory(
        org=participant.practice_org,
        exercise=SECOND,
        started_at=done,
        changed_at=done + timedelta(minutes=2),
        met=1,
    )
    return participant


@pytest.fixture
def export(admin_client, classroom):
    def get(name):
        response = admin_client.get(reverse(f"training:{name}", args=[classroom.pk]))
        assert "attachment" in response["Content-Disposition"]
        return response

    return get


def csv_of(response):
    return list(csv.DictReader(response.content.decode("utf-8-sig").splitlines()))


def test_csv_has_a_line_for_each_person_and_exercise(export, ada):
    first, second, third, *others = csv_of(export("class-results-csv"))

    assert first == {
        "Name": "Ada",
        "Joined": "2026-03-02 09:00:00 UTC",
        "Exercise": exercises()[FIRST].title,
        "Conditions Met": "4",
        "Conditions": "4",
        "Hints": "1",
        "Started": "2026-03-02 09:00:00 UTC",
        "Finished": "2026-03-02 09:05:30 UTC",
        "Minutes": "5.5",
    }
    assert (second["Finished"], second["Minutes"]) == ("", "2.0")
    assert (third["Started"], third["Minutes"]) == ("", "")
    assert len(others) + 3 == len(paths()[PATH].exercises)


def test_csv_begins_with_a_byte_order_mark(export, classroom):
    ParticipantFactory(classroom=classroom, name="Żółkiewski")

    content = export("class-results-csv").content

    assert content.startswith(b"\xef\xbb\xbfName,")
    assert "Żółkiewski".encode() in content


def test_csv_quotes_formulas(export, classroom, subtests):
    for name in ["=1+1", "+1", "-1", "@SUM(A1)"]:
        with subtests.test(name=name), rolled_back():
            ParticipantFactory(classroom=classroom, name=name)

            assert csv_of(export("class-results-csv"))[0]["Name"] == f"'{name}"


def test_restarting_an_exercise_keeps_its_completion_statement(export, ada):
    def completed():
        statements = json.loads(export("class-statements").content)
        return [
            (
                statement["id"],
                statement["result"]["duration"],
                statement["result"]["score"]["scaled"],
            )
            for statement in statements
            if statement["verb"]["id"].endswith("/completed")
        ]

    before = completed()
    org = ada.practice_org
    owner = PracticeOrg.objects.get(org=org).owner
    start_exercise(org=org, exercise=exercises()[FIRST], by=owner)

    assert completed() == before
    assert before[0][1:] == ("PT330.00S", 1.0)


def test_exports_leave_out_other_classes(export, ada):
    ParticipantFactory(classroom=ClassroomFactory(path=PATH), name="Eve")

    assert b"Eve" not in export("class-results-csv").content
    assert b"Eve" not in export("class-statements").content


def test_statements_describe_runs_from_oldest_to_newest(export, ada, classroom):
    statements = json.loads(export("class-statements").content)

    verbs = [statement["verb"]["id"].rpartition("/")[2] for statement in statements]
    assert verbs == ["attempted", "completed", "attempted", "progressed"]
    completed = statements[1]
    assert completed["actor"] == {
        "objectType": "Agent",
        "name": "Ada",
        "account": {
            "homePage": "http://testserver/",
            "name": f"participant-{ada.pk}",
        },
    }
    assert completed["object"]["id"] == f"http://testserver/training/exercises/{FIRST}/"
    assert completed["result"] == {
        "score": {"scaled": 1.0, "raw": 4, "min": 0, "max": 4},
        "extensions": {"http://testserver/xapi/extensions/hints": 1},
        "success": True,
        "completion": True,
        "duration": "PT330.00S",
    }
    assert completed["timestamp"] == "2026-03-02T09:05:30.000+00:00"
    assert statements[3]["result"]["score"]["scaled"] == 0.25
    assert statements[3]["result"]["completion"] is False


def test_statements_follow_the_specification(export, ada):
    """Allow only known properties and IRIs or UUIDs as IDs (xAPI 1.0.3, part 2)."""
    for each in json.loads(export("class-statements").content):
        assert set(each) <= {"id", "actor", "verb", "object", "context", "timestamp"} | {
            "result"
        }
        assert UUID(each["id"]).version == 5
        assert "null" not in json.dumps(each)
        assert re.fullmatch(r"http://adlnet\.gov/expapi/verbs/[a-z]+", each["verb"]["id"])
        assert set(each["context"]) == {"platform", "language", "contextActivities"}
        assert datetime.fromisoformat(each["timestamp"]).tzinfo


def test_the_same_statement_has_the_same_id(export, ada):
    first = json.loads(export("class-statements").content)

    assert json.loads(export("class-statements").content) == first
    assert len({each["id"] for each in first}) == 4


def test_an_exercise_without_conditions_has_no_score(export, classroom, ada):
    ada.practice_org.refresh_from_db()
    ExerciseRunFactory._meta.model.objects.update(conditions=0)

    for each in json.loads(export("class-statements").content):
        assert "score" not in each.get("result", {})


@pytest.mark.parametrize(
    "seconds,expected", [(0, "PT0.00S"), (90.126, "PT90.13S"), (-5, "PT0.00S")]
)
def test_durations_are_in_iso_8601(seconds, expected):
    assert duration(timedelta(seconds=seconds)) == expected


# --- Sending -----------------------------------------------------------------------


class LocalStore(HTTPServer):
    """A record store on this machine that keeps requests and returns a chosen status."""

    def __init__(self):
        self.status, self.sent, self.headers_seen = 200, [], []
        super().__init__(("127.0.0.1", 0), StoreHandler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/xapi"


class StoreHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append((self.path, json.loads(body)))
        self.server.headers_seen.append(dict(self.headers))
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def store(settings):
    settings.RECORD_STORES = ["127.0.0.1"]
    server = LocalStore()
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def send(admin_client, classroom):
    def post(url, **other):
        address = reverse("training:send-statements", args=[classroom.pk])
        return admin_client.post(address, {"url": url, **LOGIN, **other}, follow=True)

    return post


def test_sends_statements_with_the_entered_login(send, store, ada, export):
    response = send(store.url)

    assert b"Sent 4 statements" in response.content
    [(path, sent)] = store.sent
    assert path == "/xapi/statements"
    assert sent == json.loads(export("class-statements").content)
    [headers] = store.headers_seen
    assert headers["X-Experience-API-Version"] == "1.0.3"
    assert headers["Content-Type"] == "application/json"
    login = base64.b64decode(headers["Authorization"].removeprefix("Basic "))
    assert login == b"key:very secret"


def test_accepts_the_url_of_the_statements_resource(send, store, ada):
    send(f"{store.url}/statements/")

    assert store.sent[0][0] == "/xapi/statements"


def test_sends_in_batches(send, store, ada, monkeypatch):
    monkeypatch.setattr(record_store, "BATCH_SIZE", 3)

    send(store.url)

    assert [len(sent) for _, sent in store.sent] == [3, 1]


def test_sends_nothing_for_an_empty_class(send, store, classroom):
    response = send(store.url)

    assert b"so nothing was sent" in response.content
    assert not store.sent


def test_shows_the_stores_refusal(send, store, ada, subtests):
    for status, message in [
        (302, "because it has another URL"),
        (307, "because it has another URL"),
        (400, "The store returned 400"),
        (401, "Check the username and password"),
        (404, "Check the URL of the xAPI endpoint"),
        (500, "The store returned 500"),
    ]:
        with subtests.test(status=status):
            store.status = status
            store.sent.clear()

            response = send(store.url)

            assert response.status_code == 422
            assert message in response.content.decode()
            assert "0 of 4 were sent." in response.content.decode()
            assert len(store.sent) == 1  # No redirect is followed.


def test_the_password_is_in_no_page(send, store, ada):
    store.status = 401

    response = send(store.url)

    assert b"very secret" not in response.content
    assert response.context["form"]["username"].value() == "key"


def test_reports_a_store_that_does_not_answer(send, store, ada):
    url = store.url.replace(str(store.server_port), "1")

    assert b"reach 127.0.0.1" in send(url).content


def test_times_out(send, ada, settings, monkeypatch):
    settings.RECORD_STORES = ["127.0.0.1"]
    monkeypatch.setattr(record_store, "LONGEST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        response = send(f"http://127.0.0.1:{silent.getsockname()[1]}/xapi")

    assert b"or it closed the connection" in response.content


def test_refuses_a_store_without_a_certificate(send, store, ada):
    response = send(store.url.replace("http:", "https:"))

    assert b"certificate of 127.0.0.1 isn&#x27;t valid" in response.content
    assert not store.sent


INVALID_URLS = [
    "ftp://store.example/",
    "file:///etc/passwd",
    "store.example",
    "http://",
    "http://[::1",
    "http://user:pass@store.example/",
    "https://store.example/?a=b",
    "https://store.example/ä",
    "http://store.example:99999/",
    "javascript:alert(1)",
]
UNKNOWN_HOSTS = ["store..example", "...", f"{'a' * 64}.example", "a\0b"]


def test_refuses_an_invalid_url(send, ada, subtests):
    for url in INVALID_URLS + [f"https://{host}/xapi" for host in UNKNOWN_HOSTS]:
        with subtests.test(url=url):
            response = send(url)

            assert response.status_code == 422
            assert response.context["form"].errors


def test_does_not_connect_to_this_machine(send, store, ada, settings, subtests):
    settings.RECORD_STORES = []

    for host in [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "2130706433",
        "0.0.0.0",
        "[::ffff:7f00:1]",
    ]:
        with subtests.test(host=host):
            response = send(f"http://{host}:{store.server_port}/xapi")

            assert b"isn&#x27;t on the public internet" in response.content
            assert not store.sent


def test_only_addresses_of_the_internet_are_public(subtests):
    for address, is_public in [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:a00:1::1", False),
        ("2001:0:a00:1::1", False),
        ("::10.0.0.1", False),
        ("fec0::1", False),
    ]:
        with subtests.test(address=address):
            assert public_addresses.is_public(address) == is_public
