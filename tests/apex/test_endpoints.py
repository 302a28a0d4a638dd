"""The constant addresses that a class calls are found in its code."""

from tokenx.apex.endpoints import constant_endpoints
from tokenx.setup.apex_runs import trees

BODY = """
public class Caller {
    private static final String HOST = 'https://idp.example.com';
    private static final String KEYS = HOST + '/keys';
    void call(String given) {
        HttpRequest request = new HttpRequest();
        request.setEndpoint('https://literal.example.com/userinfo');
        request.setEndpoint(KEYS);
        request.setEndpoint(Caller.HOST + '/users/' + given + '/end');
        request.setEndpoint(given);
        request.setEndpoint(given + HOST);
        Auth.JWTUtil.validateJWTWithKeysEndpoint(given, KEYS, true);
        request.setMethod('GET');
    }
}
"""


def test_finds_literals_constants_and_sums():
    unit = trees.parsed(BODY).unit
    assert unit is not None

    assert constant_endpoints(unit) == [
        ("https://literal.example.com/userinfo", 7),
        ("https://idp.example.com/keys", 8),
        ("https://idp.example.com/users/", 9),
        ("https://idp.example.com/keys", 12),
    ]


def test_constants_that_refer_to_each_other_end():
    body = """class A {
        static String a = b;
        static String b = a;
        void call(HttpRequest request) { request.setEndpoint(a); }
    }"""
    unit = trees.parsed(body).unit
    assert unit is not None

    assert constant_endpoints(unit) == []
