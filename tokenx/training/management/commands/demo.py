"""`manage.py demo`: builds an org to try things in, and serves it on this computer."""

import os
import secrets
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from tokenx.org.management.console import (
    console_for,
    is_confirmed,
    print_line,
    progress_bars,
)
from tokenx.org.models import User
from tokenx.org.sign_in import link_token
from tokenx.training.demos.actions import present
from tokenx.training.demos.addresses import hosts_of
from tokenx.training.practice.removal import remove_expired, remove_org
from tokenx.training.scenarios import large
from tokenx.training.scenarios.catalogue import (
    DEMO,
    Scenario,
    ScenarioError,
    find_scenario,
    names,
    problems,
    scenarios,
)
from tokenx.training.scenarios.demo_org import build_demo_org, sign_in_name
from tokenx.web.limits import MAX_BODY

# API clients open hundreds of concurrent connections (docs/salesforce/metadata-api.md,
# Concurrency and keep-alive) and send .zip files of 39 MB, which are 56 MB as base64.
SERVER: dict[str, Any] = {
    "threads": settings.THREADS,
    "ident": None,
    "backlog": 2_048,
    "connection_limit": 1_000,
    "asyncore_use_poll": True,
    "max_request_body_size": MAX_BODY,
}
LARGE = "large"


class Command(BaseCommand):
    help = "Build the demo org if it doesn't exist, and serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help="address to listen on; 0.0.0.0 lets other computers connect",
        )
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")
        parser.add_argument(
            "--scenario",
            choices=dict.fromkeys([DEMO, LARGE, *scenarios(), *names()]),
            default=DEMO,
            help="scenario to build the org from",
        )
        parser.add_argument(
            "--reset", action="store_true", help="delete the org and build it again"
        )
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="asks",
            help="don't ask for confirmation of --reset",
        )
        parser.add_argument(
            "--present",
            action="store_true",
            help="turn on the presenter bar above Setup",
        )
        parser.add_argument(
            "--no-serve",
            action="store_true",
            help="build the org and print how to log in, but don't serve it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.console = console_for(self.stdout, no_color=options["no_color"])
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        for problem in problems():
            print_line(console_for(self.stderr), f"Skipped: {problem}")
        if removed := remove_expired():
            plural = "" if removed == 1 else "s"
            print_line(self.console, f"Removed {removed} expired practice org{plural}.")
        self.hosts = hosts_of(options["host"])
        address = f"http://{self.hosts[0]}:{options['port']}"
        administrator = self._administrator(options)
        if options["present"]:
            present(org=administrator.org, is_on=True, by=administrator)
        link = reverse("org:sign-in-by-link", args=[link_token(administrator)])
        name = administrator.username
        print_line(
            self.console, f"Log in as {name} at {urljoin(address, reverse('org:sign-in'))}"
        )
        print_line(self.console, "Or open this link once, without the password:")
        print_line(self.console, f"  {urljoin(address, link)}")
        if not options["no_serve"]:
            self._serve(options["host"], options["port"])

    def _administrator(self, options: dict[str, Any]) -> User:
        """Return the administrator of the existing org, or of a new one."""
        slug = options["scenario"]
        scenario = None if slug == LARGE else self._scenario(slug)
        username = sign_in_name("admin", slug) if scenario else large.ADMINISTRATOR
        administrators = User.objects.filter(username=username, can_sign_in=True)
        if options["reset"]:
            self._delete(administrators, is_asked=options["asks"] and sys.stdin.isatty())
        password = os.environ.get("TOKENX_ADMIN_PASSWORD", "")
        if administrator := administrators.first():
            if password and not administrator.check_password(password):
                administrator.set_password(password)
                administrator.save()
            return administrator
        return self._build(scenario, password)

    def _build(self, scenario: Scenario | None, given_password: str) -> User:
        name = scenario.label if scenario else large.NAME
        print_line(self.console, f"Building the org “{name}”…")
        password = given_password or secrets.token_urlsafe(9)
        if scenario:
            administrator = build_demo_org(scenario, password=password)
        else:
            with progress_bars(self.console) as show_progress:
                administrator = large.build(password=password, progress=show_progress)
        if not given_password:
            line = f"The password of {administrator.username}: {password}"
            print_line(self.console, line)
        return administrator

    def _delete(self, administrators: Iterable[User], *, is_asked: bool) -> None:
        for user in administrators:
            question = f"Delete the org “{user.org}” and everything in it?"
            if is_asked and not is_confirmed(self.console, question):
                raise CommandError("The org wasn't deleted.")
            remove_org(user.org)

    def _scenario(self, slug: str) -> Scenario:
        try:
            return find_scenario(slug)
        except ScenarioError as error:
            raise CommandError(str(error)) from error

    def _serve(self, host: str, port: int) -> None:
        if "TOKENX_SIGNUP" not in os.environ:
            settings.SIGNUP = "open"
        if "TOKENX_THROTTLE_TOKENS" not in os.environ:
            settings.THROTTLE_TOKENS = False
        if "TOKENX_ALLOWED_HOSTS" not in os.environ:
            settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *self.hosts]
        # Imported here so that it finds the files that collectstatic has just written.
        from tokenx.wsgi import application

        print_line(self.console, "Press Ctrl+C to stop.")
        self.stdout.flush()
        try:
            waitress.serve(application, host=host, port=port, **SERVER)
        except OSError as error:
            raise CommandError(
                f"Can't serve on {host}:{port}: {error.strerror}. Use another --port."
            ) from error
