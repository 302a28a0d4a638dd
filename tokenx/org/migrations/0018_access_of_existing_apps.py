"""Turn the profiles and permission sets in the files of existing apps into rows.

Until now, an app's other elements were kept as they were. Names of profiles that the org
doesn't have stay there. Permission sets are created, because no org had any.
"""

import re
from typing import Any

from django.db import migrations
from django.db.models.functions import Lower

# By metadata type: the elements, and whether one element has all names.
_TYPES = {
    "ConnectedApp": ("profileName", "permissionSetName", False),
    "ExtlClntAppOauthConfigurablePolicies": (
        "commaSeparatedProfile",
        "commaSeparatedPermissionSet",
        True,
    ),
}
_BUILT_IN = {
    "admin": "admin",
    "system administrator": "admin",
    "setup_viewer": "setup_viewer",
    "setup viewer": "setup_viewer",
    "standard": "standard",
    "standard user": "standard",
    "api_only": "api_only",
    "minimum access - api only integrations": "api_only",
}
_MAX_PER_APP = 100
_API_NAME = re.compile("[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_LENGTH = 80


def create_rows(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("org", "ClientApp").objects.exclude(file_details={})
    for app in rows.order_by("pk").iterator(chunk_size=500):
        changed = False
        for type_name, (profile, permission_set, has_commas) in _TYPES.items():
            details = app.file_details.get(type_name, {})
            kept = []
            for name, content in details.get("unknown", []):
                if name in {profile, permission_set} and isinstance(content, str):
                    parts = content.split(",") if has_commas else [content]
                    names = [part.strip() for part in parts]
                    give = _give_profile if name == profile else _give_permission_set
                    rest = [each for each in names if not give(apps, app, each)]
                    if len(rest) < len(names):
                        changed = True
                        content = ",".join(rest)
                    if not rest:
                        continue
                kept.append([name, content])
            if details:
                details["unknown"] = kept
        if changed:
            own = type(app).objects.filter(org=app.org_id, pk=app.pk)
            own.update(file_details=app.file_details)


def _give_profile(apps: Any, app: Any, name: str) -> bool:
    """Give the app the profile with this name, and return whether the org has it."""
    profiles = apps.get_model("org", "Profile").objects.filter(org=app.org_id)
    if kind := _BUILT_IN.get(name.lower()):
        found = profiles.filter(kind=kind).first()
    else:
        named = profiles.annotate(lowered=Lower("name"))
        found = named.filter(lowered=name.lower()).first()
    if found is None:
        return False
    model = apps.get_model("org", "AppProfile")
    return _give(model, app, profile=found)


def _give_permission_set(apps: Any, app: Any, name: str) -> bool:
    """Give the app the permission set with this name, which is created if it's missing."""
    if not _API_NAME.fullmatch(name) or len(name) > _LENGTH:
        return False
    model = apps.get_model("org", "PermissionSet")
    sets = model.objects.filter(org=app.org_id).annotate(lowered=Lower("name"))
    found = sets.filter(lowered=name.lower()).first()
    if found is None:
        label = name.replace("_", " ")
        found = model.objects.create(org_id=app.org_id, name=name, label=label)
    return _give(apps.get_model("org", "AppPermissionSet"), app, permission_set=found)


def _give(model: Any, app: Any, **target: Any) -> bool:
    own = model.objects.filter(org=app.org_id, app=app.pk)
    if not own.filter(**target).exists():
        if own.count() >= _MAX_PER_APP:
            return False
        model.objects.create(org_id=app.org_id, app=app, **target)
    return True


class Migration(migrations.Migration):
    dependencies = [("org", "0017_permission_sets")]

    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
