"""The search index of large orgs: see tokenx/org/search/grams.py."""

from django.db import models

from tokenx.org.fields import KeyField
from tokenx.web.text import KEY_LENGTH

from .org import org_key


class Gram(models.Model):
    """A piece of a key, and whose it is; rows lie in the order they are answered in.

    It is an index that databases do not have, and like one it is made from other rows,
    in bulk; so no foreign key is checked for each of its many rows.
    """

    org = org_key()
    gram = KeyField(max_length=KEY_LENGTH + 1)
    key = KeyField(max_length=KEY_LENGTH)

    class Meta:
        abstract = True


class UserGram(Gram):
    pk = models.CompositePrimaryKey("org_id", "gram", "key", "user_id")
    user = models.ForeignKey(
        "org.User", models.DO_NOTHING, "grams", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return self.gram


class AppGram(Gram):
    pk = models.CompositePrimaryKey("org_id", "gram", "key", "app_id")
    app = models.ForeignKey(
        "org.ClientApp", models.DO_NOTHING, "grams", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return self.gram
