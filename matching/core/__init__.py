"""The matching engine: numpy, scipy and the standard library, no Django.

What this module names is imported when it is first used: scipy takes most of a second, and only what solves
needs it. Features, comparators, scoring and rules work with numpy alone. From answers to a checked result:

    features     answers of one side in bulk        -> ChoiceSets, Categories, Numbers
    comparators  points of one criterion            as a product of two whole-number matrices
    scoring      weighted criteria                  -> ScoreSheet: points, contributions, shared choices
    rules        what must never be paired          -> HardRules: allowed, counts per rule
                                                    (bars: what forbids, by blocks of rows)
    points       points of all pairs by blocks      a table, or a product that is never written out; Raised
    problem      all of that and seats, checked     -> Problem
    assignment   the most pairs, then most points   -> Solution (transport: seats on both sides)
    sparse       the same for thousands of people   on candidate pairs (network), priced for all (view)
    picks        what people chose themselves       points over all others; or a stable pairing
    repair       dropouts, late joiners, rules      -> Repair: as few moved pairs as possible
    worst        the best worst pair                -> a Problem with the highest floor possible
    disclosure   which groups may be told of     none of fewer than five people
    fairness     how well groups of people fare     -> Groups, none of fewer than five people
    closing      a gap between groups               -> Closer: the least weight of a group's points
    share        so many of 100 pairs of a kind     -> Shared: the price of it, and what is possible
    priority     who waited earlier comes first
    objective    all of these in strict order       -> one Problem whose solution decides them at once
    asked        what is asked for, as one of these
    program      one function for all of it         -> Program (verify_program: a second opinion)
    certificate  prices that prove it               -> Duals
    verify       a second opinion                   -> check
    replay       a proof in few bytes               -> pack_proof, unpack_proof, versions
    price        what forcing a pair costs
    explain      why somebody has no pair
    remedies     what would place somebody          -> Remedy: a rule, the floor, a seat
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matching.core.assignment import Solution, solve
    from matching.core.certificate import Duals
    from matching.core.problem import Problem
    from matching.core.rules import HardRules

__all__ = ["Duals", "HardRules", "Problem", "Solution", "solve"]

_FOUND_IN = {
    "Duals": "certificate",
    "HardRules": "rules",
    "Problem": "problem",
    "Solution": "assignment",
    "solve": "assignment",
}


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
