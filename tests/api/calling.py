"""Clients of the API, made of Django's: bytes go out, and what comes in is looked at."""

import re
from html import unescape
from xml.etree import ElementTree

from django.test import Client

from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.org.access_tokens import LONGEST, create_access_token
from tokenx.org.models import MadeBy

from .soap.calls import SOAP, XSI, envelope

VERSION = "62.0"
PARTNER = "urn:partner.soap.sforce.com"
HANDLER = "OauthTokenExchangeHandler"
XML_TYPE = "text/xml; charset=UTF-8"
JSON_TYPE = "application/json;charset=UTF-8"

# A fault is in this form, to the letter: facts/metadata-api.md 5.2.
_FAULT = re.compile(
    r'<\?xml version="1.0" encoding="UTF-8"\?>\n'
    rf'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:sf="([^"]+)" xmlns:xsi="{XSI}">'
    r"<soapenv:Body><soapenv:Fault><faultcode>([^<]+)</faultcode>"
    r"<faultstring>([^<]+)</faultstring>(<detail>.+</detail>)?"
    r"</soapenv:Fault></soapenv:Body></soapenv:Envelope>",
    re.DOTALL,
)


def session_id(user):
    """The session id of a program that acts as the user."""
    made = create_access_token(
        user=user, name="Test", lifetime=LONGEST, by=user, context=MadeBy.COMMAND
    )
    return made.secret


def header(session, more=""):
    return f"<SessionHeader><sessionId>{session}</sessionId></SessionHeader>{more}"


class Soap:
    """A program that calls the Metadata API over SOAP."""

    def __init__(self, session, version=VERSION):
        self.session, self.version = session, version
        self.path = f"/services/Soap/m/{version}"
        self.client = Client()

    def post(self, body, path="", **headers):
        """The response to these bytes, or this text."""
        return self.client.post(
            path or self.path, body, content_type="text/xml", headers=headers
        )

    def answer(self, operation, more=""):
        """The response to an operation that is allowed."""
        response = self.post(envelope(operation, header(self.session, more)))
        text = response.getvalue().decode()
        assert response.status_code == 200, text
        assert response["Content-Type"] == XML_TYPE
        check_form(text, re.match(r"<(\w+)", operation)[1])
        return text

    def results(self, operation, more=""):
        """What is in each <result>."""
        root = ElementTree.fromstring(self.answer(operation, more))
        return [plain(each) for each in root[0][0]]

    def result(self, operation, more=""):
        [found] = self.results(operation, more)
        return found

    def fault(self, operation, more=""):
        """The code and the words of the fault that an operation ends in."""
        return fault_of(self.post(envelope(operation, header(self.session, more))))


def check_form(text, operation, namespace=NAMESPACE):
    """What every answer has to be like, for the sake of some client: 5.1."""
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
    """In the order of the schema, which is the alphabet's but for full names first."""
    names = [each.tag.rpartition("}")[2] for each in element]
    assert names == sorted(names, key=lambda name: (name != "fullName", name)) or (
        names == sorted(names)
    )
    for each in element:
        check_order(each)


def plain(element):
    """Text, or a dict; what is repeated is a list."""
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    if not len(element):
        return element.text or ""
    found = {}
    for each in element:
        found.setdefault(each.tag.removeprefix(f"{{{NAMESPACE}}}"), []).append(plain(each))
    return {name: v[0] if len(v) == 1 else v for name, v in found.items()}


def many(result, name):
    """What may come any number of times, as a list."""
    found = result.get(name, []) if result else []
    return found if isinstance(found, list) else [found]


def fault_of(response):
    text = response.getvalue().decode()
    assert response.status_code == 500, text
    assert response["Content-Type"] == XML_TYPE
    namespace, code, words, _ = _FAULT.fullmatch(text).groups()
    assert namespace == NAMESPACE or code == "INVALID_LOGIN"
    return code, unescape(words)


class Rest:
    """A program that calls REST."""

    def __init__(self, session, version=VERSION):
        headers = {"Authorization": f"Bearer {session}"} if session else {}
        self.client = Client(headers=headers)
        self.root = f"/services/data/v{version}"

    def path(self, path):
        return path if path.startswith("/") else f"{self.root}/{path}"

    def get(self, path, status=200, **parameters):
        """What is answered, as data."""
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
    """The status, and the only error's code, words and fields."""
    assert response["Content-Type"] == JSON_TYPE
    [error] = response.json()
    assert set(error) <= {"message", "errorCode", "fields"}
    told = response.status_code, error["errorCode"], error["message"]
    return (*told, error["fields"]) if error.get("fields") else told
