"""The guard that checks all SQL of requests finds each kind of statement without an org."""

from tests.sql_guard import _FAULTS, SESSION_USER, faults_of, is_by_id, org_tables

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
}
GOOD = {
    "a join": 'SELECT 1 FROM "org_apexclass" INNER JOIN "org_user" ON ("org_apexclass".'
    '"user_id" = "org_user"."id" AND ("org_user"."org_id" = "org_apexclass"."org_id")) '
    'WHERE "org_apexclass"."org_id" = 1',
    "an update": 'UPDATE "org_clientapp" SET "label" = %s WHERE "org_id" = 1',
    "the session's user": 'SELECT "x" FROM "org_user" WHERE "org_user"."id" = %s LIMIT 21',
    "a table without an org": 'DELETE FROM "org_loginfailure" WHERE "key" = %s',
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


def test_knows_every_table_of_an_org():
    assert {"org_user", "handlers_enablement", "metadata_deployment"} <= org_tables()
    assert "org_loginfailure" not in org_tables()
    assert is_by_id('SELECT 1 FROM "org_user" WHERE "org_user"."id" = %s', SESSION_USER)
