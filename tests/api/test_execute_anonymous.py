"""Anonymous Apex over REST and SOAP, as `sf apex run` and jsforce call it."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from tokenx.api.calls.execute_anonymous import levels_of
from tokenx.org.models import AuditEntry, User

from .calling import XML_TYPE, Rest, error_of
from .soap.calls import SOAP

APEX = "http://soap.sforce.com/2006/08/apex"
PATH = "tooling/executeAnonymous/"
NOTHING = {"compileProblem": None, "exceptionMessage": None, "exceptionStackTrace": None}
SUCCESS = {"line": -1, "column": -1, "compiled": True, "success": True, **NOTHING}


def soap_body(session, code, level="DEBUGONLY"):
    """Return the request that sf sends."""
    header = (
        f"<SessionHeader><sessionId>{session}</sessionId></SessionHeader>"
        f"<DebuggingHeader><debugLevel>{level}</debugLevel></DebuggingHeader>"
    )
    body = f"<executeAnonymous><apexcode><![CDATA[{code}]]></apexcode></executeAnonymous>"
    return (
        f'<env:Envelope xmlns:env="{SOAP}"><env:Header xmlns="{APEX}">{header}'
        f'</env:Header><env:Body xmlns="{APEX}">{body}</env:Body></env:Envelope>'
    )


def run_over_soap(session, code, **options):
    response = Client().post(
        "/services/Soap/s/67.0/00D000000000001",
        soap_body(session, code, **options),
        content_type="text/xml",
    )
    assert response["Content-Type"] == XML_TYPE
    text = response.content.decode()
    tree = ElementTree.fromstring(text)
    return {each.tag.rpartition("}")[2]: each.text for each in tree.iter()}, text


def test_code_that_runs_to_its_end_succeeds(rest, admin):
    code = "update new User(Id = UserInfo.getUserId(), FirstName = 'Mona');"
    assert rest.get(PATH, anonymousBody=code) == SUCCESS
    admin.refresh_from_db()
    assert admin.first_name == "Mona"
    entry = AuditEntry.objects.filter(action="executeAnonymousApex").get()
    assert entry.display == f"Ran anonymous Apex of {len(code)} characters: succeeded"
    assert entry.user == admin


def test_an_exception_undoes_everything_and_has_its_place(rest, admin):
    code = "update new User(Id = UserInfo.getUserId(), FirstName = 'Mona');\nId x = 'foo';"
    assert rest.get(PATH, anonymousBody=code) == {
        **NOTHING,
        "compiled": True,
        "success": False,
        "line": 2,
        "column": 1,
        "exceptionMessage": "System.StringException: Invalid id: foo",
        "exceptionStackTrace": "AnonymousBlock: line 2, column 1",
    }
    assert User.objects.get(pk=admin.pk).first_name == admin.first_name != "Mona"


def test_code_with_errors_does_not_run(rest):
    before = AuditEntry.objects.count()
    assert rest.get(PATH, anonymousBody="Integer x = 'a';") == {
        **NOTHING,
        "compiled": False,
        "success": False,
        "line": 1,
        "column": 9,
        "compileProblem": "Illegal assignment from String to Integer",
    }
    assert AuditEntry.objects.count() == before


def test_methods_and_classes_can_be_declared(rest):
    code = (
        "class Pair { String a; Pair(String a) { this.a = a; } }\n"
        "Integer twice(Integer x) { return 2 * x; }\n"
        "System.assertEquals(8, twice(4));\n"
        "System.assertEquals('x', new Pair('x').a);"
    )
    assert rest.get(PATH, anonymousBody=code) == SUCCESS


def test_sf_gets_the_log_in_the_header(session):
    values, text = run_over_soap(session, "System.debug('a|<b>');\n")
    assert values["success"] == values["compiled"] == "true"
    assert values["line"] == "-1"
    assert '<compileProblem xsi:nil="true"/>' in text
    log = values["debugLog"].splitlines()
    assert log[0] == "67.0 APEX_CODE,DEBUG;APEX_PROFILING,INFO"
    assert log[1] == "Execute Anonymous: System.debug('a|<b>');"
    assert any(line.endswith("|USER_DEBUG|[1]|DEBUG|a&#124;<b>") for line in log)
    assert text.index("<soapenv:Header><DebuggingInfo>") < text.index("<soapenv:Body>")


def test_soap_answers_without_a_log_have_no_header(session):
    values, text = run_over_soap(session, "x", level="None")
    assert values["compileProblem"] == "Missing ';' at '<EOF>'"
    assert "soapenv:Header" not in text


def test_only_administrators_run_code(viewer_session, standard_session):
    for session in (viewer_session, standard_session):
        response = Rest(session).client.get(
            "/services/data/v67.0/tooling/executeAnonymous", {"anonymousBody": "x"}
        )
        assert error_of(response)[:2] == (403, "INSUFFICIENT_ACCESS")
        values, _ = run_over_soap(session, "Integer x;")
        assert values["faultcode"] == "sf:INSUFFICIENT_ACCESS"


def test_other_requests_are_refused(rest, session):
    response = rest.client.get("/services/data/v67.0/tooling/executeAnonymous")
    assert error_of(response)[0] == 400
    values, _ = run_over_soap("00D!nobody", "Integer x;")
    assert values["faultcode"] == "sf:INVALID_SESSION_ID"
    long = "/*" + "x" * 200_000 + "*/"
    values, _ = run_over_soap(session, long)
    assert values["compileProblem"] == "Code can't be longer than 200,000 bytes."


@pytest.mark.parametrize("code", ["while (true) { }", "String s = 'x'.repeat(2000000000);"])
def test_hostile_code_ends(rest, code):
    result = rest.get(PATH, anonymousBody=code)
    assert result["exceptionMessage"].startswith("System.LimitException: Apex ")


def test_levels_of_the_debugging_header():
    assert levels_of("NONE", []) == {}
    assert levels_of("DebugOnly", [("Db", "Info"), ("x", "INFO"), ("SYSTEM", "x")]) == {
        "APEX_CODE": "DEBUG",
        "APEX_PROFILING": "INFO",
        "DB": "INFO",
    }
    assert set(levels_of("", [("ALL", "fine")]).values()) == {"FINE"}
