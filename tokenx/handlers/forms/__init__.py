"""Forms of the handler pages."""

from .enablements import ChooseKindForm, EditEnablementForm, EnableAppForm, RunAsForm
from .handlers import HandlerForm

__all__ = [
    "ChooseKindForm",
    "EditEnablementForm",
    "EnableAppForm",
    "HandlerForm",
    "RunAsForm",
]
