"""Concurrent and killed writers: nothing is lost, duplicated, locked, or damaged."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from tokenx.handlers.actions import edit_enablement
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.deploy.queue import wake
from tokenx.metadata.deploy.uploads import receive_text
from tokenx.metadata.models import Deployment
from tokenx.metadata.retrieve.retrieve import write_handler
from tokenx.oauth.actions.tokens import MAX_APPROVALS, issue_tokens
from tokenx.org.models import AccessToken, AuditEntry, OAuthApproval

from .conftest import signed_in
from .factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
)
from .oauth.exchanging import exchanging_org
from .template_database import copy_migrated_database

HTMX = {"HX-Request": "true"}


def concurrently(work, items):
    """Do the work for each item in its own thread, and return the results in order."""

    def close_after(item):
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(close_after, items))


@pytest.mark.django_db(transaction=True)
def test_concurrent_takeovers_leave_exactly_one_default(admin):
    app = ClientAppFactory(org=admin.org)
    run_as = IntegrationUserFactory(org=admin.org)
    handlers = TokenExchangeHandlerFactory.create_batch(8, org=admin.org, modified_by=admin)

    def take_over(handler):
        url = reverse("handlers:enable-app", args=[handler.developer_name])
        data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}
        return signed_in(admin, **HTMX).post(f"{url}?kind=connected", data).status_code

    assert concurrently(take_over, handlers) == [200] * 8

    enablements = Enablement.objects.filter(app=app)
    assert enablements.count() == 8
    assert enablements.filter(is_default=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_enable_succeeds_once_and_reports_to_all(admin, handler):
    app = ClientAppFactory(org=admin.org, label="Billing")
    run_as = IntegrationUserFactory(org=admin.org)
    url = reverse("handlers:enable-app", args=[handler.developer_name])

    def enable(_):
        data = {"app": app.pk, "run_as": run_as.pk}
        response = signed_in(admin, **HTMX).post(f"{url}?kind=connected", data)
        return response.status_code, "already enabled" in response.text

    answers = Counter(concurrently(enable, range(8)))

    assert answers == {(200, False): 1, (422, True): 7}
    assert Enablement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_exchanges_leave_at_most_five_approvals(org):
    exchanging = exchanging_org(org)

    def issue(_):
        issue_tokens(
            app=exchanging.app,
            user=exchanging.user,
            scopes=exchanging.app.scopes,
            approval=None,
            server_url="http://testserver",
        )

    concurrently(issue, range(12))

    assert OAuthApproval.objects.filter(org=org).count() == 12
    approvals = OAuthApproval.objects.filter(org=org, revoked_at=None)
    tokens = AccessToken.objects.filter(org=org, revoked_at=None)
    assert approvals.count() == tokens.count() == MAX_APPROVALS


@pytest.mark.django_db(transaction=True)
def test_concurrent_creation_with_one_api_name_succeeds_once(admin):
    apex_class = ApexClassFactory(org=admin.org)
    data = {"label": "My Handler", "token_types": ["supports_jwt"]}

    def create(_):
        form = data | {"apex_class": apex_class.pk}
        response = signed_in(admin, **HTMX).post(reverse("handlers:create-handler"), form)
        return response.status_code, "already has this API name" in response.text

    answers = Counter(concurrently(create, range(8)))

    assert answers == {(200, False): 1, (422, True): 7}
    assert TokenExchangeHandler.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_32_concurrent_writers_lose_or_duplicate_nothing(admin):
    handlers = TokenExchangeHandlerFactory.create_batch(4, org=admin.org, modified_by=admin)
    apps = ClientAppFactory.create_batch(64, org=admin.org)
    run_as = IntegrationUserFactory(org=admin.org)
    clients = [signed_in(admin, **HTMX) for _ in range(32)]

    def enable_two(number):
        handler = handlers[number % 4]
        url = reverse("handlers:enable-app", args=[handler.developer_name])
        return [
            clients[number]
            .post(f"{url}?kind=connected", {"app": app.pk, "run_as": run_as.pk})
            .status_code
            for app in apps[2 * number : 2 * number + 2]
        ]

    assert concurrently(enable_two, range(32)) == [[200, 200]] * 32

    assert Enablement.objects.count() == 64
    assert AuditEntry.objects.count() == 64
    for handler in handlers:
        handler.refresh_from_db()
        assert handler.connected_count == 16


@pytest.mark.sqlite
def test_a_process_killed_while_writing_leaves_a_sound_database(tmp_path, django_db_setup):
    copy_migrated_database(tmp_path / "tokenx.sqlite3")
    env = {**os.environ, "TOKENX_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    writer = [sys.executable, str(Path(__file__).parent / "writer_process.py")]
    acknowledged = 0
    for _ in range(3):
        process = subprocess.Popen(writer, env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        for _ in range(20):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        acknowledged += 20 + process.stdout.read().count("\n")
        process.wait()

    database = sqlite3.connect(tmp_path / "tokenx.sqlite3")
    query = lambda sql: database.execute(sql).fetchall()
    assert query("PRAGMA integrity_check") == [("ok",)]
    assert query("PRAGMA foreign_key_check") == []
    [(entries,)] = query("SELECT count(*) FROM org_auditentry")
    assert acknowledged <= entries
    assert (
        query(
            "SELECT h.label FROM handlers_tokenexchangehandler h"
            " WHERE connected_count + external_count"
            " != (SELECT count(*) FROM handlers_enablement e WHERE e.handler_id = h.id)"
        )
        == []
    )


@pytest.mark.django_db(transaction=True)
def test_pages_and_deployments_of_one_handler_wait_for_each_other(admin, handler):
    enablement = EnablementFactory(handler=handler, is_default=True)
    others = IntegrationUserFactory.create_batch(4, org=admin.org)
    xml = "".join(write_handler(handler))

    def change(number):
        if number % 2:
            text = xml.replace("</description>", f" {number}</description>")
            source = receive_text(text=text, by=admin)
            queue_deployment(source=source, options=Options(), by=admin)
            return wake(admin.org_id)
        run_as = others[number % 4]
        return edit_enablement(
            enablement=Enablement.objects.select_related("app", "handler", "run_as").get(),
            run_as=run_as,
            make_default=number % 3 == 0,
            by=admin,
        )

    concurrently(change, range(16))
    wake(admin.org_id)

    assert set(Deployment.objects.values_list("status", flat=True)) == {"Succeeded"}
    assert Enablement.objects.get().pk == enablement.pk
