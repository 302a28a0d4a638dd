"""Search and filters of the app, user, and Apex class lists."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from tokenx.org.models import (
    ApexClass,
    ApexLog,
    Certificate,
    ClientApp,
    DebugLevel,
    Eligibility,
    Issuer,
    LoginRecord,
    PermissionSet,
    PermissionSetAssignment,
    Profile,
    RemoteSite,
    StoredComponent,
    User,
    UserField,
)
from tokenx.org.models.apex_log import SUCCESS
from tokenx.org.search.matching import find_any_users, search_apps, search_classes
from tokenx.web.text import fold


class ApexClassFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    usable = django_filters.ChoiceFilter(
        label="Token Handler",
        choices=[("used", "In use"), ("free", "Not in use")],
        method="filter_usable",
        empty_label="All",
    )

    class Meta:
        model = ApexClass
        fields: list[str] = []

    def filter_search(self, classes: Any, name: str, value: str) -> QuerySet:
        return search_classes(classes, value)

    def filter_usable(self, classes: Any, name: str, value: str) -> QuerySet:
        return classes.filter(is_used=value == "used")


class ProfileFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    custom = django_filters.ChoiceFilter(
        label="Custom",
        choices=[("yes", "Custom profiles"), ("no", "Built-in profiles")],
        method="filter_custom",
        empty_label="All",
    )

    class Meta:
        model = Profile
        fields: list[str] = []

    def filter_search(self, profiles: Any, name: str, value: str) -> QuerySet:
        return profiles.filter(name_key__contains=fold(value.strip().lstrip("*")))

    def filter_custom(self, profiles: Any, name: str, value: str) -> QuerySet:
        return profiles.custom() if value == "yes" else profiles.exclude(kind="")


class UserFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    profile = django_filters.ChoiceFilter(
        label="Profile", method="filter_profile", empty_label="All"
    )
    active = django_filters.ChoiceFilter(
        label="Active",
        choices=[("yes", "Active"), ("no", "Inactive")],
        method="filter_active",
        empty_label="All",
    )
    integration = django_filters.ChoiceFilter(
        label="Integration User",
        choices=[("yes", "Integration users"), ("no", "Other users")],
        method="filter_integration",
        empty_label="All",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profiles = Profile.objects.by_key(self.request.org)
        choices = [(key, profile.name) for key, profile in self.profiles.items()]
        self.filters["profile"].extra["choices"] = choices

    def filter_profile(self, users: Any, name: str, value: str) -> QuerySet:
        return users.filter(profile=self.profiles[value])

    def filter_search(self, users: Any, name: str, value: str) -> QuerySet:
        only_active = self.form.cleaned_data.get("active") == "yes"
        return find_any_users(self.request.org, users, value, only_active=only_active)

    def filter_active(self, users: Any, name: str, value: str) -> QuerySet:
        return users.filter(is_active=value == "yes")

    def filter_integration(self, users: Any, name: str, value: str) -> QuerySet:
        return users.filter(is_integration_user=value == "yes")


class AppFilter(django_filters.FilterSet):
    """Filter of a list of apps: of one kind, or of all kinds if `kind` is blank."""

    search = django_filters.CharFilter(label="Search", method="filter_search")
    type = django_filters.ChoiceFilter(
        label="App Type",
        field_name="kind",
        choices=ClientApp.Kind.choices,
        empty_label="All",
    )
    eligibility = django_filters.ChoiceFilter(
        label="Token Exchange",
        choices=Eligibility.choices,
        method="filter_eligibility",
        empty_label="All",
    )

    class Meta:
        model = ClientApp
        fields: list[str] = []

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind:
            del self.filters["type"]

    def filter_search(self, apps: Any, name: str, value: str) -> QuerySet:
        return search_apps(apps, self.request.org, self.kind, value)

    def filter_eligibility(self, apps: Any, name: str, value: str) -> QuerySet:
        return apps.with_eligibility(value)


class RemoteSiteFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    active = django_filters.ChoiceFilter(
        label="Active",
        choices=[("yes", "Active"), ("no", "Inactive")],
        method="filter_active",
        empty_label="All",
    )

    class Meta:
        model = RemoteSite
        fields: list[str] = []

    def filter_search(self, sites: Any, name: str, value: str) -> QuerySet:
        return sites.filter(Q(name__icontains=value) | Q(url__icontains=value))

    def filter_active(self, sites: Any, name: str, value: str) -> QuerySet:
        return sites.filter(is_active=value == "yes")


class CertificateFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    type = django_filters.ChoiceFilter(
        label="Type",
        choices=[("self", "Self-Signed"), ("ca", "CA-Signed")],
        method="filter_type",
        empty_label="All",
    )
    validity = django_filters.ChoiceFilter(
        label="Validity",
        choices=[("valid", "Not expired"), ("expired", "Expired")],
        method="filter_validity",
        empty_label="All",
    )

    class Meta:
        model = Certificate
        fields: list[str] = []

    def filter_search(self, certificates: Any, name: str, value: str) -> QuerySet:
        return certificates.filter(Q(name__icontains=value) | Q(label__icontains=value))

    def filter_type(self, certificates: Any, name: str, value: str) -> QuerySet:
        return certificates.filter(is_ca_signed=value == "ca")

    def filter_validity(self, certificates: Any, name: str, value: str) -> QuerySet:
        expired = Q(expires_at__lte=timezone.now())
        return certificates.filter(expired if value == "expired" else ~expired)


class IssuerFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")

    class Meta:
        model = Issuer
        fields: list[str] = []

    def filter_search(self, issuers: Any, name: str, value: str) -> QuerySet:
        found = Q(label__icontains=value) | Q(name__icontains=value)
        return issuers.filter(found | Q(iss__icontains=value))


class UserFieldFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")

    class Meta:
        model = UserField
        fields: list[str] = []

    def filter_search(self, fields: Any, name: str, value: str) -> QuerySet:
        return fields.filter(Q(name__icontains=value) | Q(label__icontains=value))


class StoredComponentFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")

    class Meta:
        model = StoredComponent
        fields: list[str] = []

    def filter_search(self, rows: Any, name: str, value: str) -> QuerySet:
        return rows.filter(name__icontains=value)


class PermissionSetFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")

    class Meta:
        model = PermissionSet
        fields: list[str] = []

    def filter_search(self, sets: Any, name: str, value: str) -> QuerySet:
        return sets.filter(Q(label__icontains=value) | Q(name__icontains=value))


class AssignmentFilter(django_filters.FilterSet):
    """Filter of the users who have a permission set."""

    search = django_filters.CharFilter(label="Search", method="filter_search")
    active = django_filters.ChoiceFilter(
        label="Active",
        choices=[("yes", "Active"), ("no", "Inactive")],
        method="filter_active",
        empty_label="All",
    )

    class Meta:
        model = PermissionSetAssignment
        fields: list[str] = []

    def filter_search(self, assignments: Any, name: str, value: str) -> QuerySet:
        is_named = Q(user__name_key__contains=fold(value.strip().lstrip("*")))
        return assignments.filter(is_named | Q(user__username__icontains=value))

    def filter_active(self, assignments: Any, name: str, value: str) -> QuerySet:
        return assignments.filter(user__is_active=value == "yes")


class ApexLogFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    outcome = django_filters.ChoiceFilter(
        label="Status",
        choices=[("success", "Success"), ("error", "Errors")],
        method="filter_outcome",
        empty_label="All",
    )

    class Meta:
        model = ApexLog
        fields: list[str] = []

    def filter_search(self, logs: Any, name: str, value: str) -> QuerySet:
        is_of_user = Q(user__name_key__contains=fold(value.strip().lstrip("*")))
        is_named = Q(operation__icontains=value) | Q(status__icontains=value)
        return logs.filter(is_of_user | is_named)

    def filter_outcome(self, logs: Any, name: str, value: str) -> QuerySet:
        return logs.filter(Q(status=SUCCESS) if value == "success" else ~Q(status=SUCCESS))


class LoginRecordFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")
    outcome = django_filters.ChoiceFilter(
        label="Status",
        choices=[("success", "Success"), ("failure", "Failures")],
        method="filter_outcome",
        empty_label="All",
    )

    class Meta:
        model = LoginRecord
        fields: list[str] = []

    def filter_search(self, records: Any, name: str, value: str) -> QuerySet:
        names = Q(username__icontains=value) | Q(application__icontains=value)
        return records.filter(names | Q(status__icontains=value) | Q(source_ip=value))

    def filter_outcome(self, records: Any, name: str, value: str) -> QuerySet:
        is_success = Q(status=SUCCESS)
        return records.filter(is_success if value == "success" else ~is_success)


class DebugLevelFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="filter_search")

    class Meta:
        model = DebugLevel
        fields: list[str] = []

    def filter_search(self, levels: Any, name: str, value: str) -> QuerySet:
        return levels.filter(Q(name__icontains=value) | Q(label__icontains=value))
