"""Validating methods in the style of the vendors' guides on validating their tokens."""

# By the names of shapes. Each checks what the vendor's guide says to check.
BY_KEYS = {
    "auth0": """
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(
        token, 'https://mycompany.us.auth0.com/.well-known/jwks.json', true);
    Map<String, Object> claims = jwt.getAdditionalClaims();
    if (jwt.getIss() != 'https://mycompany.us.auth0.com/'
            || !jwt.getAud().contains('K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja')) {
        return new Auth.TokenValidationResult(false);
    }
    Datetime now = Datetime.now();
    if (Datetime.valueOfGmt((String) claims.get('exp')) <= now
            || Datetime.valueOfGmt((String) claims.get('iat')) > now.addMinutes(1)) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
        null, null, 'auth0', null, null);
    return new Auth.TokenValidationResult(true, claims, data, token, tokenType, null);
""",
    "entra_id": """
    String tenant = '8eaef023-2b34-4da1-9baa-8bc8c9d6a490';
    String authority = 'https://login.microsoftonline.com/' + tenant;
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(
        token, authority + '/discovery/v2.0/keys', true);
    Map<String, Object> claims = jwt.getAdditionalClaims();
    Boolean isOurs = jwt.getIss() == authority + '/v2.0' && claims.get('tid') == tenant
        && jwt.getAud() == '6731de76-14a6-49ae-97bc-6eba6914391e'
        && claims.get('ver') == '2.0';
    Datetime starts = Datetime.valueOfGmt((String) claims.get('nbf'));
    Datetime ends = Datetime.valueOfGmt((String) claims.get('exp'));
    Boolean isCurrent = starts <= Datetime.now().addMinutes(5) && ends > Datetime.now();
    if (!isOurs || !isCurrent) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData((String) claims.get('oid'), null, null, null,
        null, null, null, null, 'entra', null, null);
    return new Auth.TokenValidationResult(true, claims, data, token, tokenType, null);
""",
    "google": """
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(
        token, 'https://www.googleapis.com/oauth2/v3/certs', true);
    Map<String, Object> claims = jwt.getAdditionalClaims();
    Set<String> issuers = new Set<String>{
        'accounts.google.com', 'https://accounts.google.com' };
    Datetime ends = Datetime.valueOfGmt((String) claims.get('exp'));
    Datetime issued = Datetime.valueOfGmt((String) claims.get('iat'));
    if (!issuers.contains(jwt.getIss()) || ends <= Datetime.now()
            || issued > Datetime.now().addMinutes(1)
            || jwt.getAud() != '407408718192-sample.apps.googleusercontent.com'
            || claims.get('email_verified') != true || claims.get('hd') == null) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
        null, null, 'google', null, null);
    return new Auth.TokenValidationResult(true, claims, data, token, tokenType, null);
""",
    "keycloak": """
    String realm = 'https://sso.example.com/realms/staff';
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(
        token, realm + '/protocol/openid-connect/certs', true);
    Map<String, Object> claims = jwt.getAdditionalClaims();
    Boolean isOurs = jwt.getIss() == realm && claims.get('typ') == 'ID'
        && claims.get('azp') == 'salesforce' && jwt.getAud() == 'salesforce';
    Datetime now = Datetime.now();
    Boolean isCurrent = Datetime.valueOfGmt((String) claims.get('exp')) > now
        && Datetime.valueOfGmt((String) claims.get('iat')) <= now.addMinutes(1);
    if (!isOurs || !isCurrent) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
        null, null, 'keycloak', null, null);
    return new Auth.TokenValidationResult(true, claims, data, token, tokenType, null);
""",
    "okta": """
    String server = 'https://example.okta.com/oauth2/default';
    HttpRequest request = new HttpRequest();
    request.setEndpoint(server + '/.well-known/openid-configuration');
    request.setMethod('GET');
    Map<String, Object> found = (Map<String, Object>) JSON.deserializeUntyped(
        new Http().send(request).getBody());
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(
        token, (String) found.get('jwks_uri'), true);
    Map<String, Object> claims = jwt.getAdditionalClaims();
    Datetime now = Datetime.now();
    if (jwt.getIss() != (String) found.get('issuer') || jwt.getAud() != '0oa1salesforce5d7'
            || Datetime.valueOfGmt((String) claims.get('exp')) <= now
            || Datetime.valueOfGmt((String) claims.get('iat')) > now.addMinutes(1)) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
        null, null, 'okta', null, null);
    return new Auth.TokenValidationResult(true, claims, data, token, tokenType, null);
""",
    "ping": """
    String environment = '3072206d-c6ce-4c19-a366-f87e972c7cc3';
    String server = 'https://auth.pingone.com/' + environment + '/as';
    Auth.JWT jwt = Auth.JWTUtil.validateJWTWithKeysEndpoint(token, server + '/jwks', true);
    Map<String, Object> claims = jwt.getAdditionalClaims();
    Datetime now = Datetime.now();
    Boolean isOurs = jwt.getIss() == server && claims.get('env') == environment
        && jwt.getAud() == '6731de76-14a6-49ae-97bc-6eba6914391e';
    Boolean isCurrent = Datetime.valueOfGmt((String) claims.get('exp')) > now
        && Datetime.valueOfGmt((String) claims.get('iat')) <= now.addMinutes(1);
    if (!isOurs || !isCurrent) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData(jwt.getSub(), null, null, null, null, null,
        null, null, 'ping', null, null);
    return new Auth.TokenValidationResult(true, claims, data, token, tokenType, null);
""",
}
_INTROSPECT = """
    HttpRequest request = new HttpRequest();
    request.setEndpoint('{url}');
    request.setMethod('POST');
    request.setHeader('Content-Type', 'application/x-www-form-urlencoded');
    Blob client = Blob.valueOf('{client}:secret');
    request.setHeader('Authorization', 'Basic ' + EncodingUtil.base64Encode(client));
    request.setBody('token_type_hint=access_token&token='
        + EncodingUtil.urlEncode(token, 'UTF-8'));
    HttpResponse response = new Http().send(request);
    Map<String, Object> found =
        (Map<String, Object>) JSON.deserializeUntyped(response.getBody());
    Boolean isActive = found.get('active') == true && found.get('client_id') == '{client}'
        && found.get('iss') == '{iss}' && ((String) found.get('scope')).contains('openid');
    String id = (String) found.get('{id}');
    Auth.UserData data = new Auth.UserData(id, null, null, null, null, null, null, null,
        null, null, null);
    return new Auth.TokenValidationResult(isActive, null, data, token, tokenType, null);
"""
BY_INTROSPECTION = {
    "keycloak": _INTROSPECT.replace(
        "{url}",
        "https://sso.example.com/realms/staff/protocol/openid-connect/token/introspect",
    )
    .replace("{iss}", "https://sso.example.com/realms/staff")
    .replace("{client}", "salesforce")
    .replace("{id}", "sub"),
    "okta": _INTROSPECT.replace(
        "{url}", "https://example.okta.com/oauth2/default/v1/introspect"
    )
    .replace("{iss}", "https://example.okta.com/oauth2/default")
    .replace("{client}", "0oa1salesforce5d7")
    .replace("{id}", "uid"),
}
_USERINFO = """
    HttpRequest request = new HttpRequest();
    request.setEndpoint('{url}');
    request.setMethod('GET');
    request.setHeader('Authorization', 'Bearer ' + token);
    HttpResponse response = new Http().send(request);
    if (response.getStatusCode() != 200) {
        return new Auth.TokenValidationResult(false);
    }
    Map<String, Object> found =
        (Map<String, Object>) JSON.deserializeUntyped(response.getBody());
    if (found.get('email_verified') != true || found.get('name') == null) {
        return new Auth.TokenValidationResult(false);
    }
    Auth.UserData data = new Auth.UserData((String) found.get('sub'), null, null, null,
        null, null, null, null, null, null, null);
    return new Auth.TokenValidationResult(true, null, data, token, tokenType, null);
"""
BY_USERINFO = {
    "auth0": _USERINFO.replace("{url}", "https://mycompany.us.auth0.com/userinfo"),
    "google": _USERINFO.replace(
        "{url}", "https://openidconnect.googleapis.com/v1/userinfo"
    ),
}
FIND = """
    String id = result.getUserData().identifier;
    return [SELECT Id FROM User WHERE FederationIdentifier = :id];
"""
