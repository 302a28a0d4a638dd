"""Practice orgs: made on demand, put back when asked, removed when nobody uses them."""

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tokenx.org import audit
from tokenx.org.login_throttle import network_of
from tokenx.org.models import Org, Profile, User
from tokenx.org.models.user import NAME_LENGTH
from tokenx.org.permissions import PRACTICE_LASTS
from tokenx.training.models import OpenedSnapshot, Participant, PracticeOrg
from tokenx.training.scenarios import demo as demo_org
from tokenx.training.scenarios import demo_of_scenario as scenario_org
from tokenx.training.scenarios.build import fill
from tokenx.training.scenarios.catalogue import (
    Scenario,
    ScenarioError,
    find_scenario,
    scenarios,
)
from tokenx.training.snapshots.actions import apply_snapshot

from .removal import clear_org, remove_org

OWNER, VIEWER = "admin@practice.example", "viewer@practice.example"
_SALT = "tokenx.training.practice.actions"
# The key of the lock that counting takes: a number of ours, which nothing else uses.
_COUNTING = 7_086_011


class LimitError(Exception):
    """There are as many practice orgs as there may be; it says so in a sentence."""


@transaction.atomic
def start_practice_org(
    *, scenario: str, name: str, address: str = "", classroom_name: str = ""
) -> User:
    """Make an org of a scenario; its owner, who has no password, to be signed in.

    An empty address counts for nobody. Raises LimitError and ScenarioError.
    """
    chosen = find_scenario(scenario)
    address_hash = _hash_of(address)
    _check_limits(address_hash)
    org = Org.objects.create(
        name=classroom_name[:NAME_LENGTH] or chosen.org.name,
        expires_at=timezone.now() + PRACTICE_LASTS,
    )
    first_name, _, last_name = name.strip().rpartition(" ")
    owner = User(
        org=org,
        first_name=first_name[:NAME_LENGTH],
        last_name=last_name[:NAME_LENGTH] or "Administrator",
    )
    _make_owner(owner)
    PracticeOrg.objects.create(
        org=org, owner=owner, scenario=chosen.slug, address_hash=address_hash
    )
    _add_viewer(org)
    fill(org, chosen, owner=owner)
    _check_limits_again(address_hash)
    return owner


@transaction.atomic
def reset_org(*, org: Org, by: User) -> User:
    """Put an org back to the state it began in; whoever is signed in stays so.

    What belongs to training stays too: snapshots, exercises, classes. Raises
    PracticeOrg.DoesNotExist where it is made of nothing, ScenarioError where its scenario
    has gone or is wrong now, ValidationError where its snapshot cannot be read any more.
    """
    org = Org.objects.locked(org.pk)
    practice = PracticeOrg.objects.select_related("owner").get(org=org)
    owner = practice.owner
    owner.org = org
    state = _put_back(practice, owner)
    _note_reset(owner, by, state)
    return owner


def _put_back(practice: PracticeOrg, owner: User) -> str:
    """What the state is called that the org is in again."""
    if practice.scenario == demo_org.SCENARIO:
        clear_org(owner.org, owner=owner)
        demo_org.put_back(owner.org, owner)
        return f"the scenario {demo_org.NAME}"
    if not practice.scenario:
        opened = OpenedSnapshot.objects.get(org=owner.org)
        clear_org(owner.org, owner=owner)
        _make_owner(owner)
        apply_snapshot(data=bytes(opened.data), by=owner)
        return f"the snapshot {opened.name}"
    chosen = find_scenario(practice.scenario)
    clear_org(owner.org, owner=owner)
    if owner.can_sign_in:
        scenario_org.put_back(owner.org, chosen)
    else:
        _name(owner.org, chosen)
        _make_owner(owner)
        _add_viewer(owner.org)
    fill(owner.org, chosen, owner=owner)
    return f"the scenario {chosen.label}"


def beginning_of(practice: PracticeOrg) -> tuple[str, str]:
    """What the org began as, and a sentence about it; empty where that has gone."""
    if practice.scenario == demo_org.SCENARIO:
        return demo_org.NAME, demo_org.DESCRIPTION
    if not practice.scenario:
        opened = OpenedSnapshot.objects.filter(org=practice.org_id).defer("data").get()
        return opened.name, "A snapshot, opened by a link."
    chosen = scenarios().get(practice.scenario)
    return (chosen.label, chosen.description) if chosen else ("", "")


def why_not_reset(practice: PracticeOrg) -> str:
    """Why Setup does not reset it, as a sentence; empty where it does."""
    if practice.scenario in {demo_org.SCENARIO, ""}:
        return ""
    try:
        chosen = find_scenario(practice.scenario)
    except ScenarioError:
        return f"The scenario {practice.scenario} has gone, or is wrong now."
    if chosen.is_light:
        return ""
    # It would hold up everybody else who writes.
    command = f"demo --scenario {practice.scenario} --reset"
    return f"{chosen.label} takes longer to build than a page may: use {command}."


def remove_expired() -> int:
    """Remove the orgs that nobody used for so long; how many there were."""
    removed = 0
    expired = {"expires_at__lt": timezone.now()}
    for pk in list(Org.objects.filter(**expired).values_list("pk", flat=True)):
        with transaction.atomic():
            # Somebody may have come back to it just now.
            org = Org.objects.select_for_update().filter(pk=pk, **expired).first()
            if org:
                remove_org(org)
                removed += 1
    return removed


def personal_token(practice: PracticeOrg) -> str:
    """What the owner's own link carries. It works as long as the org is there."""
    return signing.Signer(salt=_SALT).sign(str(practice.pk))


def practice_of_token(token: str) -> PracticeOrg | None:
    """Whose link it is; none, where the org has gone or the token is not one of ours."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    found = PracticeOrg.objects.filter(pk=pk, org__expires_at__isnull=False)
    return found.select_related("org", "owner").first()


def _name(org: Org, scenario: Scenario) -> None:
    """The name it began with: that of a class, or of what it was made from."""
    person = Participant.objects.filter(practice_org=org).select_related("classroom")
    found = person.first()
    org.name = found.classroom.name[:NAME_LENGTH] if found else scenario.org.name
    org.save(update_fields=["name"])


def _make_owner(owner: User) -> None:
    owner.username = owner.email = OWNER
    owner.profile, owner.is_active = Profile.SYSTEM_ADMINISTRATOR, True
    owner.is_integration_user = False
    owner.save()


def _add_viewer(org: Org) -> None:
    """Somebody who may look at Setup, to compare rights with."""
    User(
        org=org,
        username=VIEWER,
        email=VIEWER,
        first_name="Vera",
        last_name="Viewer",
        profile=Profile.SETUP_VIEWER,
    ).save()


def _note_reset(owner: User, by: User, state: str) -> None:
    """The one entry of the trail; a trainer, who is in another org, is named in it."""
    entry = audit.record(
        by=by if by.org_id == owner.org_id and by.pk == owner.pk else owner,
        action="resetOrg",
        section="Practice Org",
        display=f"Reset the org to {state}",
    )
    if by.pk != owner.pk:
        entry.delegate_user = by.username
        entry.save(update_fields=["delegate_user"])


# --- Limits ------------------------------------------------------------------------


def _check_limits(address_hash: str, made: int = 0) -> None:
    """Raises LimitError where there are as many as may be, besides those made just now."""
    started = PracticeOrg.objects.filter(address_hash=address_hash)
    if address_hash and started.count() >= settings.PRACTICE_ORGS_PER_ADDRESS + made:
        raise LimitError(
            f"{settings.PRACTICE_ORGS_PER_ADDRESS} practice orgs were started from your "
            f"network. Each goes after {settings.PRACTICE_DAYS} days without use; "
            "go back to one with its personal link, or ask who runs this server."
        )
    if _count() < settings.PRACTICE_ORGS + made:
        return
    if not made:
        remove_expired()
    if _count() >= settings.PRACTICE_ORGS + made:
        raise LimitError(
            f"There are {settings.PRACTICE_ORGS:,} practice orgs on this server, and no "
            f"more may be. Each goes after {settings.PRACTICE_DAYS} days without use; "
            "try again later, or ask who runs this server."
        )


def _check_limits_again(address_hash: str) -> None:
    """Count what others have started meanwhile. Raises LimitError.

    One at a time, and until its org is there for others to count. SQLite has one writer,
    so that nobody starts one meanwhile.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COUNTING])
        _check_limits(address_hash, made=1)


def _count() -> int:
    return Org.objects.filter(expires_at__isnull=False).count()


def _hash_of(address: str) -> str:
    """A keyed hash of the network; empty for this machine, which is a proxy's address."""
    network = network_of(address)
    return salted_hmac(_SALT, network, algorithm="sha256").hexdigest() if network else ""
