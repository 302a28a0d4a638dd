"""The classes of an org while one of them is compiled."""

import pytest

from tests.factories import ApexClassFactory, OrgFactory
from tokenx.org.models import ApexClass
from tokenx.setup.apex_runs.classes import MOST_LOADED, ClassesInOrg, TooMuchCodeError
from tokenx.setup.compile_classes import compile_body, compile_together

pytestmark = pytest.mark.django_db
STATIC = "public static String text;"


def code(name, members="", base=""):
    extends = f" extends {base}" if base else ""
    return f"public virtual class {name}{extends} {{ {members} }}"


@pytest.fixture
def add(org):
    """Return a function that adds a class to the org."""

    def add(name, members="", **options):
        ApexClassFactory(org=org, name=name, body=code(name, members, **options))

    return add


def messages(compiled):
    return [problem.message for problem in compiled.problems]


def test_finds_classes_in_any_case(org, add):
    add("Helper")
    classes = ClassesInOrg(org.pk, {}, max_new_code=1_000)

    assert "helper" in classes
    assert classes.get("helper").name == "Helper"
    assert "other" not in classes
    assert classes.get("other") is None


def test_another_orgs_classes_do_not_exist(org):
    ApexClassFactory(org=OrgFactory(), name="Helper", body=code("Helper"))
    classes = ClassesInOrg(org.pk, {}, max_new_code=1_000)

    assert "helper" not in classes
    assert classes.get("helper") is None


def test_the_same_name_in_another_org_is_another_class(org, add):
    add("Helper", "public static String mine;")
    other = OrgFactory()
    body = code("Helper", "public static String theirs;")
    ApexClassFactory(org=other, name="Helper", body=body)

    for where, known, unknown in [(org, "mine", "theirs"), (other, "theirs", "mine")]:
        assert not messages(
            compile_body(org=where.pk, body=code("A", f"String a = Helper.{known};"))
        )
        assert messages(
            compile_body(org=where.pk, body=code("A", f"String a = Helper.{unknown};"))
        ) == [f"Variable does not exist: {unknown}"]


def test_given_classes_replace_the_orgs(org, add):
    add("Helper", "public static String stored;")
    bodies = {"HELPER": code("Helper", "public static String given;")}
    classes = ClassesInOrg(org.pk, bodies, max_new_code=1_000)

    [field] = classes.get("helper").members
    assert field.declarators[0].name == "given"


def test_a_hidden_class_does_not_exist(org, add):
    add("Helper")
    classes = ClassesInOrg(org.pk, {}, max_new_code=1_000, hidden=["HELPER"])
    assert "helper" not in classes


def test_a_renamed_class_no_longer_exists_under_its_old_name(org, add):
    add("Old")
    body = code("Renamed", "Old a;")
    [message] = messages(compile_body(org=org.pk, body=body, name="Old"))
    assert "Old (line 1)" in message


def test_a_class_with_syntax_errors_exists_without_a_tree(org):
    ApexClassFactory(org=org, name="Broken", body="public class Broken {")
    classes = ClassesInOrg(org.pk, {}, max_new_code=1_000)

    assert "broken" in classes
    assert classes.get("broken") is None
    assert not messages(compile_body(org=org.pk, body=code("A", "Broken a;")))


def test_a_class_that_was_deleted_concurrently_has_no_tree(org, add):
    add("Helper")
    classes = ClassesInOrg(org.pk, {}, max_new_code=1_000)
    ApexClass.objects.filter(org=org).delete()

    assert classes.get("helper") is None


def test_loads_the_mentioned_classes_with_one_query(org, add, django_assert_num_queries):
    numbers = range(MOST_LOADED)
    for number in numbers:
        add(f"Helper{number}", STATIC)
    add("Unrelated")
    members = "".join(f"String a{number} = Helper{number}.text;" for number in numbers)

    with django_assert_num_queries(1):
        compile_body(org=org.pk, body=code("A", "String a;"))
    with django_assert_num_queries(2):
        assert not messages(compile_body(org=org.pk, body=code("A", members)))


def test_a_chain_of_base_classes_takes_a_query_each(org, add, django_assert_num_queries):
    add("Base0", base="Auth.Oauth2TokenExchangeHandler")
    for number in range(1, 5):
        add(f"Base{number}", base=f"Base{number - 1}")

    with django_assert_num_queries(6):
        compiled = compile_body(org=org.pk, body=code("A", base="Base4"))
    assert compiled.superclasses[0] == "Base4"
    assert compiled.superclasses[-1] == "Auth.Oauth2TokenExchangeHandler"


def test_classes_that_are_compiled_together_take_few_queries(
    org, add, django_assert_num_queries
):
    for number in range(30):
        add(f"Stored{number}", STATIC)
    bodies = {
        f"Given{number}": code(
            f"Given{number}",
            f"{STATIC} String a = Stored{number}.text; String b = Given{29 - number}.text;",
        )
        for number in range(30)
    }

    with django_assert_num_queries(3):
        results = compile_together(org=org.pk, bodies=bodies)
    assert not any(map(messages, results.values()))


def test_the_budget_is_for_code_without_a_tree(org, add):
    add("Helper", f"{STATIC} /* {'x' * 500} */")
    body = code("A", "String a = Helper.text;")
    with pytest.raises(TooMuchCodeError):
        ClassesInOrg(org.pk, {}, max_new_code=400).get("helper")

    results = compile_together(org=org.pk, bodies={"A": body}, max_new_code=400)
    assert results == {}

    assert ClassesInOrg(org.pk, {}, max_new_code=1_000).get("helper")
    assert ClassesInOrg(org.pk, {}, max_new_code=0).get("helper")
    assert compile_together(org=org.pk, bodies={"A": body}, max_new_code=400)


def test_urgent_classes_use_the_budget_first(org):
    bodies = {name: code(name, f"// {'x' * 300}\n") for name in ("A", "B", "C")}
    results = compile_together(org=org.pk, bodies=bodies, first=["c"], max_new_code=500)
    assert list(results) == ["c"]


def test_a_class_that_refers_to_too_much_code_is_not_compiled(org, add, monkeypatch):
    monkeypatch.setattr("tokenx.setup.compile_classes.MAX_NEW_CODE", 100)
    add("Longer", f"{STATIC} /* {'y' * 200} */")

    assert compile_body(org=org.pk, body=code("A", "String a = Longer.text;")) is None
    assert compile_body(org=org.pk, body=code("A", "String a;"))
