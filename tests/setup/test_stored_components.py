"""Pages of components that are kept whole."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import OrgFactory, StoredComponentFactory
from tests.read import links, names
from tokenx.org.models import StoredType

NODES = {
    "CustomLabels": "Custom Labels",
    "CustomMetadata": "Custom Metadata Types",
    "NamedCredential": "Named Credentials",
}


@pytest.mark.parametrize("type_name", StoredType.values)
def test_lists_and_shows_a_types_components(viewer_client, org, type_name):
    url = f"/stored-components/{type_name}/"
    StoredComponentFactory(org=org, type=type_name, name="Beta.One", file="<b>1 & 2</b>")
    StoredComponentFactory(org=org, type=type_name, name="Alpha")
    StoredComponentFactory(org=OrgFactory(), type=type_name, name="Theirs")
    other = next(name for name in StoredType.values if name != type_name)
    StoredComponentFactory(org=org, type=other, name="Other")

    response = viewer_client.get(url)

    assert links(viewer_client.get("/"))[NODES[type_name]] == url
    assert names(response) == ["Alpha", "Beta.One"]
    assert names(viewer_client.get(f"{url}?search=BETA&sort=-name")) == ["Beta.One"]
    assertContains(viewer_client.get(f"{url}?search=zzz"), "No matching components")
    page = viewer_client.get(links(response)["Beta.One"])
    assertContains(page, "1 &amp; 2")
    assertNotContains(page, "<b>1")


def test_an_empty_list_says_where_components_come_from(admin_client):
    for type_name in StoredType.values:
        response = admin_client.get(f"/stored-components/{type_name}/")
        assertContains(response, f"Deploy a {type_name} file to add")


def test_unknown_types_and_names_are_not_found(admin_client, org):
    StoredComponentFactory(org=OrgFactory(), type="CustomLabels", name="Theirs")
    for path in ["Layout/", "CustomLabels/Theirs/", "CustomLabels/Gone/"]:
        assert admin_client.get(f"/stored-components/{path}").status_code == 404
