"""The three orgs that the benchmarks compare."""

from functools import partial

from django.core.management import call_command
from django.db import connection

from tokenx.org.models import User
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios import large as large_org

PASSWORD = "for-benchmarks-only"
ORGS = ["small", "large", "tiny"]


def administrator_of(org: str) -> str:
    return f"admin@{org}.example"


def build(users: int, enabled: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    sizes = {
        "tiny": (300, 100, 20),
        "small": (10_000, 10_000, 90_000),
        "large": (users, enabled, 100),
    }
    for name, (people, enabled_apps, free_apps) in sizes.items():
        for old in User.objects.filter(username=administrator_of(name)):
            remove_org(old.org)
        large_org.build(
            password=PASSWORD,
            progress=partial(_show_progress, name),
            users=people,
            enabled_apps=enabled_apps,
            free_apps=free_apps,
            administrator_name=administrator_of(name),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _show_progress(org: str, kind: str, done: int, total: int) -> None:
    print(f"\r{org}: {kind} {done:,} of {total:,}   ", end="", flush=True)
    if done >= total:
        print()
