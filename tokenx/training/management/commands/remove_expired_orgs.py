"""`manage.py remove_expired_orgs`: practice orgs that nobody uses go; run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from tokenx.training.practice.actions import remove_expired


class Command(BaseCommand):
    help = "Remove the practice orgs that were not used for TOKENX_PRACTICE_DAYS days."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = remove_expired()
        self.stdout.write(f"Removed {removed} practice org{'' if removed == 1 else 's'}.")
