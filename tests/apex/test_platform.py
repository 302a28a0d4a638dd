"""The platform's types: which members they have, and which they don't."""

from collections.abc import Iterator

import pytest

from tokenx.apex.platform import (
    PlatformType,
    canonical_name,
    platform_type,
    platform_types,
)
from tokenx.apex.types import ApexType, list_of, parse_type, substitute

STRING = ApexType("String")
# Objects that signatures mention. The code that knows the objects of an org has these.
OBJECTS = {
    "AuthConfig",
    "AuthConfigProviders",
    "AuthProvider",
    "Contact",
    "SamlSsoConfig",
    "User",
}


def known(name: str) -> PlatformType:
    found = platform_type(name)
    assert found is not None, name
    return found


def signatures(name: str, method: str) -> list[str]:
    return [
        f"{each.returns} {each.name}({', '.join(map(str, each.parameters))})"
        for each in known(name).methods.get(method.lower(), ())
    ]


def mentioned(type_: ApexType) -> Iterator[str]:
    yield type_.name
    for argument in type_.arguments:
        yield from mentioned(argument)


def types_of(declared: PlatformType) -> Iterator[ApexType]:
    yield from filter(None, [declared.superclass, *declared.interfaces])
    for same_name in (declared.constructors, *declared.methods.values()):
        for signature in same_name:
            yield from (signature.returns, *signature.parameters)
    yield from (each.type for each in declared.properties.values())


def test_each_type_that_a_signature_names_is_known():
    unknown = {
        f"{declared.name}: {name}"
        for declared in platform_types()
        for type_ in types_of(declared)
        for name in mentioned(type_)
        if name not in (*declared.parameters, "?", "void", *OBJECTS)
        and canonical_name(name) is None
    }

    assert not unknown


def test_names_keep_the_platforms_case_and_ignore_the_readers():
    assert known("auth.jwtUTIL").name == "Auth.JWTUtil"
    assert known("system.string").name == known("STRING").name == "String"
    assert canonical_name("sobjecttype") == "Schema.SObjectType"
    assert canonical_name("database.batchable") == "Database.Batchable"
    assert platform_type("JWT") is None
    assert canonical_name("JWT") is None


def test_types_known_by_name_only_have_no_members():
    for name in ("Schema.RecordTypeInfo", "Messaging", "ConnectApi", "Site"):
        assert platform_type(name) is None
        assert canonical_name(name) == name


def test_the_handlers_base_class_is_abstract_and_its_methods_are_virtual():
    handler = known("Auth.Oauth2TokenExchangeHandler")
    user = handler.methods["getuserfortokensubject"]
    validate = handler.methods["validateincomingtoken"]

    assert handler.is_abstract
    assert [each.is_virtual for each in (*user, *validate)] == [True, True]
    assert not any(each.is_abstract for each in (*user, *validate))
    assert signatures(handler.name, "getUserForTokenSubject") == [
        "User getUserForTokenSubject(Id, Auth.TokenValidationResult, Boolean, String, "
        "Auth.IntegratingAppType)"
    ]
    assert signatures(handler.name, "validateIncomingToken") == [
        "Auth.TokenValidationResult validateIncomingToken(String, "
        "Auth.IntegratingAppType, String, Auth.OAuth2TokenExchangeType)"
    ]


def test_invented_apis_do_not_exist():
    result = known("Auth.TokenValidationResult")
    kinds = known("Auth.OAuth2TokenExchangeType").values

    assert not {"success", "failure"} & {*result.methods, *result.properties}
    assert not {"ACCESS", "SAML1", "CONNECTED_APP"} & {*kinds}
    assert known("Auth.IntegratingAppType").values == ("CA", "ECA")
    assert sorted(len(each.parameters) for each in result.constructors) == [1, 6]
    assert canonical_name("Auth.TokenExchangeHandler") is None
    handler = known("Auth.ExternalClientAppOauthHandler")
    assert not {"validateincomingtoken", "getuserfortokensubject"} & {*handler.methods}


def test_a_type_has_what_it_inherits():
    assert signatures("QueryException", "getMessage") == ["String getMessage()"]
    assert known("QueryException").superclass == ApexType("Exception")
    assert len(known("QueryException").constructors) == 4
    assert known("QueryException").is_virtual
    assert not known("LimitException").is_virtual
    assert len(known("NullPointerException").constructors) == 1
    assert signatures("Integer", "hashCode") == ["Integer hashCode()"]
    assert signatures("List", "iterator") == ["Iterator<T> iterator()"]
    assert signatures("Auth.IntegratingAppType", "values") == [
        "List<Auth.IntegratingAppType> values()"
    ]


def test_only_an_abstract_type_leaves_methods_to_its_subclasses():
    for declared in platform_types():
        for signature in (each for same in declared.methods.values() for each in same):
            assert declared.is_abstract or not signature.is_abstract, declared.name
    assert known("Comparable").methods["compareto"][0].is_abstract
    assert known("Auth.AuthProviderPluginClass").methods["initiate"][0].is_abstract


def test_reads_types():
    nested = parse_type(" Map< String , List<Auth.JWT>> ")

    assert nested == ApexType("Map", (STRING, list_of(ApexType("Auth.JWT"))))
    assert str(nested) == "Map<String,List<Auth.JWT>>"
    assert parse_type("String[][]") == list_of(list_of(STRING))
    assert nested.is_same(parse_type("map<system.string, LIST<auth.jwt>>"))
    for text in ("", "List<", "List<>", "<String>", "List<String>>", "A B", "Map<A,>"):
        with pytest.raises(ValueError, match=r"."):
            parse_type(text)


def test_replaces_type_parameters():
    arguments = {"K": STRING, "V": list_of(STRING)}

    assert substitute(parse_type("Set<K>"), arguments) == parse_type("Set<String>")
    assert substitute(parse_type("V"), arguments) == parse_type("List<String>")


# The frequency tables of docs/salesforce/apex.md: what public handlers use.
USED = """
    Exception.getMessage String.isBlank String.isNotBlank Map.get List.isEmpty List.size
    JSON.deserializeUntyped JSON.createParser JSON.createGenerator JSON.deserialize
    Auth.JWTUtil.validateJWTWithCert Auth.JWTUtil.validateJWTWithKeysEndpoint
    Auth.JWTUtil.validateJWTWithKey Auth.JWT.getSub Auth.JWT.getIss Auth.JWT.getAud
    Auth.JWT.getAdditionalClaims Http.send HttpRequest.setEndpoint HttpRequest.setMethod
    HttpRequest.setHeader HttpRequest.setBody HttpResponse.getBody
    HttpResponse.getStatusCode Auth.TokenValidationResult.userData
    Auth.TokenValidationResult.getUserData Auth.UserData.username Datetime.now
    Datetime.getTime Datetime.valueOfGmt Datetime.newInstance Math.mod Long.valueOf
    String.valueOf String.split String.replace String.trim String.contains String.equals
    String.substring String.substringBefore String.substringAfter String.indexOf
    String.toLowerCase String.repeat EncodingUtil.base64Decode EncodingUtil.convertToHex
    EncodingUtil.convertFromHex Blob.valueOf Crypto.verify JSONToken.FIELD_NAME
    UserInfo.getUserId Crypto.signWithCertificate Crypto.sign Crypto.generateMac
    Crypto.generateDigest Crypto.verifyHMac String.format Type.forName
    Auth.OAuth2TokenExchangeType.JWT Auth.IntegratingAppType.ECA
"""


def test_the_library_that_handlers_use_is_known():
    for name in USED.split():
        owner, _, member = name.rpartition(".")
        members = {**known(owner).methods, **known(owner).properties}
        assert member.lower() in members, name
