"""Examples of token requests with their expected answers: the org's regression list."""

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .client_app import ClientApp
from .org import OrgRow
from .user import User


class ExchangeExample(OrgRow):
    """The recipe of a minted token, the request with it, and the answer it should get.

    Apps, handlers, and issuers are kept by name: an example outlives them, and fails then.
    """

    name = models.CharField(
        "Name", max_length=80, error_messages={"blank": "Enter a name."}
    )
    app_kind = models.CharField(max_length=9, choices=ClientApp.Kind.choices)
    app_api_name = models.CharField("App", max_length=80)
    # The value of token_handler; blank for the app's default handler.
    token_handler = models.CharField("Handler", max_length=80, blank=True)
    # Separated by spaces; blank for all scopes of the app.
    scope = models.CharField("Scopes", max_length=1000, blank=True)
    # A value of Auth.OAuth2TokenExchangeType.
    token_type = models.CharField("Token Type", max_length=13)
    # The options of the mint: tokenx/setup/apex_runs/recipes.py.
    recipe = models.JSONField(default=dict)
    # Blank if the exchange should succeed.
    expected_error = models.CharField("Expected Error", max_length=40, blank=True)
    expected_description = models.CharField(
        "Expected Description", max_length=255, blank=True
    )
    # The user of the token if it should succeed.
    expected_username = models.CharField("Expected User", max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = OrgForeignKey(User, related_name="+")
    ran_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The last result, as the expected answer is kept.
    actual_error = models.CharField(max_length=40, blank=True, editable=False)
    actual_description = models.CharField(max_length=255, blank=True, editable=False)
    actual_username = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="exchange_example_name_per_org",
                violation_error_message="Another example already has this name.",
            ),
            SameOrg(field="created_by", name="exchange_example_created_by_in_org"),
        ]
        indexes = [models.Index(fields=["org", "name"], name="exchange_example_by_name")]

    def __str__(self) -> str:
        return self.name
