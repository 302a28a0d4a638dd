"""Factories for an org's rows. Related rows are in the same org unless a test says so."""

import secrets
from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from tokenx.apex.compiled import hash_of
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.apex import extends_base, superclasses_in
from tokenx.org.api_names import propose
from tokenx.org.models import (
    AccessToken,
    ApexClass,
    ApexLog,
    AppPermissionSet,
    AppProfile,
    BuiltInProfile,
    Certificate,
    ClientApp,
    CompileStatus,
    DebugLevel,
    ExchangeExample,
    Issuer,
    LoginRecord,
    MadeBy,
    OAuthApproval,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    Profile,
    RemoteSite,
    StoredComponent,
    TraceFlag,
    User,
    UserField,
)
from tokenx.setup.actions.issuers import renew_key
from tokenx.training.scenarios.apex_classes import body_of

from .certificates import VALID


class OrgFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Org

    name = factory.Sequence(lambda number: f"Org {number}")


class ProfileFactory(factory.django.DjangoModelFactory):
    """A custom profile."""

    class Meta:
        model = Profile

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Profile {number}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    org = factory.SubFactory(OrgFactory)
    first_name = factory.Sequence(lambda number: f"Firstname{number}")
    last_name = factory.Sequence(lambda number: f"Lastname{number}")
    username = factory.Sequence(lambda number: f"user{number}@mycompany.example")
    email = factory.SelfAttribute("username")
    # A built-in profile by its kind, or a row.
    profile: Any = BuiltInProfile.STANDARD_USER

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        profile, org = kwargs["profile"], kwargs["org"]
        if isinstance(profile, str) and org.pk:
            kwargs["profile"] = Profile.objects.built_in(org, BuiltInProfile(profile))
        return kwargs


def profile_of(org: Org, kind: BuiltInProfile) -> Profile:
    """Return the org's built-in profile of this kind."""
    return Profile.objects.built_in(org, kind)


class IntegrationUserFactory(UserFactory):
    profile = BuiltInProfile.API_ONLY
    is_integration_user = True


class AccessTokenFactory(factory.django.DjangoModelFactory):
    """A token whose text isn't known."""

    class Meta:
        model = AccessToken

    user = factory.SubFactory(UserFactory)
    org = factory.SelfAttribute("user.org")
    name = factory.Sequence(lambda number: f"Token {number}")
    token_hash = factory.LazyFunction(lambda: secrets.token_hex(32))
    last_letters = "a.b_"
    context = MadeBy.SETUP
    created_by = factory.SelfAttribute("user")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class ClientAppFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ClientApp

    org = factory.SubFactory(OrgFactory)
    kind = ClientApp.Kind.CONNECTED
    label = factory.Sequence(lambda number: f"App {number}")
    api_name = factory.LazyAttribute(lambda app: propose(app.label))
    allows_token_exchange = True
    policy_allows_token_exchange = True


class ApexClassFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApexClass

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"TokenHandler{number}")
    body = factory.LazyAttribute(lambda row: body_of(row.name))
    # As if the class had compiled.
    compile_status = CompileStatus.VALID
    compiled_hash = factory.LazyAttribute(
        lambda row: hash_of(row.body) if row.compile_status != "not_compiled" else ""
    )
    superclasses = factory.LazyAttribute(lambda row: superclasses_in(row.body))
    is_handler_class = factory.LazyAttribute(lambda row: extends_base(row.superclasses))


class UserFieldFactory(factory.django.DjangoModelFactory):
    """A custom text field on User."""

    class Meta:
        model = UserField

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"User.Field_{number}__c")
    label = factory.LazyAttribute(lambda row: row.name[5:-3].replace("_", " "))


class StoredComponentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StoredComponent

    org = factory.SubFactory(OrgFactory)
    type = "NamedCredential"
    name = factory.Sequence(lambda number: f"Component_{number}")
    file = factory.LazyAttribute(
        lambda row: (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{row.type} xmlns="http://soap.sforce.com/2006/04/metadata">\n'
            f"    <label>{row.name}</label>\n</{row.type}>\n"
        )
    )


class CertificateFactory(factory.django.DjangoModelFactory):
    """An uploaded certificate, without a private key."""

    class Meta:
        model = Certificate

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Certificate_{number}")
    label = factory.LazyAttribute(lambda row: row.name.replace("_", " "))

    @classmethod
    def _build(cls, model_class: type, *args: Any, **kwargs: Any) -> Certificate:
        pem = kwargs.pop("pem", VALID)
        certificate: Certificate = super()._build(model_class, *args, **kwargs)
        certificate.set_pem(pem.encode())
        return certificate

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Certificate:
        certificate = cls._build(model_class, *args, **kwargs)
        certificate.save()
        return certificate


class IssuerFactory(factory.django.DjangoModelFactory):
    """An issuer with a key that's quick to generate, and with addresses."""

    class Meta:
        model = Issuer

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Issuer_{number}")
    label = factory.LazyAttribute(lambda row: row.name.replace("_", " "))
    iss = factory.LazyAttribute(lambda row: f"https://{row.name.lower()}.example")
    keys_url = factory.LazyAttribute(lambda row: f"{row.iss}/keys")
    algorithm = "ES256"

    @classmethod
    def _build(cls, model_class: type, *args: Any, **kwargs: Any) -> Issuer:
        issuer: Issuer = super()._build(model_class, *args, **kwargs)
        renew_key(issuer)
        return issuer

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Issuer:
        issuer = cls._build(model_class, *args, **kwargs)
        issuer.save()
        return issuer


class PermissionSetFactory(factory.django.DjangoModelFactory):
    """A permission set that was created in Setup, without a file."""

    class Meta:
        model = PermissionSet

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Set_{number}")
    label = factory.LazyAttribute(lambda row: row.name.replace("_", " "))


class PermissionSetAssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PermissionSetAssignment

    org = factory.SubFactory(OrgFactory)
    user = factory.SubFactory(UserFactory, org=factory.SelfAttribute("..org"))
    permission_set = factory.SubFactory(
        PermissionSetFactory, org=factory.SelfAttribute("..org")
    )


class AppProfileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AppProfile

    org = factory.SubFactory(OrgFactory)
    app = factory.SubFactory(ClientAppFactory, org=factory.SelfAttribute("..org"))
    profile = factory.SubFactory(ProfileFactory, org=factory.SelfAttribute("..org"))


class AppPermissionSetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AppPermissionSet

    org = factory.SubFactory(OrgFactory)
    app = factory.SubFactory(ClientAppFactory, org=factory.SelfAttribute("..org"))
    permission_set = factory.SubFactory(
        PermissionSetFactory, org=factory.SelfAttribute("..org")
    )


class DebugLevelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DebugLevel

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Level_{number}")
    label = factory.LazyAttribute(lambda level: level.name.replace("_", " "))
    apex_code = "FINEST"
    apex_profiling = "INFO"
    callout = "INFO"
    database = "INFO"


class TraceFlagFactory(factory.django.DjangoModelFactory):
    """A trace flag that's active for half an hour, made in Setup by the traced user."""

    class Meta:
        model = TraceFlag

    org = factory.SubFactory(OrgFactory)
    traced_user = factory.SubFactory(UserFactory, org=factory.SelfAttribute("..org"))
    debug_level = factory.SubFactory(DebugLevelFactory, org=factory.SelfAttribute("..org"))
    log_type = "USER_DEBUG"
    starts_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda flag: flag.starts_at + timedelta(minutes=30))
    is_from_setup = True
    created_by = factory.SelfAttribute("traced_user")


class ApexLogFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApexLog

    org = factory.SubFactory(OrgFactory)
    user = factory.SubFactory(UserFactory, org=factory.SelfAttribute("..org"))
    operation = "OauthTokenExchangeApexExec"
    application = "Browser"
    status = "Success"
    request = "Api"
    location = "Monitoring"
    milliseconds = 12
    started_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda log: log.started_at + timedelta(days=7))
    text = "67.0 APEX_CODE,DEBUG;APEX_PROFILING,INFO\n"

    @classmethod
    def _create(cls, model_class, *args, text, **values):
        log = model_class(*args, **values)
        log.set_text(text)
        log.save()
        return log


class LoginRecordFactory(factory.django.DjangoModelFactory):
    """A successful login."""

    class Meta:
        model = LoginRecord

    user = factory.SubFactory(UserFactory)
    org = factory.SelfAttribute("user.org")
    username = factory.SelfAttribute("user.username")
    login_type = "Application"
    status = "Success"


class OAuthApprovalFactory(factory.django.DjangoModelFactory):
    """An approval whose refresh token isn't known."""

    class Meta:
        model = OAuthApproval

    app = factory.SubFactory(ClientAppFactory)
    org = factory.SelfAttribute("app.org")
    user = factory.SubFactory(UserFactory, org=factory.SelfAttribute("..org"))
    refresh_hash = factory.LazyFunction(lambda: secrets.token_hex(32))


class ExchangeExampleFactory(factory.django.DjangoModelFactory):
    """An example whose recipe names an issuer that the org might not have."""

    class Meta:
        model = ExchangeExample

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Example {number}")
    app_kind = ClientApp.Kind.CONNECTED
    app_api_name = "Billing"
    token_type = "JWT"
    recipe = factory.LazyFunction(lambda: {"issuer": "Idp", "token_type": "JWT"})
    created_by = factory.SubFactory(UserFactory, org=factory.SelfAttribute("..org"))


class RemoteSiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RemoteSite

    org = factory.SubFactory(OrgFactory)
    name = factory.Sequence(lambda number: f"Site_{number}")
    url = factory.Sequence(lambda number: f"https://site{number}.example.com")


class TokenExchangeHandlerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TokenExchangeHandler

    org = factory.SubFactory(OrgFactory)
    label = factory.Sequence(lambda number: f"Handler {number}")
    developer_name = factory.LazyAttribute(lambda handler: propose(handler.label))
    description = "Checks tokens of an outside identity provider."
    is_enabled = True
    supports_jwt = True
    apex_class = factory.SubFactory(ApexClassFactory, org=factory.SelfAttribute("..org"))
    modified_by = factory.SubFactory(UserFactory, org=factory.SelfAttribute("..org"))
    created_by = factory.SelfAttribute("modified_by")


class EnablementFactory(factory.django.DjangoModelFactory):
    """An enabled app with correct copies and counters, as if the action created it."""

    class Meta:
        model = Enablement

    org = factory.SelfAttribute("handler.org")
    handler = factory.SubFactory(TokenExchangeHandlerFactory)
    app = factory.SubFactory(ClientAppFactory, org=factory.SelfAttribute("..handler.org"))
    run_as = factory.SubFactory(
        IntegrationUserFactory, org=factory.SelfAttribute("..handler.org")
    )

    @classmethod
    def _build(cls, model_class: type, *args: Any, **kwargs: Any) -> Enablement:
        enablement = super()._build(model_class, *args, **kwargs)
        enablement.copy_from_app()
        return enablement

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Enablement:
        enablement = cls._build(model_class, *args, **kwargs)
        enablement.save()
        enablement.handler.count_apps()
        return enablement
