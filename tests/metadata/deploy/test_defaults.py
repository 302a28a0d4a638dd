"""Deploying default handlers: each app can have only one."""

from itertools import product

import pytest

from tests.factories import EnablementFactory, TokenExchangeHandlerFactory
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Status

from .deploying import (
    deploy,
    enabled,
    files_of,
    handler,
    location_in,
    only_problem,
    outcomes,
    problems,
    ready_for_handlers,
)


@pytest.fixture
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop")


def test_refuses_two_default_handlers_for_one_app(admin, apps):
    two = [handler(name, enabled("Billing", is_default=True)) for name in ("Mine", "Yours")]

    deployment = deploy(admin, two)

    message = "Billing can have only one default handler, not Mine and Yours."
    assert problems(deployment) == [
        f"{location_in(files_of(each), name, 'isDefault')} In field: isDefault - {message}"
        for each, name in zip(two, files_of(*two), strict=True)
    ]
    assert not TokenExchangeHandler.objects.exists()


def test_refuses_to_replace_a_default_outside_of_the_package(admin, org, apps):
    other = TokenExchangeHandlerFactory(org=org, label="Other", modified_by=admin)
    EnablementFactory(handler=other, app=apps[0], is_default=True)

    deployment = deploy(admin, [handler("Mine", enabled("Billing", is_default=True))])

    assert only_problem(deployment).endswith(
        "In field: isDefault - Other is the default handler for Billing and "
        "isn't part of this deployment."
    )
    assert Enablement.objects.get().is_default


def test_a_default_moves_between_two_handlers_of_a_package(admin, apps, subtests):
    default = enabled("Billing", is_default=True)
    for (giver, taker), left, had in product(
        [("A", "B"), ("B", "A")], [(), ("Billing",), ("Shop",)], [(), ("Billing",)]
    ):
        with subtests.test(giver=giver, left=left, had=had), rolled_back():
            first = deploy(admin, [handler(giver, default), handler(taker, *had)])
            assert first.status == Status.SUCCEEDED

            second = deploy(admin, [handler(giver, *left), handler(taker, default)])

            assert outcomes(second) == {"A": "Changed", "B": "Changed"}
            moved = Enablement.objects.get(is_default=True)
            assert moved.handler.developer_name == taker


def test_a_default_stays_if_its_handler_fails(admin, apps):
    default = enabled("Billing", is_default=True)
    deploy(admin, [handler("Giver", default)])

    deployment = deploy(
        admin,
        [handler("Giver", "Gone"), handler("Taker", default)],
        rollback_on_error=False,
    )

    assert outcomes(deployment) == {"Giver": "Failed", "Taker": "Failed"}
    assert Enablement.objects.get(is_default=True).handler.developer_name == "Giver"
