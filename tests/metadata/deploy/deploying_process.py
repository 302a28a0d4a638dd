"""A process that finishes interrupted deployments, and deploys until it's killed."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"
os.environ["TOKENX_DEPLOY_INLINE"] = "1"

import django

django.setup()

from itertools import cycle

from tests.factories import UserFactory
from tests.metadata.deploy.deploying import deploy, ready_for_handlers
from tests.metadata.deploy.round_trip import APPS, PACKAGES
from tokenx.metadata.deploy import queue
from tokenx.org.models import BuiltInProfile, User

by = User.objects.with_profile(BuiltInProfile.SYSTEM_ADMINISTRATOR).first()
if by is None:
    by = UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    ready_for_handlers(by.org, *APPS)
queue.wake_if_waiting(by.org_id)
print("finished interrupted deployments")
for name in cycle(PACKAGES):
    deploy(by, PACKAGES[name], name=name, ignore_warnings=True)
    print(name)
