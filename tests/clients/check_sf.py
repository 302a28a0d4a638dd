"""Checks of the Salesforce CLI against a server, in the order of an admin's work.

check-sf.sh installs sf and runs this module with BASE_URL, ACCESS_TOKEN, and WORK. Each
check prints PASS or FAIL with its name. The checks create handlers that start with
RealSf, delete them again, and touch no others.
"""

import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .apex_files import new_apex_project, ordinary_classes
from .handler_files import (
    FOLDER,
    SUFFIX,
    TYPE,
    Fields,
    comparable,
    from_xml,
    handler,
    new_package,
    new_project,
    source_folder,
    to_xml,
)

BASE_URL, ACCESS_TOKEN = os.environ["BASE_URL"], os.environ["ACCESS_TOKEN"]
WORK = Path(os.environ["WORK"])
ALIAS = "real-sf-check"
PREFIX = f"RealSf_{uuid.uuid4().hex[:8]}"
FIRST, SECOND, QUICK = f"{PREFIX}_First", f"{PREFIX}_Second", f"{PREFIX}_Quick"
ABSENT, DRY = f"{PREFIX}_Absent", f"{PREFIX}_Dry"
GOOD, BAD = f"{PREFIX}_Good", f"{PREFIX}_Bad"
OVER_REST = {"SF_ORG_METADATA_REST_DEPLOY": "true"}
COMMAND_SECONDS = 90

counts = {"passed": 0, "failed": 0}


@contextmanager
def check(name: str) -> Iterator[None]:
    """Run a check and print its result; a failure doesn't stop the checks after it."""
    try:
        yield
    except Exception as error:
        counts["failed"] += 1
        print(f"FAIL {name}: {type(error).__name__}: {str(error)[:500]}", flush=True)
    else:
        counts["passed"] += 1
        print(f"PASS {name}", flush=True)


def expect(condition: Any, message: Any) -> None:
    if not condition:
        raise AssertionError(message)


def expect_equal(actual: Any, expected: Any, subject: str) -> None:
    expect(actual == expected, f"{subject}: got {actual!r}, expected {expected!r}")


# The command line


def run_sf(
    *arguments: str, cwd: Path = WORK, org: str = ALIAS, **env: str
) -> dict[str, Any]:
    """Run sf with --json and return its output."""
    command = ["sf", *arguments, "--json", *(["--target-org", org] if org else [])]
    try:
        process = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise AssertionError(f"sf {' '.join(arguments[:3])} timed out") from None
    output = process.stdout or process.stderr
    try:
        return json.loads(output[output.index("{") :])
    except ValueError:
        message = f"sf {' '.join(arguments)} printed no JSON: {output[:400]}"
        raise AssertionError(message) from None


def succeed(*arguments: str, **options: Any) -> Any:
    """Run sf and return the result of a command that must succeed."""
    output = run_sf(*arguments, **options)
    expect(output.get("status") == 0, f"{output.get('name')}: {output.get('message')}")
    return output["result"]


def deploy(*arguments: str, **options: Any) -> dict[str, Any]:
    """Deploy, and return the result of a deployment that must succeed."""
    result = succeed("project", "deploy", *arguments, "--wait", "1", **options)
    state = result["status"], result["success"], result["done"]
    expect_equal(state, ("Succeeded", True, True), "deployment")
    return result


def log_in(token: str, alias: str) -> dict[str, Any]:
    command = ("org", "login", "access-token", "--instance-url", BASE_URL)
    options = ("--alias", alias, "--no-prompt")
    return run_sf(*command, *options, org="", SF_ACCESS_TOKEN=token)


def list_handlers() -> dict[str, dict[str, Any]]:
    rows = succeed("org", "list", "metadata", "-m", TYPE)
    return {row["fullName"]: row for row in rows}


def retrieve(name: str) -> tuple[dict[str, Any], Path]:
    """Retrieve a handler into a new project; return the result and the file's path."""
    project = new_project(WORK, {})
    member = f"{TYPE}:{name}"
    result = succeed("project", "retrieve", "start", "-m", member, cwd=project)
    return result, source_folder(project) / f"{name}.{SUFFIX}-meta.xml"


def states(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(file["fullName"], file["type"], file["state"]) for file in result["files"]]


def messages(result: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    rows = (result.get("details") or {}).get(kind) or []
    return rows if isinstance(rows, list) else [rows]


def expect_retrieved(name: str, expected: Fields) -> None:
    _, path = retrieve(name)
    expect_equal(from_xml(path.read_bytes()), comparable(expected), "retrieved handler")


# The checks


def check_login() -> bool:
    """Log in, and return whether the other checks can run."""
    username = ""
    with check("sf logs in with an access token"):
        output = log_in(ACCESS_TOKEN, ALIAS)
        expect(output["status"] == 0, output.get("message"))
        result = output["result"]
        expect(result["username"], "There's no username.")
        expect_equal(result["orgId"][:15], ACCESS_TOKEN[:15], "organization ID")
        username = result["username"]
    if not username:
        return False

    with check("sf can't log in with an unknown access token"):
        output = log_in("00D000000000000!not.a.session", "unknown")
        expect(output["status"] != 0, "The login succeeded.")

    with check("sf displays the org as connected"):
        result = succeed("org", "display")
        state = result["connectedStatus"], result["username"]
        expect_equal(state, ("Connected", username), "org")

    with check("sf lists the metadata type"):
        types = succeed("org", "list", "metadata-types")["metadataObjects"]
        matching = [each for each in types if each["xmlName"] == TYPE]
        expect(matching, f"{TYPE} isn't described.")
        keys = ("directoryName", "suffix", "inFolder", "metaFile")
        description = [matching[0][key] for key in keys]
        expect_equal(description, [FOLDER, SUFFIX, False, False], "description")
    return True


def check_source_format() -> Path:
    """Deploy the first handler, retrieve it, and return its project."""
    first = handler(FIRST)
    project = new_project(WORK, {FIRST: first})
    job = ""

    with check("sf deploys source format"):
        result = deploy("start", "--source-dir", "force-app", cwd=project)
        job = result["id"]
        expect_equal(states(result), [(FIRST, TYPE, "Created")], "files")
        keys = ("Total", "Deployed")
        numbers = [result[f"numberComponents{key}"] for key in keys]
        expect_equal([*numbers, result["numberComponentErrors"]], [1, 1, 0], "numbers")
        expect_equal(result["checkOnly"], False, "checkOnly")

    with check("sf reports a deployment"):
        command = ("project", "deploy", "report", "--job-id", job)
        result = succeed(*command, cwd=project)
        state = result["id"], result["status"]
        expect_equal(state, (job, "Succeeded"), "report")

    with check("sf lists handlers"):
        row = list_handlers().get(FIRST)
        expect(row, "The handler isn't listed.")
        properties = row["type"], row["fileName"]
        expect_equal(properties, (TYPE, f"{FOLDER}/{FIRST}.{SUFFIX}"), "properties")
        expect(row["id"] and row["createdById"] and row["lastModifiedDate"], row)

    with check("sf retrieves source format unchanged"):
        result, path = retrieve(FIRST)
        expect_equal(result["status"], "Succeeded", "retrieve")
        expect_equal(result["success"], True, "retrieve")
        expect_equal(states(result), [(FIRST, TYPE, "Created")], "files")
        content = from_xml(path.read_bytes())
        expect_equal(content, comparable(first), "retrieved handler")

    with check("sf retrieves metadata format unchanged"):
        folder = WORK / "retrieved"
        folder.mkdir()
        command = ("project", "retrieve", "start", "-m", TYPE)
        succeed(*command, "--target-metadata-dir", str(folder), cwd=project)
        with zipfile.ZipFile(folder / "unpackaged.zip") as archive:
            expect("unpackaged/package.xml" in archive.namelist(), archive.namelist())
            content = archive.read(f"unpackaged/{FOLDER}/{FIRST}.{SUFFIX}")
        expect_equal(from_xml(content), comparable(first), "retrieved handler")

    with check("sf reports an unknown handler as a failed file"):
        result, _ = retrieve(ABSENT)
        expect_equal(states(result), [(ABSENT, TYPE, "Failed")], "files")

    with check("sf generates a manifest from the org"):
        folder = WORK / "manifest"
        command = ("project", "generate", "manifest", "--from-org", ALIAS)
        options = ("--metadata", TYPE, "--output-dir", str(folder))
        succeed(*command, *options, cwd=project, org="")
        text = (folder / "package.xml").read_text()
        expect(f"<members>{FIRST}</members>" in text, "The handler isn't listed.")
    return project


def check_ways_to_deploy() -> None:
    second = handler(SECOND)
    with check("sf deploys a metadata-format folder"):
        folder = new_package(WORK, {SECOND: second})
        result = deploy("start", "--metadata-dir", str(folder))
        expect_equal(states(result), [(SECOND, TYPE, "Created")], "files")
        expect(SECOND in list_handlers(), "The handler isn't listed.")

    with check("sf deploys a change in a zip file"):
        second["isJwtSupported"] = False
        path = _zip(new_package(WORK, {SECOND: second}))
        result = deploy("start", "--metadata-dir", str(path), "--single-package")
        expect_equal(states(result), [(SECOND, TYPE, "Changed")], "files")
        expect_retrieved(SECOND, second)

    with check("sf deploys a change over REST"):
        second["isRefreshTokenSupported"] = True
        project = new_project(WORK, {SECOND: second})
        source = ("start", "--source-dir", "force-app")
        result = deploy(*source, cwd=project, **OVER_REST)
        expect_equal(states(result), [(SECOND, TYPE, "Changed")], "files")
        expect_retrieved(SECOND, second)

    with check("sf saves nothing in a dry run"):
        project = new_project(WORK, {DRY: handler(DRY)})
        result = deploy("start", "--dry-run", "--source-dir", "force-app", cwd=project)
        expect_equal(result["checkOnly"], True, "checkOnly")
        expect(DRY not in list_handlers(), "The dry run was saved.")

    with check("sf validates, then deploys quickly"):
        project = new_project(WORK, {QUICK: handler(QUICK)})
        result = deploy("validate", "--source-dir", "force-app", cwd=project)
        expect_equal(result["checkOnly"], True, "checkOnly of the validation")
        expect(QUICK not in list_handlers(), "The validation was saved.")
        result = deploy("quick", "--job-id", result["id"], cwd=project)
        expect_equal(result["checkOnly"], False, "checkOnly of the quick deploy")
        expect(QUICK in list_handlers(), "The quick deploy wasn't saved.")


def check_failures() -> None:
    incomplete = to_xml(handler(BAD, masterLabel=None))
    malformed = to_xml(handler(BAD)).replace("</masterLabel>", "</masterLable>")
    for kind, content in (("a missing field", incomplete), ("malformed XML", malformed)):
        for way, env in (("SOAP", {}), ("REST", OVER_REST)):
            with check(f"sf rolls back {kind} over {way}"):
                _expect_rollback(content, env)


def _expect_rollback(content: str, env: dict[str, str]) -> None:
    project = new_project(WORK, {GOOD: handler(GOOD), BAD: content})
    command = ("project", "deploy", "start", "--source-dir", "force-app", "--wait", "1")
    output = run_sf(*command, cwd=project, **env)
    expect(output["status"] != 0, "The deployment succeeded.")
    result = output.get("result") or {}
    state = result.get("status"), result.get("success")
    expect_equal(state, ("Failed", False), f"deployment ({output.get('message')})")
    failures = messages(result, "componentFailures")
    failure = next((row for row in failures if row["fullName"] == BAD), {})
    expect(failure.get("problem"), failures)
    expect_equal(failure["problemType"], "Error", "problemType")
    files = [file for file in result["files"] if file["fullName"] == BAD]
    expect(files and files[0]["state"] == "Failed" and files[0]["error"], files)
    saved = {GOOD, BAD} & list_handlers().keys()
    expect(not saved, f"The failed deployment saved {saved}.")


def check_apex() -> None:
    classes = ordinary_classes()
    project = new_apex_project(WORK, classes)
    source = ("start", "--source-dir", "force-app")
    with check("sf deploys ordinary Apex, and warnings don't fail it"):
        result = deploy(*source, cwd=project)
        successes = messages(result, "componentSuccesses")
        warned = [row["fullName"] for row in successes if row.get("problem")]
        expect("InvoiceService" in warned, "There's no warning about unknown objects.")
        deployed = {name for name, kind, _ in states(result) if kind == "ApexClass"}
        expect_equal(deployed, set(classes), "classes")

    with check("sf shows the line and column of a compile error"):
        body = f"public class {BAD} {{\n    Integer total = 'x';\n}}\n"
        command = ("project", "deploy", *source, "--wait", "1")
        output = run_sf(*command, cwd=new_apex_project(WORK, {BAD: body}))
        [failure] = messages(output["result"], "componentFailures")
        place = [str(failure[f"{key}Number"]) for key in ("line", "column")]
        expect_equal(place, ["2", "13"], "line and column")
        expected = "Illegal assignment from String to Integer"
        expect_equal(failure["problem"], expected, "problem")

    with check("sf deletes the classes"):
        members = [part for name in classes for part in ("-m", f"ApexClass:{name}")]
        succeed("project", "delete", "source", *members, "--no-prompt", cwd=project)


def check_queries() -> None:
    users = ("data", "query", "-q", "SELECT Id, Username FROM User LIMIT 1")
    with check("sf queries users"):
        result = succeed(*users)
        expect_equal([result["totalSize"], result["done"]], [1, True], "query")
        [record] = result["records"]
        expect(record["Id"].startswith("005") and record["Username"], record)

    with check("sf queries users with the Tooling API"):
        result = succeed(*users, "--use-tooling-api")
        expect_equal([result["totalSize"], len(result["records"])], [1, 1], "query")

    with check("sf can't query an unknown object"):
        output = run_sf("data", "query", "-q", "SELECT Id FROM NoSuchObject")
        expect(output["status"] != 0, "The query succeeded.")
        expect("NoSuchObject" in output.get("message", ""), output)

    with check("sf queries handlers"):
        condition = f"WHERE DeveloperName = '{FIRST}'"
        query = f"SELECT Id, DeveloperName FROM {TYPE} {condition}"
        records = succeed("data", "query", "-q", query)["records"]
        names = [record["DeveloperName"] for record in records]
        expect_equal(names, [FIRST], "records")


def check_deletions(project: Path) -> None:
    with check("sf deletes source"):
        member = f"{TYPE}:{FIRST}"
        command = ("project", "delete", "source", "-m", member, "--no-prompt")
        result = succeed(*command, cwd=project)
        deleted = [(row["fullName"], row["state"]) for row in result["deletedSource"]]
        expect_equal(deleted, [(FIRST, "Deleted")], "deleted source")
        expect(FIRST not in list_handlers(), "The handler is still listed.")

    with check("sf deletes by destructiveChanges.xml"):
        folder = new_package(WORK, {}, deleted=[SECOND, QUICK])
        result = deploy("start", "--metadata-dir", str(folder))
        deleted = sorted(name for name, _, state in states(result) if state == "Deleted")
        expect_equal(deleted, sorted([SECOND, QUICK]), "deleted files")
        expect(not {SECOND, QUICK} & list_handlers().keys(), "Handlers are still listed.")

    with check("sf shows a warning for the deletion of an unknown handler"):
        folder = new_package(WORK, {}, deleted=[ABSENT])
        result = deploy("start", "--metadata-dir", str(folder), "--ignore-warnings")
        rows = messages(result, "componentSuccesses")
        rows += messages(result, "componentFailures")
        warnings = [row["problem"] for row in rows if row.get("problemType") == "Warning"]
        expect(any(ABSENT in problem for problem in warnings), rows)


def check_logout() -> None:
    with check("sf logs out"):
        succeed("org", "logout", "--no-prompt")
        expect(run_sf("org", "display")["status"] != 0, "The org is still known.")


def delete_leftovers() -> None:
    """Delete handlers of failed checks."""
    log_in(ACCESS_TOKEN, ALIAS)
    names = [name for name in list_handlers() if name.startswith(PREFIX)]
    if names:
        deploy("start", "--metadata-dir", str(new_package(WORK, {}, deleted=names)))


def _zip(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*"):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return path


def main() -> None:
    if check_login():
        project = check_source_format()
        check_ways_to_deploy()
        check_failures()
        check_apex()
        check_queries()
        check_deletions(project)
        check_logout()
        with suppress(AssertionError):
            delete_leftovers()
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(1 if counts["failed"] or not counts["passed"] else 0)


if __name__ == "__main__":
    main()
