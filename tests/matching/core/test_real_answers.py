import os
from pathlib import Path

import pytest

from benchmarks.matching_core import from_files
from matching.core import Problem, solve
from matching.core.quality import nothing_to_learn
from matching.core.scoring import ScoreSheet
from matching.core.verify import check

FOLDER = Path(os.environ.get("REALDATA", "/nonexistent"))


@pytest.mark.realdata
@pytest.mark.skipif(
    not (FOLDER / "form_export_mentors.csv").exists(),
    reason="REALDATA does not name a folder with form_export_mentors.csv and form_export_mentees.csv",
)
def test_solve_real_answers_leaves_few_pairs_with_nothing_to_learn():
    criteria = from_files(FOLDER / "form_export_mentors.csv", FOLDER / "form_export_mentees.csv")
    sheet = ScoreSheet(criteria, 276, 469)
    problem = Problem.from_scores(sheet.points)
    solution = solve(problem)
    assert (len(solution.pairs), solution.proven_optimal, check(problem, solution)) == (276, True, [])
    assert nothing_to_learn(sheet, "learn", solution.pairs).total == 3
