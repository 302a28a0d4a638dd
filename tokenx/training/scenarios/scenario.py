"""A scenario, the state that an org starts in: users, apps, classes, and handlers.

Each field is a table or a key of its TOML file. reader.py reads the file.
"""

from collections.abc import Iterator
from typing import Annotated

from tokenx.oauth.actions.examples import MAX_EXAMPLES
from tokenx.setup.actions.certificates import MAX_CERTIFICATES
from tokenx.setup.actions.debug_levels import MAX_DEBUG_LEVELS
from tokenx.setup.actions.issuers import MAX_ISSUERS
from tokenx.setup.actions.permission_sets import MAX_PERMISSION_SETS
from tokenx.setup.actions.remote_sites import MAX_REMOTE_SITES
from tokenx.setup.actions.stored_components import MAX_STORED_COMPONENTS
from tokenx.setup.actions.trace_flags import MAX_TRACE_FLAGS
from tokenx.setup.actions.user_fields import MAX_USER_FIELDS
from tokenx.training.strict_models import Location, StrictModel, at_most

from .example_tables import ExampleTable
from .log_tables import DebugLevelTable, TraceFlagTable
from .setting_tables import (
    CertificateTable,
    IssuerTable,
    PermissionSetTable,
    RemoteSiteTable,
    StoredComponentTable,
    UserFieldTable,
)
from .tables import (
    ApexClassTable,
    AppDefaultsTable,
    AppTable,
    Count,
    DeploymentTable,
    EnablementTable,
    HandlerTable,
    ManyAppsTable,
    OrgTable,
    PeopleTable,
    ProfileTable,
    Tables,
    Text,
    UserTable,
)

# A page can't build an org with more users or apps: its visitor would wait too long.
MAX_LIGHT = 2_000


class ScenarioFile(StrictModel):
    """The contents of a scenario's file."""

    label: Text
    description: Text
    # The position in a list of scenarios.
    order: Count = 100
    org: OrgTable = OrgTable()
    people: PeopleTable = PeopleTable()
    profiles: Tables[ProfileTable] = []
    permission_sets: Annotated[
        Tables[PermissionSetTable], at_most(MAX_PERMISSION_SETS)
    ] = []
    user_fields: Annotated[Tables[UserFieldTable], at_most(MAX_USER_FIELDS)] = []
    users: Tables[UserTable] = []
    classes: Tables[ApexClassTable] = []
    certificates: Annotated[Tables[CertificateTable], at_most(MAX_CERTIFICATES)] = []
    issuers: Annotated[Tables[IssuerTable], at_most(MAX_ISSUERS)] = []
    remote_sites: Annotated[Tables[RemoteSiteTable], at_most(MAX_REMOTE_SITES)] = []
    stored_components: Annotated[
        Tables[StoredComponentTable], at_most(MAX_STORED_COMPONENTS)
    ] = []
    debug_levels: Annotated[Tables[DebugLevelTable], at_most(MAX_DEBUG_LEVELS)] = []
    trace_flags: Annotated[Tables[TraceFlagTable], at_most(MAX_TRACE_FLAGS)] = []
    app_defaults: AppDefaultsTable = AppDefaultsTable()
    apps: Tables[AppTable] = []
    many_apps: Tables[ManyAppsTable] = []
    handlers: Tables[HandlerTable] = []
    enablements: Tables[EnablementTable] = []
    examples: Annotated[Tables[ExampleTable], at_most(MAX_EXAMPLES)] = []
    deployments: Tables[DeploymentTable] = []

    def all_apps(self) -> Iterator[AppTable]:
        """Yield each app, including those of `many_apps`."""
        yield from self.apps
        for many in self.many_apps:
            yield from many.apps

    def all_enablements(self) -> Iterator[tuple[Location, EnablementTable]]:
        """Yield each enablement and its location, including those of `many_apps`."""
        for index, enablement in enumerate(self.enablements):
            yield ("enablements", index), enablement
        for index, many in enumerate(self.many_apps):
            for enablement in many.enablements:
                yield ("many_apps", index), enablement


class Scenario(ScenarioFile):
    """A scenario by its slug, which is the name of its file."""

    slug: str

    def __str__(self) -> str:
        return self.label

    @property
    def is_light(self) -> bool:
        """Tell whether a page can build an org from this scenario."""
        apps = len(self.apps) + sum(many.count for many in self.many_apps)
        return len(self.users) + self.people.count <= MAX_LIGHT and apps <= MAX_LIGHT
