"""Deployment Status: the list, and pages of deployments in each status."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.conftest import signed_in
from tests.factories import OrgFactory, UserFactory
from tests.metadata.format.samples import SAMPLES
from tests.metadata.package.zips import zip_of
from tests.read import headings, links, marked, read, toasts
from tokenx.metadata.deploy import progress
from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.models import ComponentMessage, Deployment, Status
from tokenx.org.models import BuiltInProfile

from .deploying import ready_for_handlers
from .sending import (
    SUFFIX,
    a_zip,
    address,
    deploy,
    handler_file,
    main,
    page_text,
    review,
    sent,
    upload,
)

LIST = reverse("metadata:deployment-list")
SEED = (SAMPLES / "bad" / "as-printed.oauthtokenexchangehandler").read_text()
ROOT = '<OauthTokenExchangeHandler xmlns="http://soap.sforce.com/2006/04/metadata">'
HAS_NO_END = f"{ROOT}\n".encode()


@pytest.fixture
def ready(org):
    ready_for_handlers(org, "Till")


@pytest.fixture
def source(admin_client, ready):
    return sent(admin_client, xml=handler_file("Mine", "Till").decode())


@pytest.fixture
def waiting(source, admin):
    return queue_deployment(source=source, options=Options(), by=admin)


@pytest.fixture
def running(waiting):
    """Return a deployment that another process runs."""
    lease = timezone.now() + timedelta(minutes=1)
    return put(waiting, Status.IN_PROGRESS, started_at=timezone.now(), lease_until=lease)


def put(deployment, status, **fields):
    Deployment.objects.filter(pk=deployment.pk).update(status=status, **fields)
    deployment.refresh_from_db()
    return deployment


@pytest.fixture
def failed(admin_client, ready):
    return deploy(
        admin_client, sent(admin_client, xml=handler_file("Mine", "NoneSuch").decode())
    )


def cancel(deployment):
    return reverse("metadata:cancel-deployment", args=[deployment.pk])


def polls(response, fragment_id):
    root = read(response).one("div", id=fragment_id)
    return "every 1s" in root.attributes.get("hx-trigger", "")


def state(response):
    return read(response).one("h2", id="deployment-heading").text


# --- Each status -----------------------------------------------------------------------


def test_a_successful_deployment(admin_client, source):
    response = admin_client.get(address(deploy(admin_client, source)))

    assert state(response) == "Succeeded"
    assert "1 of 1 component." in page_text(response)
    assert "Mine OauthTokenExchangeHandler Created" in page_text(response)
    assert "Nothing was changed" not in page_text(response)
    assert not polls(response, "deployment")


def test_a_successful_check_offers_to_deploy_with_its_options(admin_client, source):
    check = deploy(admin_client, source, do="check", purge_on_delete="on")
    response = admin_client.get(address(check))

    assert "This was only a check. Nothing was changed." in page_text(response)
    [form] = [f for f in main(response).all("form") if f.all("button", value="deploy")]
    hidden_fields = {field.attributes["name"] for field in form.all("input", value="on")}
    assert hidden_fields == {"rollback_on_error", "ignore_warnings", "purge_on_delete"}
    assert form.attributes["action"] == review(source)


def test_a_failed_deployment(admin_client, failed):
    response = admin_client.get(address(failed))

    assert state(response) == "Failed"
    assert "0 of 1 component, 1 failed." in page_text(response)
    assert "Nothing was changed." in page_text(response)
    assert "Failures (1)" in page_text(response)
    assertNotContains(response, 'value="deploy"')


def test_a_queued_deployment(admin_client, waiting, running):
    other = queue_deployment(
        source=waiting.source, options=Options(), by=waiting.created_by
    )
    response = admin_client.get(address(other))

    assert state(response) == "Queued"
    assert "Waiting for another deployment in this org." in page_text(response)
    assert "Queued by Ada Admin" in page_text(response)
    assert polls(response, "deployment")
    assert links(response)["Cancel"] == cancel(other)


def test_a_running_deployment_shows_its_progress(admin_client, running):
    with progress.running(running.pk) as mine:
        mine.total, mine.done, mine.detail = 10, 5, "Reading <b>Mine"
        response = admin_client.get(address(running))

    assert state(response) == "In Progress"
    assert "Reading <b>Mine" in page_text(response)
    assert main(response).one("progress").attributes["value"] == "25"
    assert polls(response, "deployment")


def test_a_deployment_run_by_another_process_shows_its_saved_state(admin_client, running):
    put(running, Status.IN_PROGRESS, state_detail="Deploying Mine")

    assert "Deploying Mine" in page_text(admin_client.get(address(running)))


def test_results_appear_when_the_deployment_has_ended(admin_client, running):
    ComponentMessage.objects.create(
        org=running.org,
        deployment=running,
        number=0,
        full_name="Mine",
        problem="Invalid",
        success=False,
    )
    assert "Invalid" not in page_text(admin_client.get(address(running)))

    finished = put(running, Status.FAILED, completed_at=timezone.now())
    assert "Invalid" in page_text(admin_client.get(address(finished)))


def test_shows_the_options(admin_client, source, admin):
    options = Options(purge_on_delete=True)
    deployment = queue_deployment(source=source, options=options, by=admin)

    assert "Purge on delete Yes" in page_text(admin_client.get(address(deployment)))
    assert "Ignore warnings No" in page_text(admin_client.get(address(deployment)))


def test_polling_keeps_the_selected_tab(htmx_client, running):
    response = htmx_client.get(address(running), {"show": "successes"})

    root = read(response).one("div", id="deployment")
    assert root.attributes["hx-get"] == f"{address(running)}?show=successes"
    assertNotContains(response, "<html")


def test_a_deployment_that_is_being_canceled(admin_client, running):
    response = admin_client.get(address(put(running, Status.CANCELING)))

    assert state(response) == "Canceling"
    assert polls(response, "deployment")


def test_an_unreadable_archive_is_explained(admin_client):
    source = sent(admin_client, upload("package.zip", b"no zip"))

    response = admin_client.get(address(deploy(admin_client, source)))

    assert state(response) == "Failed"
    assert "The file is not a zip file." in page_text(response)
    assert not main(response).all("nav", aria_label="Components")


def test_viewing_a_deployment_resumes_it_if_its_process_ended(admin_client, running):
    put(running, Status.IN_PROGRESS, lease_until=timezone.now() - timedelta(minutes=1))

    admin_client.get(address(running))

    assert state(admin_client.get(address(running))) == "Succeeded"


def test_a_deployment_is_not_found_after_31_days(admin_client, failed):
    put(failed, Status.FAILED, created_at=timezone.now() - timedelta(days=31))

    response = admin_client.get(address(failed))
    assertContains(response, "deleted after 30 days", status_code=404)
    assertContains(admin_client.get(LIST), "No deployments in the last 30 days")


# --- Failures and their positions ------------------------------------------------------


def excerpt(response):
    """Return the lines with their numbers, and the marked character in brackets."""
    [code] = main(response).all("pre")
    lines = []
    for line in code.all("span", class_="line"):
        [mark] = line.all("mark") or [None]
        text = "".join(
            f"[{c.text or ' '}]" if c is mark else (c if isinstance(c, str) else c.text)
            for c in line.children
        )
        lines.append(text)
    return lines


def failed_page(admin_client, content, name=f"Mine{SUFFIX}"):
    return admin_client.get(
        address(deploy(admin_client, sent(admin_client, upload(name, content))))
    )


def test_the_documentations_invalid_sample_is_refused_with_its_position(admin_client):
    response = admin_client.get(
        address(deploy(admin_client, sent(admin_client, xml=SEED), do="check"))
    )

    assert f"MyTokenExchangeHandler{SUFFIX}:1:806" in page_text(response)
    assert 'must be terminated by the matching end-tag "</connectedApp>"' in page_text(
        response
    )
    [line] = excerpt(response)
    assert line.startswith("1  …")
    assert "<connectedApp>TokenExchangeApp1</[c]onectedApp>" in line


def test_an_excerpt_has_surrounding_lines(admin_client, ready):
    response = admin_client.get(
        address(
            deploy(
                admin_client,
                sent(admin_client, xml=handler_file("Mine", "NoneSuch").decode()),
            )
        )
    )

    lines = excerpt(response)
    assert len(lines) == 5
    assert (
        [line for line in lines if "[" in line]
        == [lines[2]]
        == [line for line in lines if "NoneSuch" in line]
    )
    assert "[<]connectedApp>NoneSuch" in lines[2]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


def test_positions_are_correct_in_every_encoding_and_with_every_line_ending(
    admin_client, subtests
):
    text = f"{ROOT}\n<!-- é 日本語 🙂 --></other>\n"
    for encoding, newline in product(ENCODINGS, ["\n", "\r\n", "\r"]):
        with subtests.test(encoding=encoding, newline=newline):
            content = text.replace("\n", newline).encode(encoding)

            response = failed_page(admin_client, content)

            assert marked(response) == ["o"]
            assert "<!-- é 日本語 🙂 --></[o]ther>" in excerpt(response)[1]


def test_positions_are_correct_in_the_first_line(admin_client, subtests):
    for encoding in ENCODINGS:
        with subtests.test(encoding=encoding):
            response = failed_page(admin_client, f"{ROOT}é🙂</b>".encode(encoding))

            assert excerpt(response) == [f"1  {ROOT}é🙂</[b]>"]


def test_undecodable_bytes_are_shown_as_replacement_characters(admin_client):
    response = failed_page(admin_client, HAS_NO_END + b"caf\xe9</x>")

    assert "caf[\ufffd]" in excerpt(response)[1]


def test_a_truncated_file_is_marked_at_its_end(admin_client):
    response = failed_page(admin_client, ROOT.encode())

    assert marked(response)


def test_an_excerpt_of_a_long_line_is_short(admin_client):
    content = f"{ROOT}<!--{'x' * 500_000}--></other>{'y' * 900}"

    [line] = excerpt(failed_page(admin_client, content.encode()))

    assert "x--></[o]ther>" in line
    assert len(line) < 400
    assert line.startswith("1  …")
    assert line.endswith("…")


def test_a_position_far_to_the_right_has_no_excerpt(admin_client):
    content = ROOT + f"<!--{'x' * 900_000}-->" * 2 + "</other>"

    response = failed_page(admin_client, content.encode())

    assert f"Mine{SUFFIX}:1:18" in page_text(response)
    assert not main(response).all("pre")


def test_finds_the_line_in_a_file_of_100_000_lines(admin_client):
    content = HAS_NO_END + b"<!-- line -->\n" * 100_000 + b"</other>\n"

    lines = excerpt(failed_page(admin_client, content))

    assert lines == [
        "100000  <!-- line -->",
        "100001  <!-- line -->",
        "100002  </[o]ther>",
    ]


def test_an_excerpt_hides_secrets(admin_client):
    root = ROOT.replace("OauthTokenExchangeHandler", "ConnectedApp")
    text = f"{root}\n<oauthConfig><consumerSecret>s3cr3t</consumerSecret></other>"

    response = failed_page(admin_client, text.encode(), "Till.connectedApp")

    assertNotContains(response, "s3cr3t")
    assert "<consumerSecret>••••••</consumerSecret></[o]ther>" in excerpt(response)[1]


def test_an_excerpt_has_the_name_of_the_file_in_the_zip(admin_client):
    response = admin_client.get(
        address(deploy(admin_client, sent(admin_client, a_zip(Mine=HAS_NO_END + b"</b>"))))
    )

    assert f"oauthtokenexchangehandlers/Mine{SUFFIX}:2:3" in page_text(response)
    assert excerpt(response) == [f"1  {ROOT}", "2  </[b]>"]


def test_an_excerpt_is_escaped(admin_client):
    response = failed_page(
        admin_client, HAS_NO_END + b"<script>alert(1)</other><img src=x onerror=alert(1)>"
    )

    assert "<script>alert(1)</other><img" in page_text(response)
    assert not read(response).all("img")


def test_long_lists_are_paged_within_their_tab(admin_client, ready):
    files = {f"H{n:03}": handler_file(f"H{n:03}", "NoneSuch") for n in range(60)}
    deployment = deploy(
        admin_client, sent(admin_client, a_zip(Good=handler_file("Good"), **files))
    )

    first = admin_client.get(address(deployment))
    assert "Failures (60)" in page_text(first)
    assert len(main(first).all("div", class_="failure")) == 50
    assert links(first)["Next"] == "?page=2"
    second = admin_client.get(address(deployment), {"show": "failures", "page": 2})
    assert len(main(second).all("div", class_="failure")) == 10
    assert links(second)["Previous"] == "?show=failures&page=1"

    successes = admin_client.get(address(deployment), {"show": "successes"})
    assert "Successes (1)" in page_text(successes)
    assert "Results of the attempt; nothing was changed." in page_text(successes)


def test_an_unknown_tab_is_replaced_by_the_failures(admin_client, failed, subtests):
    for show in ["", "other", "<b>"]:
        with subtests.test(show=show):
            response = admin_client.get(address(failed), {"show": show, "page": "x"})

            [current] = (
                main(response).one("nav", aria_label="Components").all(aria_current="page")
            )
            assert current.text == "Failures (1)"


MANIFEST = b"""<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">%s<version>62.0</version></Package>
"""
DELETIONS = b"""
<types><members>Gone</members><name>OauthTokenExchangeHandler</name></types>"""


def test_a_warning_is_labeled_as_a_warning(admin_client):
    package = zip_of(
        {"package.xml": MANIFEST % b"", "destructiveChanges.xml": MANIFEST % DELETIONS}
    )
    deployment = deploy(
        admin_client, sent(admin_client, upload("p.zip", package.getvalue()))
    )

    assert deployment.status == Status.SUCCEEDED
    assert "Warning: No OauthTokenExchangeHandler named: Gone found" in page_text(
        admin_client.get(address(deployment))
    )
    strict = deploy(admin_client, deployment.source, ignore_warnings="")
    assert strict.status == Status.FAILED
    assert "Warning: No OauthTokenExchangeHandler named: Gone found" in page_text(
        admin_client.get(address(strict))
    )


# --- Cancel ----------------------------------------------------------------------------


def test_a_queued_deployment_can_be_canceled(admin_client, running, waiting, admin):
    other = queue_deployment(source=waiting.source, options=Options(), by=admin)
    assertContains(admin_client.get(cancel(other)), "Cancel this deployment?")

    response = admin_client.post(cancel(other), follow=True)

    assert response.redirect_chain[-1][0] == address(other)
    assert toasts(response) == [f"Deploy {other.record_id} was canceled."]
    assert state(response) == "Canceled"
    assert "canceled by Ada Admin" in page_text(response)
    assert not polls(response, "deployment")


def test_canceling_a_running_deployment_stops_it(htmx_client, running):
    with progress.running(running.pk) as mine:
        response = htmx_client.post(cancel(running))
        assert mine.canceled.is_set()

    assert "deployments-changed" in response["HX-Trigger"]
    running.refresh_from_db()
    assert running.status == Status.CANCELING


def test_a_finished_deployment_cannot_be_canceled(admin_client, source):
    deployment = deploy(admin_client, source)

    response = admin_client.post(cancel(deployment), follow=True)

    assert toasts(response) == [
        f"{deployment.record_id} finished before it could be canceled."
    ]
    assert state(response) == "Succeeded"


def test_canceling_twice_changes_nothing_the_second_time(
    admin_client, running, waiting, admin
):
    other = queue_deployment(source=waiting.source, options=Options(), by=admin)
    admin_client.post(cancel(other))
    ended = Deployment.objects.get(pk=other.pk).completed_at

    response = admin_client.post(cancel(other), follow=True)

    assert state(response) == "Canceled"
    assert Deployment.objects.get(pk=other.pk).completed_at == ended


# --- The list --------------------------------------------------------------------------


def listed(response):
    bodies = read(response).all("tbody")
    return [row.one("a").text for body in bodies for row in body.all("tr")]


def test_an_empty_list_explains_its_purpose(admin_client):
    response = admin_client.get(LIST)

    assertContains(response, "No deployments in the last 30 days")
    assert links(response)["Deploy Metadata"] == reverse("metadata:deploy-metadata")
    assert not polls(response, "deployments")


@pytest.fixture
def deployments(admin_client, source, failed):
    """Create a failed deployment, a check, and a deployment, in this order."""
    return [failed, deploy(admin_client, source, do="check"), deploy(admin_client, source)]


def test_the_list_is_filtered_and_sorted_by_its_url(admin_client, deployments, subtests):
    for query, indexes in [
        ("", [2, 1, 0]),
        ("?sort=started", [0, 1, 2]),
        ("?sort=status", [0, 1, 2]),
        ("?sort=-status", [2, 1, 0]),
        ("?status=Failed", [0]),
        ("?status=Succeeded", [2, 1]),
        ("?kind=check", [1]),
        ("?kind=deploy", [2, 0]),
        ("?kind=deploy&status=Failed", [0]),
        ("?kind=other", [2, 1, 0]),
        ("?status=Canceled", []),
        ("?sort=nothing&page=99", [2, 1, 0]),
    ]:
        with subtests.test(query=query):
            response = admin_client.get(LIST + query)

            assert listed(response) == [deployments[index].record_id for index in indexes]
            if not indexes:
                assertContains(response, "No deployments match")


def test_a_row_shows_the_outcome(admin_client, deployments):
    assert headings(admin_client.get(LIST)) == [
        "Name",
        "Type",
        "Status",
        "Components",
        "Started",
        "By",
    ]
    text = page_text(admin_client.get(f"{LIST}?status=Failed"))
    assert "1 of 3 items • Sorted by Started" in text
    assert "Deploy Failed 0 of 1, 1 failed" in text


def test_active_deployments_come_first_in_their_order(
    admin_client, running, waiting, admin
):
    other = queue_deployment(
        source=waiting.source, options=Options(check_only=True), by=admin
    )
    response = admin_client.get(LIST)

    [active] = [each for each in main(response).all("ul") if each.all("progress")]
    assert [link.text for link in active.all("a")] == [running.record_id, other.record_id]
    assert f"Check of Mine{SUFFIX}, Queued" in " ".join(active.text.split())
    assert not listed(response)
    assert polls(response, "deployments")


def test_the_filter_offers_only_final_statuses(admin_client):
    select = read(admin_client.get(LIST)).one("select", name="status")

    assert [option.text for option in select.all("option")] == [
        "All",
        "Succeeded",
        "Succeeded Partially",
        "Failed",
        "Canceled",
    ]


def test_the_list_has_no_deployments_of_another_org(admin_client, deployments):
    other = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    assert not listed(signed_in(other).get(LIST))


def copy_deployment(deployment, number):
    fields = {
        field.attname: getattr(deployment, field.attname)
        for field in Deployment._meta.concrete_fields
        if not field.primary_key
    }
    Deployment.objects.bulk_create(Deployment(**fields) for _ in range(number))


def test_a_long_list_is_paged(admin_client, failed):
    copy_deployment(failed, 60)

    assert len(listed(admin_client.get(LIST))) == 50
    assert len(listed(admin_client.get(f"{LIST}?page=2"))) == 11


# --- Read-only users -------------------------------------------------------------------


def test_a_viewer_sees_everything_except_buttons(viewer_client, deployments, running):
    for url in [
        LIST,
        address(deployments[0]),
        address(running),
        address(deployments[1]),
    ]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        buttons = {
            "Deploy Metadata",
            "Cancel",
            "Differences",
            deployments[0].source.name,
        }
        offered = buttons & set(links(response))
        assert not offered
        assert not main(response).all("button", name="do")


def test_a_viewer_cannot_deploy(viewer_client, source):
    assert viewer_client.post(review(source), {"do": "deploy"}).status_code == 403
    assert not Deployment.objects.exists()


# --- Number of queries -----------------------------------------------------------------


def test_the_pages_take_the_same_few_queries(
    admin_client, ready, django_assert_max_num_queries
):
    for number in (1, 40):
        files = {f"H{n:03}": handler_file(f"H{n:03}", "NoneSuch") for n in range(number)}
        deployment = deploy(admin_client, sent(admin_client, a_zip(**files)))
        copy_deployment(deploy(admin_client, deployment.source, do="check"), number - 1)
        assert deployment.messages.filter(success=False).count() == number

        with django_assert_max_num_queries(10):
            admin_client.get(address(deployment))
        with django_assert_max_num_queries(6):
            assert len(listed(admin_client.get(LIST))) >= number


def test_refreshing_takes_few_queries(htmx_client, running, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        htmx_client.get(address(running))
    with django_assert_max_num_queries(6):
        htmx_client.get(LIST)
