"""`manage.py access_token`: create an access token without a browser.

    SF_ACCESS_TOKEN=$(manage.py access_token admin@tokenx.example)

Only the token goes to stdout; everything else goes to stderr.
"""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from tokenx.org.models import MadeBy, User
from tokenx.org.record_ids import ORG, pk_of, record_id
from tokenx.org.sessions import LONGEST, create_access_token


class Command(BaseCommand):
    help = "Create an access token that lets an API client act as a user, and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="username of the user to act as")
        parser.add_argument(
            "--org",
            default="",
            help="name or ID of the user's org, if several orgs have this user",
        )
        parser.add_argument(
            "--name",
            default="manage.py access_token",
            help="name of the token on the API Access page",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=7,
            help=f"days until it expires, up to {LONGEST.days}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["username"], options["org"])
        # The number can be too large for a timedelta; the action refuses it anyway.
        days = max(0, min(options["days"], LONGEST.days + 1))
        try:
            created = create_access_token(
                user=user,
                name=options["name"],
                lifetime=timedelta(days=days),
                by=user,
                context=MadeBy.COMMAND,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stderr.write(
            f"An access token for {user.name} ({user.username}) of {user.org}, "
            f"until {created.token.expires_at:%Y-%m-%d %H:%M} UTC.",
            self.style.SUCCESS,
        )
        self.stdout.write(created.secret)

    def _user(self, username: str, org: str) -> User:
        users = User.objects.usernamed(username).select_related("org").order_by("org_id")
        if org:
            users = users.filter(Q(org__name=org) | Q(org=pk_of(ORG, org) or 0))
        matches = list(users)
        if not matches:
            where = f"the org {org}" if org else "any org"
            raise CommandError(f"User {username} doesn't exist in {where}.")
        if len(matches) > 1:
            orgs = ", ".join(
                f"{user.org} ({record_id(ORG, user.org_id)})" for user in matches
            )
            raise CommandError(
                f"User {username} exists in several orgs: {orgs}. Use --org."
            )
        return matches[0]
