from matching.models.criteria import Criterion, Exclusion, HardRule, MatchSettings, Ruling
from matching.models.picks import PairRequest, Pick, SuggestionList, SuggestionRun
from matching.models.runs import MatchInquiry, MatchRun, Proposal, Unmatched

__all__ = [
    "Criterion",
    "Exclusion",
    "HardRule",
    "MatchInquiry",
    "MatchRun",
    "MatchSettings",
    "PairRequest",
    "Pick",
    "Proposal",
    "Ruling",
    "SuggestionList",
    "SuggestionRun",
    "Unmatched",
]
