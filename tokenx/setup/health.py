"""Issues in an org, each with the link to the page that fixes it.

The checks read everything that's enabled in the org, which takes a moment if a million apps
are enabled. Therefore, Health has a separate URL, from which Setup Home loads the panel.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from tokenx.apex.endpoints import constant_endpoints
from tokenx.handlers.consequences import (
    apps_without_default,
    why_class_fails,
    why_disabled_default,
    why_no_default,
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.why import Reason, why_app_is_off, why_no_user, why_user_is_inactive
from tokenx.org.models import (
    ApexClass,
    AppPermissionSet,
    AppProfile,
    ClientApp,
    CompileStatus,
    OAuthApproval,
    Org,
    PermittedUsers,
    User,
)
from tokenx.setup.apex_runs import trees
from tokenx.setup.apex_runs.callouts import allowed_by_remote_sites, origin_of
from tokenx.web.text import count_of

ISSUES_SHOWN = 10  # per check
# Classes whose code is read for addresses: parsing takes a moment.
_CLASSES_READ = 20


@dataclass(frozen=True)
class HealthCheck:
    """A kind of issue, and the first issues of that kind."""

    heading: str
    findings: list[Reason]
    has_more: bool


def health_of(org: Org) -> list[HealthCheck]:
    """Return the checks that found issues, in the order to fix them."""
    checks = {
        "Apex classes with compile errors": _classes_with_errors(org),
        "Apex classes that can't validate tokens": _unready_classes(org),
        "Apex classes not compiled yet": _classes_not_compiled(org),
        "Enabled apps with token exchange turned off": _apps_turned_off(org),
        "Inactive Run As Users": _inactive_users(org),
        "Disabled default handlers": _disabled_defaults(org),
        "Apps without a default handler": _apps_without_default(org),
        "Apps that no user can use": _apps_for_no_one(org),
        "Addresses missing from Remote Site Settings": _missing_remote_sites(org),
        "Personal accounts used as Run As User": _personal_accounts(org),
    }
    results = [_check(heading, issues) for heading, issues in checks.items()]
    return [result for result in results if result]


def _check(heading: str, issues: Iterable[Reason]) -> HealthCheck | None:
    first = list(islice(issues, ISSUES_SHOWN + 1))
    if not first:
        return None
    return HealthCheck(heading, first[:ISSUES_SHOWN], len(first) > ISSUES_SHOWN)


def _unready_classes(org: Org) -> Iterator[Reason]:
    handlers = TokenExchangeHandler.objects.filter(org=org, apex_class=OuterRef("pk"))
    used = ApexClass.objects.filter(Exists(handlers), org=org).annotate(
        is_enabled=Exists(handlers.filter(is_enabled=True))
    )
    for apex_class in used.exclude(compile_status=CompileStatus.INVALID).order_by("name"):
        reason = why_class_fails(apex_class)
        # A template is fine until a handler that uses it is enabled.
        if reason and (apex_class.is_enabled or not apex_class.is_template):
            yield reason


def _classes_with_errors(org: Org) -> Iterator[Reason]:
    invalid = ApexClass.objects.filter(org=org, compile_status=CompileStatus.INVALID)
    for apex_class in invalid.defer("body").order_by("name")[: ISSUES_SHOWN + 1]:
        brief, url = apex_class.why_not_compiled, apex_class.get_absolute_url()
        sentence = f"{apex_class.name} {brief}."
        yield Reason("apex-class-has-errors", sentence, brief, "Edit the class", url)


def _classes_not_compiled(org: Org) -> Iterator[Reason]:
    """Count the classes that no one has opened since they were stored or reset."""
    if count := ApexClass.objects.filter(org=org).not_compiled().count():
        verb = "isn't" if count == 1 else "aren't"
        sentence = f"{count_of(count, 'Apex class')} {verb} compiled yet."
        url = reverse("setup:apex-class-list")
        yield Reason("apex-class-not-compiled", sentence, "", "View Apex classes", url)


def _apps_turned_off(org: Org) -> Iterator[Reason]:
    enablements = Enablement.objects.filter(org=org, app=OuterRef("pk"))
    apps = ClientApp.objects.filter(Exists(enablements), org=org).switched_off().by_label()
    for app in apps[: ISSUES_SHOWN + 1]:
        yield from why_app_is_off(app)


def _inactive_users(org: Org) -> Iterator[Reason]:
    for user in _run_as_users(org).filter(is_active=False)[: ISSUES_SHOWN + 1]:
        yield why_user_is_inactive(user)


def _personal_accounts(org: Org) -> Iterator[Reason]:
    people = _run_as_users(org).filter(is_active=True, is_integration_user=False)
    users = list(people[: ISSUES_SHOWN + 1])
    numbers = _count_by("run_as", Enablement.objects.filter(org=org, run_as__in=users))
    for user in users:
        sentence = (
            f"{user.name} is a personal account and is the Run As User for "
            f"{count_of(numbers[user.pk], 'enabled app')}. Use an integration user instead."
        )
        url = reverse("setup:user", args=[user.pk])
        brief = "is a personal account"
        yield Reason("user-is-a-person", sentence, brief, "View apps", url)


def _run_as_users(org: Org) -> QuerySet[User]:
    run_as = Enablement.objects.filter(org=org).values("run_as").distinct()
    return User.objects.filter(org=org, pk__in=run_as).by_name()


def _disabled_defaults(org: Org) -> Iterator[Reason]:
    defaults = Enablement.objects.filter(org=org, is_default=True)
    disabled = TokenExchangeHandler.objects.filter(
        Exists(defaults.filter(handler=OuterRef("pk"))), org=org, is_enabled=False
    )
    handlers = list(disabled.order_by("search_key")[: ISSUES_SHOWN + 1])
    numbers = _count_by("handler", defaults.filter(handler__in=handlers))
    for handler in handlers:
        yield why_disabled_default(handler, numbers[handler.pk])


def _count_by(field: str, enablements: QuerySet[Enablement]) -> dict[int, int]:
    return dict(enablements.values_list(field).annotate(number=Count("*")))


def _apps_without_default(org: Org) -> Iterator[Reason]:
    apps = list(apps_without_default(org).by_label()[: ISSUES_SHOWN + 1])
    rows = Enablement.objects.filter(org=org, app__in=apps)
    numbers = _count_by("app", rows)
    # If an app has a single handler, that handler can become its default.
    single = [pk for pk, number in numbers.items() if number == 1]
    enablements = {
        row.app_id: row for row in rows.filter(app__in=single).select_related("handler")
    }
    for app in apps:
        yield why_no_default(app, enablements.get(app.pk))


def _apps_for_no_one(org: Org) -> Iterator[Reason]:
    """Find enabled apps whose Permitted Users make every token request fail."""
    of_app = {"org": org, "app": OuterRef("pk")}
    is_approved = Exists(OAuthApproval.objects.live_at(timezone.now()).filter(**of_app))
    has_access = Exists(AppProfile.objects.filter(**of_app)) | Exists(
        AppPermissionSet.objects.filter(**of_app)
    )
    by_admins = Q(permitted_users=PermittedUsers.PRE_AUTHORIZED)
    apps = ClientApp.objects.filter(
        Exists(Enablement.objects.filter(**of_app)),
        (by_admins & ~Q(has_access)) | (~by_admins & ~Q(is_approved)),
        org=org,
    )
    for app in apps.by_label()[: ISSUES_SHOWN + 1]:
        yield why_no_user(app)


def _missing_remote_sites(org: Org) -> Iterator[Reason]:
    """Find addresses that a handler's class calls but that no remote site allows."""
    handlers = TokenExchangeHandler.objects.filter(
        org=org, apex_class=OuterRef("pk"), is_enabled=True
    )
    classes = ApexClass.objects.filter(Exists(handlers), org=org).order_by("name")
    allowed = allowed_by_remote_sites(org)
    for apex_class in classes[:_CLASSES_READ]:
        unit = trees.parsed(apex_class.body).unit
        endpoints = constant_endpoints(unit) if unit else []
        missing = {
            origin: endpoint
            for endpoint in reversed(endpoints)
            if (origin := origin_of(endpoint.url)) and origin not in allowed
        }
        for origin, endpoint in missing.items():
            sentence = (
                f"{apex_class.name} calls {origin} on line {endpoint.line}, which isn't an "
                "active remote site."
            )
            yield Reason(
                "remote-site-missing",
                sentence,
                f"calls {origin}, which isn't an active remote site",
                "Remote Site Settings",
                reverse("setup:remote-site-list"),
            )
