"""The URLs that API clients call (docs/salesforce/metadata-api.md, Endpoints).

Each works with and without a trailing slash and never redirects, which would lose the
request's body. An unknown URL gets a JSON error instead of a page.
"""

from typing import Any

from django.urls import re_path

from .rest import apex, base, collections, deploy, org, records, streaming, tooling
from .soap.views import apex_api, login_api, metadata_api

app_name = "api"

_VERSION = r"(?P<version>[1-9][0-9]{1,2}\.0)"
_DATA = rf"^services/data/v{_VERSION}"
_ENTITY = r"(?P<entity>[A-Za-z0-9_]{1,80})"


def _path(pattern: str, view: Any, name: str) -> Any:
    return re_path(rf"{pattern}/?$", view, name=name)


urlpatterns = [
    _path(rf"^services/Soap/m/{_VERSION}(?P<rest>/.*?)?", metadata_api, "soap"),
    _path(rf"^services/Soap/(?P<api>[uc])/{_VERSION}(?P<rest>/.*?)?", login_api, "login"),
    _path(rf"^services/Soap/s/{_VERSION}(?P<rest>/.*?)?", apex_api, "apex-soap"),
    _path(r"^services/data", records.versions, "versions"),
    _path(_DATA, records.resources, "resources"),
    _path(rf"{_DATA}/query(?:All)?", records.query, "query"),
    _path(rf"{_DATA}/query/(?P<locator>[^/]+)", records.query_more, "query-more"),
    _path(rf"{_DATA}/tooling/query", tooling.tooling_query, "tooling-query"),
    _path(
        rf"{_DATA}/tooling/query/(?P<locator>[^/]+)",
        tooling.tooling_query_more,
        "tooling-query-more",
    ),
    _path(
        rf"{_DATA}/tooling/executeAnonymous", apex.execute_anonymous, "execute-anonymous"
    ),
    _path(
        rf"{_DATA}/tooling/sobjects/{_ENTITY}", tooling.tooling_records, "tooling-records"
    ),
    _path(
        rf"{_DATA}/tooling/sobjects/{_ENTITY}/describe",
        tooling.tooling_describe,
        "tooling-describe",
    ),
    _path(
        rf"{_DATA}/tooling/sobjects/{_ENTITY}/(?P<record_id>[A-Za-z0-9]{{1,18}})",
        tooling.tooling_record,
        "tooling-record",
    ),
    _path(
        rf"{_DATA}/(?:tooling/)?sobjects/[Aa]pex[Ll]og"
        r"/(?P<record_id>[A-Za-z0-9]{1,18})/Body",
        tooling.log_body,
        "log-body",
    ),
    _path(rf"{_DATA}/sobjects", records.objects, "objects"),
    _path(rf"{_DATA}/sobjects/{_ENTITY}", records.records, "records"),
    _path(rf"{_DATA}/sobjects/{_ENTITY}/describe", records.describe, "describe"),
    _path(
        rf"{_DATA}/sobjects/{_ENTITY}/(?P<record_id>[A-Za-z0-9]{{1,18}})",
        records.record,
        "record",
    ),
    _path(
        rf"{_DATA}/sobjects/{_ENTITY}/(?P<field>[A-Za-z0-9_]{{1,80}})/(?P<record_id>[^/]+)",
        records.record_by_field,
        "record-by-field",
    ),
    _path(rf"{_DATA}/composite/sobjects", collections.collection, "collection"),
    _path(rf"{_DATA}/composite/sobjects/{_ENTITY}", collections.read_many, "read-many"),
    _path(rf"{_DATA}/limits", org.limits, "limits"),
    _path(rf"{_DATA}/limits/recordCount", org.record_counts, "record-counts"),
    _path(rf"{_DATA}/metadata/deployRequest", deploy.deploy_requests, "deploy-requests"),
    _path(
        rf"{_DATA}/metadata/deployRequest/(?P<deployment_id>[A-Za-z0-9]{{1,18}})",
        deploy.deploy_request,
        "deploy-request",
    ),
    _path(r"^services/oauth2/singleaccess", org.single_access, "single-access"),
    re_path(r"^cometd(?:/[\s\S]*)?$", streaming.cometd, name="cometd"),
    re_path(r"^services(?:/[\s\S]*)?$", base.no_such_resource, name="no-such-resource"),
]
