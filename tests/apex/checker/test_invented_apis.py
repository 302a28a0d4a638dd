"""APIs that public pages show but that don't exist: each error has a hint."""

from tests.apex.compiling import compile_code

HANDLER = """public class Handler extends Auth.Oauth2TokenExchangeHandler {{
    public override Auth.TokenValidationResult validateIncomingToken(String app,
            Auth.IntegratingAppType appType, String token,
            Auth.OAuth2TokenExchangeType type) {{
        Auth.UserData data;
        if (app == null) {{ {code} }}
        return null;
    }}
}}
"""
# Code, the compiler's message, and part of the hint.
STATEMENTS = [
    (
        "return Auth.TokenValidationResult.success(data);",
        "Method does not exist or incorrect signature: void success(Auth.UserData) "
        "from the type Auth.TokenValidationResult",
        "Auth.TokenValidationResult has no method success. "
        "Use new Auth.TokenValidationResult(true, …).",
    ),
    (
        "return Auth.TokenValidationResult.failure('Expired');",
        "Method does not exist or incorrect signature: void failure(String) "
        "from the type Auth.TokenValidationResult",
        "Use new Auth.TokenValidationResult(false).",
    ),
    (
        "return new Auth.TokenValidationResult(true, null, data, token, type);",
        "Constructor not defined: [Auth.TokenValidationResult].<Constructor>"
        "(Boolean, NULL, Auth.UserData, String, Auth.OAuth2TokenExchangeType)",
        "Use new Auth.TokenValidationResult(false) or",
    ),
    (
        "if (type == Auth.OAuth2TokenExchangeType.ACCESS) return null;",
        "Variable does not exist: ACCESS",
        "Use ACCESS_TOKEN.",
    ),
    (
        "if (type == Auth.OAuth2TokenExchangeType.SAML1) return null;",
        "Variable does not exist: SAML1",
        "Use SAML_2.",
    ),
    (
        "if (appType == Auth.IntegratingAppType.CONNECTED_APP) return null;",
        "Variable does not exist: CONNECTED_APP",
        "Use CA.",
    ),
    (
        "insert new OauthTokenExchangeHandler(ApexClass__c = 'x');",
        "Field does not exist: ApexClass__c on OauthTokenExchangeHandler",
        "Use TokenHandlerApexId.",
    ),
    (
        "insert new OauthTokenExchangeHandler(IsEnabled__c = true);",
        "Field does not exist: IsEnabled__c on OauthTokenExchangeHandler",
        "Use IsEnabled.",
    ),
]
METHODS = {
    "three arguments": "User getUserForTokenSubject"
    "(Id networkId, Auth.TokenValidationResult result, Boolean canCreateUser)",
    "another order": "Auth.TokenValidationResult validateIncomingToken(String token, "
    "Auth.OAuth2TokenExchangeType type, String app, Auth.IntegratingAppType appType)",
}


def test_statements(subtests):
    for code, message, hint in STATEMENTS:
        with subtests.test(code=code):
            [problem] = compile_code(HANDLER.format(code=code)).problems

            assert (problem.at.line, problem.message) == (6, message)
            assert hint in problem.hint


def test_overrides_with_other_parameters(subtests):
    for base in ("Auth.Oauth2TokenExchangeHandler", "Auth.ExternalClientAppOauthHandler"):
        for name, method in METHODS.items():
            with subtests.test(base=base, method=name):
                code = (
                    f"public class Handler extends {base} {{\n"
                    f"    public override {method} {{ return null; }}\n}}"
                )
                problem = compile_code(code).problems[0]

                assert problem.message.startswith("@Override specified for non-overriding")
                assert "Extend Auth.Oauth2TokenExchangeHandler and declare" in problem.hint
                assert problem.at.line == 2


def test_interface():
    code = "public class Handler implements Auth.TokenExchangeHandler {}"
    [problem] = compile_code(code).problems

    assert (problem.at, problem.message) == (
        (1, 33),
        "Invalid type: Auth.TokenExchangeHandler",
    )
    assert problem.text.endswith("doesn't exist. Extend Auth.Oauth2TokenExchangeHandler.")
