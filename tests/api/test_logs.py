"""Trace flags, debug levels, and debug logs over the Tooling API."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import (
    ApexLogFactory,
    DebugLevelFactory,
    TraceFlagFactory,
    UserFactory,
)
from tokenx.org import record_ids
from tokenx.org.models import ApexLog, AuditEntry, DebugLevel, TraceFlag

from .calling import Rest, session_id

# The requests of sf: docs/salesforce/oauth.md, Log commands of sf.
LIST = """
        SELECT Id, Application, DurationMilliseconds, Location, LogLength, LogUser.Name,
          Operation, Request, StartTime, Status
        FROM ApexLog
        ORDER BY StartTime DESC
      """
FLAG_OF_USER = (
    "SELECT Id, logtype, startdate, expirationdate, debuglevelid, debuglevel.apexcode, "
    "debuglevel.visualforce FROM TraceFlag WHERE logtype='DEVELOPER_LOG' AND "
    "TracedEntityId='{}' ORDER BY CreatedDate DESC LIMIT 1"
)
FLAGS, LEVELS = "tooling/sobjects/TraceFlag", "tooling/sobjects/DebugLevel"
LOGS = "tooling/sobjects/ApexLog"


def id_of(row):
    prefixes = {
        "User": record_ids.USER,
        "DebugLevel": record_ids.DEBUG_LEVEL,
        "TraceFlag": record_ids.TRACE_FLAG,
        "ApexLog": record_ids.APEX_LOG,
    }
    return record_ids.record_id(prefixes[type(row).__name__], row.pk)


def call(rest, method, path, status, data=None):
    response = rest.send(method, path, data)
    assert response.status_code == status, response.content
    return response.json() if response.content else None


def query(rest, text, status=200):
    return rest.get("tooling/query", status, q=text)


@pytest.fixture
def level(org):
    return DebugLevelFactory(org=org, name="Fine", apex_code="FINE")


@pytest.fixture
def flag_values(admin, level):
    """Return the fields of a new flag as `sf data create record` sends them."""
    expires = timezone.now() + timedelta(hours=1)
    return {
        "TracedEntityId": id_of(admin),
        "DebugLevelId": id_of(level),
        "LogType": "DEVELOPER_LOG",
        "ExpirationDate": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
    }


# --- Logs -------------------------------------------------------------------------------


def test_lists_logs_as_sf_asks(rest, admin):
    started = datetime.now(UTC).replace(microsecond=123_000)
    log = ApexLogFactory(org=admin.org, user=admin, started_at=started, milliseconds=0)
    ApexLogFactory(org=admin.org, started_at=started - timedelta(hours=1))
    ApexLogFactory(org=admin.org, started_at=started - timedelta(days=8))
    ApexLogFactory()

    first, _ = query(rest, LIST)["records"]

    url = f"/services/data/v62.0/{LOGS}/{id_of(log)}"
    assert first.pop("attributes") == {"type": "ApexLog", "url": url}
    assert first.pop("LogUser")["Name"] == "Ada Admin"
    assert first == {
        "Id": id_of(log),
        "Application": "Browser",
        "DurationMilliseconds": 0,
        "Location": "Monitoring",
        "LogLength": len(log.text),
        "Operation": "OauthTokenExchangeApexExec",
        "Request": "Api",
        "StartTime": f"{started:%Y-%m-%dT%H:%M:%S}.123+0000",
        "Status": "Success",
    }
    assert query(rest, f"{LIST} LIMIT 1")["size"] == 1
    operation = "Operation = 'OauthTokenExchangeApexExec'"
    found = query(rest, f"SELECT Id, LogLength FROM ApexLog WHERE {operation}")
    assert found["totalSize"] == 2
    assert query(rest, "SELECT COUNT() FROM ApexLog")["totalSize"] == 2


@pytest.mark.parametrize("api", ["tooling/", ""])
def test_returns_the_body_as_text(session, admin, api):
    text = '67.0 APEX_CODE,DEBUG\n{"not": "json"} 🙂\n'
    log = ApexLogFactory(org=admin.org, text=text)

    for record_id in [id_of(log), id_of(log)[:15]]:
        url = f"/services/data/v67.0/{api}sobjects/ApexLog/{record_id}/Body"
        response = Client().get(url, headers={"Authorization": f"Bearer {session}"})
        assert response["Content-Type"] == "text/plain;charset=UTF-8"
        assert response.getvalue().decode() == text


def test_logs_are_for_administrators_and_the_traced_user(org, viewer, subtests):
    standard = UserFactory(org=org)
    own = ApexLogFactory(org=org, user=standard, text="mine\n")
    viewers = ApexLogFactory(org=org, user=viewer, text="hers\n")
    for user, mine, other in [(standard, own, viewers), (viewer, viewers, own)]:
        rest = Rest(session_id(user))
        with subtests.test(user=user):
            records = query(rest, "SELECT Id FROM ApexLog")["records"]
            assert [record["Id"] for record in records] == [id_of(mine)]
            assert query(rest, "SELECT COUNT() FROM ApexLog")["totalSize"] == 1
            assert rest.get(f"{LOGS}/{id_of(mine)}")["Status"] == "Success"
            rest.get(f"{LOGS}/{id_of(other)}", 404)
            rest.get(f"{LOGS}/{id_of(other)}/Body", 404)
            [error] = call(rest, "delete", f"{LOGS}/{id_of(mine)}", 403)
            assert error["errorCode"] == "INSUFFICIENT_ACCESS"
    [error] = query(Rest(session_id(standard)), "SELECT Id FROM TraceFlag", 403)
    assert error["errorCode"] == "INSUFFICIENT_ACCESS"
    assert ApexLog.objects.count() == 2


def test_an_administrator_deletes_logs_but_cant_write_them(rest, org):
    log = ApexLogFactory(org=org)
    for verb, path in [("post", LOGS), ("patch", f"{LOGS}/{id_of(log)}")]:
        [error] = call(rest, verb, path, 400, {"Status": "x"})
        assert error["errorCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"

    call(rest, "delete", f"{LOGS}/{id_of(log)}", 204)

    assert not ApexLog.objects.exists()
    call(rest, "delete", f"{LOGS}/{id_of(log)}", 404)


def test_the_rest_api_doesnt_have_these_objects(rest, subtests):
    for name in ["ApexLog", "TraceFlag", "DebugLevel"]:
        with subtests.test(name=name):
            [error] = rest.get("query", 400, q=f"SELECT Id FROM {name}")
            assert error["errorCode"] == "INVALID_TYPE"
            rest.get(f"sobjects/{name}", 404)
            described = rest.get(f"tooling/sobjects/{name}/describe")
            assert described["keyPrefix"] in {"07L", "7tf", "7dl"}
    rest.get("tooling/sobjects/SourceMember/describe", 404)
    rest.get("tooling/sobjects/SourceMember", 404)


# --- Trace flags ------------------------------------------------------------------------


def test_creates_a_trace_flag_as_sf_does(rest, admin, flag_values):
    created = call(rest, "post", FLAGS, 201, flag_values)

    flag = TraceFlag.objects.get()
    assert created == {
        "id": id_of(flag),
        "success": True,
        "errors": [],
        "warnings": [],
        "infos": [],
    }
    assert (flag.org, flag.traced_user, flag.created_by) == (admin.org, admin, admin)
    assert (flag.log_type, flag.is_from_setup) == ("DEVELOPER_LOG", False)
    assert f"{flag.expires_at:%Y-%m-%dT%H:%M:%SZ}" == flag_values["ExpirationDate"]
    entry = AuditEntry.objects.get(action="createdTraceFlag")
    assert (entry.user, entry.context) == (admin, "API")


def test_answers_the_requests_of_sf_apex_tail_log(rest, admin):
    """Try it once without a trace flag, once with one, and after its deletion."""
    assert query(rest, FLAG_OF_USER.format(id_of(admin)))["records"] == []
    level = {
        "developerName": "SFDC_DevConsole",
        "MasterLabel": "SFDC_DevConsole",
        "ApexCode": "FINEST",
        "Visualforce": "FINER",
    }
    level_id = call(rest, "post", LEVELS, 201, level)["id"]
    now = timezone.now().replace(microsecond=0)
    times = {
        "StartDate": int(now.timestamp() * 1_000),
        "ExpirationDate": f"{now + timedelta(minutes=30):%a, %d %b %Y %H:%M:%S GMT}",
    }
    flag = {"tracedentityid": id_of(admin), "logtype": "DEVELOPER_LOG", **times}
    call(rest, "post", FLAGS, 201, {**flag, "debuglevelid": level_id})

    [found] = query(rest, FLAG_OF_USER.format(id_of(admin)))["records"]

    assert found["DebugLevel"]["ApexCode"] == "FINEST"
    assert found["DebugLevel"]["Visualforce"] == "FINER"
    assert found["DebugLevelId"] == level_id
    assert found["ExpirationDate"] == (
        f"{now + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}.000+0000"
    )
    changed = {"ApexCode": "FINEST", "Visualforce": "FINER"}
    call(rest, "patch", f"{LEVELS}/{level_id}", 204, changed)
    call(rest, "patch", f"{FLAGS}/{found['Id']}", 204, times)
    # After the flag is deleted, sf creates the same debug level again.
    call(rest, "delete", f"{FLAGS}/{found['Id']}", 204)
    assert call(rest, "post", LEVELS, 201, level)["id"] == level_id


def test_reads_times_in_every_form(rest, admin, flag_values, subtests):
    at = (timezone.now() + timedelta(hours=2)).replace(microsecond=0)
    level = DebugLevel.objects.get()
    for value in [
        int(at.timestamp() * 1_000),
        str(int(at.timestamp() * 1_000)),
        f"{at:%Y-%m-%dT%H:%M:%SZ}",
        f"{at:%Y-%m-%dT%H:%M:%S}.000+0000",
        f"{at + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}+02:00",
        f"{at:%a, %d %b %Y %H:%M:%S GMT}",
        f"{at:%Y-%m-%dT%H:%M:%S}",
    ]:
        with subtests.test(value=value):
            call(rest, "post", FLAGS, 201, {**flag_values, "ExpirationDate": value})
            flag = TraceFlag.objects.get()
            assert flag.expires_at == at
            flag.delete()
    for value in ["", None]:
        call(rest, "post", FLAGS, 201, {**flag_values, "StartDate": value})
        flag = TraceFlag.objects.get()
        assert flag.debug_level == level
        flag.delete()
    for value in ["tomorrow", True, [], 10**400, "9" * 400, -(10**18)]:
        with subtests.test(value=value):
            data = {**flag_values, "StartDate": value}
            [error] = call(rest, "post", FLAGS, 400, data)
            assert error["errorCode"] == "JSON_PARSER_ERROR"
    assert not TraceFlag.objects.exists()


def test_refuses_invalid_flags_with_salesforces_errors(rest, admin, flag_values, subtests):
    TraceFlagFactory(org=admin.org, traced_user=admin, log_type="DEVELOPER_LOG")
    theirs = TraceFlagFactory()
    overlap = (
        "This entity is already being traced by a trace flag with a start and expiration "
        "date that overlap this trace flag's start and expiration date.: Traced Entity ID"
    )
    far = f"{timezone.now() + timedelta(hours=25):%Y-%m-%dT%H:%M:%SZ}"
    for change, code, message in [
        ({}, "FIELD_INTEGRITY_EXCEPTION", overlap),
        ({"DebugLevelId": ""}, "REQUIRED_FIELD_MISSING", "DebugLevelId is required"),
        (
            {"LogType": None},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "LogType: bad value",
        ),
        (
            {"LogType": "ALL"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "LogType: bad value",
        ),
        ({"LogType": "CLASS_TRACING"}, "FIELD_INTEGRITY_EXCEPTION", "tokenx traces users"),
        ({"TracedEntityId": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing"),
        (
            {"TracedEntityId": "01p000000000001"},
            "MALFORMED_ID",
            "id value of incorrect type",
        ),
        (
            {"TracedEntityId": id_of(theirs.traced_user)},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        (
            {"DebugLevelId": id_of(theirs.debug_level)},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        ({"ExpirationDate": far}, "FIELD_INTEGRITY_EXCEPTION", "at most 24 hours after"),
        ({"Unknown": "x"}, "INVALID_FIELD", "No such column 'Unknown' on sobject of type"),
        ({"CreatedDate": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create"),
        ({"ApexCode": "LOUD"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "ApexCode: bad"),
        ({"LogType": "\0"}, "JSON_PARSER_ERROR", "Cannot deserialize"),
    ]:
        with subtests.test(change=change):
            [error] = call(rest, "post", FLAGS, 400, {**flag_values, **change})
            assert error["errorCode"] == code
            assert message in error["message"]
    assert TraceFlag.objects.count() == 2


def test_changes_and_deletes_a_flag(rest, admin, level):
    flag = TraceFlagFactory(org=admin.org, traced_user=admin)
    path = f"{FLAGS}/{id_of(flag)}"
    same = {"LogType": "user_debug", "TracedEntityId": id_of(admin)}

    call(rest, "patch", path, 204, {"DebugLevelId": id_of(level), **same})
    [error] = call(rest, "patch", path, 400, {"LogType": "DEVELOPER_LOG"})

    assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert TraceFlag.objects.get().debug_level == level
    assert rest.get(path, fields="LogType")["LogType"] == "USER_DEBUG"
    call(rest, "delete", path, 204)
    assert not TraceFlag.objects.exists()


# --- Debug levels -----------------------------------------------------------------------


def test_creates_changes_and_deletes_a_debug_level(rest, org):
    values = {"DeveloperName": "Loud", "MasterLabel": "Loud", "apexcode": "finest"}
    record_id = call(rest, "post", LEVELS, 201, {**values, "Language": "en_US"})["id"]
    path = f"{LEVELS}/{record_id}"
    row = rest.get(path)
    assert (row["ApexCode"], row["Callout"], row["Language"]) == ("FINEST", "NONE", None)

    call(rest, "patch", path, 204, {"DeveloperName": "Louder", "Callout": "INFO"})
    [error] = call(rest, "post", LEVELS, 400, {**values, "DeveloperName": "LOUDER"})

    assert error["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    assert error["fields"] == ["DeveloperName"]
    level = DebugLevel.objects.get()
    assert (level.name, level.callout, level.apex_code) == ("Louder", "INFO", "FINEST")
    flag = TraceFlagFactory(org=org, debug_level=level)
    [error] = call(rest, "delete", path, 400)
    assert "Trace flags use Louder" in error["message"]
    flag.delete()
    call(rest, "delete", path, 204)
    assert not DebugLevel.objects.exists()


def test_another_orgs_rows_dont_exist(rest, viewer_session, subtests):
    flag, log = TraceFlagFactory(), ApexLogFactory()
    for path, row in [(FLAGS, flag), (LEVELS, flag.debug_level), (LOGS, log)]:
        with subtests.test(path=path):
            rest.get(f"{path}/{id_of(row)}", 404)
            call(rest, "delete", f"{path}/{id_of(row)}", 404)
    call(rest, "patch", f"{FLAGS}/{id_of(flag)}", 404, {})
    rest.get(f"{LOGS}/{id_of(log)}/Body", 404)
    for name in ["TraceFlag", "DebugLevel", "ApexLog"]:
        assert query(rest, f"SELECT Id FROM {name}")["records"] == []
    viewer = Rest(viewer_session)
    for verb, path in [("post", FLAGS), ("delete", f"{FLAGS}/{id_of(flag)}")]:
        [error] = call(viewer, verb, path, 403, {})
        assert error["errorCode"] == "INSUFFICIENT_ACCESS"
    assert (TraceFlag.objects.count(), ApexLog.objects.count()) == (1, 1)


# --- Streaming --------------------------------------------------------------------------


def stream(session, *messages):
    headers = {"Authorization": f"OAuth {session}"}
    response = Client(headers=headers).post(
        "/cometd/36.0", json.dumps(messages), content_type="application/json"
    )
    assert response.status_code == 200
    return response.json()


def test_a_subscription_is_refused_in_a_sentence(session):
    handshake, connect = stream(
        session,
        {"channel": "/meta/handshake", "version": "1.0", "id": "1"},
        {"channel": "/meta/connect", "id": "2"},
    )
    assert (handshake["successful"], handshake["id"]) == (True, "1")
    assert connect["successful"]
    [refused] = stream(
        session,
        {
            "channel": "/meta/subscribe",
            "clientId": handshake["clientId"],
            "subscription": "/systemTopic/Logging",
            "id": "3",
        },
    )
    assert (refused["successful"], refused["id"]) == (False, "3")
    assert refused["error"].startswith("403::Tailing debug logs isn't available in tokenx.")
    assert refused["advice"] == {"reconnect": "none"}


def test_streaming_needs_a_session(db):
    response = Client().post("/cometd/36.0", "[]", content_type="application/json")

    assert response.status_code == 401
    assert response.json()[0]["errorCode"] == "INVALID_SESSION_ID"


@pytest.mark.parametrize("body", ["", "[", "1", '["x"]', "[" + "{}," * 60 + "{}]"])
def test_refuses_other_bodies(session, body):
    headers = {"Authorization": f"Bearer {session}"}
    response = Client(headers=headers).post("/cometd", body, content_type="text/plain")

    assert response.status_code == 400
    assert response.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert Client(headers=headers).get("/cometd/36.0").status_code == 405
