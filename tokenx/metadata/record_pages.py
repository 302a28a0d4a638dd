"""Addresses of Salesforce's Setup that contain a record ID, as clients print them."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import (
    ApexClass,
    Certificate,
    Org,
    PermissionSet,
    Profile,
    RemoteSite,
    UserField,
)
from tokenx.org.permissions import SetupRequest
from tokenx.org.record_ids import (
    APEX_CLASS,
    CERTIFICATE,
    CUSTOM_FIELD,
    DEPLOYMENT,
    HANDLER,
    PERMISSION_SET,
    PROFILE,
    REMOTE_SITE,
    pk_of,
)
from tokenx.setup.views.setup_node import setup_node

from .models import Deployment

_RECORD_ID = re.compile(r"\b(?:\w{15}|\w{18})\b", re.ASCII)
# By prefix of the record ID: the model, its view, and the field in the view's URL.
_PAGES: dict[str, tuple[Any, str, str]] = {
    DEPLOYMENT: (Deployment, "metadata:deployment", "pk"),
    PROFILE: (Profile, "setup:profile", "pk"),
    PERMISSION_SET: (PermissionSet, "setup:permission-set", "name"),
    APEX_CLASS: (ApexClass, "setup:apex-class", "name"),
    CUSTOM_FIELD: (UserField, "setup:user-field", "api_name"),
    CERTIFICATE: (Certificate, "setup:certificate", "name"),
    REMOTE_SITE: (RemoteSite, "setup:remote-site", "name"),
    HANDLER: (TokenExchangeHandler, "handlers:detail", "developer_name"),
}


@require_safe
def record_page(request: SetupRequest, slug: str) -> HttpResponse:
    """Redirect to the record in the address, or show the page of the Setup node.

    `sf project deploy` prints such a link to a deployment, and `sf org open` to a class.
    """
    for record_id in _RECORD_ID.findall(request.GET.get("address", "")):
        if page := _find_page(request.org, record_id):
            return redirect(*page)
    return setup_node(request, slug)


def _find_page(org: Org, record_id: str) -> tuple[str, Any] | None:
    for prefix, (model, view, field) in _PAGES.items():
        pk = pk_of(prefix, record_id)
        if pk is not None and (row := model.objects.filter(org=org, pk=pk).first()):
            return view, getattr(row, field)
    return None
