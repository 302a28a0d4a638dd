"""The fields of Try It that repair a token which was refused."""

from tokenx.oauth.decision import TraceRow
from tokenx.oauth.errors import Link
from tokenx.setup.forms.run_apex_class import OWN

from .try_it import TryItForm


def fix_of(form: TryItForm, failed: TraceRow) -> Link | None:
    """Return a link to the field that made a decision about the token fail.

    What a link to another page repairs, such as a remote site, has nothing to do with
    the token.
    """
    changed = {name for name, _ in form.cleaned_data["changed_parameters"]}
    if changed & {"subject_token", "subject_token_type"}:
        is_changed = failed.name == "subject_token"
        return Link("#id_changed_parameters", "Changed Parameters") if is_changed else None
    is_own = form.cleaned_data["token_source"] == OWN
    if not is_own and form.cleaned_data["broken"] and _can_be_fixed_by_token(failed):
        return Link("#id_broken", "Validity")
    if failed.name != "subject_token":
        return None
    if is_own:
        return Link("#id_incoming_token", "Incoming Token")
    return Link("#id_claims", "Claims")


def _can_be_fixed_by_token(failed: TraceRow) -> bool:
    """Tell whether a decision was about the token, and nothing else is to be repaired."""
    if failed.name not in {"subject_token", "validate", "find_user", "user"}:
        return False
    return failed.place is None or "/apex-classes/" in failed.place.url
