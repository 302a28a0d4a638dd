"""Server start: runs queued deployments and removes expired orgs."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.metadata.deploy.deploying import connected_app, package, queued
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import ClientApp, Org
from tokenx.org.start_up import start_up
from tokenx.training.practice.actions import start_practice_org


@pytest.fixture
def start(transactional_db, settings):
    """Start up, and wait until the start-up thread ends."""

    def start():
        settings.STARTS_UP = True
        start_up().join(timeout=60)

    return start


def practice_org(**expires):
    org = start_practice_org(scenario="first-steps", name="Ada").org
    Org.objects.filter(pk=org.pk).update(expires_at=timezone.now() + timedelta(**expires))
    return org


def test_expired_practice_orgs_are_removed(start):
    practice_org(minutes=-1)
    used = practice_org(minutes=1)

    start()

    assert list(Org.objects.all()) == [used]


def test_queued_deployments_are_run(start, admin):
    queued(admin, package(("App", connected_app("App"))))

    start()

    assert Deployment.objects.get().status == Status.SUCCEEDED
    assert ClientApp.objects.get().label == "App"


@pytest.mark.sqlite
def test_a_servers_application_starts_up_without_tables(tmp_path):
    script = (
        "import threading; from tokenx.wsgi import application;"
        "[it.join() for it in threading.enumerate() if it.name == 'start-up']"
    )
    environment = os.environ | {
        "TOKENX_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tokenx.settings",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )

    assert ran.returncode == 0
    assert "The start-up jobs were stopped" in ran.stderr
