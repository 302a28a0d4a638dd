"""The n-gram index of large orgs: see tokenx/org/search/grams.py."""

from django.db import models

from tokenx.org.fields import KeyField, OrgForeignKey
from tokenx.web.text import KEY_LENGTH

from .org import OrgRow


class Gram(OrgRow):
    """An n-gram of a user's or app's key; primary keys are in result order.

    Rows are derived from other rows, in bulk. For this reason, no foreign key is checked
    for each of them.
    """

    gram = KeyField(max_length=KEY_LENGTH + 1)
    key = KeyField(max_length=KEY_LENGTH)

    class Meta:
        abstract = True


class UserGram(Gram):
    pk = models.CompositePrimaryKey("org_id", "gram", "key", "user_id")
    user = OrgForeignKey("org.User", related_name="grams")

    def __str__(self) -> str:
        return self.gram


class AppGram(Gram):
    pk = models.CompositePrimaryKey("org_id", "gram", "key", "app_id")
    app = OrgForeignKey("org.ClientApp", related_name="grams")

    def __str__(self) -> str:
        return self.gram
