"""View Metadata: the file of one handler."""

from django.urls import reverse
from pytest_django.asserts import assertContains

from tests.factories import EnablementFactory, TokenExchangeHandlerFactory
from tests.many import enable, make_apps
from tests.metadata.deploy.sending import page_text
from tests.metadata.format.samples import problems
from tests.read import links, read
from tests.rollback import rolled_back
from tokenx.metadata.format.definitions import HandlerDefinition


def page_of(handler):
    return reverse("metadata:handler-metadata", args=[handler.developer_name])


def download_of(handler):
    return reverse("metadata:download-handler-metadata", args=[handler.developer_name])


def shown(response):
    return read(response).one("code", id="handler-xml").text


def test_a_handlers_page_has_a_link_to_its_file(admin_client, viewer_client, handler):
    for client in (admin_client, viewer_client):
        detail = reverse("handlers:detail", args=[handler.developer_name])
        assert links(client.get(detail))["View Metadata"] == page_of(handler)

        response = client.get(page_of(handler))

        assert links(response)["My Handler"] == detail
        assertContains(response, "My_Handler.oauthtokenexchangehandler")
        assert links(response)["Download"] == download_of(handler)


def test_shows_the_same_file_as_it_downloads(admin_client, handler):
    EnablementFactory(handler=handler)

    response = admin_client.get(download_of(handler))

    downloaded = response.getvalue()
    assert response["Content-Type"] == "application/xml"
    assert response["Content-Disposition"] == (
        'attachment; filename="My_Handler.oauthtokenexchangehandler"'
    )
    assert shown(admin_client.get(page_of(handler))) == downloaded.decode().strip()
    assert not problems(HandlerDefinition, downloaded)


def test_hostile_text_is_escaped(admin_client, admin, subtests):
    for text in [
        "<script>alert(1)</script>",
        "a & b < c > d \"e\" 'f'",
        "]]> <!-- x --> <?php ?>",
        "👩‍👩‍👧 שלום \u202eevil\u202c",
        "{{ 7 }}{% now 'Y' %}",
        "</span><img src=x onerror=alert(1)>",
    ]:
        with subtests.test(text=text), rolled_back():
            handler = TokenExchangeHandlerFactory(
                org=admin.org, label=text, developer_name="Hostile", description=text
            )

            response = admin_client.get(page_of(handler))

            downloaded = admin_client.get(download_of(handler)).getvalue()
            assert shown(response) == downloaded.decode().strip()
            assert not read(response).all("img")
            assert not [s for s in read(response).all("script") if "alert" in s.text]
            texts = [each.text for each in read(response).all("span", class_="s")]
            assert "Hostile" in texts


def test_a_long_file_is_truncated_and_downloaded_completely(admin_client, handler):
    enable(handler, make_apps(handler.org, 1_000))

    response = admin_client.get(page_of(handler))

    assert "Only the start of the file is shown." in page_text(response)
    assert not read(response).all("button", data_copy="handler-xml")
    assert len(response.content) < 400_000
    whole = admin_client.get(download_of(handler)).getvalue()
    assert whole.count(b"<enablements>") == 1_000
    assert whole.decode().startswith(shown(response))


def test_the_page_takes_the_same_few_queries(
    admin_client, handler, django_assert_max_num_queries
):
    apps = make_apps(handler.org, 1_000)
    for some in (apps[:10], apps[10:]):
        enable(handler, some)

        with django_assert_max_num_queries(6):
            admin_client.get(page_of(handler))
