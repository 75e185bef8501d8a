"""The matching engine: numpy, scipy and the standard library, no Django.

Only the task that solves imports this: scipy takes most of a second.
"""

from matching.core.assignment import Solution, solve
from matching.core.certificate import Duals
from matching.core.problem import Problem
from matching.core.rules import HardRules

__all__ = ["Duals", "HardRules", "Problem", "Solution", "solve"]
