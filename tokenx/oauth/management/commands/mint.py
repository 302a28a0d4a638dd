"""`manage.py mint`: sign a token with a simulated issuer, without a browser.

    TOKEN=$(manage.py mint Staff_Login --username admin@tokenx.example)

Only the token goes to stdout; everything else goes to stderr.
"""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org.claims import read_claims
from tokenx.org.models import Org, User
from tokenx.org.record_ids import ORG, pk_of, record_id
from tokenx.setup.apex_runs.recipes import (
    DEFAULT_MINUTES,
    decoded_jwt,
    mint_recipe,
    recipe_from_json,
)
from tokenx.setup.apex_runs.signers import ALGORITHMS, CURRENT
from tokenx.setup.apex_runs.tokens import Broken, TokenKind


class Command(BaseCommand):
    help = "Sign a token with a simulated issuer, and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("issuer", help="API name of the simulated issuer")
        parser.add_argument("--org", default="", help="name or ID of the org")
        parser.add_argument("--username", default="", help="a user of the org")
        parser.add_argument("--person", default="", help="one of the issuer's people")
        parser.add_argument(
            "--claims",
            default="",
            help="a JSON object, or one name=value per line; null removes a claim",
        )
        parser.add_argument(
            "--type",
            default="JWT",
            choices=[each.value for each in TOKEN_TYPES],
            help="token type",
        )
        parser.add_argument("--kind", choices=list(TokenKind), help="token format")
        parser.add_argument("--broken", choices=list(Broken), help="how to break the token")
        parser.add_argument("--algorithm", choices=ALGORITHMS)
        parser.add_argument(
            "--key",
            default=CURRENT,
            help="current, previous, another, or certificate: and an API name",
        )
        parser.add_argument("--key-id", help="key ID in the token's header")
        parser.add_argument("--lifetime", type=int, default=DEFAULT_MINUTES, help="minutes")

    def handle(self, *args: Any, **options: Any) -> None:
        org = _org(options["org"], options["username"])
        content = {
            name: options[name]
            for name in (
                "issuer",
                "person",
                "kind",
                "broken",
                "algorithm",
                "key",
                "key_id",
                "lifetime",
            )
            if options[name] is not None
        }
        try:
            content["claims"] = read_claims(options["claims"])
            recipe = recipe_from_json(content | {"token_type": options["type"]})
            token = mint_recipe(org, recipe)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if decoded := decoded_jwt(token):
            self.stderr.write(json.dumps(decoded, indent=2, ensure_ascii=False))
        self.stdout.write(token)


def _org(name: str, username: str) -> Org:
    """Return the org with a name or ID, or a user. Raise CommandError without one."""
    orgs = Org.objects.all()
    if name:
        orgs = orgs.filter(Q(name=name) | Q(pk=pk_of(ORG, name) or 0))
    if username:
        users = User.objects.usernamed(username)
        orgs = orgs.filter(pk__in=users.values("org_id"))
    found = list(orgs.order_by("pk")[:10])
    if not found:
        raise CommandError("No org has this name, ID, or user.")
    if len(found) > 1:
        listed = ", ".join(f"{org} ({record_id(ORG, org.pk)})" for org in found)
        raise CommandError(f"Several orgs match: {listed}. Select one with --org.")
    return found[0]
