"""Places of runs: one for each org, and half of the server's threads."""

from threading import Event, Thread
from time import monotonic

import pytest

from tokenx.setup.apex_runs.places import MAX_WAIT, NoPlaceError, Places, count_of_places


@pytest.fixture
def places(settings):
    settings.THREADS = 4
    return Places()


def why_not(places, org):
    start = monotonic()
    with pytest.raises(NoPlaceError) as caught, places.held(org):
        pass
    assert monotonic() - start < MAX_WAIT + 0.5
    return str(caught.value)


def test_an_org_has_one_place(places):
    with places.held(1), places.held(2):
        assert why_not(places, 1) == (
            "Another run in this org isn't finished. Try again in a moment."
        )
    with places.held(1):
        pass


def test_half_of_the_threads_stay_free(places, settings):
    with places.held(1), places.held(2):
        assert "busy with other runs" in why_not(places, 3)
    settings.THREADS = 1
    assert count_of_places() == 1


def test_a_run_that_fails_frees_its_place(places):
    with pytest.raises(ZeroDivisionError), places.held(1):
        raise ZeroDivisionError
    with places.held(1):
        pass


def test_waits_for_a_place_for_a_moment(places):
    is_held, can_end = Event(), Event()

    def hold():
        with places.held(1):
            is_held.set()
            can_end.wait(5)

    holder = Thread(target=hold)
    holder.start()
    is_held.wait(5)
    can_end.set()
    with places.held(1, wait=5):
        holder.join(5)
