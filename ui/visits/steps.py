"""The steps of a visit in their usual order."""

from __future__ import annotations

from ui.visits.step import Step
from ui.visits.step_checklist import ChecklistStep
from ui.visits.step_determine import DetermineStep
from ui.visits.step_end import EndStep
from ui.visits.step_findings import FindingsStep
from ui.visits.step_gates import GatesStep
from ui.visits.step_papers import PapersStep
from ui.visits.step_show import ShowStep
from ui.visits.step_signing import SigningStep

STEPS: tuple[type[Step], ...] = (
    GatesStep,
    ShowStep,
    ChecklistStep,
    FindingsStep,
    DetermineStep,
    PapersStep,
    SigningStep,
    EndStep,
)
