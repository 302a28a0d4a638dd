"""Search and filters of the handler list."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from .models import TokenExchangeHandler

STATUSES = [("enabled", "Enabled"), ("disabled", "Disabled")]
TOKEN_TYPES = [
    (name.removeprefix("supports_"), TokenExchangeHandler.label_of(name))
    for name in TokenExchangeHandler.TOKEN_TYPES
]


class HandlerFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    status = django_filters.ChoiceFilter(
        label="Status", choices=STATUSES, method="filter_status", empty_label="All"
    )
    token_type = django_filters.ChoiceFilter(
        label="Token Type",
        choices=TOKEN_TYPES,
        method="filter_token_type",
        empty_label="All",
    )

    class Meta:
        model = TokenExchangeHandler
        fields: list[str] = []

    def filter_search(self, handlers: Any, name: str, value: str) -> QuerySet:
        return handlers.search(value)

    def filter_status(self, handlers: QuerySet, name: str, value: str) -> QuerySet:
        return handlers.filter(is_enabled=value == "enabled")

    def filter_token_type(self, handlers: QuerySet, name: str, value: str) -> QuerySet:
        return handlers.filter(**{f"supports_{value}": True})
