"""`manage.py deploy`: deploy metadata files to an org, or only check them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.management.base import FAILED, INTERRUPTED, MetadataCommand
from tokenx.metadata.management.choices import choose_org, choose_user
from tokenx.metadata.management.inputs import (
    add_input_arguments,
    editor_path,
    receive_input,
)
from tokenx.metadata.management.running import run_to_completion
from tokenx.metadata.models import ComponentMessage, Deployment, Status
from tokenx.metadata.retrieve.results import deploy_result, messages_of
from tokenx.org.management.console import ERROR, SUCCESS, WARNING


class Command(MetadataCommand):
    help = (
        "Deploy metadata files to an org. The exit status is 0 if all components "
        "succeeded, 1 if a component failed, and 2 if the deployment couldn't be attempted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_input_arguments(parser)
        add_flag = partial(parser.add_argument, action="store_true")
        add_flag("--check-only", help="validate the deployment without changing anything")
        add_flag("--no-rollback", help="keep successful components even if others fail")
        add_flag("--ignore-warnings", help="succeed even if there are warnings")
        add_flag("--purge-on-delete", help="for scripts only; tokenx has no Recycle Bin")
        parser.add_argument(
            "--user",
            metavar="USERNAME",
            help="user to deploy as; default: the org's first active administrator",
        )

    def run(self, options: dict[str, Any]) -> None:
        by = choose_user(choose_org(options["org"]), options["user"])
        deploy_options = Options(
            check_only=options["check_only"],
            rollback_on_error=not options["no_rollback"],
            ignore_warnings=options["ignore_warnings"],
            purge_on_delete=options["purge_on_delete"],
            single_package=options["single_package"],
        )
        source = receive_input(options["path"], by=by)
        deployment = queue_deployment(source=source, options=deploy_options, by=by)
        is_interrupted = run_to_completion(deployment, by=by, console=self.error_console)
        if options["json"]:
            self.say_json(deploy_result(deployment, include_details=True))
        else:
            self.report(deployment, options["path"])
        if deployment.status != Status.SUCCEEDED:
            is_canceled = is_interrupted and deployment.status == Status.CANCELED
            raise SystemExit(INTERRUPTED if is_canceled else FAILED)

    def report(self, deployment: Deployment, path: str) -> None:
        messages = list(messages_of(deployment))
        # A component with several problems is one row.
        rows = {
            (each.type_name, each.full_name): (each.outcome, each.type_name, each.full_name)
            for each in messages
            if each.type_name and (each.is_from_tokenx or not each.is_warning)
        }
        self.say_table(["Outcome", "Type", "Name"], list(rows.values()), _style_of)
        problems = [each for each in messages if each.problem]
        for message in problems:
            self.say(problem_line(message, path), WARNING if message.success else ERROR)
        for line in deployment.error_message.splitlines():
            self.say(line, ERROR)
        if problems or deployment.error_message:
            self.say()
        self.say(summary(deployment), SUCCESS if deployment.is_success else ERROR)


def _style_of(row: Sequence[str]) -> str:
    return ERROR if row[0] == "Failed" else ""


def problem_line(message: ComponentMessage, path: str) -> str:
    """Return `file:line:column: problem`, which lets editors open the location."""
    source = "tokenx " if message.is_from_tokenx else ""
    prefix = f"{source}warning: " if message.is_warning else ""
    return f"{editor_path(path, message.location)}: {prefix}{message.problem}"


def summary(deployment: Deployment) -> str:
    """Return the outcome in one line."""
    nothing = "Nothing was changed."
    if deployment.status == Status.CANCELED:
        return f"Canceled. {nothing}"
    verb = "Checked" if deployment.check_only else "Deployed"
    total, errors = deployment.components_total, deployment.component_errors
    components = "component" if total == 1 else "components"
    outcome = f"{verb} {deployment.components_deployed} of {total} {components}"
    outcome += f"; {errors} failed." if errors else "."
    is_kept = deployment.status != Status.FAILED and not deployment.check_only
    return outcome if is_kept else f"{outcome} {nothing}"
