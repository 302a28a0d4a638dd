"""`manage.py access_token`: a session for a program, without a browser.

    SF_ACCESS_TOKEN=$(manage.py access_token admin@tokenx.example)

The token is all that it prints; what else there is to say goes to stderr.
"""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from tokenx.org.access_tokens import LONGEST, create_access_token
from tokenx.org.models import MadeBy, User
from tokenx.org.record_ids import ORG, pk_of, record_id


class Command(BaseCommand):
    help = "Make an access token, with which a program acts as a user, and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--org",
            default="",
            help="name or id of the user's org, where several orgs have such a user",
        )
        parser.add_argument("--name", default="manage.py access_token")
        parser.add_argument(
            "--days", type=int, default=7, help=f"how long it lasts, up to {LONGEST.days}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["username"], options["org"])
        # What is refused anyway may be larger than a timedelta can be.
        days = max(0, min(options["days"], LONGEST.days + 1))
        try:
            made = create_access_token(
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
            f"until {made.token.expires_at:%Y-%m-%d %H:%M} UTC.",
            self.style.SUCCESS,
        )
        self.stdout.write(made.secret)

    def _user(self, username: str, org: str) -> User:
        found = User.objects.usernamed(username).select_related("org").order_by("org_id")
        if org:
            found = found.filter(Q(org__name=org) | Q(org=pk_of(ORG, org) or 0))
        users = list(found)
        if not users:
            where = f"the org {org}" if org else "any org"
            raise CommandError(f"There is no user {username} in {where}.")
        if len(users) > 1:
            orgs = ", ".join(f"{it.org} ({record_id(ORG, it.org_id)})" for it in users)
            raise CommandError(f"Several orgs have a user {username}: {orgs}. Say --org.")
        return users[0]
