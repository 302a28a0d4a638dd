"""Nodes of the Setup tree by the paths they have in Salesforce."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tokenx.org.permissions import SetupRequest
from tokenx.web import navigation


@require_safe
def setup_node(request: SetupRequest, slug: str) -> HttpResponse:
    """A node of the Setup tree, by the path it has in the real product."""
    node = navigation.node_at(slug)
    if node is None:
        raise Http404("Setup has no such page.")
    if node.view:
        return redirect(node.url)
    return render(request, "setup/setup_node.html", {"node": node})
