"""Each row of the table of errors: Try It gives the answer and trace of the endpoint."""

from dataclasses import asdict

import pytest

from tests.oauth.exchanging import SECRET
from tests.oauth.obedient import obedient_org
from tests.oauth.test_error_table import ROWS, restored
from tokenx.org.models import LoginRecord

from .test_try_it import URL, entries

pytestmark = pytest.mark.django_db


def lines(changes):
    """Return changes of parameters as Try It takes them."""
    pairs = []
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value or ""]
        pairs += [f"{name}={each}" for each in values]
    return "\n".join(pairs)


def test_both_ways_give_the_same_error(admin_client, org, subtests):
    setup = obedient_org(org)
    page = entries(admin_client.get(URL))
    for row in ROWS:
        with subtests.test(row.case), restored(setup):
            changes = dict(row.cause(setup))
            answer = setup.post(**changes).json()
            record = LoginRecord.objects.filter(org=org).first()
            token = changes.pop("subject_token", setup.user.username)
            if token is None:
                changes["subject_token"] = token
            # Fields of the page have limits of their own; a scope of 100 kB has none.
            if len(lines(changes)) > 20_000:
                changes, token = {}, "x" * 99_999
            response = admin_client.post(
                URL,
                page
                | {
                    "do": "exchange",
                    "token_source": "own",
                    "incoming_token": token or "any",
                    "app": f"{setup.app.kind}:{setup.app.api_name}",
                    "secret": "send",
                    "client_secret": SECRET,
                    "changed_parameters": lines(changes),
                },
            )

            decided = response.context["outcome"].decided
            assert decided.body == answer
            assert answer["error"] == row.error
            rows = [without_own_fields(asdict(each)) for each in decided.rows]
            assert [each["name"] for each in rows if each["state"] == "failed"] == [
                row.decision
            ]
            if record is not None:
                assert rows == [comparable(each) for each in record.trace]


def without_own_fields(row):
    """Return a row without a link to a field, which only the page has."""
    leads_to_field = row["place"] and row["place"][0].startswith("#id_")
    return row | {"place": None} if leads_to_field else row


def comparable(row):
    """Return a row of a record's trace as the page has it, without the steps of Apex."""
    place = row["place"]
    row = {name: value for name, value in row.items() if name != "steps"}
    return row | {"place": tuple(place) if place else None}
