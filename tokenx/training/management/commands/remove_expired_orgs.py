"""`manage.py remove_expired_orgs`: removes unused practice orgs. Run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from tokenx.oauth.sweeping import sweep_unused_orgs
from tokenx.org.management.console import console_for, print_line
from tokenx.training.practice.removal import remove_expired


class Command(BaseCommand):
    help = "Remove practice orgs that haven't been used for TOKENX_PRACTICE_DAYS days."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = remove_expired()
        sweep_unused_orgs()
        console = console_for(self.stdout, no_color=options["no_color"])
        plural = "" if removed == 1 else "s"
        print_line(console, f"Removed {removed} expired practice org{plural}.")
