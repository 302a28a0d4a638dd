"""`manage.py deploy`: check handlers as metadata files, or bring them into an org."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.management.base import INTERRUPTED, NO, MetadataCommand, Style
from tokenx.metadata.management.choices import choose_org, choose_user
from tokenx.metadata.management.inputs import add_input_arguments, beside, receive_input
from tokenx.metadata.management.running import run_to_its_end
from tokenx.metadata.models import ComponentMessage, Deployment, Status
from tokenx.metadata.retrieve.results import deploy_result, messages_of


class Command(MetadataCommand):
    help = (
        "Deploy metadata files into an org. The exit status is 0 where all of it "
        "succeeded, 1 where something failed, 2 where it could not be tried."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_input_arguments(parser)
        add_flag = partial(parser.add_argument, action="store_true")
        add_flag("--check-only", help="see what would come of it, and change nothing")
        add_flag("--no-rollback", help="keep what succeeds although something fails")
        add_flag("--ignore-warnings", help="succeed although there are warnings")
        add_flag("--purge-on-delete", help="as Salesforce has it; here nothing is kept")
        parser.add_argument(
            "--user", metavar="USERNAME", help="who does it; else an administrator"
        )

    def run(self, options: dict[str, Any]) -> None:
        by = choose_user(choose_org(options["org"]), options["user"])
        chosen = Options(
            check_only=options["check_only"],
            rollback_on_error=not options["no_rollback"],
            ignore_warnings=options["ignore_warnings"],
            purge_on_delete=options["purge_on_delete"],
            single_package=options["single_package"],
        )
        source = receive_input(options["path"], by=by)
        deployment = queue_deployment(source=source, options=chosen, by=by)
        is_interrupted = run_to_its_end(deployment, by=by, out=self.stderr)
        if options["json"]:
            self.say_json(deploy_result(deployment, include_details=True))
        else:
            self.report(deployment, options["path"])
        if deployment.status != Status.SUCCEEDED:
            is_stopped = is_interrupted and deployment.status == Status.CANCELED
            raise SystemExit(INTERRUPTED if is_stopped else NO)

    def report(self, deployment: Deployment, path: str) -> None:
        messages = list(messages_of(deployment))
        # A component with several problems is one row.
        rows = {
            (each.type_name, each.full_name): (each.outcome, each.type_name, each.full_name)
            for each in messages
            if each.type_name and not each.is_warning
        }
        self.say_table(["Outcome", "Type", "Name"], list(rows.values()), self.style_of)
        problems = [each for each in messages if each.problem]
        for message in problems:
            style = self.style.WARNING if message.success else self.style.ERROR
            self.say(_problem(message, path), style)
        if deployment.error_message:
            for line in deployment.error_message.splitlines():
                self.say(line, self.style.ERROR)
        if problems or deployment.error_message:
            self.say()
        is_good = deployment.is_success
        self.say(summary(deployment), self.style.SUCCESS if is_good else self.style.ERROR)

    def style_of(self, row: Sequence[str]) -> Style:
        return self.style.ERROR if row[0] == "Failed" else str


def _problem(message: ComponentMessage, path: str) -> str:
    """`file:line:column: problem`, which editors jump to."""
    kind = "warning: " if message.is_warning else ""
    return f"{beside(path, message.place)}: {kind}{message.problem}"


def summary(deployment: Deployment) -> str:
    """What came of it, in a line."""
    nothing = "Nothing was changed."
    if deployment.status == Status.CANCELED:
        return f"Canceled. {nothing}"
    verb = "Checked" if deployment.check_only else "Deployed"
    total, errors = deployment.components_total, deployment.component_errors
    components = "component" if total == 1 else "components"
    said = f"{verb} {deployment.components_deployed} of {total} {components}"
    said += f"; {errors} failed." if errors else "."
    is_kept = deployment.status != Status.FAILED and not deployment.check_only
    return said if is_kept else f"{said} {nothing}"
