"""Practice orgs: started on demand, reset on request, and removed when they expire."""

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tokenx.org import audit
from tokenx.org.expiry import PRACTICE_LASTS
from tokenx.org.login_throttle import network_of
from tokenx.org.models import BuiltInProfile, Certificate, Org, Profile, User
from tokenx.org.models.user import NAME_LENGTH
from tokenx.training.models import OpenedSnapshot, Participant, PracticeOrg
from tokenx.training.scenarios.build import fill
from tokenx.training.scenarios.catalogue import Scenario, ScenarioError, find_scenario
from tokenx.training.scenarios.demo_org import restore_sign_in_users
from tokenx.training.snapshots.actions import apply_snapshot
from tokenx.web.local_formats import format_number

from .removal import clear_org, remove_expired

OWNER, VIEWER = "admin@practice.example", "viewer@practice.example"
_SALT = "tokenx.training.practice.actions"
# The key of the advisory lock around counting. Nothing else uses this number.
_COUNT_LOCK = 7_086_011


class LimitError(Exception):
    """The limit on practice orgs is reached. The message says what to do."""


@transaction.atomic
def start_practice_org(
    *, scenario: str, name: str, address: str = "", classroom_name: str = ""
) -> User:
    """Build an org from a scenario, and return its owner, who has no password.

    An org with an empty address doesn't count toward any network's limit. Raise
    LimitError or ScenarioError if the org can't be started.
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
    _save_owner(owner)
    PracticeOrg.objects.create(
        org=org, owner=owner, scenario=chosen.slug, address_hash=address_hash
    )
    _add_viewer(org)
    fill(org, chosen, owner=owner)
    _check_limits_again(address_hash)
    return owner


@transaction.atomic
def reset_org(*, org: Org, by: User) -> User:
    """Reset an org to its original state, and keep its users signed in.

    Training data (snapshots, exercises, classes) is kept. Raise PracticeOrg.DoesNotExist
    if the org has no scenario or snapshot, ScenarioError if its scenario no longer exists
    or has problems, and ValidationError if its snapshot can no longer be read.
    """
    org = Org.objects.locked(org.pk)
    practice = PracticeOrg.objects.select_related("owner").get(org=org)
    owner = practice.owner
    owner.org = org
    state = _restore_original_state(practice, owner)
    _record_reset(owner, by, state)
    return owner


def _restore_original_state(practice: PracticeOrg, owner: User) -> str:
    """Return what the audit trail calls the state."""
    if not practice.scenario:
        opened = OpenedSnapshot.objects.get(org=owner.org)
        clear_org(owner.org, owner=owner)
        _save_owner(owner)
        apply_snapshot(data=bytes(opened.data), by=owner)
        return f"the snapshot {opened.name}"
    scenario = find_scenario(practice.scenario)
    clear_org(owner.org, owner=owner)
    if owner.can_sign_in:
        restore_sign_in_users(owner.org, scenario)
    else:
        _restore_name(owner.org, scenario)
        _save_owner(owner)
        _add_viewer(owner.org)
    fill(owner.org, scenario, owner=owner)
    if scenario.certificates:
        # Scenarios don't contain keys. The certificates' pages say that theirs are new.
        with_key = Certificate.objects.filter(org=owner.org).exclude(sealed_key="")
        with_key.update(has_new_key=True)
    return f"the scenario {scenario.label}"


def original_state(practice: PracticeOrg) -> tuple[str, str]:
    """Return the label and the description of the org's original state.

    Both are empty if the scenario no longer exists or has problems.
    """
    if not practice.scenario:
        opened = OpenedSnapshot.objects.filter(org=practice.org_id).defer("data").get()
        return opened.name, "A snapshot, opened with a link."
    try:
        scenario = find_scenario(practice.scenario)
    except ScenarioError:
        return "", ""
    return scenario.label, scenario.description


def why_not_reset(practice: PracticeOrg) -> str:
    """Return the reason why Setup can't reset the org, or an empty string."""
    if not practice.scenario:
        return ""
    try:
        scenario = find_scenario(practice.scenario)
    except ScenarioError:
        return f"The scenario {practice.scenario} no longer exists or has errors."
    if scenario.is_light:
        return ""
    # Building it would block everyone else who saves something.
    command = f"demo --scenario {practice.scenario} --reset"
    return f"This scenario is too large to reset here. Run this command: {command}"


def personal_token(practice: PracticeOrg) -> str:
    """Return the token for the owner's personal link, which works while the org exists."""
    return signing.Signer(salt=_SALT).sign(str(practice.pk))


def practice_of_token(token: str) -> PracticeOrg | None:
    """Return the org for a personal link, or None for a removed org or an invalid token."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    practice_orgs = PracticeOrg.objects.filter(pk=pk, org__expires_at__isnull=False)
    return practice_orgs.select_related("org", "owner").first()


def _restore_name(org: Org, scenario: Scenario) -> None:
    """Name the org after its class, or as in its scenario."""
    participants = Participant.objects.filter(practice_org=org)
    participant = participants.select_related("classroom").first()
    name = participant.classroom.name if participant else scenario.org.name
    org.name = name[:NAME_LENGTH]
    org.save(update_fields=["name"])


def _save_owner(owner: User) -> None:
    owner.username = owner.email = OWNER
    owner.profile = Profile.objects.built_in(
        owner.org_id, BuiltInProfile.SYSTEM_ADMINISTRATOR
    )
    owner.is_active = True
    owner.is_integration_user = False
    owner.reset_short_names()
    owner.save()


def _add_viewer(org: Org) -> None:
    """Add a user with view-only access to Setup, to compare permissions with."""
    User(
        org=org,
        username=VIEWER,
        email=VIEWER,
        first_name="Vera",
        last_name="Viewer",
        profile=Profile.objects.built_in(org, BuiltInProfile.SETUP_VIEWER),
    ).save()


def _record_reset(owner: User, by: User, state: str) -> None:
    """Start the audit trail again. The entry names a trainer, who is in another org."""
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


def _check_limits(address_hash: str, new: int = 0) -> None:
    """Raise LimitError if a limit is reached, not counting `new` orgs of this request."""
    started = PracticeOrg.objects.filter(address_hash=address_hash)
    if address_hash and started.count() >= settings.PRACTICE_ORGS_PER_ADDRESS + new:
        raise LimitError(
            f"Your network already has {settings.PRACTICE_ORGS_PER_ADDRESS} practice orgs. "
            f"Each one is deleted after {settings.PRACTICE_DAYS} days without use. "
            "Return to one with its personal link, or ask your administrator."
        )
    if _count() < settings.PRACTICE_ORGS + new:
        return
    if not new:
        remove_expired()
    if _count() >= settings.PRACTICE_ORGS + new:
        raise LimitError(
            f"This server already has {format_number(settings.PRACTICE_ORGS)} practice "
            "orgs, its limit. "
            f"Each one is deleted after {settings.PRACTICE_DAYS} days without use. "
            "Try again later, or ask your administrator."
        )


def _check_limits_again(address_hash: str) -> None:
    """Count orgs that were started concurrently. Raise LimitError.

    The lock lasts until the new org is committed, so that others count it. SQLite has one
    writer, so no org is started concurrently.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COUNT_LOCK])
        _check_limits(address_hash, new=1)


def _count() -> int:
    return Org.objects.filter(expires_at__isnull=False).count()


def _hash_of(address: str) -> str:
    """Return a keyed hash of the network, or "" for this computer: a proxy's address."""
    network = network_of(address)
    return salted_hmac(_SALT, network, algorithm="sha256").hexdigest() if network else ""
