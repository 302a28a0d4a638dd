"""The stage of a demo: what the steps of the workflow need, put there by known names.

All goes by the actions of the pages, so the trail tells it, and all is idempotent: what is
there already stays as it is.
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
from tokenx.metadata.format import writer as xml_writer
from tokenx.metadata.format.definitions import EnablementDefinition, HandlerDefinition
from tokenx.metadata.mapping.from_org import enablements_of, handler_definition
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.actions import create_apex_class
from tokenx.org.models import ApexClass, ClientApp, Profile, User
from tokenx.setup.actions.apps import change_app
from tokenx.setup.actions.put_app import put_app
from tokenx.setup.actions.users import activate_user, create_user
from tokenx.training.scenarios.tables import HANDLER_CLASS

# API name, name, and Apex class.
HANDLER = (
    "MyTokenExchangeHandler",
    "MyTokenExchangeHandler",
    "MyOauthTokenExchangeHandler",
)
RIVAL = ("Okta_Workforce", "Okta Workforce", "OktaTokenHandler")
APP, CONTESTED_APP = "TokenExchangeApp1", "TokenExchangeApp2"
RUN_AS = "integrationuser@mycompany.com"
# A file names all apps of its handler. With more than these it is not one to show.
SHOWN = 200
MISSING = "AnAppThatIsNotHere"


class Stage:
    """An org that somebody presents, and who and what is in the play."""

    def __init__(self, by: User) -> None:
        self.by = by

    @cached_property
    def handler(self) -> TokenExchangeHandler:
        """The one of the help page; else the org's first; else a new one."""
        return self._handler(*HANDLER)

    @cached_property
    def rival(self) -> TokenExchangeHandler:
        """Another handler, from which a default can be taken."""
        is_rival = self.handler.developer_name == RIVAL[0]
        return self._handler(*(HANDLER if is_rival else RIVAL), but_not=self.handler.pk)

    @cached_property
    def run_as(self) -> User:
        user = User.objects.filter(org=self.by.org_id).usernamed(RUN_AS).first()
        if user is None:
            return create_user(
                first_name="Integration",
                last_name="User",
                email=RUN_AS,
                username=RUN_AS,
                profile=Profile.API_ONLY,
                is_integration_user=True,
                by=self.by,
            )
        if not user.is_active:
            activate_user(user=user, by=self.by)
            user.is_active = True
        return user

    def app(self, api_name: str) -> ClientApp:
        """The connected app of this name, set up for token exchange."""
        switches = {"allows_token_exchange": True, "policy_allows_token_exchange": True}
        kind = ClientApp.Kind.CONNECTED
        apps = ClientApp.objects.filter(org=self.by.org_id, kind=kind)
        app = apps.filter(api_name__iexact=api_name).first()
        if app is None:
            values = {"label": api_name, "contact_email": self.by.email, **switches}
            made = put_app(
                app=None, kind=kind, api_name=api_name, values=values, notes={}, by=self.by
            )
            return made.app
        if not app.is_exchangeable:
            return change_app(app=app, values=switches, by=self.by)
        return app

    def free(self) -> ClientApp:
        """The app, as before it is enabled for the handler."""
        app = self.app(APP)
        if enablement := self._enablement(self.handler, app):
            remove_app(enablement=enablement, by=self.by)
            del self.handler
        return app

    def enabled(self) -> Enablement:
        """The app, as after it was enabled for the handler, as its default."""
        return self._default(self.handler, self.app(APP))

    def taken_over(self) -> Enablement:
        """The handler took an app's default from its rival, which still has the app."""
        app = self.app(CONTESTED_APP)
        enablement = self._enablement(self.handler, app)
        others = Enablement.objects.filter(org=self.by.org_id, app=app)
        if enablement and enablement.is_default and others.count() > 1:
            return enablement
        self._default(self.rival, app)
        return self._default(self.handler, app)

    def source(self) -> Source:
        """A file that would change something, and can be deployed."""
        wanted = self._definition()
        words = "Checked again, and enabled for one app more."
        return self._received(replace(wanted, description=words))

    def failed_deployment(self) -> Deployment:
        """A deployment of a file that names an app which is not there."""
        wanted = self._definition()
        missing = EnablementDefinition(
            run_as=self.run_as.username, connected_app=MISSING, is_default=False
        )
        source = self._received(replace(wanted, enablements=(*wanted.enablements, missing)))
        tried = Deployment.objects.filter(org=self.by.org_id, source=source)
        if found := tried.filter(status=Status.FAILED).order_by("-id").first():
            return found
        queued = queue_deployment(source=source, options=Options(), by=self.by)
        queue.wake(self.by.org_id)
        return queued

    # --- Behind the scenes -----------------------------------------------------------

    def _handler(
        self, name: str, label: str, class_name: str, but_not: int = 0
    ) -> TokenExchangeHandler:
        handlers = TokenExchangeHandler.objects.filter(org=self.by.org_id)
        others = handlers.exclude(pk=but_not).select_related("apex_class")
        named = others.filter(developer_name__iexact=name).first()
        found = named or others.order_by("-is_enabled", "developer_name").first()
        return found or create_handler(
            definition={
                "label": label,
                "developer_name": name,
                "description": "My token exchange handler",
                "token_types": ["supports_access_token", "supports_jwt"],
                "allows_user_creation": False,
                "apex_class": self._apex_class(class_name),
            },
            is_enabled=True,
            by=self.by,
        )

    def _apex_class(self, name: str) -> ApexClass:
        found = ApexClass.objects.filter(org=self.by.org_id, name__iexact=name).first()
        body = HANDLER_CLASS.format(name=name)
        return found or create_apex_class(name=name, body=body, by=self.by)

    def _enablement(
        self, handler: TokenExchangeHandler, app: ClientApp
    ) -> Enablement | None:
        enablements = Enablement.objects.of(handler).filter(app=app)
        return enablements.select_related("handler", "app", "run_as").first()

    def _default(self, handler: TokenExchangeHandler, app: ClientApp) -> Enablement:
        """The app, enabled for the handler as its default."""
        if there := self._enablement(handler, app):
            return edit_enablement(
                enablement=there, run_as=there.run_as, make_default=True, by=self.by
            )
        return enable_app(
            handler=handler, app=app, run_as=self.run_as, make_default=True, by=self.by
        )

    def _definition(self) -> HandlerDefinition:
        """The handler's file, and the app in it; or that of a new handler."""
        app = self.app(APP)
        handler = TokenExchangeHandler.objects.select_related("apex_class").get(
            org=self.by.org_id, pk=self.handler.pk
        )
        is_short = handler.app_count <= SHOWN
        enabled: Iterable[EnablementDefinition] = (
            enablements_of(handler) if is_short else ()
        )
        definition = handler_definition(handler, tuple(enabled))
        if not is_short:
            definition = replace(definition, developer_name="Shown", label="Shown")
        if any(each.connected_app == app.api_name for each in definition.enablements):
            return definition
        added = EnablementDefinition(
            run_as=self.run_as.username, connected_app=app.api_name, is_default=False
        )
        return replace(definition, enablements=(*definition.enablements, added))

    def _received(self, definition: HandlerDefinition) -> Source:
        """The file as a source; the one that was sent before, where it is the same."""
        data = "".join(xml_writer.write(definition)).encode()
        name = file_name_in(data)
        same = Source.objects.filter(org=self.by.org_id, name=name, size=len(data))
        for source in same.order_by("-id")[:5]:
            if b"".join(source.pieces()) == data:
                return source
        return receive_source(stream=io.BytesIO(data), name=name, by=self.by)
