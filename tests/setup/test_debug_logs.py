"""Debug Logs in Setup: trace flags, debug levels, and logs, for each kind of user."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ApexLogFactory,
    DebugLevelFactory,
    TraceFlagFactory,
    UserFactory,
)
from tests.form import field_errors, form_errors, form_of
from tests.read import errors, headings, links, names, record, rows, toasts
from tokenx.org.models import ApexLog, DebugLevel, TraceFlag
from tokenx.setup.actions import trace_flags
from tokenx.setup.log_lines import LINES_PER_PAGE, MAX_LINE, fatal_line, log_lines

LIST, LEVELS = "/debug-logs/", "/debug-levels/"
NEW_FLAG, NEW_LEVEL = "/new-trace-flag/", "/new-debug-level/"
FATAL = "09:06:58.2 (2000000)|FATAL_ERROR|System.MathException: Divide by 0"
HOSTILE = "<script>alert(1)</script> 🙂 \u202eשלום"


def url(name, *keys):
    return reverse(f"setup:{name}", args=keys)


@pytest.fixture
def grace(org):
    return UserFactory(org=org, first_name="Grace", last_name="Hopper")


@pytest.fixture
def level(org):
    return DebugLevelFactory(org=org, name="Fine")


@pytest.fixture
def log(org, grace):
    return ApexLogFactory(org=org, user=grace, text=f"67.0 APEX_CODE,DEBUG\n{FATAL}\nx\n")


# --- The page ---------------------------------------------------------------------------


def test_lists_logs_newest_first(admin_client, org, log):
    ApexLogFactory(org=org, user=log.user, started_at=timezone.now(), status="Divide by 0")
    ApexLogFactory(org=org, started_at=timezone.now() - timedelta(days=8))
    ApexLogFactory()

    response = admin_client.get(LIST)

    assert headings(response)[-7:] == [
        "Start Time",
        "User",
        "Operation",
        "Application",
        "Status",
        "Duration (ms)",
        "Log Size",
    ]
    operation = "OauthTokenExchangeApexExec"
    assert [row[1:6] for row in rows(response)] == [
        ["Grace Hopper", operation, "Browser", "Divide by 0", "12"],
        ["Grace Hopper", operation, "Browser", "Success", "12"],
    ]
    assertContains(response, url("debug-log", log.pk))


def test_the_setup_tree_leads_to_the_page(admin_client):
    assert links(admin_client.get("/"))["Debug Logs"] == LIST


def test_empty_pages_say_what_to_do(admin_client):
    response = admin_client.get(LIST)
    assertContains(response, "No trace flags yet.")
    assertContains(response, "No debug logs yet")
    assert "Delete All" not in links(response)
    assertContains(admin_client.get(LEVELS), "No debug levels yet")
    assertContains(admin_client.get(NEW_FLAG), "doesn't have a debug level yet")


def test_searches_and_filters(admin_client, org, log, subtests):
    ApexLogFactory(org=org, operation="executeAnonymous", status="Divide by 0")
    for query, found in [
        ("search=hopper", 1),
        ("search=EXECUTE", 1),
        ("search=divide", 1),
        ("search=zzz", 0),
        ("search=%00", 2),
        ("outcome=success", 1),
        ("outcome=error", 1),
        ("sort=user", 2),
        ("sort=-size", 2),
        ("sort=application", 2),
    ]:
        with subtests.test(query=query):
            assert len(rows(admin_client.get(f"{LIST}?{query}"))) == found
    assertContains(admin_client.get(f"{LIST}?search=zzz"), "No matching debug logs")
    assertNotContains(admin_client.get(LIST, {"search": HOSTILE}), "<script>alert")


def test_a_full_org_says_so(admin_client, log, monkeypatch):
    monkeypatch.setattr(trace_flags, "MAX_LOGS", 1)

    assertContains(admin_client.get(LIST), "debug logs have reached the limit")


def test_viewers_see_only_their_own_logs(viewer_client, viewer, org, log, level):
    own = ApexLogFactory(org=org, user=viewer, text="mine\n")
    TraceFlagFactory(org=org, traced_user=viewer, debug_level=level)

    response = viewer_client.get(LIST)

    assertContains(response, "Only administrators can view other users' logs.")
    assertContains(response, url("debug-log", own.pk))
    assertNotContains(response, url("debug-log", log.pk))
    hidden = {"New Trace Flag", "Delete All", "Delete", "Edit", "New Debug Level"}
    for page in [LIST, LEVELS, url("debug-log", own.pk), url("debug-level", "Fine")]:
        assert not hidden & links(viewer_client.get(page)).keys()
    assertContains(viewer_client.get(url("debug-log", own.pk)), "mine")
    for name in ["debug-log", "download-debug-log"]:
        assert viewer_client.get(url(name, log.pk)).status_code == 404


def test_the_pages_take_few_queries(
    admin_client, org, django_assert_max_num_queries, subtests
):
    for more in [3, 60]:
        flags = TraceFlagFactory.create_batch(more, org=org)
        [log, *_] = ApexLogFactory.create_batch(more, org=org)
        for page in [
            LIST,
            LEVELS,
            url("debug-log", log.pk),
            url("edit-trace-flag", flags[0].pk),
            NEW_FLAG,
        ]:
            with subtests.test(more=more, page=page), django_assert_max_num_queries(9):
                assert admin_client.get(page).status_code == 200
    response = admin_client.get(f"{LIST}?sort=user")
    assertContains(response, "Showing the 50 trace flags that expire last.")
    assertContains(response, 'aria-label="Pages"', count=1)
    assertContains(response, 'name="sort"', count=1)


# --- A log ------------------------------------------------------------------------------


def test_shows_a_log_with_its_fatal_line(admin_client, log):
    response = admin_client.get(url("debug-log", log.pk))

    shown = record(response)
    assert (shown["User"], shown["Status"]) == ("Grace Hopper", "Success")
    assert shown["Operation"] == "OauthTokenExchangeApexExec"
    assertContains(response, f'<strong class="fatal-line">{FATAL}</strong>')
    assertContains(response, 'class="line-number line-number_marked" id="line-2"')
    assert links(response)["line 2"] == "?page=1#line-2"


def test_a_long_log_has_pages(admin_client, org):
    lines = [f"line {number}" for number in range(1, 2 * LINES_PER_PAGE + 1)]
    lines[1_500] = FATAL
    lines[1_999] = "y" * (MAX_LINE + 1)
    log = ApexLogFactory(org=org, text="\n".join(lines) + "\n")
    page = url("debug-log", log.pk)

    first, second = admin_client.get(page), admin_client.get(f"{page}?page=2")

    assertContains(first, 'id="line-1000"')
    assertNotContains(first, 'id="line-1001"')
    assert links(first)["line 1,501"] == "?page=2#line-1501"
    assertContains(second, 'id="line-1001"')
    assertContains(second, "y" * MAX_LINE)
    assertNotContains(second, "y" * (MAX_LINE + 1))
    assertContains(second, "Download the log to read the rest of this line.")
    assert admin_client.get(f"{page}?page=99").status_code == 200


def test_a_logs_text_is_escaped(admin_client, org):
    log = ApexLogFactory(org=org, text=f"{HOSTILE}\n", operation=HOSTILE, status=HOSTILE)

    for page in [LIST, url("debug-log", log.pk)]:
        assertNotContains(admin_client.get(page), "<script>alert")


def test_finds_the_fatal_line():
    lines = log_lines(f"a\nb|FATAL_ERROR is a word\n{FATAL}\n{FATAL}\n")

    assert [line.is_fatal for line in lines] == [False, False, True, True]
    assert fatal_line(lines) == 3
    assert fatal_line(log_lines("a\n")) == 0


def test_downloads_a_log(admin_client, log):
    response = admin_client.get(url("download-debug-log", log.pk))

    assert response.getvalue().decode() == log.text
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{log.record_id}.log"'
    assert log.record_id.startswith("07L")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_logs(request, client_name, org, log):
    client = request.getfixturevalue(client_name)
    ApexLogFactory.create_batch(2, org=org)
    delete = url("delete-debug-log", log.pk)
    assertContains(client.get(delete), "Delete this debug log?")

    client.post(delete)

    assert not ApexLog.objects.filter(pk=log.pk).exists()
    assert toasts(client.get(LIST)) == ["The debug log was deleted."]
    assertContains(client.get("/delete-debug-logs/"), "This deletes 2 debug logs")
    client.post("/delete-debug-logs/")
    assert not ApexLog.objects.exists()
    assert toasts(client.get(LIST)) == ["All debug logs were deleted."]


# --- Trace flags ------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_traces_a_user(request, client_name, grace, level):
    client = request.getfixturevalue(client_name)
    form = form_of(client.get(NEW_FLAG))

    client.post(NEW_FLAG, form | {"user": grace.username})

    flag = TraceFlag.objects.get()
    assert (flag.traced_user, flag.debug_level, flag.log_type) == (
        grace,
        level,
        "USER_DEBUG",
    )
    assert flag.expires_at - flag.starts_at == timedelta(minutes=30)
    assert (flag.is_from_setup, flag.status) == (True, "Active")
    assert toasts(client.get(LIST)) == ["Grace Hopper is now traced."]


def test_times_are_those_of_the_users_time_zone(admin_client, admin, grace, level):
    admin.time_zone = "Asia/Tokyo"
    admin.save()
    tomorrow = timezone.now() + timedelta(days=1)
    times = {
        "starts_at": f"{tomorrow:%Y-%m-%d}T09:30",
        "expires_at": f"{tomorrow:%Y-%m-%d}T10:00",
    }

    form = form_of(admin_client.get(NEW_FLAG))
    admin_client.post(NEW_FLAG, form | {"user": grace.username, **times})

    flag = TraceFlag.objects.get()
    assert f"{flag.starts_at:%Y-%m-%d %H:%M}" == f"{tomorrow:%Y-%m-%d} 00:30"
    edit = url("edit-trace-flag", flag.pk)
    assert form_of(admin_client.get(edit))["starts_at"] == times["starts_at"]


def test_refuses_invalid_flags_at_their_fields(htmx_client, grace, level, subtests):
    TraceFlagFactory(org=grace.org, traced_user=grace)
    other = UserFactory(org=grace.org)
    form = form_of(htmx_client.get(NEW_FLAG)) | {"user": other.username}
    for change, field, message in [
        ({"user": ""}, "user", "Select a user."),
        ({"user": "nobody@x.example"}, "user", "Your choice was deleted."),
        ({"user": grace.username}, "user", "This entity is already being traced"),
        ({"expires_at": ""}, "expires_at", "Enter an expiration date."),
        ({"expires_at": "soon"}, "expires_at", "Enter a date and a time"),
        ({"expires_at": form["starts_at"]}, "expires_at", "after the start date"),
        ({"expires_at": "2099-01-01T00:00"}, "expires_at", "at most 24 hours after"),
        ({"starts_at": "0001-01-01T00:00"}, "expires_at", "at most 24 hours after"),
        ({"debug_level": "Other"}, "debug_level", "This debug level was deleted."),
    ]:
        with subtests.test(change=change):
            response = htmx_client.post(NEW_FLAG, form | change)
            assert response.status_code == 422
            shown = errors(response, field) or field_errors(response, field)[0]
            assert message in shown
    assert TraceFlag.objects.count() == 1


def test_edits_a_flag(admin_client, grace, level):
    flag = TraceFlagFactory(org=grace.org, traced_user=grace)
    edit = url("edit-trace-flag", flag.pk)
    form = form_of(admin_client.get(edit))

    admin_client.post(edit, form)
    assert TraceFlag.objects.get().modified_at == flag.modified_at
    admin_client.post(edit, form | {"debug_level": "Fine"})

    changed = TraceFlag.objects.get()
    assert (changed.debug_level, changed.starts_at) == (level, flag.starts_at)
    assert (
        toasts(admin_client.get(LIST))[-1] == "The trace flag for Grace Hopper was saved."
    )
    response = admin_client.post(edit, form)
    assert "Someone else changed this trace flag" in form_errors(response)[0]


def test_deletes_a_flag(admin_client, grace):
    flag = TraceFlagFactory(org=grace.org, traced_user=grace)
    delete = url("delete-trace-flag", flag.pk)
    assertContains(admin_client.get(delete), "Runs as this user will no longer be logged.")

    admin_client.post(delete)

    assert not TraceFlag.objects.exists()
    assert toasts(admin_client.get(LIST)) == [
        "The trace flag for Grace Hopper was deleted."
    ]


# --- Debug levels -----------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_a_debug_level(request, client_name, org):
    client = request.getfixturevalue(client_name)
    form = form_of(client.get(NEW_LEVEL))
    values = {"label": "Loud", "name": "Loud", "apex_code": "FINEST"}

    client.post(NEW_LEVEL, form | values)

    level = DebugLevel.objects.get()
    assert (level.org, level.name, level.apex_code) == (org, "Loud", "FINEST")
    # The others have Salesforce's defaults of tests.
    assert (level.system, level.callout, level.data_access) == ("DEBUG", "INFO", "NONE")
    shown = record(client.get(url("debug-level", "Loud")))
    assert (shown["Apex Code"], shown["Callouts"]) == ("FINEST", "INFO")


def test_edits_a_debug_level(admin_client, level):
    edit = url("edit-debug-level", "Fine")
    form = form_of(admin_client.get(edit))

    admin_client.post(edit, form | {"callout": "FINER", "name": "Finer"})

    changed = DebugLevel.objects.get()
    assert (changed.name, changed.callout) == ("Finer", "FINER")
    edit = url("edit-debug-level", "Finer")
    response = admin_client.post(edit, form)
    assert "Someone else changed this debug level" in form_errors(response)[0]


def test_refuses_an_invalid_debug_level(htmx_client, level, subtests):
    form = form_of(htmx_client.get(NEW_LEVEL)) | {"label": "New", "name": "New"}
    for field, value, message in [
        ("name", "", "Enter a name."),
        ("name", "2nd", "Start an API name with a letter."),
        ("name", "FINE", "Another debug level already has this name."),
        ("label", "", "Enter a label."),
        ("system", "LOUD", "Select one of the listed levels."),
    ]:
        with subtests.test(field=field, value=value):
            response = htmx_client.post(NEW_LEVEL, form | {field: value})
            assert response.status_code == 422
            assert message in field_errors(response, field)[0]


def test_deletes_a_debug_level_that_no_flag_uses(admin_client, level):
    delete = url("delete-debug-level", "Fine")
    flag = TraceFlagFactory(org=level.org, debug_level=level)
    response = admin_client.post(delete)
    assert response.status_code == 422
    assertContains(response, "Trace flags use Fine.", status_code=422)
    flag.delete()

    admin_client.post(delete)

    assert not DebugLevel.objects.exists()
    assert toasts(admin_client.get(LEVELS)) == ["Fine was deleted."]


def test_lists_debug_levels(admin_client, level):
    DebugLevelFactory(org=level.org, name="Alpha")
    DebugLevelFactory(name="Elsewhere")

    assert names(admin_client.get(LEVELS)) == ["Alpha", "Fine"]
    assert names(admin_client.get(f"{LEVELS}?search=fin")) == ["Fine"]
    assertContains(admin_client.get(f"{LEVELS}?search=zzz"), "No matching debug levels")
