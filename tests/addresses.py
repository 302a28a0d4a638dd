"""URLs of the project, with the keys and the form data of one org's rows."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.urls import reverse

from tokenx.handlers.enablement_change import change_of, settings_of
from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.deploy.uploads import receive_text
from tokenx.org.models import BuiltInProfile
from tokenx.org.sign_in import link_token
from tokenx.training.models import PracticeOrg
from tokenx.training.practice.actions import personal_token
from tokenx.training.snapshots.actions import make_link, save_snapshot

from .factories import (
    AccessTokenFactory,
    ApexLogFactory,
    CertificateFactory,
    ClientAppFactory,
    DebugLevelFactory,
    EnablementFactory,
    ExchangeExampleFactory,
    IntegrationUserFactory,
    IssuerFactory,
    LoginRecordFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    ProfileFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    TraceFlagFactory,
    UserFactory,
    UserFieldFactory,
)
from .training.classes import addresses as class_addresses
from .training.classes.rows import ParticipantFactory

# The keys in a URL, by the URL's name. tests/test_access.py fails if a URL is missing.
KEYS = {
    "setup:home": [],
    "setup:search": [],
    "handlers:list": [],
    "handlers:detail": ["handler_name"],
    "handlers:create-handler": [],
    "handlers:edit-handler": ["handler_name"],
    "handlers:switch-handler": ["handler_name"],
    "handlers:delete-handler": ["handler_name"],
    "handlers:apex-class-lookup": [],
    "handlers:propose-api-name": [],
    "setup:health": [],
    "setup:change-time-zone": [],
    "setup:strict-mode": [],
    "setup:switch-strict-mode": [],
    "handlers:enable-app": ["handler_name"],
    "handlers:enable-app-notices": ["handler_name"],
    "handlers:app-lookup": ["handler_name", "kind"],
    "handlers:edit-enablement": ["handler_name", "pk"],
    "handlers:remove-app": ["handler_name", "pk"],
    "setup:app-manager": [],
    "setup:app-list": ["kind"],
    "setup:new-app": ["kind"],
    "setup:propose-app-api-name": ["kind"],
    "setup:app": ["kind", "api_name"],
    "setup:edit-app": ["kind", "api_name"],
    "setup:edit-app-policies": ["kind", "api_name"],
    "setup:rotate-secret": ["kind", "api_name"],
    "setup:delete-app": ["kind", "api_name"],
    "setup:apex-class-list": [],
    "setup:new-apex-class": [],
    "setup:apex-class": ["class_name"],
    "setup:run-apex-class": ["class_name"],
    "oauth:try-it": [],
    "oauth:example-list": [],
    "oauth:save-example": [],
    "oauth:run-example": ["example_id"],
    "oauth:edit-example": ["example_id"],
    "oauth:delete-example": ["example_id"],
    "setup:edit-apex-class": ["class_name"],
    "setup:delete-apex-class": ["class_name"],
    "setup:profile-list": [],
    "setup:profile": ["profile_id"],
    "setup:delete-profile": ["profile_id"],
    "setup:permission-set-list": [],
    "setup:new-permission-set": [],
    "setup:permission-set": ["set_name"],
    "setup:edit-permission-set": ["set_name"],
    "setup:delete-permission-set": ["set_name"],
    "setup:permission-set-assignments": ["set_name"],
    "setup:assign-permission-set": ["set_name"],
    "setup:unassign-permission-set": ["set_name", "user_id"],
    "setup:edit-user-permission-sets": ["user_id"],
    "setup:stored-component-list": ["stored_type"],
    "setup:stored-component": ["stored_type", "component_name"],
    "setup:user-field-list": [],
    "setup:new-user-field": [],
    "setup:user-field": ["field_name"],
    "setup:edit-user-field": ["field_name"],
    "setup:delete-user-field": ["field_name"],
    "setup:edit-custom-values": ["user_id"],
    "setup:certificate-list": [],
    "setup:new-certificate": [],
    "setup:upload-certificate": [],
    "setup:certificate": ["certificate_name"],
    "setup:download-certificate": ["certificate_name"],
    "setup:edit-certificate": ["certificate_name"],
    "setup:delete-certificate": ["certificate_name"],
    "setup:issuer-list": [],
    "setup:new-issuer": [],
    "setup:issuer": ["issuer_name"],
    "setup:edit-issuer": ["issuer_name"],
    "setup:rotate-issuer-key": ["issuer_name"],
    "setup:issuer-secret": ["issuer_name"],
    "setup:delete-issuer": ["issuer_name"],
    "setup:debug-log-list": [],
    "setup:debug-log": ["log_id"],
    "setup:download-debug-log": ["log_id"],
    "setup:delete-debug-log": ["log_id"],
    "setup:delete-debug-logs": [],
    "setup:new-trace-flag": [],
    "setup:edit-trace-flag": ["flag_id"],
    "setup:delete-trace-flag": ["flag_id"],
    "setup:debug-level-list": [],
    "setup:new-debug-level": [],
    "setup:debug-level": ["level_name"],
    "setup:edit-debug-level": ["level_name"],
    "setup:delete-debug-level": ["level_name"],
    "setup:remote-site-list": [],
    "setup:new-remote-site": [],
    "setup:remote-site": ["site_name"],
    "setup:edit-remote-site": ["site_name"],
    "setup:delete-remote-site": ["site_name"],
    "setup:user-list": [],
    "setup:new-user": [],
    "setup:user": ["user_id"],
    "setup:edit-user": ["user_id"],
    "setup:deactivate-user": ["user_id"],
    "setup:activate-user": ["user_id"],
    "setup:own-api-access": [],
    "setup:api-access": ["user_id"],
    "setup:new-access-token": ["user_id"],
    "setup:revoke-access-token": ["user_id", "access_token_id"],
    "org:sign-in": [],
    "org:sign-in-by-link": ["token"],
    "org:front-door": [],
    "org:sign-out": [],
    "org:choose-display": [],
    "org:livez": [],
    "org:readyz": [],
    "handlers:user-lookup": [],
    "setup:help": [],
    "training:home": [],
    "training:exercise-list": [],
    "training:exercise": ["exercise"],
    "training:start-exercise": ["exercise"],
    "training:check-exercise": ["exercise"],
    "training:show-hint": ["exercise"],
    "training:answer-exercise": ["exercise"],
    "training:leave-exercise": [],
    "training:exercise-state": [],
    "training:place-exercise": [],
    "training:preview-exercise": [],
    "training:progress": [],
    "training:certificate": [],
    "training:start-practice-org": [],
    "training:open-practice-org": ["practice_token"],
    "training:reset-org": [],
    "training:open-demo": ["demo_token"],
    "training:present": [],
    "training:step": ["step"],
    "training:tour": [],
    "training:token-error-list": [],
    "training:token-error": ["error_key"],
    "training:reproduce-token-error": ["error_key"],
    "training:snapshots": [],
    "training:save-snapshot": [],
    "training:upload-snapshot": [],
    "training:restore-snapshot": ["snapshot_id"],
    "training:delete-snapshot": ["snapshot_id"],
    "training:download-snapshot": ["snapshot_id"],
    "training:snapshot-link": ["snapshot_id"],
    "training:revoke-snapshot-link": ["snapshot_id"],
    "setup:login-history": [],
    "setup:login-history-csv": [],
    "setup:login-record": ["login_id"],
    "setup:audit-trail": [],
    "setup:audit-trail-csv": [],
    "setup:setup-node": ["slug"],
    "metadata:deployment-list": [],
    "metadata:deployment": ["deployment_id"],
    "metadata:cancel-deployment": ["deployment_id"],
    "metadata:deploy-metadata": [],
    "metadata:review": ["source_id"],
    "metadata:create-placeholders": ["source_id"],
    "metadata:source": ["source_id"],
    "metadata:record-page": ["slug"],
    "metadata:retrieve": [],
    "metadata:handler-metadata": ["handler_name"],
    "metadata:download-handler-metadata": ["handler_name"],
    "metadata:enablement-change": ["handler_name"],
}
OPEN_TO_ALL = {
    "org:choose-display",
    "org:livez",
    "org:readyz",
    "org:sign-in",
    "org:sign-in-by-link",
    "org:front-door",
    "org:sign-out",
    "training:start-practice-org",
    "training:open-practice-org",
    "training:open-demo",
}
CHANGING = {
    "handlers:create-handler",
    "handlers:edit-handler",
    "handlers:switch-handler",
    "handlers:delete-handler",
    "handlers:apex-class-lookup",
    "handlers:propose-api-name",
    "setup:switch-strict-mode",
    "handlers:enable-app",
    "handlers:enable-app-notices",
    "handlers:app-lookup",
    "handlers:edit-enablement",
    "handlers:remove-app",
    "setup:new-app",
    "setup:propose-app-api-name",
    "setup:edit-app",
    "setup:edit-app-policies",
    "setup:rotate-secret",
    "setup:delete-app",
    "setup:new-apex-class",
    "setup:edit-apex-class",
    "setup:delete-apex-class",
    "setup:delete-profile",
    "setup:new-permission-set",
    "setup:edit-permission-set",
    "setup:delete-permission-set",
    "setup:assign-permission-set",
    "setup:unassign-permission-set",
    "setup:edit-user-permission-sets",
    "setup:new-user-field",
    "setup:edit-user-field",
    "setup:delete-user-field",
    "setup:edit-custom-values",
    "setup:new-certificate",
    "setup:upload-certificate",
    "setup:edit-certificate",
    "setup:delete-certificate",
    "oauth:save-example",
    "oauth:run-example",
    "oauth:edit-example",
    "oauth:delete-example",
    "setup:new-issuer",
    "setup:edit-issuer",
    "setup:rotate-issuer-key",
    "setup:issuer-secret",
    "setup:delete-issuer",
    "setup:delete-debug-log",
    "setup:delete-debug-logs",
    "setup:new-trace-flag",
    "setup:edit-trace-flag",
    "setup:delete-trace-flag",
    "setup:new-debug-level",
    "setup:edit-debug-level",
    "setup:delete-debug-level",
    "setup:new-remote-site",
    "setup:edit-remote-site",
    "setup:delete-remote-site",
    "setup:new-user",
    "setup:edit-user",
    "setup:deactivate-user",
    "setup:activate-user",
    "setup:new-access-token",
    "setup:revoke-access-token",
    "metadata:cancel-deployment",
    "metadata:deploy-metadata",
    "metadata:review",
    "metadata:create-placeholders",
    "metadata:source",
    "training:reset-org",
    "training:reproduce-token-error",
    "training:start-exercise",
    "training:leave-exercise",
    "training:show-hint",
    "training:answer-exercise",
    "training:present",
    "training:step",
    "training:tour",
    "training:save-snapshot",
    "training:upload-snapshot",
    "training:restore-snapshot",
    "training:delete-snapshot",
    "training:snapshot-link",
    "training:revoke-snapshot-link",
    "training:snapshots",
    "training:download-snapshot",
}
# Viewers open these only for their own rows.
OWN_ONLY = {"setup:debug-log", "setup:download-debug-log", "setup:login-record"}
TAKES_POST = {
    "setup:change-time-zone",
    "setup:switch-strict-mode",
    "handlers:create-handler",
    "handlers:edit-handler",
    "handlers:switch-handler",
    "handlers:delete-handler",
    "handlers:enable-app",
    "handlers:edit-enablement",
    "handlers:remove-app",
    "setup:new-app",
    "setup:edit-app",
    "setup:edit-app-policies",
    "setup:rotate-secret",
    "setup:delete-app",
    "setup:new-apex-class",
    "setup:run-apex-class",
    "oauth:try-it",
    "oauth:example-list",
    "oauth:save-example",
    "oauth:run-example",
    "oauth:edit-example",
    "oauth:delete-example",
    "setup:edit-apex-class",
    "setup:delete-apex-class",
    "setup:delete-profile",
    "setup:new-permission-set",
    "setup:edit-permission-set",
    "setup:delete-permission-set",
    "setup:assign-permission-set",
    "setup:unassign-permission-set",
    "setup:edit-user-permission-sets",
    "setup:new-user-field",
    "setup:edit-user-field",
    "setup:delete-user-field",
    "setup:edit-custom-values",
    "setup:new-certificate",
    "setup:upload-certificate",
    "setup:edit-certificate",
    "setup:delete-certificate",
    "setup:new-issuer",
    "setup:edit-issuer",
    "setup:rotate-issuer-key",
    "setup:issuer-secret",
    "setup:delete-issuer",
    "setup:delete-debug-log",
    "setup:delete-debug-logs",
    "setup:new-trace-flag",
    "setup:edit-trace-flag",
    "setup:delete-trace-flag",
    "setup:new-debug-level",
    "setup:edit-debug-level",
    "setup:delete-debug-level",
    "setup:new-remote-site",
    "setup:edit-remote-site",
    "setup:delete-remote-site",
    "setup:new-user",
    "setup:edit-user",
    "setup:deactivate-user",
    "setup:activate-user",
    "setup:new-access-token",
    "setup:revoke-access-token",
    "metadata:cancel-deployment",
    "metadata:deploy-metadata",
    "metadata:review",
    "metadata:create-placeholders",
    "training:reproduce-token-error",
    "training:token-error-list",
    "training:token-error",
    "training:reset-org",
    "training:start-exercise",
    "training:leave-exercise",
    "training:show-hint",
    "training:answer-exercise",
    "training:place-exercise",
    "training:preview-exercise",
    "training:present",
    "training:step",
    "training:tour",
    "training:save-snapshot",
    "training:upload-snapshot",
    "training:restore-snapshot",
    "training:delete-snapshot",
    "training:snapshot-link",
    "training:revoke-snapshot-link",
}
# API clients call these, with or without a token. tests/metadata/api covers each of them.
OF_PROGRAMS = {
    "api:soap",
    "api:login",
    "api:apex-soap",
    "api:execute-anonymous",
    "api:versions",
    "api:resources",
    "api:query",
    "api:query-more",
    "api:tooling-query",
    "api:tooling-query-more",
    "api:tooling-records",
    "api:tooling-describe",
    "api:tooling-record",
    "api:log-body",
    "api:cometd",
    "api:objects",
    "api:records",
    "api:describe",
    "api:record",
    "api:record-by-field",
    "api:collection",
    "api:read-many",
    "api:limits",
    "api:record-counts",
    "api:single-access",
    "api:deploy-requests",
    "api:deploy-request",
    "oauth:token",
    "oauth:user-info",
    "oauth:revoke",
    "oauth:introspect",
    "oauth:identity",
    "oauth:keys",
    "oauth:discovery",
    "oauth:authorization-server",
    "oauth:mint",
    "oauth:issuer-address",
    "api:no-such-resource",
}
KEYS |= class_addresses.KEYS
OPEN_TO_ALL |= class_addresses.OPEN_TO_ALL
CHANGING |= class_addresses.CHANGING
TAKES_POST |= class_addresses.TAKES_POST
CLOSED = sorted(set(KEYS) - OPEN_TO_ALL)
# Keys that identify an org's rows. Kinds, slugs, and tokens are the same in every org.
NAMES_ROWS = {
    "handler_name",
    "api_name",
    "class_name",
    "certificate_name",
    "field_name",
    "issuer_name",
    "component_name",
    "site_name",
    "level_name",
    "log_id",
    "login_id",
    "flag_id",
    "set_name",
    "user_id",
    "profile_id",
    "deployment_id",
    "source_id",
    "classroom_id",
    "participant_id",
    "snapshot_id",
    "example_id",
}
WITH_ROWS = [name for name in CLOSED if NAMES_ROWS & set(KEYS[name])]

# No org has the Apex class, so the page offers to create a placeholder.
WITH_SOMETHING_MISSING = """\
<?xml version="1.0" encoding="UTF-8"?>
<OauthTokenExchangeHandler xmlns="http://soap.sforce.com/2006/04/metadata">
    <developerName>Sent</developerName>
    <isAccessTokenSupported>true</isAccessTokenSupported>
    <isEnabled>true</isEnabled>
    <isIdTokenSupported>false</isIdTokenSupported>
    <isJwtSupported>false</isJwtSupported>
    <isProtected>false</isProtected>
    <isRefreshTokenSupported>false</isRefreshTokenSupported>
    <isSaml2Supported>false</isSaml2Supported>
    <isUserCreationAllowed>false</isUserCreationAllowed>
    <masterLabel>Sent</masterLabel>
    <tokenHandlerApex>NobodyHasThis</tokenHandlerApex>
</OauthTokenExchangeHandler>
"""


class Rows(NamedTuple):
    """Keys in one org's URLs, and data for its forms."""

    handler_name: str
    pk: int
    kind: str
    api_name: str
    class_name: str
    certificate_name: str
    field_name: str
    issuer_name: str
    stored_type: str
    component_name: str
    site_name: str
    level_name: str
    log_id: int
    login_id: int
    flag_id: int
    set_name: str
    user_id: int
    profile_id: int
    access_token_id: int
    deployment_id: int
    source_id: int
    classroom_id: int
    participant_id: int
    code: str
    token: str
    practice_token: str
    snapshot_id: int
    example_id: int
    demo_token: str
    step: str
    error_key: str
    slug: str
    exercise: str
    change_query: str
    form: dict[str, Any]

    def address(self, name: str) -> str:
        url = reverse(name, kwargs={key: getattr(self, key) for key in KEYS[name]})
        if name == "metadata:enablement-change":
            return f"{url}?{self.change_query}"
        return f"{url}?kind={self.kind}" if name in CHANGING else url


def rows_of(org, name: str) -> Rows:
    """Create rows that every URL with keys can name."""
    person = UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    handler = TokenExchangeHandlerFactory(org=org, label=name, modified_by=person)
    enablement = EnablementFactory(handler=handler)
    change = change_of(enablement, before=None, after=settings_of(enablement))
    free = ClientAppFactory(org=org, label=f"{name} free")
    run_as = IntegrationUserFactory(org=org)
    source = receive_text(text=WITH_SOMETHING_MISSING, by=person)
    deployment = queue_deployment(source=source, options=Options(), by=person)
    practice_org, _ = PracticeOrg.objects.get_or_create(
        org=org, defaults={"owner": person, "scenario": "first-steps"}
    )
    participant = ParticipantFactory(classroom__trainer=person)
    snapshot = save_snapshot(org=org, name=name, by=person)
    return Rows(
        handler_name=handler.developer_name,
        pk=enablement.pk,
        kind="connected",
        api_name=enablement.app.api_name,
        class_name=handler.apex_class.name,
        stored_type="NamedCredential",
        component_name=StoredComponentFactory(org=org, name=f"{name}_Credential").name,
        field_name=UserFieldFactory(org=org, name=f"User.{name}_Field__c").api_name,
        issuer_name=IssuerFactory(org=org, name=f"{name}_Issuer").name,
        certificate_name=CertificateFactory(org=org, name=f"{name}_Cert").name,
        level_name=DebugLevelFactory(org=org, name=f"{name}_Level").name,
        log_id=ApexLogFactory(org=org, user=person).pk,
        login_id=LoginRecordFactory(org=org, user=person).pk,
        flag_id=TraceFlagFactory(org=org, traced_user=person).pk,
        site_name=RemoteSiteFactory(org=org, name=f"{name}_Site").name,
        set_name=_assigned_set(run_as, f"{name}_Set"),
        user_id=run_as.pk,
        profile_id=ProfileFactory(org=org, name=f"{name} profile").pk,
        access_token_id=AccessTokenFactory(user=run_as).pk,
        deployment_id=deployment.pk,
        source_id=source.pk,
        classroom_id=participant.classroom_id,
        participant_id=participant.pk,
        code=participant.classroom.code,
        token=link_token(person),
        practice_token=personal_token(practice_org),
        snapshot_id=snapshot.pk,
        example_id=ExchangeExampleFactory(org=org, name=name, created_by=person).pk,
        demo_token=make_link(snapshot=snapshot, by=person),
        step="list",
        error_key="policies-off",
        slug="ApexTriggers",
        exercise="find-the-page",
        change_query=urlsplit(change.url(handler)).query,
        form={"app": free.pk, "run_as": run_as.pk, "make_default": "on"},
    )


def _assigned_set(user, name: str) -> str:
    """Create a permission set that the user has, and return its name."""
    permission_set = PermissionSetFactory(org=user.org, name=name)
    PermissionSetAssignmentFactory(org=user.org, user=user, permission_set=permission_set)
    return name


class Unchanged:
    """All rows of all tables, for tests that check after each request that they stay."""

    def __init__(self) -> None:
        self._rows, self._writes = everything(), _written_rows()

    def check(self) -> None:
        writes = _written_rows()
        if writes is None or writes != self._writes:
            assert everything() == self._rows
            self._writes = writes


def _written_rows() -> int | None:
    """Return the number of rows that this connection has written, where it's counted."""
    is_sqlite = connection.vendor == "sqlite"
    return connection.connection.total_changes if is_sqlite else None


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables, as the database has them, except for last sign-ins."""
    models = [m for m in apps.get_models() if m.__module__.startswith("tokenx.")]
    with connection.cursor() as cursor:
        return {model.__name__: _rows_in(model, cursor) for model in models}


def _rows_in(model: type[Model], cursor: Any) -> list[dict[str, Any]]:
    # Tests call this hundreds of times: building a queryset takes longer than reading rows.
    columns = [field.column for field in model._meta.concrete_fields]
    columns = [name for name in columns if name != "last_login"]
    key = [field.column for field in model._meta.pk_fields]
    quoted = lambda names: ", ".join(map(connection.ops.quote_name, names))
    table = connection.ops.quote_name(model._meta.db_table)
    cursor.execute(f"SELECT {quoted(columns)} FROM {table} ORDER BY {quoted(key)}")
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
