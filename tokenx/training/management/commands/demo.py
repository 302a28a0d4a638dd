"""`manage.py demo`: builds an org to try things in, and serves it on this computer."""

import json
import socket
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from tokenx import environment
from tokenx.metadata.management.init_files import deploy_init_files
from tokenx.org.management.console import console_for, print_line
from tokenx.org.management.options import add_option, chosen
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
        slug = chosen(options, environment.SCENARIO) or DEMO
        check_scenario(slug)
        host = chosen(options, environment.LISTEN_ON)
        port = chosen(options, environment.PORT)
        sockets, why_not_served = self._take_port(slug, host, port, options)
        prepare(output, self.stderr)
        built = self._org(slug, options)
        hosts = hosts_of(host)
        address = f"http://{hosts[0]}:{port_of(sockets) if sockets else port}"
        if self.is_json:
            self._print_json(built, address)
        else:
            self._say_how_to_log_in(built, address, slug, why_not_served)
        if sockets:
            self._serve(sockets, slug, hosts)

    def _take_port(
        self, slug: str, host: str, port: int, options: dict[str, Any]
    ) -> tuple[list[socket.socket], str]:
        """Return sockets that listen, or none and the reason."""
        if chosen(options, environment.NO_SERVE):
            return [], f"To serve the org, run `{_command(slug)}`."
        try:
            return listen(host, port), ""
        except ListenError as error:
            # The server that has the port can be this org's own.
            if not chosen(options, environment.NEW_PASSWORD):
                raise CommandError(str(error)) from error
            return [], f"No other server was started. {error}"

    def _org(self, slug: str, options: dict[str, Any]) -> BuiltOrg:
        built = find_or_build(
            slug,
            console=self.console,
            resets=chosen(options, environment.RESET),
            asks=not chosen(options, environment.NO_INPUT),
            new_password=chosen(options, environment.NEW_PASSWORD),
        )
        administrator = built.administrator
        deploy_init_files(
            chosen(options, environment.INIT), by=administrator, console=self.console
        )
        if chosen(options, environment.PRESENT):
            present(org=administrator.org, is_on=True, by=administrator)
        return built

    def _say_how_to_log_in(
        self, built: BuiltOrg, address: str, slug: str, why_not_served: str
    ) -> None:
        administrator = built.administrator
        link = reverse("org:sign-in-by-link", args=[link_token(administrator)])
        name = administrator.username
        if built.password:
            self._say(f"The password of {name}: {built.password}")
        self._say(f"Log in as {name} at {urljoin(address, reverse('org:sign-in'))}")
        self._say("Or open this link once, without the password:")
        self._say(f"  {urljoin(address, link)}")
        if why_not_served:
            self._say(why_not_served)
        else:
            self._say("Next, search Quick Find for Token Exchange Handlers or Training.")
        self._say(f"To set a new password, run `{_command(slug)} --new-password`.")

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

    def _serve(self, sockets: list[socket.socket], slug: str, hosts: list[str]) -> None:
        set_demo_settings(slug, hosts)
        # Imported here so that it finds the files that collectstatic has just written.
        from tokenx.wsgi import application

        self._say("Press Ctrl+C to stop.")
        self.stdout.flush()
        serve(application, sockets, threads=settings.THREADS)


def _command(slug: str) -> str:
    return "manage.py demo" if slug == DEMO else f"manage.py demo --scenario {slug}"


def set_demo_settings(slug: str, hosts: list[str]) -> None:
    """Relax the settings that aren't set: a demo is for people who know each other."""
    settings.SIGN_IN_NAMES = documented_names(slug)
    if not environment.SIGNUP.is_set:
        settings.SIGNUP = "open"
    if not environment.THROTTLE_TOKENS.is_set:
        settings.THROTTLE_TOKENS = False
    if not environment.ALLOWED_HOSTS.is_set:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *hosts]
