"""An org whose names are all as long as they can be, for pages with tables."""

from django.utils import timezone

from tests.certificates import EXPIRED
from tests.factories import (
    AccessTokenFactory,
    ApexClassFactory,
    ApexLogFactory,
    AppPermissionSetFactory,
    AppProfileFactory,
    CertificateFactory,
    ClientAppFactory,
    DebugLevelFactory,
    EnablementFactory,
    IssuerFactory,
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
from tests.training.classes.rows import ClassroomFactory, ParticipantFactory
from tokenx.org.models import ClientApp, User
from tokenx.training.snapshots.actions import save_snapshot

from .states.deployments import SUFFIX, deployed, package, page_of, send

WORD = "Wholesale_"
LONG = WORD * 8


def name(number: int) -> str:
    """Return an 80-character name without spaces."""
    return f"{LONG[:-2]}W{number}"


def fill_with_long_names(admin: User) -> list[str]:
    """Add rows with long names to the admin's org; return the pages with their tables."""
    org, connected, external = admin.org, *ClientApp.Kind
    person = UserFactory(
        org=org, first_name=LONG[:40], last_name=LONG, username=f"{LONG[:-4]}@a.b"
    )
    admin.first_name = LONG[:40]
    admin.last_name = LONG
    admin.save()
    handler = TokenExchangeHandlerFactory(
        org=org,
        label=name(1),
        developer_name=name(1),
        modified_by=person,
        apex_class=ApexClassFactory(org=org, name=LONG[:39]),
        supports_saml2=True,
        supports_id_token=True,
    )
    for number, kind in enumerate([connected, external, connected], start=1):
        app = ClientAppFactory(
            org=org, kind=kind, label=name(number), api_name=name(number)
        )
        is_default = number == 1
        EnablementFactory(handler=handler, app=app, run_as=person, is_default=is_default)
    ClientApp.objects.filter(label=name(3)).update(
        allows_token_exchange=False, policy_allows_token_exchange=False
    )
    AccessTokenFactory(user=person, created_by=person, name=name(1))
    pages = _org_contents(person)
    save_snapshot(org=org, name=name(1), by=admin)
    classroom = ClassroomFactory(trainer=admin, name=name(1))
    participant = ParticipantFactory(classroom=classroom, name=name(1))
    ClassroomFactory(trainer=admin, name=name(2), ends_at=timezone.now())
    deployment = deployed(send(package(), f"{LONG}{SUFFIX}"))
    return [
        *pages,
        "/",
        "/handlers/",
        f"/handlers/{name(1)}/",
        "/users/",
        f"/users/{person.pk}/",
        f"/users/{person.pk}/api-access/",
        "/apex-classes/",
        f"/apex-classes/{LONG[:39]}/run/",
        f"/apps/{connected}/",
        f"/apps/{connected}/{name(1)}/",
        f"/apps/{external}/",
        "/audit-trail/",
        "/deployments/",
        page_of(deployment),
        f"{page_of(deployment)}?show=successes",
        "/training/snapshots/",
        "/training/exercises/",
        "/training/progress/",
        "/training/classes/",
        f"/training/classes/{classroom.pk}/",
        f"/training/classes/{classroom.pk}/people/{participant.pk}/",
    ]


def _org_contents(person: User) -> list[str]:
    """Add rows that apps, tokens, and Apex use; return their pages."""
    org, short = person.org, LONG[:40]
    profile = ProfileFactory(org=org, name=name(1))
    app = ClientApp.objects.get(org=org, label=name(1))
    AppProfileFactory(org=org, app=app, profile=profile)
    UserFactory(org=org, last_name=name(2), profile=profile)
    permission_set = PermissionSetFactory(
        org=org, name=name(1), label=name(1), description=LONG
    )
    PermissionSetAssignmentFactory(org=org, user=person, permission_set=permission_set)
    AppPermissionSetFactory(org=org, app=app, permission_set=permission_set)
    RemoteSiteFactory(org=org, name=name(1), url=f"https://{WORD[:-1]}.example/{LONG}")
    CertificateFactory(org=org, name=name(1), label=LONG[:64], pem=EXPIRED)
    UserFieldFactory(org=org, name=f"User.{short[:-1]}w__c", label=short)
    StoredComponentFactory(org=org, name=name(1))
    issuer = IssuerFactory(org=org, name=name(1), iss=f"https://{WORD[:-1]}.example/{LONG}")
    level = DebugLevelFactory(org=org, name=name(1), label=name(1))
    TraceFlagFactory(org=org, traced_user=person, debug_level=level)
    log = ApexLogFactory(
        org=org,
        user=person,
        operation=LONG,
        application=LONG[:64],
        status=LONG,
        milliseconds=120_000,
    )
    sets = permission_set.get_absolute_url()
    return [
        "/profiles/",
        profile.get_absolute_url(),
        "/permission-sets/",
        sets,
        f"{sets}assignments/",
        "/remote-sites/",
        "/debug-logs/",
        log.get_absolute_url(),
        "/debug-levels/",
        level.get_absolute_url(),
        "/certificates/",
        "/issuers/",
        issuer.get_absolute_url(),
        "/object-manager/",
        "/stored-components/NamedCredential/",
    ]
