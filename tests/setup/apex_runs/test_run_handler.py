"""Running a handler class on a token: both methods, the user, and what's refused."""

from functools import partial

import pytest

from tests.factories import OrgFactory, UserFactory, profile_of
from tokenx.apex.runtime.trace import FatalError, QueryStarted, UnitFinished, UnitStarted
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.org.record_ids import record_id
from tokenx.setup.apex_runs import running
from tokenx.setup.apex_runs.places import NoPlaceError, place_for

from .handler_calls import BODY, FIND, run_class

pytestmark = pytest.mark.django_db
BASE = "public class Mine extends Auth.Oauth2TokenExchangeHandler {}"


@pytest.fixture
def run(admin):
    """Return a function that saves a class and runs it."""

    return partial(run_class, admin)


def test_finds_the_user_of_a_token(admin, run):
    found = run()

    assert (found.refusal, found.error) == ("", None)
    assert found.is_successful
    assert (found.user, found.is_new_user) == (admin, False)
    assert found.validation.is_valid
    assert (found.budget.queries, found.budget.rows) == (1, 1)
    units = [each.name for each in found.trace.events if isinstance(each, UnitStarted)]
    assert units == ["Mine.validateIncomingToken", "Mine.getUserForTokenSubject"]
    ends = [each.name for each in found.trace.events if isinstance(each, UnitFinished)]
    assert ends == units
    assert any(isinstance(each, QueryStarted) for each in found.trace.events)


def test_the_class_gets_the_token_and_its_app(run):
    found = run(
        "Boolean isMine = token == 'a token' && appType == Auth.IntegratingAppType.ECA"
        " && tokenType == Auth.OAuth2TokenExchangeType.ID_TOKEN;"
        "return new Auth.TokenValidationResult(isMine);"
    )
    assert found.is_successful


def test_an_invalid_token(run):
    found = run("return new Auth.TokenValidationResult(false);")
    assert (found.refusal, found.user) == ("The token isn't valid.", None)
    found = run(
        "return new Auth.TokenValidationResult(false, null, null, token, tokenType,"
        " 'Too old');"
    )
    assert found.refusal == "The token isn't valid: Too old"
    assert found.validation.custom_error == "Too old"


def test_shows_what_the_token_says_about_its_user(run):
    found = run(
        "Auth.UserData data = new Auth.UserData('id-1', 'Inga', 'Bot', null, 'i@x.example',"
        " null, 'inga', null, null, null, null);"
        "return new Auth.TokenValidationResult(true, 7, data, token, tokenType, null);"
    )
    assert found.validation.data == "7"
    assert found.validation.user_data == (
        ("identifier", "id-1"),
        ("firstName", "Inga"),
        ("lastName", "Bot"),
        ("email", "i@x.example"),
        ("username", "inga"),
    )


def test_names_a_base_method_that_returned_null(run):
    found = run(body=BASE)
    assert found.missing_overrides == ("validateIncomingToken", "getUserForTokenSubject")
    assert found.refusal == (
        "Mine doesn't override validateIncomingToken, and the base method returned null."
    )
    only = BODY[: BODY.index("    public override User")] + "}"
    found = run(body=only)
    assert found.missing_overrides == ("getUserForTokenSubject",)
    assert found.validation.is_valid
    assert "getUserForTokenSubject, and the base method returned null" in found.refusal
    assert run("return null;").refusal == "validateIncomingToken returned null."
    assert run(find="return null;").refusal == "getUserForTokenSubject returned null."


def test_an_exception_names_its_line(run):
    found = run(
        "String text;\n        return new Auth.TokenValidationResult(text.length() > 1);"
    )

    assert found.error.text == (
        "System.NullPointerException: Attempt to de-reference a null object"
    )
    assert (found.error.line, found.error.class_name) == (7, "Mine")
    assert found.refusal == (
        "System.NullPointerException: Attempt to de-reference a null object "
        "(line 7 of Mine)."
    )
    assert found.error.stack[0].startswith("Class.Mine.validateIncomingToken: line 7")
    assert [type(each) for each in found.trace.events[-2:]] == [FatalError, UnitFinished]


def test_what_does_not_run_is_named(run):
    found = run("EventBus.publish(new List<SObject>()); return null;")
    assert found.error.ending == "not_runnable"
    assert found.refusal == "tokenx doesn't run `EventBus.publish` (line 6)."


def test_limits_end_a_run(run):
    found = run("while (true) {} return null;")
    assert found.error.ending == "limit"
    assert found.refusal == (
        "System.LimitException: Apex CPU time limit exceeded (line 6 of Mine)."
    )
    assert found.budget.cpu_milliseconds == 10_000


def test_too_much_source(run, monkeypatch):
    monkeypatch.setattr(running, "MAX_SOURCE", 100)
    assert run().refusal == (
        "tokenx doesn't run `this much code`. A run reads at most 0 kB of code."
    )


# --- Users -------------------------------------------------------------------------------


def new_user(admin, username="inga@x.example"):
    profile = record_id("00e", profile_of(admin.org, BuiltInProfile.STANDARD_USER).pk)
    return (
        f"return new User(Username = '{username}', LastName = 'Bot', Alias = 'ibot',"
        " Email = 'i@x.example', TimeZoneSidKey = 'GMT', LocaleSidKey = 'en_US',"
        " EmailEncodingKey = 'UTF-8', LanguageLocaleKey = 'en_US',"
        f" ProfileId = '{profile}');"
    )


def test_creates_a_returned_user_only_if_allowed(admin, run):
    found = run(find=new_user(admin))
    assert found.refusal == (
        "getUserForTokenSubject returned a new user, but the handler isn't allowed to "
        "create users."
    )
    found = run(find=new_user(admin), can_create_users=True)
    assert (found.user.username, found.is_new_user) == ("inga@x.example", True)
    assert not User.objects.filter(last_name="Bot").exists()
    assert not AuditEntry.objects.exists()

    found = run(find=new_user(admin), can_create_users=True, commit=True)
    assert User.objects.get(last_name="Bot") == found.user
    assert AuditEntry.objects.get().user == admin


def test_a_new_user_is_checked(admin, run):
    found = run(find=new_user(admin, admin.username), can_create_users=True, commit=True)
    assert found.refusal.startswith(
        "The new user couldn't be created: DUPLICATE_USERNAME, Duplicate Username."
    )
    found = run(find="return new User(LastName = 'Bot');", can_create_users=True)
    assert "Required fields are missing: [Username, Email" in found.refusal


def test_the_user_must_be_an_active_one_of_the_org(admin, run):
    inactive = UserFactory(org=admin.org, is_active=False)
    found = run(find=f"return new User(Id = '{record_id('005', inactive.pk)}');")
    assert found.refusal.endswith("who is inactive.")
    stranger = record_id("005", UserFactory(org=OrgFactory()).pk)
    found = run(find=f"return new User(Id = '{stranger}');")
    assert found.refusal == (
        f"getUserForTokenSubject returned {stranger}, which isn't a user of this org."
    )


def test_changes_of_the_code_are_saved_only_if_a_user_is_found(admin, run):
    update = f"User u = {FIND.removeprefix('return ')} u.FirstName = 'Eve'; update u; "
    run(find=f"{update} return u;")
    admin.refresh_from_db()
    assert admin.first_name == "Ada"
    run(find=f"{update} return null;", commit=True)
    run(find=f"{update} String s; s.length(); return u;", commit=True)
    admin.refresh_from_db()
    assert admin.first_name == "Ada"
    assert run(find=f"{update} return u;", commit=True).is_successful
    admin.refresh_from_db()
    assert admin.first_name == "Eve"


# --- What doesn't start ------------------------------------------------------------------


def test_classes_that_cannot_run(admin, run):
    found = run("return 1;")
    assert found.refusal.startswith("Mine has a compile error at line 6")
    assert "doesn't extend" in run(body="public class Mine {}").refusal
    inactive = UserFactory(org=admin.org, is_active=False)
    assert "is inactive. Activate this user" in run(run_as=inactive).refusal


def test_a_run_needs_a_place(admin, run):
    with place_for(admin.org_id), pytest.raises(NoPlaceError):
        run()
