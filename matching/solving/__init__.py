"""From what was loaded to an answer: the bridge to `matching.core`. No queries here.

points        answers and attributes -> everybody's points
restrictions  rules, rulings, seats  -> the problem to be solved
answering     what the run aims at   -> the answer; the only part that needs scipy
"""

from matching.solving.points import LISTS, Prepared, score
from matching.solving.restrictions import can_be_kept, restrict

__all__ = ["LISTS", "Prepared", "can_be_kept", "restrict", "score"]
