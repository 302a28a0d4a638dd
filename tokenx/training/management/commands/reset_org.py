"""`manage.py reset_org`: an org is as it was at its beginning; asked first."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokenx.metadata.management.choices import choose_org
from tokenx.org.models import Org
from tokenx.org.record_ids import ORG, record_id
from tokenx.terminal import is_confirmed, printable
from tokenx.training.models import PracticeOrg
from tokenx.training.practice.actions import original_state, reset_org
from tokenx.training.scenarios.catalogue import ScenarioError


class Command(BaseCommand):
    help = "Put an org back to the scenario, or the snapshot, that it was made from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "org",
            nargs="?",
            metavar="NAME_OR_ID",
            help="which org; not needed where there is one",
        )
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="asks",
            help="do not ask whether it is meant",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            org = choose_org(options["org"])
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        practice = PracticeOrg.objects.filter(org=org).select_related("owner").first()
        if practice is None:
            raise CommandError(f"{org} was not made from a scenario.")
        label, _ = original_state(practice)
        whole = f"{self._named(org)} back to “{label or practice.scenario}”"
        if options["asks"] and not is_confirmed(self._question(whole), self.stdout):
            raise CommandError("Nothing was reset.")
        try:
            reset_org(org=org, by=practice.owner)
        except (ScenarioError, ValidationError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"Put {whole}."))

    def _named(self, org: Org) -> str:
        return f"{printable(org.name, self.stdout)} ({record_id(ORG, org.pk)})"

    def _question(self, whole: str) -> str:
        return (
            f"Put {whole}? Everything else in it is lost, except who signs in, "
            "snapshots, exercises and classes."
        )
