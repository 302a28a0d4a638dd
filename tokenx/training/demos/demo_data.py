"""Demo data that the workflow's steps need, created under fixed names.

The pages' own actions create it, so it's in the audit trail. All methods are idempotent:
existing data isn't changed.
"""

import io
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from tokenx.handlers.actions import create_handler, edit_enablement, enable_app, remove_app
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_source
from tokenx.metadata.deploy.uploads import file_name_in
from tokenx.metadata.format.definitions import EnablementDefinition, HandlerDefinition
from tokenx.metadata.format.writer import write
from tokenx.metadata.mapping.from_org import enablements_of, handler_definition
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.actions import create_apex_class
from tokenx.org.models import ApexClass, BuiltInProfile, ClientApp, Profile, User
from tokenx.org.models.user import propose_alias
from tokenx.setup.actions.apps import change_app
from tokenx.setup.actions.put_app import put_app
from tokenx.setup.actions.users import DEFAULTS, activate_user, create_user
from tokenx.setup.compile_classes import compile_body
from tokenx.training.scenarios.apex_classes import body_of

# API name, name, and Apex class.
HANDLER = (
    "MyTokenExchangeHandler",
    "MyTokenExchangeHandler",
    "MyOauthTokenExchangeHandler",
)
OTHER_HANDLER = ("Okta_Workforce", "Okta Workforce", "OktaTokenHandler")
APP, SHARED_APP = "TokenExchangeApp1", "TokenExchangeApp2"
RUN_AS = "integrationuser@mycompany.com"
# A file lists all apps of its handler. With more apps than this, it's too long to show.
MAX_APPS = 200
MISSING_APP = "AnAppThatIsNotHere"


class DemoData:
    """The handlers, apps, and files of a demo org. Missing ones are created."""

    def __init__(self, by: User) -> None:
        self.by = by

    @cached_property
    def handler(self) -> TokenExchangeHandler:
        """Return the help page's handler, or else the org's first one."""
        return self._find_or_create_handler(*HANDLER)

    @cached_property
    def other_handler(self) -> TokenExchangeHandler:
        """Return a second handler, which can be replaced as an app's default."""
        is_taken = self.handler.developer_name == OTHER_HANDLER[0]
        values = HANDLER if is_taken else OTHER_HANDLER
        return self._find_or_create_handler(*values, excluded=self.handler.pk)

    @cached_property
    def run_as(self) -> User:
        user = User.objects.filter(org=self.by.org_id).usernamed(RUN_AS).first()
        if user is None:
            return create_user(
                first_name="Integration",
                last_name="User",
                email=RUN_AS,
                username=RUN_AS,
                profile=Profile.objects.built_in(self.by.org_id, BuiltInProfile.API_ONLY),
                is_integration_user=True,
                alias=propose_alias("Integration", "User"),
                **DEFAULTS,
                by=self.by,
            )
        if not user.is_active:
            activate_user(user=user, by=self.by)
            user.is_active = True
        return user

    def app(self, api_name: str) -> ClientApp:
        """Return the connected app with this name, set up for token exchange."""
        switches = {"allows_token_exchange": True, "policy_allows_token_exchange": True}
        kind = ClientApp.Kind.CONNECTED
        apps = ClientApp.objects.filter(org=self.by.org_id, kind=kind)
        app = apps.filter(api_name__iexact=api_name).first()
        if app is None:
            values = {"label": api_name, "contact_email": self.by.email, **switches}
            change = put_app(
                app=None,
                kind=kind,
                api_name=api_name,
                values=values,
                file_details={},
                by=self.by,
            )
            return change.app
        if not app.is_exchangeable:
            return change_app(app=app, values=switches, by=self.by)
        return app

    def app_not_enabled(self) -> ClientApp:
        """Return the app, not enabled for the handler."""
        app = self.app(APP)
        if enablement := self._enablement(self.handler, app):
            remove_app(enablement=enablement, by=self.by)
            del self.handler
        return app

    def app_enabled(self) -> Enablement:
        """Enable the app for the handler, as its default."""
        return self._enable_as_default(self.handler, self.app(APP))

    def default_replaced(self) -> Enablement:
        """Make the handler replace the other one as the default of an app."""
        app = self.app(SHARED_APP)
        enablement = self._enablement(self.handler, app)
        others = Enablement.objects.filter(org=self.by.org_id, app=app)
        if enablement and enablement.is_default and others.count() > 1:
            return enablement
        self._enable_as_default(self.other_handler, app)
        return self._enable_as_default(self.handler, app)

    def changed_file(self) -> Source:
        """Return a valid file that would change something."""
        description = "Reviewed, with one more enabled app."
        return self._upload(replace(self._definition(), description=description))

    def failed_deployment(self) -> Deployment:
        """Return the failed deployment of a file with a missing app."""
        definition = self._definition()
        missing = EnablementDefinition(
            run_as=self.run_as.username, connected_app=MISSING_APP, is_default=False
        )
        enablements = (*definition.enablements, missing)
        source = self._upload(replace(definition, enablements=enablements))
        attempts = Deployment.objects.filter(org=self.by.org_id, source=source)
        if failed := attempts.filter(status=Status.FAILED).order_by("-id").first():
            return failed
        queued = queue_deployment(source=source, options=Options(), by=self.by)
        queue.wake(self.by.org_id)
        return queued

    def _find_or_create_handler(
        self, name: str, label: str, class_name: str, excluded: int = 0
    ) -> TokenExchangeHandler:
        handlers = TokenExchangeHandler.objects.filter(org=self.by.org_id)
        others = handlers.exclude(pk=excluded).select_related("apex_class")
        named = others.filter(developer_name__iexact=name).first()
        existing = named or others.order_by("-is_enabled", "developer_name").first()
        return existing or create_handler(
            definition={
                "label": label,
                "developer_name": name,
                "description": "My token exchange handler",
                "token_types": ["supports_access_token", "supports_jwt"],
                "allows_user_creation": False,
                "apex_class": self._find_or_create_class(class_name),
            },
            is_enabled=True,
            by=self.by,
        )

    def _find_or_create_class(self, name: str) -> ApexClass:
        classes = ApexClass.objects.filter(org=self.by.org_id, name__iexact=name)
        body = body_of(name)
        if existing := classes.first():
            return existing
        compiled = compile_body(org=self.by.org_id, body=body)
        return create_apex_class(name=name, body=body, compiled=compiled, by=self.by)

    def _enablement(
        self, handler: TokenExchangeHandler, app: ClientApp
    ) -> Enablement | None:
        enablements = Enablement.objects.of(handler).filter(app=app)
        return enablements.select_related("handler", "app", "run_as").first()

    def _enable_as_default(
        self, handler: TokenExchangeHandler, app: ClientApp
    ) -> Enablement:
        if existing := self._enablement(handler, app):
            return edit_enablement(
                enablement=existing, run_as=existing.run_as, make_default=True, by=self.by
            )
        return enable_app(
            handler=handler, app=app, run_as=self.run_as, make_default=True, by=self.by
        )

    def _definition(self) -> HandlerDefinition:
        """Return the handler's definition with the app, or that of a new handler."""
        app = self.app(APP)
        handler = TokenExchangeHandler.objects.select_related("apex_class").get(
            org=self.by.org_id, pk=self.handler.pk
        )
        is_short = handler.app_count <= MAX_APPS
        enabled: Iterable[EnablementDefinition] = (
            enablements_of(handler) if is_short else ()
        )
        definition = handler_definition(handler, tuple(enabled))
        if not is_short:
            definition = replace(definition, developer_name="Shown", label="Shown")
        if app.api_name in [entry.connected_app for entry in definition.enablements]:
            return definition
        added = EnablementDefinition(
            run_as=self.run_as.username, connected_app=app.api_name, is_default=False
        )
        return replace(definition, enablements=(*definition.enablements, added))

    def _upload(self, definition: HandlerDefinition) -> Source:
        """Upload the file, or return an earlier upload of the same file."""
        data = "".join(write(definition)).encode()
        name = file_name_in(data)
        uploads = Source.objects.filter(org=self.by.org_id, name=name, size=len(data))
        for source in uploads.order_by("-id")[:5]:
            if b"".join(source.pieces()) == data:
                return source
        return receive_source(stream=io.BytesIO(data), name=name, by=self.by)
