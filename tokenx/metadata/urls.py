"""Deployment Status, Deploy Metadata, Retrieve, and a handler's metadata."""

from django.urls import path

from . import record_pages
from .deploy.views import deploy, deployments
from .retrieve import views as retrieve
from .retrieve.enablement_change import enablement_change

app_name = "metadata"

urlpatterns = [
    path("deployments/", deployments.deployment_list, name="deployment-list"),
    path("deployments/<int:deployment_id>/", deployments.deployment, name="deployment"),
    path(
        "deployments/<int:deployment_id>/cancel/",
        deployments.cancel_deployment,
        name="cancel-deployment",
    ),
    path("deploy/", deploy.deploy_metadata, name="deploy-metadata"),
    path("deploy/<int:source_id>/", deploy.review, name="review"),
    path(
        "deploy/<int:source_id>/placeholders/",
        deploy.create_placeholders,
        name="create-placeholders",
    ),
    path("deploy/<int:source_id>/download/", deploy.download_source, name="source"),
    path("lightning/setup/<key:slug>/page", record_pages.record_page, name="record-page"),
    path("retrieve/", retrieve.retrieve, name="retrieve"),
    path(
        "handlers/<key:handler_name>/metadata/",
        retrieve.handler_metadata,
        name="handler-metadata",
    ),
    path(
        "handlers/<key:handler_name>/metadata/change/",
        enablement_change,
        name="enablement-change",
    ),
    path(
        "handlers/<key:handler_name>/metadata/download/",
        retrieve.download_handler_metadata,
        name="download-handler-metadata",
    ),
]
