from benchmarks.matching_core import from_files
from benchmarks.quality import nothing_to_learn
from matching.core import Problem, solve
from matching.core.scoring import ScoreSheet
from matching.core.verify import check
from tests.realdata import FOLDER, FORM_EXPORTS, needs


@needs(*FORM_EXPORTS)
def test_solve_real_answers_leaves_few_pairs_with_nothing_to_learn():
    criteria = from_files(*(FOLDER / name for name in FORM_EXPORTS))
    sheet = ScoreSheet(criteria, 276, 469)
    problem = Problem.from_scores(sheet.points)
    solution = solve(problem)
    assert (len(solution.pairs), solution.proven_optimal, check(problem, solution)) == (276, True, [])
    assert nothing_to_learn(sheet, "learn", solution.pairs).total == 3
