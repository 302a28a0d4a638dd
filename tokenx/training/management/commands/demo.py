"""`manage.py demo`: builds an org to try things in, and serves it on this computer."""

import json
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from tokenx import environment
from tokenx.metadata.management.init_files import deploy_init_files
from tokenx.org.management.console import console_for, print_line
from tokenx.org.record_ids import ORG, record_id
from tokenx.org.sign_in import link_token
from tokenx.training.demos.actions import present
from tokenx.training.demos.addresses import hosts_of
from tokenx.training.management.demo_orgs import (
    BuiltOrg,
    check_scenario,
    find_or_build,
    scenario_names,
)
from tokenx.training.management.options import add_option, chosen
from tokenx.training.management.preparing import prepare
from tokenx.training.scenarios.catalogue import DEMO
from tokenx.training.scenarios.demo_org import documented_names
from tokenx.web.server.listening import ListenError, listen, port_of
from tokenx.web.server.serving import serve

OPTIONS = (
    environment.LISTEN_ON,
    environment.PORT,
    environment.SCENARIO,
    environment.RESET,
    environment.NO_INPUT,
    environment.NEW_PASSWORD,
    environment.PRESENT,
    environment.INIT,
    environment.JSON,
    environment.NO_SERVE,
)


class Command(BaseCommand):
    help = "Build the demo org if it doesn't exist, and serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        for setting in OPTIONS:
            add_option(parser, setting)
        parser.epilog = f"Scenarios: {', '.join(scenario_names())}"

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_json = chosen(options, environment.JSON)
        # With --json, stdout has nothing but the object.
        output = self.stderr if self.is_json else self.stdout
        self.console = console_for(output, no_color=options["no_color"])
        host, port = (
            chosen(options, environment.LISTEN_ON),
            chosen(options, environment.PORT),
        )
        slug = chosen(options, environment.SCENARIO) or DEMO
        new_password = chosen(options, environment.NEW_PASSWORD)
        is_served = not chosen(options, environment.NO_SERVE)
        check_scenario(slug)
        in_use = ""
        sockets = []
        try:
            sockets = listen(host, port) if is_served else []
        except ListenError as error:
            # The server that has the port can be this org's own.
            if not new_password:
                raise CommandError(str(error)) from error
            is_served, in_use = False, f"Nothing else is served: {error}"
        prepare(output, self.stderr)
        built = find_or_build(
            slug,
            console=self.console,
            resets=chosen(options, environment.RESET),
            asks=not chosen(options, environment.NO_INPUT),
            new_password=new_password,
        )
        administrator = built.administrator
        deploy_init_files(
            chosen(options, environment.INIT), by=administrator, console=self.console
        )
        if chosen(options, environment.PRESENT):
            present(org=administrator.org, is_on=True, by=administrator)
        hosts = hosts_of(host)
        address = f"http://{hosts[0]}:{port_of(sockets) if sockets else port}"
        if self.is_json:
            self._print_json(built, address)
        else:
            self._say_how_to_log_in(built, address, is_served=is_served)
        if is_served:
            self._set_demo_settings(slug, hosts)
            # Imported here so that it finds the files that collectstatic has just written.
            from tokenx.wsgi import application

            print_line(self.console, "Press Ctrl+C to stop.")
            self.stdout.flush()
            serve(application, sockets, threads=settings.THREADS)
        elif in_use:
            print_line(self.console, in_use)

    def _say_how_to_log_in(self, built: BuiltOrg, address: str, *, is_served: bool) -> None:
        administrator = built.administrator
        link = reverse("org:sign-in-by-link", args=[link_token(administrator)])
        name = administrator.username
        if built.password:
            self._say(f"The password of {name}: {built.password}")
        self._say(f"Log in as {name} at {urljoin(address, reverse('org:sign-in'))}")
        self._say("Or open this link once, without the password:")
        self._say(f"  {urljoin(address, link)}")
        if is_served:
            self._say("Next, search Quick Find for Token Exchange Handlers or Training.")
        self._say("To set a new password, run `manage.py demo --new-password`.")

    def _print_json(self, built: BuiltOrg, address: str) -> None:
        administrator = built.administrator
        link = reverse("org:sign-in-by-link", args=[link_token(administrator)])
        result = {
            "url": address,
            "username": administrator.username,
            "password": built.password or environment.ADMIN_PASSWORD.read() or None,
            "loginUrl": urljoin(address, link),
            "organizationId": record_id(ORG, administrator.org_id),
        }
        self.stdout.write(json.dumps(result, indent=2))
        self.stdout.flush()

    def _say(self, line: str) -> None:
        print_line(self.console, line)

    def _set_demo_settings(self, slug: str, hosts: list[str]) -> None:
        """Relax the settings that aren't set: these are demos among people one knows."""
        settings.SIGN_IN_NAMES = documented_names(slug)
        if not environment.SIGNUP.is_set:
            settings.SIGNUP = "open"
        if not environment.THROTTLE_TOKENS.is_set:
            settings.THROTTLE_TOKENS = False
        if not environment.ALLOWED_HOSTS.is_set:
            settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *hosts]
