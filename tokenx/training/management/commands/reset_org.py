"""`manage.py reset_org`: resets an org to its original state after a confirmation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokenx.metadata.management.choices import choose_org
from tokenx.org.management.console import SUCCESS, console_for, is_confirmed, print_line
from tokenx.org.record_ids import ORG, record_id
from tokenx.training.models import PracticeOrg
from tokenx.training.practice.actions import original_state, reset_org
from tokenx.training.scenarios.catalogue import ScenarioError


class Command(BaseCommand):
    help = "Reset an org to its original scenario or snapshot."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "org",
            nargs="?",
            metavar="NAME_OR_ID",
            help="org to reset; optional if only one exists",
        )
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="asks",
            help="don't ask for confirmation",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            org = choose_org(options["org"])
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        practice = PracticeOrg.objects.filter(org=org).select_related("owner").first()
        if practice is None:
            raise CommandError(f"{org} has no scenario or snapshot to reset it to.")
        label, _ = original_state(practice)
        name = f"{org.name} ({record_id(ORG, org.pk)})"
        state = label or practice.scenario
        console = console_for(self.stdout, no_color=options["no_color"])
        question = (
            f"Reset {name} to “{state}”? Everything in it is deleted, except for users who "
            "can log in, snapshots, exercises, and classes."
        )
        if options["asks"] and not is_confirmed(console, question):
            raise CommandError("The org wasn't reset.")
        try:
            reset_org(org=org, by=practice.owner)
        except (ScenarioError, ValidationError) as error:
            raise CommandError(str(error)) from error
        print_line(console, f"Reset {name} to “{state}”.", SUCCESS)
