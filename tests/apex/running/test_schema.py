"""Schema: tokens and descriptions of objects and fields, and errors of records."""

from tests.apex.compiling import compile_code

from . import fails, outcome

EXPRESSIONS = {
    "User.SObjectType": "User",
    "Schema.User.SObjectType": "User",
    "User.SObjectType.getDescribe().getName()": "User",
    "Schema.SObjectType.User.getName()": "User",
    "SObjectType.User.name": "User",
    "User.SObjectType.getDescribe().getKeyPrefix()": "005",
    "User.SObjectType.getDescribe().isCustom()": "false",
    "User.SObjectType == new User().getSObjectType()": "true",
    "User.SObjectType === Schema.SObjectType.User.getSObjectType()": "true",
    "User.SObjectType == Profile.SObjectType": "false",
    "((Id) UserInfo.getUserId()).getSObjectType() == User.SObjectType": "true",
    "new List<User>().getSObjectType()": "User",
    "new List<String>().getSObjectType()": "null",
    "new Map<SObjectType, String>{ User.SObjectType => 'u' }.get(User.SObjectType)": "u",
    "User.Email": "Email",
    "User.Email.getDescribe().getName()": "Email",
    "User.Email.getDescribe().getType()": "STRING",
    "User.Email.getDescribe().getType() == Schema.DisplayType.STRING": "true",
    "User.Email == User.Email": "true",
    "new User(Email = 'a').get(User.Email)": "a",
    "new User(Email = 'a').isSet(User.FirstName)": "false",
    "User.SObjectType.newSObject()": "User:{}",
    "User.SObjectType.newSObject(UserInfo.getUserId()).Id == UserInfo.getUserId()": "true",
    "User.SObjectType.getDescribe().fields.getMap().containsKey('email')": "true",
    "Schema.SObjectType.User.fields.getMap().get('email')": "Email",
    "Schema.SObjectType.User.isAccessible()": "true",
    "Schema.getGlobalDescribe().get('user').getDescribe().getName()": "User",
    "Schema.getGlobalDescribe().keySet().contains('account')": "true",
    "Schema.describeSObjects(new List<String>{ 'User' })[0].getName()": "User",
    "User.Email.getDescribe().getPicklistValues().size()": "0",
    "new Account().get(User.Email)": "System.SObjectException: User.Email does not belong"
    " to SObject type Account",
    "((Id) null).getSObjectType()": "System.NullPointerException: Attempt to de-reference a"
    " null object",
}
STATEMENTS = {
    "SObject s = new User(); s.put(User.Email, 'b'); return ((User) s).Email;": "b",
    "Schema.SObjectType t = User.SObjectType; return t.getDescribe().getLabel();": "User",
    "SObjectField f = User.FirstName; return '' + f;": "FirstName",
    "User u = new User(); u.addError('No'); return u.hasErrors() + u.getErrors()[0]"
    ".getMessage();": "trueNo",
    "User u = new User(); u.addError(User.Email, 'No'); return u.getErrors()[0]"
    ".getFields();": "(Email)",
    "User u = new User(); u.addError(new DmlException('x')); return u.getErrors()[0]"
    ".getMessage() + u.getErrors().size();": "x1",
    "User u = new User(); return u.hasErrors() + '' + u.getErrors().size();": "false0",
}  # fmt: skip
REFUSED = {
    "return Schema.SObjectType.User.getRecordTypeInfos();": "getRecordTypeInfos",
    "return Case.SObjectType;": "Case",
    "return User.Nope;": "User.Nope",
    "return Schema.describeTabs();": "Schema.describeTabs",
}


def test_tokens_and_descriptions(subtests):
    for code, expected in {**EXPRESSIONS, **STATEMENTS}.items():
        with subtests.test(code=code):
            assert outcome(code) == expected


def test_what_is_not_described_is_named(subtests):
    for code, name in REFUSED.items():
        with subtests.test(code=code):
            assert name in fails(code)


def test_the_checker_knows_tokens_and_descriptions(subtests):
    for code in [*STATEMENTS, *(f"Object o = {each};" for each in EXPRESSIONS)]:
        body = code.replace("return ", "Object result = ")
        with subtests.test(code=code):
            assert not compile_code(f"public class C {{ void m() {{ {body} }} }}").problems
