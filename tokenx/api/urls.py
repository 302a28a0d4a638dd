"""The addresses that clients of the Metadata API know (facts/metadata-api.md 2).

With a slash at the end or without, and never a redirect: it would lose the body. What is
not served here is answered as JSON, not as a page.
"""

from typing import Any

from django.urls import re_path

from .rest import base as rest
from .rest import collections as rest_collections
from .rest import deploy as rest_deploy
from .rest import org as rest_org
from .rest import records as rest_api
from .soap import views as soap_api

app_name = "api"

_VERSION = r"(?P<version>[1-9][0-9]{1,2}\.0)"
_DATA = rf"^services/data/v{_VERSION}"
_ENTITY = r"(?P<entity>[A-Za-z0-9_]{1,80})"


def _path(pattern: str, view: Any, name: str) -> Any:
    return re_path(rf"{pattern}/?$", view, name=name)


urlpatterns = [
    _path(rf"^services/Soap/m/{_VERSION}(?P<rest>/.*?)?", soap_api.metadata_api, "soap"),
    _path(
        rf"^services/Soap/(?P<api>[uc])/{_VERSION}(?P<rest>/.*?)?",
        soap_api.login_api,
        "login",
    ),
    _path(r"^services/data", rest_api.versions, "versions"),
    _path(_DATA, rest_api.resources, "resources"),
    _path(rf"{_DATA}/query(?:All)?", rest_api.query, "query"),
    _path(rf"{_DATA}/query/(?P<locator>[^/]+)", rest_api.query_more, "query-more"),
    _path(rf"{_DATA}/tooling/query", rest_api.tooling_query, "tooling-query"),
    _path(
        rf"{_DATA}/tooling/query/(?P<locator>[^/]+)",
        rest_api.tooling_query_more,
        "tooling-query-more",
    ),
    _path(rf"{_DATA}/sobjects", rest_api.objects, "objects"),
    _path(rf"{_DATA}/sobjects/{_ENTITY}", rest_api.records, "records"),
    _path(rf"{_DATA}/sobjects/{_ENTITY}/describe", rest_api.describe, "describe"),
    _path(
        rf"{_DATA}/sobjects/{_ENTITY}/(?P<record_id>[A-Za-z0-9]{{1,18}})",
        rest_api.record,
        "record",
    ),
    _path(
        rf"{_DATA}/sobjects/{_ENTITY}/(?P<field>[A-Za-z0-9_]{{1,80}})/(?P<record_id>[^/]+)",
        rest_api.record_by_field,
        "record-by-field",
    ),
    _path(rf"{_DATA}/composite/sobjects", rest_collections.many, "collection"),
    _path(
        rf"{_DATA}/composite/sobjects/{_ENTITY}", rest_collections.read_many, "read-many"
    ),
    _path(rf"{_DATA}/limits", rest_org.limits, "limits"),
    _path(rf"{_DATA}/limits/recordCount", rest_org.record_counts, "record-counts"),
    _path(
        rf"{_DATA}/metadata/deployRequest", rest_deploy.deploy_requests, "deploy-requests"
    ),
    _path(
        rf"{_DATA}/metadata/deployRequest/(?P<deployment_id>[A-Za-z0-9]{{1,18}})",
        rest_deploy.deploy_request,
        "deploy-request",
    ),
    _path(r"^services/oauth2/userinfo", rest_api.user_info, "user-info"),
    _path(r"^services/oauth2/singleaccess", rest_org.single_access, "single-access"),
    _path(r"^services/oauth2/revoke", rest_api.revoke, "revoke"),
    _path(
        r"^id/(?P<org_id>[A-Za-z0-9]{15,18})/(?P<user_id>[A-Za-z0-9]{15,18})",
        rest_api.identity,
        "identity",
    ),
    re_path(r"^services(?:/[\s\S]*)?$", rest.no_such_resource, name="no-such-resource"),
]
