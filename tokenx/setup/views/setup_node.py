"""Nodes of the Setup tree at their Salesforce paths."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tokenx.org.permissions import SetupRequest
from tokenx.web import navigation


@require_safe
def setup_node(request: SetupRequest, slug: str) -> HttpResponse:
    """Redirect to a node's page, or explain that tokenx doesn't include it."""
    node = navigation.node_at(slug)
    if node is None:
        raise Http404("We couldn't find that Setup page.")
    if node.view:
        return redirect(node.url)
    return render(request, "setup/setup_node.html", {"node": node})
