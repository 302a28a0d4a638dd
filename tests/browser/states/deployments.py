"""Handlers as files: sent, compared, deployed, retrieved; and the list of deployments."""

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

from .state import WRONG, State, at

DEPLOYMENTS, DEPLOY = "/deployments/", "/deploy/"
METADATA = f"{HANDLER}metadata/"
SUFFIX = ".oauthtokenexchangehandler"
SEED = (SAMPLES / "bad" / f"as-printed{SUFFIX}").read_bytes()


def repaired() -> bytes:
    """The sample as its author meant it; the demo org has all that it refers to."""
    return SEED.replace(b"</conectedApp>", b"</connectedApp>")


def with_something_missing() -> bytes:
    changed = repaired().replace(b"TokenExchangeApp2", b"NobodyHasThis")
    changed = changed.replace(b">MyOauthTokenExchangeHandler<", b">NoSuchClass<")
    return changed.replace(b"integrationuser@", b"nobody-in-this-org-has-this-username@", 1)


def as_it_is() -> bytes:
    handler = TokenExchangeHandler.objects.get(developer_name="Okta_Workforce")
    return "".join(write_handler(handler)).encode()


def package() -> bytes:
    """Handlers that would be created, changed and left alone, and one that is no XML."""
    folder = "oauthtokenexchangehandlers"
    new = with_something_missing().replace(b">MyTokenExchangeHandler<", b">New_Handler<")
    return zip_of(
        {
            f"{folder}/New_Handler{SUFFIX}": new,
            f"{folder}/MyTokenExchangeHandler{SUFFIX}": repaired(),
            f"{folder}/Okta_Workforce{SUFFIX}": as_it_is(),
            f"{folder}/Wrong{SUFFIX}": SEED,
        }
    ).getvalue()


def send(content: bytes, name: str = f"MyTokenExchangeHandler{SUFFIX}") -> Source:
    by = User.objects.get(username=sign_in_name("admin"))
    return receive_source(stream=io.BytesIO(content), name=name, by=by)


def deployed(source: Source, *, check_only: bool = False) -> Deployment:
    options = Options(check_only=check_only, ignore_warnings=True)
    made = queue_deployment(source=source, options=options, by=source.created_by)
    queue.run_queue(source.org_id)
    return made


def left(source: Source, status: Status) -> Deployment:
    """One that stays in a status, as if another process had it for a while."""
    made = queue_deployment(source=source, options=Options(), by=source.created_by)
    now = timezone.now()
    lease = now + timedelta(hours=1) if status == Status.IN_PROGRESS else None
    rows = Deployment.objects.filter(pk=made.pk)
    rows.update(
        status=status,
        started_at=now,
        lease_until=lease,
        components_total=12,
        state_detail="Deploying oauthtokenexchangehandlers/MyTokenExchangeHandler" + SUFFIX,
    )
    return made


def many(page: Page) -> None:
    """Two pages of them, one that runs, and one that waits for it."""
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
    left(package_sent, Status.IN_PROGRESS)
    left(package_sent, Status.PENDING)
    page.goto(DEPLOYMENTS)


def page_of(deployment: Deployment) -> str:
    return reverse("metadata:deployment", args=[deployment.pk])


def in_status(status: Status) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        made = left(send(repaired()), Status.IN_PROGRESS)
        if status != Status.IN_PROGRESS:
            made = left(made.source, status)
        page.goto(page_of(made))

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


def not_opened(page: Page) -> None:
    page.goto(page_of(deployed(send(b"no zip", "package.zip"))))


def review_of(content: Callable[[], bytes], name: str = "package.zip") -> object:
    def reach(page: Page) -> None:
        page.goto(reverse("metadata:review", args=[send(content(), name).pk]))

    return reach


def placeholders(page: Page) -> None:
    review_of(package)(page)
    action(page, "Create Placeholders").click()
    expect(dialog(page)).to_contain_text("Placeholders let the deployment succeed")


def placeholders_wrong(page: Page) -> None:
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


def deploy_wrong(page: Page) -> None:
    page.goto(DEPLOY)
    page.get_by_role("button", name="Next").click()
    expect(errors(page)).to_contain_text("Choose a file")


def retrieve(page: Page) -> None:
    open_dialog(page, DEPLOYMENTS, "Retrieve")


def retrieve_wrong(page: Page) -> None:
    retrieve(page)
    dialog(page).get_by_role("button", name="Retrieve").click()
    expect(errors(page)).to_contain_text("Select at least one handler.")


STATES = [
    State("deployments, none", at(DEPLOYMENTS)),
    State("deployments, many", many),
    State("deployments, none found", at(f"{DEPLOYMENTS}?status=Failed")),
    State("deployments for a viewer", many, who="viewer"),
    State("deployment that runs", in_status(Status.IN_PROGRESS)),
    State("deployment that waits", in_status(Status.PENDING)),
    State("deployment that was checked", checked),
    State("deployment that succeeded", succeeded),
    State("deployment that failed", failed),
    State("deployment that failed, its successes", failed_successes),
    State("deployment that could not be opened", not_opened),
    State("deployment for a viewer", failed, who="viewer"),
    State("cancel deployment", cancel),
    State("cancel deployment as a page", cancel_as_a_page),
    State("deploy metadata", at(DEPLOY)),
    State("deploy metadata, wrong", deploy_wrong, expects=WRONG),
    State("review", review_of(package)),
    State("review, unchanged", review_of(as_it_is, f"Okta_Workforce{SUFFIX}")),
    State("review of what cannot be opened", review_of(lambda: b"no zip")),
    State("create placeholders", placeholders),
    State("create placeholders, wrong", placeholders_wrong, expects=WRONG),
    State("create placeholders as a page", placeholders_as_a_page),
    State("retrieve", retrieve),
    State("retrieve as a page", at("/retrieve/")),
    State("retrieve, wrong", retrieve_wrong, expects=WRONG),
    State("view metadata", at(METADATA)),
    State("view metadata for a viewer", at(METADATA), who="viewer"),
]
