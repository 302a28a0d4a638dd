"""Upload and deploy handlers' files in the browser."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.metadata.format.samples import written
from tests.metadata.package.zips import zip_of
from tests.read import read
from tokenx.metadata.models import Deployment, Source

from .deploying import handler

DEPLOY = reverse("metadata:deploy-metadata")
SUFFIX = ".oauthtokenexchangehandler"


def handler_file(name="Mine", *apps, **values):
    """Return a handler's file for connected apps with these names."""
    return written(handler(name, *apps, **values))


def upload(name, content):
    return SimpleUploadedFile(name, content)


def a_zip(name="package.zip", **files):
    """Return an upload of a zip with handlers by their names."""
    content = {f"oauthtokenexchangehandlers/{n}{SUFFIX}": c for n, c in files.items()}
    return upload(name, zip_of(content).getvalue())


def send(admin_client, *uploads, xml=""):
    return admin_client.post(DEPLOY, {"uploads": list(uploads), "xml": xml})


def sent(admin_client, *uploads, xml=""):
    """Upload files, and return the source after checking the redirect to its review."""
    response = send(admin_client, *uploads, xml=xml)
    assert response.status_code == 302, form_errors(response)
    source = Source.objects.latest("pk")
    assert response["Location"] == reverse("metadata:review", args=[source.pk])
    return source


def review(source):
    return reverse("metadata:review", args=[source.pk])


def placeholders(source):
    return reverse("metadata:create-placeholders", args=[source.pk])


BOXES = {"rollback_on_error": "on", "ignore_warnings": "on"}


def deploy(admin_client, source, do="deploy", **boxes):
    """Submit the review, and return the deployment."""
    response = admin_client.post(review(source), {"do": do, **BOXES, **boxes})
    deployment = Deployment.objects.latest("pk")
    assert response["Location"] == address(deployment)
    return deployment


def address(deployment):
    return reverse("metadata:deployment", args=[deployment.pk])


def form_errors(response):
    """Return the error messages in a form."""
    help_class = "slds-form-element__help"
    return [
        element.text
        for element in read(response)
        if help_class in (element.attributes.get("class") or "").split()
    ]


def main(response):
    """Return the page's main element."""
    return read(response).one("main")


def page_text(response):
    return text_of(main(response))


def changes(response):
    """Return the rows of each component in the review, by the component's heading."""
    return {
        text_of(each.one("summary")): [
            text_of(row) for row in each.all("tr") if not row.all("th", scope="col")
        ]
        for each in read(response).all("details", class_="difference")
    }


def text_of(element):
    return " ".join(element.text.split())
