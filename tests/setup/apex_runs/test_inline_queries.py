"""Queries in classes: the checker with the ports of an org."""

from tokenx.apex.compiling import compile_class
from tokenx.setup.apex_runs.queries import PORTS
from tokenx.setup.apex_runs.trees import parser

CODE = """public class A {{
  void run(String text, List<Id> ids, Integer most) {{
    {statement}
  }}
}}
"""


def problems(statement):
    """Return the problems of a statement in line 3; columns count from its start."""
    body = CODE.format(statement=statement)
    compiled = compile_class(body, parser=parser(), classes={}, ports=PORTS)
    found = compiled.problems
    return [(each.at.line - 3, each.at.column - 5, each.message) for each in found]


def test_queries_without_problems(subtests):
    for query in [
        "List<User> users = [SELECT Id, Profile.Name FROM User WHERE Username =: text];",
        "User user = [SELECT Id FROM User WHERE Email LIKE :text + '%' LIMIT :most];",
        "Integer count = [SELECT COUNT() FROM User WHERE Id IN :ids];",
        "for (User each : [SELECT Id FROM User WHERE Id IN :ids /* all */ FOR UPDATE]) {}",
        "String name = [SELECT Name FROM User WITH USER_MODE LIMIT 1].Name;",
        "Id first = [SELECT Id FROM User][0].Id;",
        "List<User> users = [\n // the first\n SELECT Id FROM User WHERE Id = :ids[0]];",
    ]:
        with subtests.test(query=query):
            assert problems(query) == []


def test_errors_are_at_their_place(subtests):
    for statement, message in [
        ("User a = [SELECT Id FROM User WERE ^Id = :text];", "unexpected token: 'Id'"),
        ("User a = [SELECT Id FROM User WHERE Id = ^text];", "unexpected token: 'text'"),
        ("User a = [SELECT Id,\n ^FROM User];", "unexpected token: 'FROM'"),
        ("User a = [SELECT Id FROM User WHERE Id = :^b];", "Variable does not exist: b"),
        (
            "User a = [SELECT Id FROM User\nWHERE Email = :^b.c OR Id = :text];",
            "Variable does not exist: b",
        ),
        (
            "User a = [SELECT Id FROM User WHERE Id = :text.^trm()];",
            "Method does not exist or incorrect signature: void trm() from the type String",
        ),
    ]:
        with subtests.test(statement=statement):
            [(line, column, found), *_] = problems(statement.replace("^", ""))
            before = statement[: statement.index("^")]
            start = len(before) - before.rfind("\n") - 1
            assert line == before.count("\n")
            assert column == start - (4 if line else 0)
            assert found == message


def test_refuses_binds_that_are_no_expressions(subtests):
    for bind in ["text.trim(1 2)", "text.trim( . )", "a ? text", "text +", "a(", "(text"]:
        with subtests.test(bind=bind):
            assert problems(f"User a = [SELECT Id FROM User WHERE Id = :{bind}];")


def test_what_tokenx_does_not_know_is_one_warning():
    [(_, _, message)] = problems(
        "List<Case> a = [SELECT Id, (SELECT Id FROM Tasks), Own__c FROM Case];"
        "List<AggregateResult> b = [SELECT SUM(Own__c) m FROM User GROUP BY Email];"
    )

    for name in ["Case", "a nested query", "SUM()"]:
        assert name in message
