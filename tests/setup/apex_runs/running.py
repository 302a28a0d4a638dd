"""Parts of a run for tests of what it reaches."""

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.errors import ThrownError
from tokenx.apex.values import Record
from tokenx.setup.apex_runs.callouts import OrgCallouts
from tokenx.setup.apex_runs.configuration import OrgConfiguration
from tokenx.setup.apex_runs.records import OrgRecords
from tokenx.setup.apex_runs.transactions import RunTransaction


class Reach:
    """Everything that a run of a user reaches."""

    def __init__(self, user):
        self.budget, self.transaction = Budget(), RunTransaction()
        configuration = OrgConfiguration(user.org_id)
        self.records = OrgRecords(
            user.org,
            user,
            budget=self.budget,
            transaction=self.transaction,
            configuration=configuration,
        )
        self.callouts = OrgCallouts(
            user.org, transaction=self.transaction, configuration=configuration
        )

    def query(self, text, **binds):
        return self.records.query(text, binds)

    def rows(self, text, **binds):
        return self.query(text, **binds).records

    def change(self, operation, *records, all_or_none=True):
        return self.records.change(operation, records, all_or_none=all_or_none)

    def errors(self, operation, *records):
        """Return the status code and message of each error."""
        outcomes = self.change(operation, *records, all_or_none=False)
        return [
            (error.status_code, error.message, *error.fields)
            for outcome in outcomes
            for error in outcome.errors
        ]


def new(object_name, **fields):
    return Record(object_name, {name.lower(): value for name, value in fields.items()})


def thrown_by(function, *arguments, **options):
    """Return the type and message of the exception that a call throws."""
    try:
        function(*arguments, **options)
    except ThrownError as error:
        return error.value.type.name, error.value.message
    raise AssertionError("Nothing was thrown.")
