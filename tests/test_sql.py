"""The guard that checks all SQL finds each kind of statement that names no org.

Its fixture also checks the commands and the deployment queue, which these tests run.
"""

import pytest
from django.core.management import call_command, get_commands

from tests.factories import IssuerFactory
from tests.metadata.commands import fill, handler_file, put, run
from tests.sql_guard import _FAULTS, SESSION_USER, faults_of, is_by_id, org_tables
from tokenx.handlers import enablement_sets
from tokenx.metadata.deploy import queue
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import User
from tokenx.training.practice.actions import start_practice_org

BAD = {
    "a join": 'SELECT 1 FROM "org_apexclass" INNER JOIN "org_user" ON ("org_apexclass".'
    '"user_id" = "org_user"."id") WHERE "org_apexclass"."org_id" = 1',
    "an update": 'UPDATE "org_clientapp" SET "label" = %s WHERE "org_clientapp"."id" = %s',
    "an update of the org": 'UPDATE "org_clientapp" SET "org_id" = 1 WHERE "org_id" = 1',
    "an update of all rows": 'UPDATE "org_clientapp" SET "label" = %s',
    "a deletion": 'DELETE FROM "org_clientapp" WHERE "org_clientapp"."id" IN (%s)',
    "a deletion of all rows": 'DELETE FROM "org_clientapp"',
    "a selection by ID": 'SELECT "x" FROM "org_clientapp" WHERE "org_clientapp"."id" = %s',
    "a prefetch": 'SELECT "x" FROM "org_user" WHERE "org_user"."id" IN (%s, %s)',
    "a subquery": 'SELECT 1 FROM "org_user" WHERE "org_user"."org_id" = 1 AND EXISTS('
    'SELECT 1 FROM "org_usergram" U0 WHERE U0."user_id" = "org_user"."id")',
    "an update by a subquery": 'UPDATE "org_clientapp" SET "label" = %s WHERE "id" IN '
    '(SELECT U0."id" FROM "org_clientapp" U0 WHERE U0."org_id" = %s)',
    "a handwritten update": """
        UPDATE handlers_enablement SET is_default = %(no)s
         WHERE id IN (SELECT enablement_id FROM resolved)""",
    "a handwritten update from a table": """
        UPDATE handlers_enablement AS e SET is_default = r.is_default
          FROM resolved r WHERE r.enablement_id = e.id AND r.org_id = %(org)s""",
    "a handwritten deletion": "DELETE FROM handlers_enablement e WHERE e.id = %(id)s",
    "a handwritten join": """
        SELECT 1 FROM resolved r LEFT JOIN handlers_enablement e ON e.id = r.enablement_id
         WHERE r.org_id = %(org)s""",
    "a handwritten cross join": "SELECT 1 FROM resolved CROSS JOIN org_user u",
    "a handwritten subquery": """
        SELECT (SELECT label FROM org_clientapp a WHERE a.id = app_id)
          FROM handlers_enablement WHERE org_id = %(org)s""",
}
GOOD = {
    "a join": 'SELECT 1 FROM "org_apexclass" INNER JOIN "org_user" ON ("org_apexclass".'
    '"user_id" = "org_user"."id" AND ("org_user"."org_id" = "org_apexclass"."org_id")) '
    'WHERE "org_apexclass"."org_id" = 1',
    "an update": 'UPDATE "org_clientapp" SET "label" = %s WHERE "org_id" = 1',
    "the session's user": 'SELECT "x" FROM "org_user" WHERE "org_user"."id" = %s LIMIT 21',
    "an update by a subquery": 'UPDATE "org_clientapp" SET "label" = %s WHERE "org_id" = 1 '
    'AND "id" IN (SELECT U0."id" FROM "org_clientapp" U0 WHERE U0."org_id" = %s)',
    "a handwritten update": enablement_sets.CLEAR_DEFAULTS,
    "a handwritten update from a table": enablement_sets.CHANGE,
    "a handwritten deletion": enablement_sets.REMOVE,
    "handwritten joins": enablement_sets._RESOLVED,
    "a handwritten subquery": enablement_sets.REMOVED,
    "the orgs of users who can log in": 'SELECT DISTINCT "org_user"."org_id" AS "org" '
    'FROM "org_user" WHERE "org_user"."can_sign_in"',
    "a handwritten insertion": enablement_sets.ADD,
    "a table without an org": 'DELETE FROM "org_loginfailure" WHERE "key" = %s',
}
# The names of our management commands.
COMMANDS = {
    name for name, package in get_commands().items() if str(package).startswith("tokenx.")
}


def test_reports_statements_that_do_not_name_the_org(subtests):
    for name, sql in BAD.items():
        with subtests.test(name):
            assert faults_of(sql)


def test_accepts_statements_that_name_the_org(subtests):
    for name, sql in GOOD.items():
        with subtests.test(name):
            assert not faults_of(sql)


def test_every_request_is_checked(admin_client, rf, admin):
    """Send a request whose view reads by ID alone, and check the collected faults."""
    from tests.sql_guard import SqlGuardMiddleware

    def view(request):
        list(type(admin).objects.filter(pk=1))
        return list(type(admin).objects.filter(pk=2))

    SqlGuardMiddleware(view)(rf.get("/"))

    [fault] = _FAULTS
    assert "second user" in fault
    _FAULTS.clear()


@pytest.fixture
def collected():
    """Return the collected faults, and clear them before the guard's fixture looks."""
    yield _FAULTS
    _FAULTS.clear()


def test_every_command_of_ours_is_checked(admin, collected, monkeypatch):
    from tokenx.training.management.commands.check_scenarios import Command

    def handle(self, *args, **options):
        User.objects.filter(pk=admin.pk).update(last_name="Other")

    monkeypatch.setattr(Command, "handle", handle)
    call_command("check_scenarios")

    assert collected[0].startswith("an update of org_user names no org")


def test_the_deployment_queue_is_checked(admin, collected, monkeypatch):
    monkeypatch.setattr(queue, "claim", lambda org: User.objects.filter(pk=org).first())

    queue.wake(admin.org_id + 1_000)

    [fault] = collected
    assert fault.startswith("a user is selected by ID alone")


def test_commands_and_the_queue_name_the_org(admin, tmp_path, subtests):
    """Run each command once; the guard's fixture reads their SQL."""
    fill(admin.org, admin)
    practice = start_practice_org(scenario="empty", name="Ada")
    file = put(tmp_path, "Shop.oauthtokenexchangehandler", handler_file())
    org = ["--org", admin.org_id]
    issuer = IssuerFactory(org=admin.org)
    commands = {
        "access_token": [admin.username],
        "check_exercises": [],
        "check_scenarios": [],
        "demo": ["--no-serve", "--scenario", "empty"],
        "deploy": [file, *org],
        "diff": [file, *org],
        "mint": [issuer.name, "--username", admin.username],
        "remove_expired_orgs": [],
        "reset_org": [practice.org_id, "--no-input"],
        "retrieve": ["--to", tmp_path / "retrieved", *org],
    }
    # `ready` and `settings_table` have no SQL. `serve` prepares like `demo`, and runs
    # until it's stopped.
    assert commands.keys() == COMMANDS - {"ready", "serve", "settings_table"}
    for name, arguments in commands.items():
        with subtests.test(command=name):
            result = run(name, *arguments)
            assert not result.status, result.err
    assert Deployment.objects.get().status == Status.SUCCEEDED


def test_knows_every_table_of_an_org():
    assert {"org_user", "handlers_enablement", "metadata_deployment"} <= org_tables()
    assert "org_loginfailure" not in org_tables()
    assert is_by_id('SELECT 1 FROM "org_user" WHERE "org_user"."id" = %s', SESSION_USER)
