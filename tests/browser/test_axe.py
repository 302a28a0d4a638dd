"""axe finds nothing to object to, on any page and in any state, in light and in dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .states import STATES

AXE = Axe()


@pytest.mark.parametrize("state", STATES, ids=str)
def test_has_no_barrier_in_light_and_dark(open_state, state):
    page = open_state(state)

    reports = []
    for scheme in ["light", "dark"]:
        page.emulate_media(color_scheme=scheme)
        found = AXE.run(page)
        if found.violations_count:
            reports.append(f"In {scheme}: {found.generate_report()}")

    assert not reports, "\n".join(reports)
