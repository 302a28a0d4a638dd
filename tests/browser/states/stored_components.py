"""Custom labels, custom metadata, and named credentials: lists and files."""

from playwright.sync_api import Page

from tests.factories import StoredComponentFactory
from tokenx.org.models import Org

from .state import State, at

LABELS, METADATA, CREDENTIALS = (
    f"/stored-components/{name}/"
    for name in ("CustomLabels", "CustomMetadata", "NamedCredential")
)
LONG = "Wholesale_" * 7 + "Wholesale1"
CREDENTIAL = f"""<?xml version="1.0" encoding="UTF-8"?>
<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <allowMergeFieldsInBody>false</allowMergeFieldsInBody>
    <endpoint>https://idp.example.com/{"keys/" * 40}</endpoint>
    <label>Okta</label>
    <principalType>Anonymous</principalType>
    <protocol>NoAuthentication</protocol>
</NamedCredential>
"""


def after_creating(url: str) -> object:
    def reach(page: Page) -> None:
        org = Org.objects.get()
        StoredComponentFactory(org=org, type="CustomLabels", name="CustomLabels")
        StoredComponentFactory(org=org, type="CustomMetadata", name=f"{LONG}.{LONG}")
        StoredComponentFactory(org=org, name=LONG)
        StoredComponentFactory(org=org, name="Okta", file=CREDENTIAL)
        page.goto(url)

    return reach


STATES = [
    State("no custom labels", at(LABELS)),
    State("custom labels", after_creating(LABELS)),
    State("custom metadata", after_creating(METADATA)),
    State("custom metadata record", after_creating(f"{METADATA}{LONG}.{LONG}/")),
    State("named credentials", after_creating(CREDENTIALS)),
    State("named credentials, none found", after_creating(f"{CREDENTIALS}?search=zzz")),
    State("named credentials for a viewer", after_creating(CREDENTIALS), who="viewer"),
    State("named credential", after_creating(f"{CREDENTIALS}Okta/")),
    State(
        "named credential for a viewer", after_creating(f"{CREDENTIALS}Okta/"), who="viewer"
    ),
]
