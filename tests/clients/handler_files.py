"""Handler files, packages, and projects for checks with real clients.

This module needs only the standard library, because it runs outside the project's
environment too.
"""

import json
import uuid
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

TYPE = "OauthTokenExchangeHandler"
FOLDER = "oauthtokenexchangehandlers"
SUFFIX = "oauthtokenexchangehandler"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
API_VERSION = "62.0"

# The demo org has these.
APEX_CLASS = "MyOauthTokenExchangeHandler"
RUN_AS = "integrationuser@mycompany.com"
APPS = ("TokenExchangeApp1", "TokenExchangeApp2")

Fields = dict[str, Any]


def handler(name: str, **changes: Any) -> Fields:
    """Return a handler's elements in schema order; a change to None removes one."""
    fields = {
        "description": "Checked by sf: é & <angle> \"quotes\" 'single'",
        "developerName": name,
        "enablements": [
            {"apexExecutionUser": RUN_AS, "connectedApp": app, "isDefault": False}
            for app in APPS
        ],
        "isAccessTokenSupported": True,
        "isEnabled": True,
        "isIdTokenSupported": False,
        "isJwtSupported": True,
        "isProtected": False,
        "isRefreshTokenSupported": False,
        "isSaml2Supported": False,
        "isUserCreationAllowed": True,
        "masterLabel": f"Label {name}",
        "tokenHandlerApex": APEX_CLASS,
    } | changes
    return {key: value for key, value in fields.items() if value is not None}


def to_xml(fields: Fields) -> str:
    """Write a handler's file."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{TYPE} xmlns="{NAMESPACE}">\n{_elements(fields, 1)}</{TYPE}>\n'
    )


def to_manifest(names: list[str]) -> str:
    """Write a package.xml, or destructive changes, for the named handlers."""
    members = "".join(f"        <members>{name}</members>\n" for name in names)
    types = f"    <types>\n{members}        <name>{TYPE}</name>\n    </types>\n"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Package xmlns="{NAMESPACE}">\n{types if names else ""}'
        f"    <version>{API_VERSION}</version>\n</Package>\n"
    )


def comparable(fields: Fields) -> Fields:
    """Return the elements as text, so that sent and retrieved handlers compare."""
    texts: Fields = {
        key: _text(value) for key, value in fields.items() if key != "enablements"
    }
    if "enablements" in fields:
        apps = [comparable(app) for app in fields["enablements"]]
        texts["enablements"] = sorted(apps, key=lambda app: app["connectedApp"])
    return texts


def from_xml(content: bytes) -> Fields:
    """Read a handler's file into comparable elements."""
    root = ET.fromstring(content)
    assert root.tag == f"{{{NAMESPACE}}}{TYPE}", f"root element {root.tag}"
    return comparable(_fields(root))


def new_project(work: Path, files: dict[str, Fields | str]) -> Path:
    """Create a source-format project with a handler or raw text in each file."""
    root = _new_folder(work, "project")
    folder = source_folder(root)
    folder.mkdir(parents=True)
    settings = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "namespace": "",
        "sourceApiVersion": API_VERSION,
    }
    (root / "sfdx-project.json").write_text(json.dumps(settings))
    for name, content in files.items():
        path = folder / f"{name}.{SUFFIX}-meta.xml"
        path.write_text(
            content if isinstance(content, str) else to_xml(content), encoding="utf-8"
        )
    return root


def new_package(
    work: Path, files: dict[str, Fields], deleted: list[str] | None = None
) -> Path:
    """Create a metadata-format folder, with destructive changes if names are given."""
    root = _new_folder(work, "package")
    root.mkdir()
    (root / "package.xml").write_text(to_manifest(list(files)))
    if deleted:
        (root / "destructiveChanges.xml").write_text(to_manifest(deleted))
    if files:
        (root / FOLDER).mkdir()
    for name, fields in files.items():
        path = root / FOLDER / f"{name}.{SUFFIX}"
        path.write_text(to_xml(fields), encoding="utf-8")
    return root


def source_folder(project: Path) -> Path:
    """Return the folder of a project that holds its handlers."""
    return project / "force-app" / "main" / "default" / FOLDER


def _new_folder(work: Path, kind: str) -> Path:
    return work / f"{kind}-{uuid.uuid4().hex[:6]}"


def _elements(fields: Fields, depth: int) -> str:
    indent = "    " * depth
    lines = []
    for key, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                inner = _elements(each, depth + 1)
                lines.append(f"{indent}<{key}>\n{inner}{indent}</{key}>\n")
            else:
                lines.append(f"{indent}<{key}>{escape(_text(each))}</{key}>\n")
    return "".join(lines)


def _fields(element: ET.Element) -> Fields:
    fields: Fields = {}
    for child in element:
        key = child.tag.split("}")[1]
        if key == "enablements":
            fields.setdefault(key, []).append(_fields(child))
        else:
            assert key not in fields, f"{key} is repeated"
            fields[key] = child.text or ""
    return fields


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
