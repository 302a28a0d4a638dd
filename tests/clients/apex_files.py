"""Apex classes in the form in which clients deploy them."""

from pathlib import Path

from .handler_files import API_VERSION, NAMESPACE, new_project

ORDINARY = Path(__file__).parent.parent / "apex" / "ordinary"
META = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<ApexClass xmlns="{NAMESPACE}">\n    <apiVersion>{API_VERSION}</apiVersion>\n'
    "    <status>Active</status>\n</ApexClass>\n"
)


def ordinary_classes() -> dict[str, str]:
    """Return classes that have nothing to do with tokens, by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(ORDINARY.glob("*.cls"))}


def new_apex_project(work: Path, classes: dict[str, str]) -> Path:
    """Create a source-format project with these classes."""
    project = new_project(work, {})
    folder = project / "force-app" / "main" / "default" / "classes"
    folder.mkdir(parents=True)
    for name, body in classes.items():
        (folder / f"{name}.cls").write_text(body, encoding="utf-8")
        (folder / f"{name}.cls-meta.xml").write_text(META, encoding="utf-8")
    return project
