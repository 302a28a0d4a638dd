"""Handlers as files, sent by a person in the browser."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.metadata.format.samples import written
from tests.metadata.package.zips import zip_of
from tests.read import read
from tokenx.metadata.models import Deployment, Source

from .deploying import handler

DEPLOY = reverse("metadata:deploy-metadata")
SUFFIX = ".oauthtokenexchangehandler"


def handler_file(name="Mine", *apps, **says):
    """The bytes of a handler's file, for connected apps of these names."""
    return written(handler(name, *apps, **says))


def upload(name, content):
    return SimpleUploadedFile(name, content)


def a_zip(name="package.zip", **files):
    """A zip of handlers by their names."""
    content = {f"oauthtokenexchangehandlers/{n}{SUFFIX}": c for n, c in files.items()}
    return upload(name, zip_of(content).getvalue())


def send(admin_client, *uploads, xml=""):
    return admin_client.post(DEPLOY, {"uploads": list(uploads), "xml": xml})


def sent(admin_client, *uploads, xml=""):
    """What was kept of it, in the only way that is right."""
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
    """The deployment that came of it."""
    response = admin_client.post(review(source), {"do": do, **BOXES, **boxes})
    made = Deployment.objects.latest("pk")
    assert response["Location"] == address(made)
    return made


def address(deployment):
    return reverse("metadata:deployment", args=[deployment.pk])


def form_errors(response):
    """What is wrong with a form, as it stands in it."""
    found = (each for each in read(response) if "class" in each.attributes)
    help_class = "slds-form-element__help"
    return [each.text for each in found if help_class in each.attributes["class"].split()]


def main(response):
    """What the page says, without its frame."""
    return read(response).one("main")


def words(response):
    return text_of(main(response))


def changes(response):
    """What each component would do, as the review tells it: its lines by its heading."""
    return {
        text_of(each.one("summary")): [
            text_of(row) for row in each.all("tr") if not row.all("th", scope="col")
        ]
        for each in read(response).all("details", class_="difference")
    }


def text_of(element):
    return " ".join(element.text.split())
