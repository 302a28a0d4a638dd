"""The tables of a scenario file for custom fields, certificates, and remote sites."""

from typing import Annotated, Any

from pydantic import AfterValidator

from tokenx.org.claims import check_claims
from tokenx.org.models import (
    Certificate,
    Issuer,
    Org,
    PermissionSet,
    RemoteSite,
    StoredComponent,
    StoredType,
    UserField,
)
from tokenx.org.models.issuer import Algorithm, IssuerShape
from tokenx.org.models.user_field import MAX_TEXT_LENGTH, full_name_of
from tokenx.org.people import check_people
from tokenx.org.x509 import KEY_SIZES, read_certificate
from tokenx.setup.actions.certificates import DEFAULT_KEY_SIZE
from tokenx.training.strict_models import StrictModel, checked_by, one_of, refuse

from .tables import Count, Text


def _check_pem(text: str) -> None:
    read_certificate(text.encode())


def _check_key_size(value: int) -> int:
    if value not in KEY_SIZES:
        raise refuse(f"isn't one of {', '.join(map(str, KEY_SIZES))}", value)
    return value


PemText = Annotated[Text, checked_by(_check_pem)]
KeySize = Annotated[int, AfterValidator(_check_key_size)]
Claims = Annotated[dict[str, Any], checked_by(check_claims)]


class UserFieldTable(StrictModel):
    """A custom text field on User."""

    name: Text
    label: Text = ""
    length: Count = MAX_TEXT_LENGTH
    description: Text = ""

    def build(self, org: Org) -> UserField:
        return UserField(
            org=org,
            name=full_name_of(self.name),
            label=self.label or self.name.removesuffix("__c").replace("_", " "),
            length=self.length,
            description=self.description,
        )


class CertificateTable(StrictModel):
    """A certificate: the text of an uploaded one, or one to generate with a key."""

    name: Text
    label: Text = ""
    pem: PemText = ""
    key_size: KeySize = DEFAULT_KEY_SIZE
    exportable: bool = True

    def build(self, org: Org) -> Certificate:
        """Return the certificate. Without a text, it has no key yet."""
        certificate = Certificate(org=org, name=self.name, label=self.label or self.name)
        certificate.is_key_exportable = self.exportable
        if self.pem:
            certificate.set_pem(self.pem.encode())
        return certificate


class PermissionSetTable(StrictModel):
    """A permission set, which users and apps can have."""

    name: Text
    label: Text = ""
    description: Text = ""

    def build(self, org: Org) -> PermissionSet:
        label = self.label or self.name.replace("_", " ")
        return PermissionSet(
            org=org, name=self.name, label=label, description=self.description
        )


class PersonTable(StrictModel):
    """A person who can log in at an issuer, and the claims about that person."""

    name: Text
    claims: Claims = {}


def _check_people(people: list[PersonTable]) -> None:
    check_people([person.model_dump() for person in people])


People = Annotated[list[PersonTable], checked_by(_check_people)]


class IssuerTable(StrictModel):
    """A simulated issuer. Every org generates its own key."""

    name: Text
    label: Text = ""
    provider: Annotated[str, one_of(IssuerShape.values)] = IssuerShape.OWN
    issuer: Text
    discovery: Text = ""
    keys: Text = ""
    userinfo: Text = ""
    introspection: Text = ""
    token: Text = ""
    algorithm: Annotated[str, one_of(Algorithm.values)] = Algorithm.RS256
    certificate: Text = ""
    claims: Claims = {}
    people: People = []

    def build(self, org: Org) -> Issuer:
        """Return the issuer, which has no key yet."""
        return Issuer(
            org=org,
            name=self.name,
            label=self.label or self.name.replace("_", " "),
            shape=self.provider,
            iss=self.issuer,
            discovery_url=self.discovery,
            keys_url=self.keys,
            userinfo_url=self.userinfo,
            introspection_url=self.introspection,
            token_url=self.token,
            algorithm=self.algorithm,
            certificate_name=self.certificate,
            claims=self.claims,
            people=[person.model_dump() for person in self.people],
        )


class RemoteSiteTable(StrictModel):
    """A remote site, which Apex can call."""

    name: Text
    url: Text
    active: bool = True
    description: Text = ""
    disable_protocol_security: bool = False

    def build(self, org: Org) -> RemoteSite:
        return RemoteSite(
            org=org,
            name=self.name,
            url=self.url,
            is_active=self.active,
            description=self.description,
            disables_protocol_security=self.disable_protocol_security,
        )


class StoredComponentTable(StrictModel):
    """A metadata file that's kept whole."""

    type: Annotated[str, one_of(StoredType.values)]
    name: Text
    file: Text

    def build(self, org: Org) -> StoredComponent:
        text = f"{self.file.strip()}\n"
        row = StoredComponent(org=org, type=self.type, name=self.name, file=text)
        row.set_details()
        return row
