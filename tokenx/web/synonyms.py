"""Words that people enter in Quick Find and Search Setup for a page with another label.

A page is found if a synonym starts with the text. Write synonyms in lowercase, and don't
repeat the label: Quick Find finds any part of it. `token` alone isn't a synonym, because
the documented way to Token Exchange Handlers is to enter Token.
"""

_TABLE = {
    "SetupOneHome": "start, get started, dashboard",
    # Administration
    "PermSetGroups": "permissions",
    "PermSets": "permissions, access, authorization, assignments, preauthorized",
    "EnhancedProfiles": "permissions, access, authorization, roles",
    "ManageUsers": "password, people, accounts, integration user, run as, usernames, "
    "federation id, freeze, deactivate, locale, time zone",
    # Platform Tools
    "NavigationMenus": "connected apps, eca, external client apps, oauth, consumer key, "
    "client id, callback url, scopes",
    "ConnectedApplication": "oauth, consumer key, consumer secret, client id, "
    "client secret, callback url, scopes, policies, refresh tokens",
    "ManageExternalClientApplication": "eca, new connected app, oauth, consumer key, "
    "consumer secret, client id, client secret, callback url, scopes, policies, "
    "refresh tokens",
    "ExternalClientAppsUsage": "eca",
    "ExternalClientAppSettings": "eca",
    "ObjectManager": "custom fields, user fields, schema",
    "ExternalStrings": "translations, texts",
    "ApexClasses": "code, handler class, developer console, execute anonymous, compile",
    "CustomMetadata": "mdt",
    "DeploymentSettings": "change sets",
    "DeployStatus": "metadata, retrieve, package, change sets, sfdx, zip, xml, "
    "import, upload",
    "ApexDebugLogs": "trace flags, debug levels, traces, system.debug",
    "WebServices": "wsdl, soap, rest",
    # Settings
    "AuthProviders": "idp, oauth, openid connect, oidc, sso, social sign-on",
    "IdpPage": "idp, saml, sso",
    "IdpErrorLog": "idp, logs",
    "IdentityVerification": "mfa, 2fa, multi-factor, two-factor",
    "OrgLoginHistory": "logs, sign-in, logons, ip address, failed logins",
    "OauthOidcSettings": "flows, jwt",
    "SingleSignOn": "saml, sso, idp, federation",
    "OauthTokenExchangeHandlers": "oauth, jwt, saml, idp, identity provider, "
    "subject token, sso, rfc 8693, default handler, enable app, enabled apps",
    "CertificatesAndKeysManagement": "jwt, saml, x.509, x509, pem, jwks, public key, "
    "private key, signing, signature",
    "NamedCredential": "callouts, endpoint, secrets",
    "NetworkAccess": "ip ranges, trusted ip, allowlist",
    "SecurityRemoteProxy": "callouts, endpoint, allowlist, http",
    "SecuritySession": "timeout, password",
    "SimulatedIssuers": "idp, identity provider, jwt, saml, jwks, openid connect, oidc, "
    "id token, okta, entra, azure, auth0, keycloak, ping, issue a token, sso",
    "TryIt": "exchange a token, oauth, jwt, saml, access token, curl, "
    "postman, playground, refresh token, id token, test",
    "SecurityEvents": "logs, changes, change history, audit log, activity",
    # tokenx
    "Classes": "training, trainer, teach, participants, workshop, classroom, students",
    "Demos": "training, tour, presenter bar, presentation, snapshots, share, backup, "
    "restore",
    "Exercises": "training, practice, tasks, learn, lessons, tutorial, course, progress, "
    "certificate, trailhead, hints",
    "Help": "documentation, guide, about, support",
    "Training": "exercises, practice org, learn, lessons, tutorial, course, classes, "
    "trailhead, demos, reset, error codes, oauth errors, invalid_grant, troubleshooting",
    "ApiAccess": "access token, session id, bearer, salesforce cli, sf cli, sfdx, soap, "
    "rest, api key, security token, credentials, log in",
    "Health": "health check, issues, problems, warnings, status, diagnostics, checks, "
    "monitoring",
    "StrictMode": "strict fidelity, fidelity, realistic, read-only",
}
SYNONYMS = {
    slug: tuple(phrase.strip() for phrase in phrases.split(","))
    for slug, phrases in _TABLE.items()
}
