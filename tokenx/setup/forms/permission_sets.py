"""Forms for a permission set, and for the users who have it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.api_names import propose, validate_api_name
from tokenx.org.forms import show
from tokenx.org.models import PermissionSet, PermissionSetAssignment, User
from tokenx.org.models.permission_set import DESCRIPTION_LENGTH, LABEL_LENGTH
from tokenx.org.search.lookup_field import LookupField, chosen
from tokenx.setup.actions import permission_sets as actions


class PermissionSetForm(forms.Form):
    """A new or existing permission set. `version` is the state that the user saw."""

    label = forms.CharField(
        label="Label",
        max_length=LABEL_LENGTH,
        error_messages={"required": "Enter a label."},
    )
    name = forms.CharField(
        label="API Name",
        max_length=80,
        required=False,
        help_text="If blank, it's generated from the label.",
    )
    description = forms.CharField(
        label="Description",
        max_length=DESCRIPTION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, permission_set: PermissionSet | None, **kwargs: Any
    ) -> None:
        if permission_set:
            names = ("label", "name", "description")
            kwargs["initial"] = {name: getattr(permission_set, name) for name in names}
            kwargs["initial"]["version"] = permission_set.modified_at.isoformat()
        super().__init__(*args, **kwargs)
        self.permission_set = permission_set
        if not permission_set:
            del self.fields["version"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name:
            validate_api_name(name)
            return name
        return propose(self.cleaned_data.get("label", ""), "Permission_Set")

    def clean(self) -> None:
        """Ask again if someone changed the permission set while the form was open."""
        version = self.initial.get("version", "")
        if self.permission_set and self.cleaned_data.pop("version", None) != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this permission set while you were editing it. Save "
                "again to replace their changes with yours."
            )

    def save(self, *, by: User) -> PermissionSet | None:
        """Save the permission set, or add the reason to its field and return None."""
        values: Any = self.cleaned_data
        try:
            if self.permission_set:
                return actions.edit_permission_set(
                    permission_set=self.permission_set, by=by, **values
                )
            return actions.create_permission_set(by=by, **values)
        except ValidationError as error:
            # The API name might be a generated one, so show it.
            show(self, "name", values["name"])
            self.add_error(None, error)
            return None


class AssignPermissionSetForm(forms.Form):
    """The user who gets a permission set."""

    user = LookupField(label="User", icon="user", key="username", missing="Select a user.")
    # Search text; never invalid.
    user_text = forms.Field(required=False)

    def __init__(self, *args: Any, permission_set: PermissionSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.permission_set = permission_set
        user: Any = self.fields["user"]
        user.queryset = User.objects.filter(org=permission_set.org_id)

    @property
    def chosen_user(self) -> User | None:
        return chosen(self, "user")

    def save(self, *, by: User) -> PermissionSetAssignment | None:
        """Assign the permission set, or add the reason to the field and return None."""
        user = self.cleaned_data["user"]
        try:
            return actions.assign_permission_set(
                permission_set=self.permission_set, user=user, by=by
            )
        except ValidationError as error:
            self.add_error("user", error.messages)
            return None


class UserPermissionSetsForm(forms.Form):
    """The permission sets of a user. `version` identifies those that were shown."""

    # By API name, which is the same in every org.
    permission_sets = forms.MultipleChoiceField(
        label="Permission Sets",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Select only listed permission sets."},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        sets = PermissionSet.objects.filter(org=user.org_id).without_files().by_label()
        assigned = PermissionSetAssignment.objects.filter(org=user.org_id, user=user)
        pks = set(assigned.values_list("permission_set", flat=True))
        self.rows = {row.name: row for row in sets}
        names = [row.name for row in self.rows.values() if row.pk in pks]
        version = "-".join(str(pk) for pk in sorted(pks))
        kwargs["initial"] = {"permission_sets": names, "version": version}
        super().__init__(*args, **kwargs)
        self.user = user
        field: Any = self.fields["permission_sets"]
        field.choices = [(name, row.label) for name, row in self.rows.items()]
        if not self.rows:
            field.help_text = "This org has no permission sets yet."

    def clean(self) -> None:
        """Ask again if someone changed the assignments while the form was open."""
        version = self.initial["version"]
        if self.cleaned_data.get("version") != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed the permission sets of this user while you were "
                "editing them. Save again to replace their changes with yours."
            )

    def save(self, *, by: User) -> bool:
        """Save the assignments, or add the reason to the form. Return whether it worked."""
        wanted = [self.rows[name] for name in self.cleaned_data["permission_sets"]]
        try:
            actions.set_permission_sets(user=self.user, permission_sets=wanted, by=by)
        except ValidationError as error:
            self.add_error(None, error.messages)
            return False
        return True
