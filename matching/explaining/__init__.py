"""What a run stores about its answer: reasons, ranks, causes and figures as plain JSON. No queries here.

entries    why a pair has its points; numpy only, pages use it
places     the partner's place in each one's list, and the best others there
drafts     the fields of each proposal and of each person without a pair
figures    what the champion sees of the run as a whole
"""

from matching.explaining.entries import confidential, contributions, learn

__all__ = ["confidential", "contributions", "learn"]
