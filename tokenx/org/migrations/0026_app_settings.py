"""Give every app a consumer key, and move settings in its files to their fields.

Files of apps can contain the refresh token policy, two settings, and scopes that tokenx
didn't know. Until now, they were kept as unknown elements.
"""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import Q

import tokenx.org.consumer_keys

_BATCH = 2_000
_POLICIES = {
    "infinite": "infinite",
    "zero": "zero",
    "specificinactivity": "specific_inactivity",
    "specificlifetime": "specific_lifetime",
}
_PERIODIC = ("specific_inactivity", "specific_lifetime")
_UNITS = ("HOURS", "DAYS", "MONTHS")
_LARGEST = 9_999
_SWITCHES = {
    "isIntrospectAllTokens": "introspects_all_tokens",
    "isRefreshTokenRotationEnabled": "rotates_refresh_tokens",
}
_FIELDS = [
    "file_details",
    "introspects_all_tokens",
    "refresh_token_policy",
    "refresh_token_unit",
    "refresh_token_validity",
    "rotates_refresh_tokens",
    "scopes",
]
# The file types that have the switches.
_SETTINGS = ("ConnectedAppOauthConfig", "ExtlClntAppGlobalOauthSettings")
_CONNECTED, _EXTERNAL = "ConnectedAppOauthPolicy", "ExtlClntAppOauthConfigurablePolicies"
_POLICY_ELEMENTS = {
    "refreshTokenPolicyType": "refresh_token_policy",
    "refreshTokenValidityPeriod": "refresh_token_validity",
    "refreshTokenValidityUnit": "refresh_token_unit",
}
# The scopes that files spelled in a way that tokenx didn't know.
_SCOPES = {
    "address": "address",
    "cdp": "cdp_api",
    "cdpcalculatedinsight": "cdp_calculated_insight_api",
    "cdpidentityresolution": "cdp_identityresolution_api",
    "cdpingest": "cdp_ingest_api",
    "cdpprofile": "cdp_profile_api",
    "cdpquery": "cdp_query_api",
    "cdpsegment": "cdp_segment_api",
    "chatbot": "chatbot_api",
    "content": "content",
    "customapplications": "visualforce",
    "dataclouduserclaims": "data_cloud_user_claims",
    "eclair": "eclair_api",
    "einsteingpt": "einstein_gpt_api",
    "forgotpassword": "forgot_password",
    "interaction": "interaction_api",
    "lightning": "lightning",
    "mcp": "mcp_api",
    "offlineaccess": "offline_access",
    "pardot": "pardot_api",
    "phone": "phone",
    "pwdlesslogin": "pwdless_login_api",
    "scrt": "scrt_api",
    "sfap": "sfap_api",
    "sfapiplatform": "sfap_api",
    "userregistration": "user_registration_api",
    "wave": "wave_api",
}


def give_keys(apps: Any, schema_editor: Any) -> None:
    """Generate a consumer key for each app that has none."""
    rows = apps.get_model("org", "ClientApp").objects.filter(consumer_key="")
    while batch := list(rows.only("pk", "consumer_key")[:_BATCH]):
        for app in batch:
            app.consumer_key = tokenx.org.consumer_keys.new_consumer_key()
        rows.model.objects.bulk_update(batch, ["consumer_key"])


def move_elements(apps: Any, schema_editor: Any) -> None:
    """Move elements of files to their fields. An element with an invalid value stays."""
    rows = apps.get_model("org", "ClientApp").objects.exclude(file_details={})
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = batch[-1].pk
        _move_elements_of(batch)
        rows.model.objects.bulk_update(batch, _FIELDS)
    # PostgreSQL can't alter a table before its changed rows are checked.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def _move_elements_of(batch: list[Any]) -> None:
    for app in batch:
        details = app.file_details
        for name in _SETTINGS:
            _move_switches(app, details.get(name))
        _move_text(app, details.get(_CONNECTED))
        _move_policy(app, details.get(_EXTERNAL))
        _rename_scopes(app, details)


def _texts(details: Any, names: Any) -> dict[str, str]:
    """Return the texts of unknown elements that occur once."""
    unknown = (details or {}).get("unknown", [])
    found: dict[str, str] = {}
    for name in names:
        contents = [content for each, content in unknown if each == name]
        if len(contents) == 1 and isinstance(contents[0], str):
            found[name] = contents[0]
    return found


def _know(details: Any, names: Any, attributes: Any) -> None:
    """Take the elements out of the unknown ones, and note that the file has them."""
    details["unknown"] = [pair for pair in details["unknown"] if pair[0] not in names]
    details["present"] = [*details["present"], *attributes]


def _move_switches(app: Any, details: Any) -> None:
    for name, text in _texts(details, _SWITCHES).items():
        value = {"true": True, "1": True, "false": False, "0": False}.get(text.strip())
        if value is not None:
            setattr(app, _SWITCHES[name], value)
            _know(details, [name], [_SWITCHES[name]])


def _move_text(app: Any, details: Any) -> None:
    """Move the policy of a connected app, such as specific_lifetime:30:DAYS."""
    text = _texts(details, ["refreshTokenPolicy"]).get("refreshTokenPolicy")
    policy, *period = (text or "").strip().split(":")
    number, unit = period if len(period) == 2 else ("", "")
    if text is not None and _set_policy(app, policy.lower(), number, unit, len(period)):
        details["refresh_token_policy"] = text
        _know(details, ["refreshTokenPolicy"], ["refresh_token_policy"])


def _move_policy(app: Any, details: Any) -> None:
    """Move the policy of an external client app, which has three elements."""
    texts = _texts(details, _POLICY_ELEMENTS)
    name, number, unit = (texts.get(each, "").strip() for each in _POLICY_ELEMENTS)
    policy = _POLICIES.get(name.lower(), name) or "infinite"
    size = 2 if policy in _PERIODIC else 0
    if texts and _set_policy(app, policy, number, unit, size):
        attributes = {_POLICY_ELEMENTS[each]: text for each, text in texts.items()}
        details |= attributes
        _know(details, texts, attributes)


def _set_policy(app: Any, policy: str, number: str, unit: str, size: int) -> bool:
    """Set a valid policy. A period has two parts."""
    if policy not in _POLICIES.values():
        return False
    if policy not in _PERIODIC:
        if size == 0:
            app.refresh_token_policy = policy
        return size == 0
    is_number = number.isdecimal() and len(number) < 9 and 1 <= int(number) <= _LARGEST
    if size != 2 or not is_number or unit.upper() not in _UNITS:
        return False
    app.refresh_token_policy, app.refresh_token_validity = policy, int(number)
    app.refresh_token_unit = unit.upper()
    return True


def _rename_scopes(app: Any, details: Any) -> None:
    """Spell scopes as in Setup; a connected app's file keeps its own spelling."""
    old = list(app.scopes)
    app.scopes = [_SCOPES.get(scope.lower(), scope) for scope in old]
    config = details.get("ConnectedAppOauthConfig")
    if app.scopes != old and config is not None:
        config["scopes"] = [_TO_FILES.get(scope, scope) for scope in old]


_TO_FILES = {
    "api": "Api",
    "chatter_api": "Chatter",
    "custom_permissions": "CustomPermissions",
    "email": "Email",
    "full": "Full",
    "id": "Basic",
    "openid": "OpenID",
    "profile": "Profile",
    "refresh_token": "RefreshToken",
    "web": "Web",
}


class Migration(migrations.Migration):
    dependencies = [("org", "0025_user_dates")]

    operations = [
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.RunPython(move_elements, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="clientapp",
            name="consumer_key",
            field=models.CharField(
                default=tokenx.org.consumer_keys.new_consumer_key,
                editable=False,
                max_length=85,
            ),
        ),
        migrations.AlterField(
            model_name="clientapp",
            name="refresh_token_validity",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[MinValueValidator(1), MaxValueValidator(_LARGEST)],
                verbose_name="Refresh Token Validity Period",
            ),
        ),
        migrations.RemoveConstraint(model_name="clientapp", name="app_consumer_key"),
        migrations.AddConstraint(
            model_name="clientapp",
            constraint=models.UniqueConstraint(
                fields=("consumer_key",),
                name="app_consumer_key",
                violation_error_message="Another app already has this consumer key.",
            ),
        ),
        migrations.AddConstraint(
            model_name="clientapp",
            constraint=models.CheckConstraint(
                condition=~Q(consumer_key=""), name="app_has_consumer_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="clientapp",
            constraint=models.CheckConstraint(
                condition=Q(
                    refresh_token_policy__in=_PERIODIC,
                    refresh_token_validity__range=(1, _LARGEST),
                    refresh_token_unit__in=_UNITS,
                )
                | (
                    ~Q(refresh_token_policy__in=_PERIODIC)
                    & Q(refresh_token_validity=None, refresh_token_unit="")
                ),
                name="app_refresh_token_validity",
                violation_error_message="Enter the period in which refresh tokens expire.",
            ),
        ),
    ]
