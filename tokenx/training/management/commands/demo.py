"""`manage.py demo`: an org to try things in, served on this machine."""

import os
import secrets
import sys
from collections.abc import Iterable
from typing import Any

import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from tokenx.org.models import User
from tokenx.org.sign_in import link_token
from tokenx.terminal import draw_bar, is_confirmed
from tokenx.training.demos.actions import present
from tokenx.training.demos.addresses import hosts_of
from tokenx.training.practice.actions import remove_expired
from tokenx.training.practice.removal import remove_org
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
    "threads": 4,
    "ident": None,
    "backlog": 2_048,
    "connection_limit": 1_000,
    "asyncore_use_poll": True,
    "max_request_body_size": MAX_BODY,
}
LARGE = "large"


class Command(BaseCommand):
    help = "Build the demo org if there is none, and serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help="where to listen; 0.0.0.0 lets the whole network in",
        )
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--scenario",
            choices=dict.fromkeys([DEMO, LARGE, *scenarios(), *names()]),
            default=DEMO,
            help="what to fill it with",
        )
        parser.add_argument(
            "--reset", action="store_true", help="throw the org away and build it anew"
        )
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="asks",
            help="do not ask whether --reset is meant",
        )
        parser.add_argument(
            "--present",
            action="store_true",
            help="put the presenter's bar above Setup",
        )
        parser.add_argument(
            "--no-serve",
            action="store_true",
            help="only build, and print how to sign in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        for problem in problems():
            self.stderr.write(f"This is left out: {problem}")
        if removed := remove_expired():
            self.stdout.write(f"Practice orgs that nobody used are removed: {removed}.")
        self.hosts = hosts_of(options["host"])
        address = f"http://{self.hosts[0]}:{options['port']}"
        administrator = self._administrator(options)
        if options["present"]:
            present(org=administrator.org, is_on=True, by=administrator)
        link = reverse("org:sign-in-by-link", args=[link_token(administrator)])
        self.stdout.write(f"Sign in as {administrator.username} at {address}/sign-in/")
        self.stdout.write(f"or once, without the password:\n  {address}{link}")
        if not options["no_serve"]:
            self._serve(options["host"], options["port"])

    def _administrator(self, options: dict[str, Any]) -> User:
        """Return the user to sign in as, of an existing org or a new one."""
        slug = options["scenario"]
        scenario = None if slug == LARGE else self._scenario(slug)
        username = sign_in_name("admin", slug) if scenario else large.ADMINISTRATOR
        administrators = User.objects.filter(username=username, can_sign_in=True)
        if options["reset"]:
            self._remove(administrators, is_asked=options["asks"] and sys.stdin.isatty())
        password = os.environ.get("TOKENX_ADMIN_PASSWORD", "")
        if administrator := administrators.first():
            if password and not administrator.check_password(password):
                administrator.set_password(password)
                administrator.save()
            return administrator
        return self._build(scenario, password)

    def _build(self, scenario: Scenario | None, given_password: str) -> User:
        password = given_password or secrets.token_urlsafe(9)
        name = scenario.label if scenario else large.NAME
        self.stdout.write(f"Building the org “{name}”…")
        if scenario:
            administrator = build_demo_org(scenario, password=password)
        else:
            administrator = large.build(password=password, progress=self._progress)
        if not given_password:
            self.stdout.write(f"The password of {administrator.username}: {password}")
        return administrator

    def _remove(self, administrators: Iterable[User], *, is_asked: bool) -> None:
        for user in administrators:
            question = f"Throw the org “{user.org}” away, with all that is in it?"
            if is_asked and not is_confirmed(question, self.stdout):
                raise CommandError("Nothing was thrown away.")
            remove_org(user.org)

    def _scenario(self, name: str) -> Scenario:
        try:
            return find_scenario(name)
        except ScenarioError as error:
            raise CommandError(str(error)) from error

    def _progress(self, what: str, done: int, total: int) -> None:
        draw_bar(self.stdout, what, done, total)

    def _serve(self, host: str, port: int) -> None:
        if "TOKENX_SIGNUP" not in os.environ:
            settings.SIGNUP = "open"
        if "TOKENX_ALLOWED_HOSTS" not in os.environ:
            settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *self.hosts]
        # Only now, so that it finds the files that collectstatic has just written.
        from tokenx.wsgi import application

        self.stdout.write("Stop it with Ctrl+C.")
        self.stdout.flush()
        try:
            waitress.serve(application, host=host, port=port, **SERVER)
        except OSError as error:
            raise CommandError(
                f"Cannot serve on {host}:{port}: {error.strerror}. Try another --port."
            ) from error
