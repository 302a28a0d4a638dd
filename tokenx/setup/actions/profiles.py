"""Actions on profiles. They come from metadata files; Setup shows them."""

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.org import audit
from tokenx.org.models import AppProfile, BuiltInProfile, Org, Profile, User
from tokenx.org.models.profile import ProfileQuerySet
from tokenx.web.local_formats import format_number
from tokenx.web.text import count_of

SECTION = "Manage Users"
# As in Salesforce (docs/salesforce/product.md, Profiles).
MAX_PROFILES = 1_500


@transaction.atomic
def create_profile(*, name: str, by: User) -> Profile:
    """Create a custom profile, which has no rights in Setup.

    Raise ValidationError if the name is invalid or in use, or the org has too many.
    """
    Org.objects.locked(by.org_id)
    profile = Profile(org_id=by.org_id, name=name)
    profile.full_clean()
    if Profile.objects.filter(org=by.org_id).custom().count() >= MAX_PROFILES:
        raise ValidationError(
            f"This org already has {format_number(MAX_PROFILES)} custom profiles, the "
            "limit. Delete one first."
        )
    profile.save()
    _record(by, "createdprofile", f"Created profile {profile.name}")
    return profile


@transaction.atomic
def delete_profile(*, profile: Profile, by: User) -> None:
    """Delete a custom profile. Apps lose it.

    Raise ValidationError for a built-in profile, and for one that users have.
    """
    Org.objects.locked(by.org_id)
    if profile.is_built_in:
        raise ValidationError(f"{profile.name} is a built-in profile. You can't delete it.")
    users = User.objects.filter(org=by.org_id, profile=profile.pk).count()
    if users:
        verb = "has" if users == 1 else "have"
        raise ValidationError(
            f"{count_of(users, 'user')} {verb} the profile {profile.name}. "
            "Select a different profile for them first."
        )
    AppProfile.objects.filter(org=by.org_id, profile=profile.pk).delete()
    deleted, _ = Profile.objects.filter(org=by.org_id, pk=profile.pk).delete()
    if deleted:
        _record(by, "deletedprofile", f"Deleted profile {profile.name}")


def delete_profiles(org: Org, profiles: ProfileQuerySet) -> None:
    """Delete profiles of an org that's reset or restored, without audit entries.

    Users who still have one of them become standard users.
    """
    pks = list(profiles.values_list("pk", flat=True))
    if not pks:
        return
    standard = Profile.objects.built_in(org, BuiltInProfile.STANDARD_USER)
    User.objects.filter(org=org, profile__in=pks).update(profile=standard)
    AppProfile.objects.filter(org=org, profile__in=pks).delete()
    Profile.objects.filter(org=org, pk__in=pks).delete()


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
