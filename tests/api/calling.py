"""API clients on top of Django's test client, which check the form of responses."""

import re
from html import unescape
from xml.etree import ElementTree

from django.test import Client

from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.org.models import MadeBy
from tokenx.org.sessions import LONGEST, create_access_token

from .soap.calls import SOAP, XSI, envelope

VERSION = "62.0"
PARTNER = "urn:partner.soap.sforce.com"
HANDLER = "OauthTokenExchangeHandler"
XML_TYPE = "text/xml; charset=UTF-8"
JSON_TYPE = "application/json;charset=UTF-8"

# Clients expect exactly this form of a fault
# (docs/salesforce/metadata-api.md, SOAP faults).
_FAULT = re.compile(
    r'<\?xml version="1.0" encoding="UTF-8"\?>\n'
    rf'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:sf="([^"]+)" xmlns:xsi="{XSI}">'
    r"<soapenv:Body><soapenv:Fault><faultcode>([^<]+)</faultcode>"
    r"<faultstring>([^<]+)</faultstring>(<detail>.+</detail>)?"
    r"</soapenv:Fault></soapenv:Body></soapenv:Envelope>",
    re.DOTALL,
)


def session_id(user):
    """Return the ID of a new session that acts as the user."""
    created = create_access_token(
        user=user, name="Test", lifetime=LONGEST, by=user, context=MadeBy.COMMAND
    )
    return created.secret


def header(session, more=""):
    return f"<SessionHeader><sessionId>{session}</sessionId></SessionHeader>{more}"


SOAP_PATHS = [f"/services/Soap/{api}/{VERSION}" for api in "mus"]


class Soap:
    """A client of the Metadata API over SOAP."""

    def __init__(self, session, version=VERSION):
        self.session, self.version = session, version
        self.path = f"/services/Soap/m/{version}"
        self.client = Client()

    def post(self, body, path="", **headers):
        """Return the response to a body of bytes or text."""
        return self.client.post(
            path or self.path, body, content_type="text/xml", headers=headers
        )

    def answer(self, operation, more=""):
        """Call an operation, check the form of its response, and return the text."""
        response = self.post(envelope(operation, header(self.session, more)))
        text = response.getvalue().decode()
        assert response.status_code == 200, text
        assert response["Content-Type"] == XML_TYPE
        check_form(text, re.match(r"<(\w+)", operation)[1])
        return text

    def results(self, operation, more=""):
        """Return the content of each <result>."""
        root = ElementTree.fromstring(self.answer(operation, more))
        return [plain(each) for each in root[0][0]]

    def result(self, operation, more=""):
        [result] = self.results(operation, more)
        return result

    def fault(self, operation, more=""):
        """Call an operation, and return the code and the message of its fault."""
        return fault_of(self.post(envelope(operation, header(self.session, more))))


def check_form(text, operation, namespace=NAMESPACE):
    """Check what clients need in every response.

    See docs/salesforce/metadata-api.md, SOAP responses.
    """
    begin = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns="{namespace}" xmlns:xsi="{XSI}">'
        f"<soapenv:Body><{operation}Response>"
    )
    assert text.startswith(begin)
    assert text.endswith(f"</{operation}Response></soapenv:Body></soapenv:Envelope>")
    inside = text.removeprefix(begin).removesuffix("</soapenv:Body></soapenv:Envelope>")
    assert not re.search(r"</?\w+:", inside)
    assert not re.search(r"<(?!records)\w+ ", inside)
    for result in ElementTree.fromstring(text)[0][0]:
        check_order(result)


def check_order(element):
    """Check the schema's order of elements: alphabetical, but full names can come first."""
    names = [each.tag.rpartition("}")[2] for each in element]
    assert names == sorted(names, key=lambda name: (name != "fullName", name)) or (
        names == sorted(names)
    )
    for each in element:
        check_order(each)


def plain(element):
    """Return an element's text, or a dict in which repeated elements are a list."""
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    if not len(element):
        return element.text or ""
    values = {}
    for each in element:
        values.setdefault(each.tag.removeprefix(f"{{{NAMESPACE}}}"), []).append(plain(each))
    return {name: v[0] if len(v) == 1 else v for name, v in values.items()}


def many(result, name):
    """Return an element that can be repeated as a list."""
    value = result.get(name, []) if result else []
    return value if isinstance(value, list) else [value]


def fault_of(response):
    text = response.getvalue().decode()
    assert response.status_code == 500, text
    assert response["Content-Type"] == XML_TYPE
    namespace, code, message, _ = _FAULT.fullmatch(text).groups()
    assert namespace == NAMESPACE or code == "INVALID_LOGIN"
    return code, unescape(message)


class Rest:
    """A client of the REST API."""

    def __init__(self, session, version=VERSION):
        headers = {"Authorization": f"Bearer {session}"} if session else {}
        self.client = Client(headers=headers)
        self.root = f"/services/data/v{version}"

    def path(self, path):
        return path if path.startswith("/") else f"{self.root}/{path}"

    def get(self, path, status=200, **parameters):
        """Return the JSON of the response."""
        response = self.client.get(self.path(path), parameters)
        assert response["Content-Type"] == JSON_TYPE
        assert response.status_code == status, response.content
        return response.json()

    def send(self, method, path, data=None):
        request = getattr(self.client, method)
        return request(self.path(path), data, content_type="application/json")

    def refused(self, method, path, data=None):
        return error_of(self.send(method, path, data))


def error_of(response):
    """Return the status, and the code, message, and fields of the only error."""
    assert response["Content-Type"] == JSON_TYPE
    [error] = response.json()
    assert set(error) <= {"message", "errorCode", "fields"}
    refusal = response.status_code, error["errorCode"], error["message"]
    return (*refusal, error["fields"]) if error.get("fields") else refusal
