"""Jobs for practice orgs that a server runs when it starts."""

import logging

from tokenx.training.scenarios.catalogue import scenarios
from tokenx.training.scenarios.people import first_people

from .removal import remove_expired

_log = logging.getLogger(__name__)


def remove_expired_orgs() -> None:
    """Remove the practice orgs that expired while no server was running."""
    if removed := remove_expired():
        _log.info("Removed %s expired practice org(s)", removed)


def warm_up_names() -> None:
    """Make up the names for light scenarios, so that the first visitor doesn't wait."""
    for scenario in scenarios().values():
        if scenario.is_light:
            first_people(scenario.people.seed, scenario.people.count)
