"""Filters of the deployment list."""

import django_filters
from django.db.models import QuerySet

from tokenx.metadata.models import DONE, Deployment

# Queued and running deployments are above the list, regardless of the filters.
DONE_CHOICES = [(status.value, status.label) for status in DONE]


class DeploymentFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        label="Status", choices=DONE_CHOICES, empty_label="All"
    )
    kind = django_filters.ChoiceFilter(
        label="Type",
        choices=[("check", "Check"), ("deploy", "Deploy")],
        method="filter_kind",
        empty_label="All",
    )

    class Meta:
        model = Deployment
        fields: list[str] = []

    def filter_kind(
        self, deployments: QuerySet[Deployment], name: str, value: str
    ) -> QuerySet[Deployment]:
        return deployments.filter(check_only=value == "check")
