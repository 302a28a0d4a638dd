"""Sentences that help with APIs that don't exist but that public pages describe.

The list is in docs/salesforce/apex.md. Keys are in lower case.
"""

_RESULT = "auth.tokenvalidationresult"
_NEW_RESULT = (
    "new Auth.TokenValidationResult(true, data, userData, token, tokenType, customErrorMsg)"
)

TYPES = {
    "auth.tokenexchangehandler": (
        "Auth.TokenExchangeHandler doesn't exist. Extend Auth.Oauth2TokenExchangeHandler."
    ),
}

# By type and member.
MEMBERS = {
    (_RESULT, "success"): (
        "Auth.TokenValidationResult has no method success. "
        "Use new Auth.TokenValidationResult(true, …)."
    ),
    (_RESULT, "failure"): (
        "Auth.TokenValidationResult has no method failure. "
        "Use new Auth.TokenValidationResult(false)."
    ),
    (_RESULT, "getcustomerrormsg"): "Use getCustomErrorMessage() or customErrorMsg.",
    (_RESULT, "<constructor>"): (
        f"Use new Auth.TokenValidationResult(false) or {_NEW_RESULT}."
    ),
    ("auth.oauth2tokenexchangetype", "access"): (
        "Auth.OAuth2TokenExchangeType has no value ACCESS. Use ACCESS_TOKEN."
    ),
    ("auth.oauth2tokenexchangetype", "saml1"): (
        "Auth.OAuth2TokenExchangeType has no value SAML1. Use SAML_2."
    ),
    ("auth.oauth2tokenexchangetype", "saml2"): (
        "Auth.OAuth2TokenExchangeType has no value SAML2. Use SAML_2."
    ),
    ("oauthtokenexchangehandler", "apexclass__c"): (
        "OauthTokenExchangeHandler has no custom fields. Use TokenHandlerApexId."
    ),
    ("oauthtokenexchangehandler", "isenabled__c"): (
        "OauthTokenExchangeHandler has no custom fields. Use IsEnabled."
    ),
    ("auth.integratingapptype", "connected_app"): (
        "Auth.IntegratingAppType has no value CONNECTED_APP. Use CA."
    ),
    ("auth.integratingapptype", "external_client_app"): (
        "Auth.IntegratingAppType has no value EXTERNAL_CLIENT_APP. Use ECA."
    ),
}

# Platform classes that public pages extend for a handler, although they have other methods.
OTHER_BASES = {"auth.externalclientappoauthhandler", "auth.connectedappplugin"}

# By a method that a class tries to override, whichever class it extends.
OVERRIDES = {
    "validateincomingtoken": (
        "Extend Auth.Oauth2TokenExchangeHandler and declare "
        "validateIncomingToken(String appDeveloperName, Auth.IntegratingAppType appType, "
        "String incomingToken, Auth.OAuth2TokenExchangeType tokenType)."
    ),
    "getuserfortokensubject": (
        "Extend Auth.Oauth2TokenExchangeHandler and declare "
        "getUserForTokenSubject(Id networkId, Auth.TokenValidationResult result, "
        "Boolean canCreateUser, String appDeveloperName, "
        "Auth.IntegratingAppType appType)."
    ),
}
