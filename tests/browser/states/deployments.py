"""Metadata files: upload, review, deployment, and retrieval; the list of deployments."""

import io
from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.steps import HANDLER, action, dialog, errors, open_dialog
from tests.metadata.format.samples import SAMPLES
from tests.metadata.package.zips import zip_of
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_source
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.metadata.retrieve.retrieve import write_handler
from tokenx.org.models import User
from tokenx.training.scenarios.demo_org import sign_in_name

from .state import INVALID, State, at

DEPLOYMENTS, DEPLOY = "/deployments/", "/deploy/"
METADATA = f"{HANDLER}metadata/"
SUFFIX = ".oauthtokenexchangehandler"
SEED = (SAMPLES / "bad" / f"as-printed{SUFFIX}").read_bytes()


def repaired() -> bytes:
    """Return the repaired sample. The demo org has everything that it refers to."""
    return SEED.replace(b"</conectedApp>", b"</connectedApp>")


def with_missing_user() -> bytes:
    changed = repaired().replace(b"TokenExchangeApp2", b"NobodyHasThis")
    changed = changed.replace(b">MyOauthTokenExchangeHandler<", b">NoSuchClass<")
    return changed.replace(b"integrationuser@", b"a-username-that-no-user-here-has@", 1)


def unchanged() -> bytes:
    handler = TokenExchangeHandler.objects.get(developer_name="Okta_Workforce")
    return "".join(write_handler(handler)).encode()


def package() -> bytes:
    """Build a package that creates, changes, and keeps handlers, and has invalid XML."""
    folder = "oauthtokenexchangehandlers"
    new = with_missing_user().replace(b">MyTokenExchangeHandler<", b">New_Handler<")
    return zip_of(
        {
            f"{folder}/New_Handler{SUFFIX}": new,
            f"{folder}/MyTokenExchangeHandler{SUFFIX}": repaired(),
            f"{folder}/Okta_Workforce{SUFFIX}": unchanged(),
            f"{folder}/Wrong{SUFFIX}": SEED,
        }
    ).getvalue()


def send(content: bytes, name: str = f"MyTokenExchangeHandler{SUFFIX}") -> Source:
    by = User.objects.get(username=sign_in_name("admin"))
    return receive_source(stream=io.BytesIO(content), name=name, by=by)


def deployed(source: Source, *, check_only: bool = False) -> Deployment:
    options = Options(check_only=check_only, ignore_warnings=True)
    deployment = queue_deployment(source=source, options=options, by=source.created_by)
    queue.run_queue(source.org_id)
    return deployment


def stuck(source: Source, status: Status) -> Deployment:
    """Queue a deployment that stays in a status, as if another process ran it."""
    deployment = queue_deployment(source=source, options=Options(), by=source.created_by)
    now = timezone.now()
    lease = now + timedelta(hours=1) if status == Status.IN_PROGRESS else None
    rows = Deployment.objects.filter(pk=deployment.pk)
    rows.update(
        status=status,
        started_at=now,
        lease_until=lease,
        components_total=12,
        state_detail="Deploying oauthtokenexchangehandlers/MyTokenExchangeHandler" + SUFFIX,
    )
    return deployment


def many(page: Page) -> None:
    """Create two pages of deployments, including a running and a waiting one."""
    package_sent = send(package(), "package.zip")
    deployed(package_sent)
    deployed(send(repaired()), check_only=True)
    Deployment.objects.bulk_create(
        Deployment(
            org=package_sent.org,
            source=package_sent,
            created_by=package_sent.created_by,
            status=Status.CANCELED,
            completed_at=timezone.now(),
        )
        for _ in range(55)
    )
    stuck(package_sent, Status.IN_PROGRESS)
    stuck(package_sent, Status.PENDING)
    page.goto(DEPLOYMENTS)


def page_of(deployment: Deployment) -> str:
    return reverse("metadata:deployment", args=[deployment.pk])


def in_status(status: Status) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        deployment = stuck(send(repaired()), Status.IN_PROGRESS)
        if status != Status.IN_PROGRESS:
            stuck(deployment.source, status)
        page.goto(page_of(deployment))

    return reach


def checked(page: Page) -> None:
    page.goto(page_of(deployed(send(repaired()), check_only=True)))


def succeeded(page: Page) -> None:
    page.goto(page_of(deployed(send(repaired()))))


def failed(page: Page) -> None:
    page.goto(page_of(deployed(send(package(), "package.zip"))))


def failed_successes(page: Page) -> None:
    failed(page)
    page.get_by_role("link", name="Successes").click()


def unreadable(page: Page) -> None:
    page.goto(page_of(deployed(send(b"no zip", "package.zip"))))


def review_of(content: Callable[[], bytes], name: str = "package.zip") -> object:
    def reach(page: Page) -> None:
        page.goto(reverse("metadata:review", args=[send(content(), name).pk]))

    return reach


def placeholders(page: Page) -> None:
    review_of(package)(page)
    action(page, "Create Placeholders").click()
    expect(dialog(page)).to_contain_text("Placeholders let the deployment succeed")


def placeholders_invalid(page: Page) -> None:
    placeholders(page)
    dialog(page).get_by_role("button", name="Create").click()
    expect(errors(page)).to_contain_text("Select at least one placeholder.")


def placeholders_as_a_page(page: Page) -> None:
    review_of(package)(page)
    page.goto(f"{page.url}placeholders/")


def cancel(page: Page) -> None:
    in_status(Status.PENDING)(page)
    action(page, "Cancel").click()
    expect(dialog(page)).to_contain_text("Cancel this deployment?")


def cancel_as_a_page(page: Page) -> None:
    in_status(Status.PENDING)(page)
    page.goto(f"{page.url}cancel/")


def deploy_invalid(page: Page) -> None:
    page.goto(DEPLOY)
    page.get_by_role("button", name="Next").click()
    expect(errors(page)).to_contain_text("Choose a file")


def retrieve(page: Page) -> None:
    open_dialog(page, DEPLOYMENTS, "Retrieve")


def retrieve_invalid(page: Page) -> None:
    retrieve(page)
    dialog(page).get_by_role("button", name="Retrieve").click()
    expect(errors(page)).to_contain_text("Select at least one handler.")


STATES = [
    State("deployments, none", at(DEPLOYMENTS)),
    State("deployments, many", many),
    State("deployments, none found", at(f"{DEPLOYMENTS}?status=Failed")),
    State("deployments for a viewer", many, who="viewer"),
    State("deployment, running", in_status(Status.IN_PROGRESS)),
    State("deployment, waiting", in_status(Status.PENDING)),
    State("deployment, checked", checked),
    State("deployment, succeeded", succeeded),
    State("deployment, failed", failed),
    State("deployment, failed, successes", failed_successes),
    State("deployment, unreadable file", unreadable),
    State("deployment for a viewer", failed, who="viewer"),
    State("cancel deployment", cancel),
    State("cancel deployment as a page", cancel_as_a_page),
    State("deploy metadata", at(DEPLOY)),
    State("deploy metadata, invalid", deploy_invalid, expects=INVALID),
    State("review", review_of(package)),
    State("review, unchanged", review_of(unchanged, f"Okta_Workforce{SUFFIX}")),
    State("review, unreadable file", review_of(lambda: b"no zip")),
    State("create placeholders", placeholders),
    State("create placeholders, invalid", placeholders_invalid, expects=INVALID),
    State("create placeholders as a page", placeholders_as_a_page),
    State("retrieve", retrieve),
    State("retrieve as a page", at("/retrieve/")),
    State("retrieve, invalid", retrieve_invalid, expects=INVALID),
    State("view metadata", at(METADATA)),
    State("view metadata for a viewer", at(METADATA), who="viewer"),
]
