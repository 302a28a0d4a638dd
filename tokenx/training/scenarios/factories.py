"""A factory for the made-up users of scenarios."""

import factory
from django.utils.text import slugify

from tokenx.org.models import User
from tokenx.web.text import fold


class MadeUpUserFactory(factory.django.DjangoModelFactory):
    """A user whose username is made from the name, a number, and a domain."""

    class Meta:
        model = User

    class Params:
        number = 1
        domain = ""

    username = factory.LazyAttribute(
        lambda user: f"{_username_start(user)}.{user.number}@{user.domain.lower()}"
    )
    email = factory.SelfAttribute("username")


def _username_start(user: User) -> str:
    """Return the name in lowercase Latin letters and digits, with dots between words."""
    start = slugify(fold(f"{user.first_name} {user.last_name}")).replace("-", "_")
    return (start or "app")[:40].replace("_", ".")
