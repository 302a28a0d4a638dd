"""Profile files: deploy, retrieve, deploy again, and delete."""

import pytest

from tests.factories import OrgFactory, ProfileFactory, UserFactory
from tokenx.metadata.format.definitions import ProfileDefinition, UnknownElement
from tokenx.metadata.models import Status
from tokenx.metadata.retrieve.retrieve import ALL
from tokenx.org.models import AuditEntry, BuiltInProfile, Profile

from .deploying import deletions, deploy, outcomes, problems, retrieved

CONTENTS = UnknownElement("userPermissions", (UnknownElement("enabled", "true"),))
PARTNERS = ("Partner Manager", ProfileDefinition(is_custom=True))


def custom(org):
    return list(Profile.objects.filter(org=org).custom().values_list("name", flat=True))


def test_a_file_creates_a_profile_of_its_name(admin):
    deployment = deploy(admin, [PARTNERS])

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {"Partner Manager": "Created"}
    assert custom(admin.org) == ["Partner Manager"]
    entry = AuditEntry.objects.get()
    assert entry.display == "Created profile Partner Manager"


def test_what_was_retrieved_deploys_without_a_difference(admin):
    deploy(admin, [PARTNERS])

    files = retrieved(admin.org, ALL)
    assert "profiles/Partner Manager.profile" in files
    deployment = deploy(admin, files)

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {"Partner Manager": "Unchanged"}


def test_contents_are_not_kept_and_one_warning_says_so(admin):
    contents = (CONTENTS, CONTENTS)
    file = ("Partners", ProfileDefinition(is_custom=True, unknown_elements=contents))

    deployment = deploy(admin, [file])

    # Salesforce would accept the file without a warning.
    assert deployment.status == Status.SUCCEEDED
    [message] = deployment.messages.filter(is_warning=True)
    assert (message.problem, message.is_from_tokenx) == (ProfileDefinition.warning, True)
    files = retrieved(admin.org, {"Profile": ["Partners"]})
    assert b"userPermissions" not in files["profiles/Partners.profile"]


@pytest.mark.parametrize("name", ["Admin", "Standard", "System Administrator", "ADMIN"])
def test_built_in_profiles_answer_to_their_metadata_names(admin, name):
    deployment = deploy(admin, [(name, ProfileDefinition(is_custom=False))])

    assert outcomes(deployment) == {name: "Unchanged"}
    assert custom(admin.org) == []
    assert not AuditEntry.objects.exists()


def test_built_in_profiles_are_retrieved_by_name_only(admin):
    ProfileFactory(org=OrgFactory(), name="Elsewhere")

    assert not any("profile" in name for name in retrieved(admin.org, ALL))
    files = retrieved(admin.org, {"Profile": ["Admin", "standard", "Elsewhere"]})
    names = sorted(name for name in files if name.endswith(".profile"))
    assert names == ["profiles/Admin.profile", "profiles/Standard.profile"]
    assert b"<custom>false</custom>" in files["profiles/Admin.profile"]


def test_names_with_special_characters_round_trip(admin):
    file = ("Sales & Füße (50%)", ProfileDefinition(is_custom=True))

    deploy(admin, [file])

    assert custom(admin.org) == ["Sales & Füße (50%)"]
    assert outcomes(deploy(admin, retrieved(admin.org, ALL))) == {file[0]: "Unchanged"}


def test_deletes_a_profile(admin):
    deploy(admin, [PARTNERS])

    deployment = deploy(admin, deletions(Profile=["partner manager"]))

    assert outcomes(deployment) == {"partner manager": "Deleted"}
    assert custom(admin.org) == []


def test_refuses_in_the_words_of_the_page(admin):
    deploy(admin, [PARTNERS])
    profile = Profile.objects.get(name="Partner Manager")
    UserFactory(org=admin.org, profile=profile)

    for name, reason in [
        ("Partner Manager", "1 user has the profile Partner Manager."),
        ("Admin", "System Administrator is a built-in profile. You can't delete it."),
    ]:
        [problem] = problems(deploy(admin, deletions(Profile=[name])))
        assert reason in str(problem)
    kinds = Profile.objects.filter(org=admin.org).exclude(kind="")
    assert kinds.count() == len(BuiltInProfile)
