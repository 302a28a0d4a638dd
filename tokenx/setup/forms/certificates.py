"""Forms to generate, upload, and edit a certificate."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.api_names import propose
from tokenx.org.forms import show
from tokenx.org.models import Certificate, User
from tokenx.org.models.certificate import LABEL_LENGTH
from tokenx.org.x509 import KEY_SIZES, MAX_CERTIFICATE_SIZE, TOO_LARGE
from tokenx.setup.actions import certificates as actions


class CertificateForm(forms.Form):
    """The label and the unique name of any certificate."""

    label = forms.CharField(
        label="Label",
        max_length=LABEL_LENGTH,
        error_messages={"required": "Enter a label."},
    )
    name = forms.CharField(
        label="Unique Name",
        max_length=80,
        required=False,
        help_text="If blank, it's generated from the label.",
    )
    is_key_exportable = forms.BooleanField(
        label="Exportable Private Key", required=False, initial=True
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        return name or propose(self.cleaned_data.get("label", ""), "Certificate")

    def add_action_error(self, error: ValidationError) -> None:
        """Show why an action refused. The name might be a generated one, so show it."""
        show(self, "name", self.cleaned_data["name"])
        self.add_error(None, error)


class NewCertificateForm(CertificateForm):
    """A self-signed certificate to generate."""

    key_size = forms.TypedChoiceField(
        label="Key Size",
        coerce=int,
        choices=[(size, f"{size}") for size in KEY_SIZES],
        initial=actions.DEFAULT_KEY_SIZE,
        help_text="You can't change it later.",
        error_messages={
            "required": "Select a key size.",
            "invalid_choice": "Select one of the listed key sizes.",
        },
    )

    field_order = ["label", "name", "key_size", "is_key_exportable"]

    def save(self, *, by: User) -> Certificate | None:
        """Generate the certificate, or add the reason to its field and return None."""
        try:
            return actions.create_certificate(by=by, **self.cleaned_data)
        except ValidationError as error:
            self.add_action_error(error)
            return None


class UploadCertificateForm(CertificateForm):
    """A certificate's file, without a private key."""

    pem = forms.FileField(
        label="Certificate File",
        help_text="In PEM or DER format, without a private key.",
        widget=forms.FileInput({"accept": ".crt,.cer,.pem,.der"}),
        error_messages={
            "required": "Select a certificate file.",
            "empty": "The file is empty.",
        },
    )

    field_order = ["pem", "label", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_key_exportable"]

    def clean_pem(self) -> bytes:
        upload: Any = self.cleaned_data["pem"]
        if upload.size > MAX_CERTIFICATE_SIZE:
            raise ValidationError(TOO_LARGE)
        data: bytes = upload.read()
        return data

    def save(self, *, by: User) -> Certificate | None:
        """Add the certificate, or add the reason to its field and return None."""
        try:
            return actions.upload_certificate(by=by, **self.cleaned_data)
        except ValidationError as error:
            self.add_action_error(error)
            return None


class EditCertificateForm(CertificateForm):
    """An existing certificate. `version` identifies the state that the user saw."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        names = ("label", "name", "is_key_exportable")
        kwargs["initial"] = {name: getattr(certificate, name) for name in names}
        kwargs["initial"]["version"] = certificate.modified_at.isoformat()
        super().__init__(*args, **kwargs)
        self.certificate = certificate

    def clean(self) -> None:
        """Ask again if someone changed the certificate while the form was open."""
        version = self.initial["version"]
        if self.cleaned_data.pop("version", None) != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this certificate while you were editing it. Save "
                "again to replace their changes with yours."
            )

    def save(self, *, by: User) -> Certificate | None:
        """Save the certificate, or add the reason to its field and return None."""
        try:
            return actions.edit_certificate(
                certificate=self.certificate, by=by, **self.cleaned_data
            )
        except ValidationError as error:
            self.add_action_error(error)
            return None
