from programs.models.cohort import Cohort
from programs.models.imports import ResponseImport
from programs.models.pair import Pair
from programs.models.participant import Participant
from programs.models.program import Program
from programs.models.questionnaire import Choice, Question, Questionnaire
from programs.models.response import Answer, Response, SelectedChoice
from programs.models.rest import Rest

__all__ = [
    "Answer",
    "Choice",
    "Cohort",
    "Pair",
    "Participant",
    "Program",
    "Question",
    "Questionnaire",
    "Response",
    "ResponseImport",
    "Rest",
    "SelectedChoice",
]
