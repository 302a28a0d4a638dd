"""Checks across a scenario's tables: rules of the models, names, and references."""

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.format.reader import read
from tokenx.org.models import ApexClass, Org, User
from tokenx.org.models.issuer import Algorithm
from tokenx.org.models.stored_component import validate_stored_file
from tokenx.setup.actions.issuers import repeated_addresses
from tokenx.setup.actions.user_fields import check_custom_values
from tokenx.training.strict_models import FileProblem, Location

from .scenario import ScenarioFile
from .tables import PROFILES, RESERVED, ManyAppsTable, profile_key_of

# Comparing a misspelled name with more names takes too long.
_MAX_COMPARED = 1_000
# The key in the file for each checked field of a model.
_ORG_KEYS = {"name": "name"}
_PROFILE_KEYS = {"name": "name"}
_USER_FIELDS = (
    "username",
    "last_name",
    "first_name",
    "alias",
    "nickname",
    "language",
    "email_encoding",
    "federation_id",
)
_USER_KEYS = {name: name for name in _USER_FIELDS}
_CLASS_KEYS = {"name": "name"}
_USER_FIELD_KEYS = {
    "name": "name",
    "label": "label",
    "length": "length",
    "description": "description",
}
_PERMISSION_SET_KEYS = {"name": "name", "label": "label", "description": "description"}
_STORED_KEYS = {"name": "name", "file": "file"}
_CERTIFICATE_KEYS = {"name": "name", "label": "label"}
_ISSUER_KEYS = {
    "name": "name",
    "label": "label",
    "iss": "issuer",
    "discovery_url": "discovery",
    "keys_url": "keys",
    "userinfo_url": "userinfo",
    "introspection_url": "introspection",
    "token_url": "token",
}
_DEBUG_LEVEL_KEYS = {"name": "name", "label": "label"}
_REMOTE_SITE_KEYS = {"name": "name", "url": "url", "description": "description"}
_EXAMPLE_KEYS = {
    "name": "name",
    "token_handler": "handler",
    "scope": "scope",
    "expected_error": "error",
    "expected_description": "error_description",
    "expected_username": "user",
}
_APP_KEYS = {"label": "label", "api_name": "api_name"}
_DEFAULTS_KEYS = {"contact_email": "contact_email", "callback_url": "callback_url"}
_HANDLER_KEYS = {
    "label": "name",
    "developer_name": "api_name",
    "description": "description",
}


def inconsistencies(scenario: ScenarioFile) -> Iterator[FileProblem]:
    """Yield the problems of a file whose tables are well formed."""
    yield from _refused_by_models(scenario)
    yield from _taken_usernames(scenario)
    yield from _unknown_profiles(scenario)
    yield from _unknown_permission_sets(scenario)
    profiles = [profile.name.lower() for profile in scenario.profiles]
    classes = [apex_class.name.lower() for apex_class in scenario.classes]
    handlers = [handler.key.lower() for handler in scenario.handlers]
    apps = [app.key.lower() for app in scenario.apps]
    usernames = [user.username.lower() for user in scenario.users]
    yield from _repeated("profiles", "name", profiles)
    yield from _repeated("users", "username", usernames)
    yield from _repeated_user_values(scenario)
    yield from _repeated("classes", "name", classes)
    user_fields = [each.name.lower() for each in scenario.user_fields]
    yield from _repeated("user_fields", "name", user_fields)
    yield from _invalid_custom_values(scenario)
    stored = [f"{each.type} {each.name}".lower() for each in scenario.stored_components]
    yield from _repeated("stored_components", "name", stored)
    yield from _invalid_files(scenario)
    certificates = [each.name.lower() for each in scenario.certificates]
    yield from _repeated("certificates", "name", certificates)
    yield from _repeated(
        "issuers", "name", [each.name.lower() for each in scenario.issuers]
    )
    yield from _issuer_problems(scenario, certificates)
    remote_sites = [site.name.lower() for site in scenario.remote_sites]
    yield from _repeated("remote_sites", "name", remote_sites)
    yield from _log_problems(scenario, usernames)
    yield from _repeated("handlers", "api_name", handlers)
    yield from _repeated("apps", "api_name", apps)
    for index, many in enumerate(scenario.many_apps):
        location: Location = ("many_apps", index)
        yield from _label_problems(location, many, apps)
        apps += [app.key.lower() for app in many.apps]
        if many.handler:
            yield from _unknown(location, "handler", many.handler, handlers)
            yield from _run_as_problems(location, many, usernames)
    for index, handler in enumerate(scenario.handlers):
        yield from _unknown(("handlers", index), "class", handler.apex_class, classes)
    for index, enablement in enumerate(scenario.enablements):
        location = ("enablements", index)
        yield from _unknown(location, "handler", enablement.handler, handlers)
        yield from _unknown(location, "app", enablement.app, apps)
        yield from _unknown(location, "run_as", enablement.run_as, usernames)
    yield from _example_problems(scenario, apps)
    if all("{number}" in many.label for many in scenario.many_apps):
        yield from _enabled_twice(scenario)


def _label_problems(
    location: Location, many: ManyAppsTable, apps: list[str]
) -> Iterator[FileProblem]:
    if "{number}" not in many.label:
        predicate = "must contain {number}, which becomes 001, 002, and so on"
        yield FileProblem((*location, "label"), predicate)
    elif taken := {app.key.lower() for app in many.apps} & set(apps):
        predicate = f"gives an app the API name {min(taken)}, which another app has"
        yield FileProblem((*location, "label"), predicate)


def _run_as_problems(
    location: Location, many: ManyAppsTable, usernames: list[str]
) -> Iterator[FileProblem]:
    if many.run_as and many.run_as_any_of:
        predicate = "can't be used together with run_as_any_of"
        yield FileProblem((*location, "run_as"), predicate)
    for username in many.run_as_any_of:
        yield from _unknown(location, "run_as_any_of", username, usernames)
    if not many.run_as_any_of:
        yield from _unknown(location, "run_as", many.run_as, usernames)


def _refused_by_models(scenario: ScenarioFile) -> Iterator[FileProblem]:
    org, apex_class, owner = Org(name=scenario.org.name), ApexClass(), User()
    people, defaults = scenario.people, scenario.app_defaults
    person = User(org=org, username=f"a.1@{people.domain}")
    rows: list[tuple[Location, Any, dict[str, str]]] = [
        (("org",), org, _ORG_KEYS),
        (("people",), person, {"username": "domain"}),
        (("app_defaults",), defaults.build(org, "App"), _DEFAULTS_KEYS),
        *_rows_of_tables(scenario, org),
    ]
    for index, handler in enumerate(scenario.handlers):
        row = handler.build(org, apex_class=apex_class, owner=owner)
        rows.append((("handlers", index), row, _HANDLER_KEYS))
    for index, app in enumerate(scenario.apps):
        rows.append((("apps", index), app.build(org, defaults), _APP_KEYS))
    for index, many in enumerate(scenario.many_apps):
        if many.count:
            app = many.apps[-1]
            rows.append((("many_apps", index), app.build(org, defaults), _APP_KEYS))
    for location, row, keys in rows:
        other_fields = {field.name for field in row._meta.fields} - set(keys)
        try:
            row.clean_fields(exclude=other_fields)
        except ValidationError as error:
            for field_name, messages in error.message_dict.items():
                predicate = f"isn't valid: {' '.join(messages).rstrip('.')}"
                yield FileProblem((*location, keys[field_name]), predicate)


def _taken_usernames(scenario: ScenarioFile) -> Iterator[FileProblem]:
    """Refuse usernames that other users of the org will have."""
    for index, user in enumerate(scenario.users):
        name, _, domain = user.username.lower().partition("@")
        location = ("users", index, "username")
        if f"@{domain}".endswith(RESERVED):
            endings = ", ".join(RESERVED)
            yield FileProblem(location, f"can't end in {endings}, which are reserved")
        elif (
            domain == scenario.people.domain.lower() and name.rpartition(".")[2].isdecimal()
        ):
            predicate = "can't end in a number, which the usernames of [people] do"
            yield FileProblem(location, predicate)


def _rows_of_tables(
    scenario: ScenarioFile, org: Org
) -> Iterator[tuple[Location, Any, dict[str, str]]]:
    """Yield the rows of tables that need only an org."""
    lists: list[tuple[str, Sequence[Any], dict[str, str]]] = [
        ("profiles", scenario.profiles, _PROFILE_KEYS),
        ("users", scenario.users, _USER_KEYS),
        ("classes", scenario.classes, _CLASS_KEYS),
        ("user_fields", scenario.user_fields, _USER_FIELD_KEYS),
        ("permission_sets", scenario.permission_sets, _PERMISSION_SET_KEYS),
        ("stored_components", scenario.stored_components, _STORED_KEYS),
        ("certificates", scenario.certificates, _CERTIFICATE_KEYS),
        ("issuers", scenario.issuers, _ISSUER_KEYS),
        ("debug_levels", scenario.debug_levels, _DEBUG_LEVEL_KEYS),
        ("remote_sites", scenario.remote_sites, _REMOTE_SITE_KEYS),
        ("examples", scenario.examples, _EXAMPLE_KEYS),
    ]
    for name, tables, keys in lists:
        for index, table in enumerate(tables):
            yield (name, index), table.build(org), keys


def _issuer_problems(
    scenario: ScenarioFile, certificates: list[str]
) -> Iterator[FileProblem]:
    """Yield issuers with the same URLs, or without a certificate that has a key."""
    generated = [each.name.lower() for each in scenario.certificates if not each.pem]
    for index, table in enumerate(scenario.issuers):
        location: Location = ("issuers", index)
        if not table.certificate:
            continue
        yield from _unknown(location, "certificate", table.certificate, certificates)
        if table.certificate.lower() in {*certificates} - {*generated}:
            yield FileProblem((*location, "certificate"), "has no private key")
        if table.algorithm != Algorithm.RS256:
            predicate = "must be RS256, because certificates have RSA keys"
            yield FileProblem((*location, "algorithm"), predicate)
    rows = [table.build(Org()) for table in scenario.issuers]
    for row, field, _ in repeated_addresses(rows):
        place = ("issuers", rows.index(row), _ISSUER_KEYS[field])
        yield FileProblem(place, "is already used")


def _example_problems(scenario: ScenarioFile, apps: list[str]) -> Iterator[FileProblem]:
    """Yield examples with one name, of unknown apps or issuers, or without a recipe."""
    issuers = [each.name.lower() for each in scenario.issuers]
    names = [each.name.lower() for each in scenario.examples]
    yield from _repeated("examples", "name", names)
    for index, table in enumerate(scenario.examples):
        location: Location = ("examples", index)
        yield from _unknown(location, "app", table.app, apps)
        yield from _unknown(location, "issuer", table.issuer, issuers)
        if reason := table.why_no_recipe:
            yield FileProblem(location, f"has an invalid token: {reason}")
        if table.error and table.user:
            yield FileProblem((*location, "user"), "can't be used together with error")


def _invalid_custom_values(scenario: ScenarioFile) -> Iterator[FileProblem]:
    fields = {table.name: table.build(Org()) for table in scenario.user_fields}
    for index, user in enumerate(scenario.users):
        try:
            check_custom_values(user.custom_values, fields)
        except ValidationError as error:
            reasons = " ".join(error.messages).rstrip(".")
            yield FileProblem(("users", index, "custom_values"), f"isn't valid: {reasons}")


def _invalid_files(scenario: ScenarioFile) -> Iterator[FileProblem]:
    """Yield problems of files that are XML, but not of their type."""
    for index, table in enumerate(scenario.stored_components):
        definition = TYPES[table.type].definition
        with suppress(ValidationError):
            validate_stored_file(table.file.strip())
            try:
                read(definition, io.BytesIO(table.file.strip().encode()))
            except MetadataError as error:
                location = ("stored_components", index, "file")
                yield FileProblem(location, f"isn't valid: {error.problems[0]}")


def _unknown_profiles(scenario: ScenarioFile) -> Iterator[FileProblem]:
    custom = {profile.name.lower(): profile.name for profile in scenario.profiles}
    names: list[tuple[Location, str]] = [
        (("users", index, "profile"), user.profile)
        for index, user in enumerate(scenario.users)
    ]
    for index, app in enumerate(scenario.apps):
        names += ((("apps", index, "profiles"), name) for name in app.profiles)
    for name in scenario.app_defaults.profiles:
        names.append((("app_defaults", "profiles"), name))
    for location, name in names:
        if profile_key_of(name) not in {*PROFILES.values(), *custom}:
            known = ", ".join([*PROFILES, *custom.values()])
            yield FileProblem(location, f"({name[:80]!r}) isn't one of {known}")


def _unknown_permission_sets(scenario: ScenarioFile) -> Iterator[FileProblem]:
    known = [each.name.lower() for each in scenario.permission_sets]
    yield from _repeated("permission_sets", "name", known)
    lists: list[tuple[str, Sequence[Any]]] = [
        ("users", scenario.users),
        ("apps", scenario.apps),
    ]
    for table, entries in lists:
        for index, entry in enumerate(entries):
            for name in entry.permission_sets:
                yield from _unknown((table, index), "permission_sets", name, known)
    for name in scenario.app_defaults.permission_sets:
        yield from _unknown(("app_defaults",), "permission_sets", name, known)


def _log_problems(scenario: ScenarioFile, usernames: list[str]) -> Iterator[FileProblem]:
    """Yield debug levels with one name, and trace flags of unknown or the same users."""
    levels = [each.name.lower() for each in scenario.debug_levels]
    yield from _repeated("debug_levels", "name", levels)
    traced = [flag.user.lower() for flag in scenario.trace_flags]
    yield from _repeated("trace_flags", "user", traced)
    for index, flag in enumerate(scenario.trace_flags):
        location: Location = ("trace_flags", index)
        yield from _unknown(location, "user", flag.user, usernames)
        yield from _unknown(location, "debug_level", flag.debug_level, levels)


def _repeated(table: str, key: str, names: list[str]) -> Iterator[FileProblem]:
    known: set[str] = set()
    for index, name in enumerate(names):
        if name in known:
            yield FileProblem((table, index, key), f"{name} is already used")
        known.add(name)


def _repeated_user_values(scenario: ScenarioFile) -> Iterator[FileProblem]:
    """Refuse equal Federation IDs, and nicknames that differ in case only."""
    for key in ["federation_id", "nickname"]:
        known: set[str] = set()
        for index, user in enumerate(scenario.users):
            value = getattr(user, key)
            compared = value.lower() if key == "nickname" else value
            if value and compared in known:
                yield FileProblem(("users", index, key), f"{value} is already used")
            known.add(compared)


def _unknown(
    location: Location, key: str, name: str, names: list[str]
) -> Iterator[FileProblem]:
    if not name:
        yield FileProblem((*location, key), "is missing")
    elif name.lower() not in names:
        compared = names if len(names) <= _MAX_COMPARED else []
        matches = get_close_matches(name.lower()[:80], compared, n=1)
        suggestion = f". Did you mean {matches[0]}?" if matches else ""
        predicate = f"{name!r} isn't in this scenario{suggestion}"
        yield FileProblem((*location, key), predicate)


def _enabled_twice(scenario: ScenarioFile) -> Iterator[FileProblem]:
    pairs: set[tuple[str, str]] = set()
    apps_with_default: set[str] = set()
    for location, enablement in scenario.all_enablements():
        handler, app = enablement.handler.lower(), enablement.app.lower()
        if (handler, app) in pairs:
            predicate = f"{enablement.app} is already enabled for {enablement.handler}"
            yield FileProblem((*location, "app"), predicate)
        if enablement.default and app in apps_with_default:
            predicate = f"can't be true: {enablement.app} already has a default handler"
            yield FileProblem((*location, "default"), predicate)
        pairs.add((handler, app))
        apps_with_default |= {app} if enablement.default else set()
