"""Unknown types, fields, and objects give one warning, and no error."""

from tests.apex.compiling import compile_code
from tokenx.apex.compiled import CompileOutcome

UNKNOWN = """public class Sample extends managed.Base implements Unknown.Kind {
    Account account = new Account(Name = 'A', Industry__c = 1);
    Custom__c custom;
    public void run(Map<Id, Other__mdt> all, Schema.SObjectType type) {
        custom.Parent__r.Owner.Name = account.Missing.deep().value;
        Integer total = helper.count(all.get('x').Value__c) + inherited;
        npsp.Service.call(Label.Text, Page.Home, managed.Base.X);
        for (Case each : [SELECT Id, (SELECT Id FROM Tasks) FROM Case WHERE X__c = :type]) {
            System.debug(each.Subject.length() + Database.insert(each, false).getErrors());
        }
        if (type.getDescribe().isCustom()) { undefined(1); this.undefined = 1; }
    }
}
"""


def test_one_warning_names_each_thing_and_its_line():
    compiled = compile_code(UNKNOWN)

    [warning] = compiled.problems
    assert compiled.status is CompileOutcome.NOT_RUNNABLE
    assert warning.message.startswith(
        "tokenx doesn't know managed.Base (line 1), Unknown.Kind (line 1), "
    )
    assert warning.message.endswith("a run ends when it reaches this code.")


def test_known_code_is_still_checked():
    code = UNKNOWN.replace("Integer total =", "Integer total = 'a' +")

    errors = [each for each in compile_code(code).problems if each.severity == "error"]
    assert [(each.at.line, each.message) for each in errors] == [
        (6, "Illegal assignment from String to Integer")
    ]


def test_deep_code_ends():
    lines = ["public class Sample { Object run(Boolean b) {", "Object x ="]
    lines += ["'a' +"] * 900 + ["1;", "if (b) { x = 1; }"]
    lines += ["else if (b) { x = 2; }"] * 300
    lines += ["return b" + " ? x : b" * 60 + " ? x : 1; } }"]

    assert compile_code("\n".join(lines)).status is not None
