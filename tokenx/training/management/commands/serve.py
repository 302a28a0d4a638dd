"""`manage.py serve`: serves tokenx to others, behind a proxy or in a container."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokenx import environment
from tokenx.metadata.management.init_files import deploy_init_files
from tokenx.org.management.console import console_for, print_line
from tokenx.org.management.options import add_option, chosen
from tokenx.training.management.demo_orgs import check_scenario, find_or_build
from tokenx.training.management.preparing import log_to_stderr, prepare
from tokenx.training.scenarios.demo_org import documented_names
from tokenx.web.server.listening import ListenError, listen, port_of
from tokenx.web.server.serving import serve

OPTIONS = (
    environment.LISTEN_ON,
    environment.PORT,
    environment.TRUSTED_PROXY,
    environment.SCENARIO,
    environment.INIT,
)


class Command(BaseCommand):
    help = "Serve tokenx. With --scenario, build an org first if it doesn't exist."

    def add_arguments(self, parser: CommandParser) -> None:
        for setting in OPTIONS:
            add_option(parser, setting)

    def handle(self, *args: Any, **options: Any) -> None:
        console = console_for(self.stdout, no_color=options["no_color"])
        host = chosen(options, environment.LISTEN_ON)
        if slug := chosen(options, environment.SCENARIO):
            check_scenario(slug)
        proxy = chosen(options, environment.TRUSTED_PROXY)
        if not proxy and environment.HTTPS.read():
            proxy = "127.0.0.1"
        try:
            sockets = listen(host, chosen(options, environment.PORT))
        except ListenError as error:
            raise CommandError(str(error)) from error
        prepare(self.stdout, self.stderr)
        if slug:
            built = find_or_build(
                slug, console=console, resets=False, asks=False, new_password=False
            )
            deploy_init_files(
                chosen(options, environment.INIT), by=built.administrator, console=console
            )
            settings.SIGN_IN_NAMES = documented_names(slug)
            if built.password:
                name = built.administrator.username
                print_line(console, f"The password of {name}: {built.password}")
        # Imported here so that it finds the files that collectstatic has just written.
        from tokenx.wsgi import application

        shown = f"[{host}]" if ":" in host else host
        print_line(console, f"Serving at http://{shown}:{port_of(sockets)}")
        print_line(console, "Press Ctrl+C to stop.")
        self.stdout.flush()
        log_to_stderr()
        serve(application, sockets, threads=settings.THREADS, trusted_proxy=proxy)
        print_line(console, "Stopped.")
