"""The matching engine beside other ways to pair: `python -m benchmarks.matching_core [--sizes 276x469]`.

As a part of `make bench` it times scoring, assignment, repair, a price and the check of the result for N x N
people, candidates for three and ten times as many with their memory, and puts greedy, first come first
served, random and the bare solver of scipy beside ours. `--large 20000` for more people, by hand.

With `--mentors FILE --mentees FILE` (CSV exports of a form tool whose columns say "can you show" and
"would you like to learn", in the same order, several choices joined by `;`) the comparison also runs on
those answers.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.harness import ROOT, Row
from benchmarks.quality import measure, nothing_to_learn
from matching.core import Problem, solve
from matching.core.features import Categories, ChoiceSets, Numbers
from matching.core.price import price_of_pair
from matching.core.repair import repair
from matching.core.scoring import Criterion, ScoreSheet
from matching.core.verify import check

Ints = NDArray[np.int64]

CHOICES = 120
SEED = 20261122
SIZES = ((276, 469), (1000, 1000))


def invented(mentors: int, mentees: int, seed: int = SEED) -> list[Criterion]:
    """Criteria over invented people: popular and rare skills, two mentees in five who name nothing."""
    random = np.random.default_rng(seed)
    popular = 1 / np.arange(1, CHOICES + 1) ** 0.7
    offers = random.random((mentors, CHOICES)) < np.minimum(0.9, popular * 0.6)
    wants = random.random((mentees, CHOICES)) < 0.03
    wants[random.random(mentees) < 0.4] = False

    def codes(people: int, kinds: int) -> Categories:
        return Categories.of(random.integers(-1, kinds, people))

    def scale(people: int) -> Numbers:
        values = random.integers(0, 11, people).astype(float)
        return Numbers.of(np.where(random.random(people) < 0.15, np.nan, values))

    return [
        Criterion("learn", "covers", 5, ChoiceSets.of(offers), ChoiceSets.of(wants)),
        Criterion("region", "different", 1, codes(mentors, 11), codes(mentees, 11)),
        Criterion("line", "different", 1, codes(mentors, 16), codes(mentees, 16)),
        Criterion("style", "same", 1, codes(mentors, 6), codes(mentees, 6)),
        Criterion("pace", "close", 1, scale(mentors), scale(mentees), scale=10),
    ]


def from_files(mentors: Path, mentees: Path) -> list[Criterion]:
    """One `covers` over all the questions that the two files ask in mirrored form."""
    with mentors.open(encoding="utf-8-sig", newline="") as left, mentees.open(encoding="utf-8-sig") as right:
        shown, wanted = list(csv.DictReader(left)), list(csv.DictReader(right))
    show = [name for name in shown[0] if "can you show" in name]
    learn = [name for name in wanted[0] if "would you like to learn" in name]
    offers, wants = [], []
    for can, like in zip(show, learn, strict=True):
        left_rows, right_rows = _split(shown, can), _split(wanted, like)
        choices = sorted({choice for row in left_rows + right_rows for choice in row})
        offers.append(ChoiceSets.from_lists(left_rows, choices))
        wants.append(ChoiceSets.from_lists(right_rows, choices))
    return [Criterion("learn", "covers", 5, ChoiceSets.joined(offers), ChoiceSets.joined(wants))]


def _split(rows: list[dict[str, str]], column: str) -> list[list[str]]:
    return [[choice for choice in row[column].split(";") if choice] for row in rows]


def optimal(problem: Problem) -> Ints:
    return solve(problem).pairs


def greedy(problem: Problem) -> Ints:
    """The best pair of all, then the best of the rest, and so on."""
    order = np.argsort(-problem.scores, axis=None, kind="stable")
    taken_mentors, taken_mentees = set(), set()
    pairs = []
    eligible = problem.eligible()
    for mentor, mentee in zip(
        *(side.tolist() for side in np.unravel_index(order, problem.shape)), strict=True
    ):
        if mentor not in taken_mentors and mentee not in taken_mentees and eligible[mentor, mentee]:
            pairs.append((mentor, mentee))
            taken_mentors.add(mentor)
            taken_mentees.add(mentee)
            if len(pairs) == min(problem.shape):
                break
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def first_come(problem: Problem) -> Ints:
    """Each mentor in turn takes the best mentee who is left."""
    free = problem.eligible().copy()
    pairs = []
    for mentor in range(problem.shape[0]):
        if free[mentor].any():
            mentee = int(np.where(free[mentor], problem.scores[mentor], -1).argmax())
            pairs.append((mentor, mentee))
            free[:, mentee] = False
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def at_random(problem: Problem) -> Ints:
    random = np.random.default_rng(SEED)
    number = min(problem.shape)
    pairs = np.column_stack(
        [random.permutation(problem.shape[0])[:number], random.permutation(problem.shape[1])[:number]]
    )
    return pairs[problem.allowed[pairs[:, 0], pairs[:, 1]]]


def scipy_alone(problem: Problem) -> Ints:
    """The bare solver with forbidden pairs at 0 and dropped afterwards, as it is often used."""
    pairs = np.column_stack(
        linear_sum_assignment(np.where(problem.allowed, problem.scores, 0), maximize=True)
    )
    return pairs[problem.allowed[pairs[:, 0], pairs[:, 1]]]


METHODS: dict[str, Callable[[Problem], Ints]] = {
    "upward, proven best": optimal,
    "scipy alone": scipy_alone,
    "greedy, best first": greedy,
    "first come, first served": first_come,
    "random": at_random,
}


def compare(criteria: list[Criterion], shape: tuple[int, int], forbid: bool = True) -> list[dict[str, Any]]:
    """One row a method: pairs, points as a share of ours, the worst pair 0-100, share of pairs with nothing
    to learn, seconds. With `forbid`, one pair in ten is forbidden, and to twenty mentors
    all but three."""
    sheet = ScoreSheet(criteria, *shape)
    allowed = None
    if forbid:
        random = np.random.default_rng(SEED)
        allowed = random.random(shape) > 0.1
        for mentor in range(0, shape[0], max(shape[0] // 20, 4)):
            allowed[mentor] = False
            allowed[mentor, random.integers(0, shape[1], 3)] = True
    problem = Problem.from_scores(sheet.points, allowed)
    rows: list[dict[str, Any]] = []
    for name, method in METHODS.items():
        started = time.perf_counter()
        pairs = method(problem)
        seconds = time.perf_counter() - started
        learn, figures = nothing_to_learn(sheet, "learn", pairs), measure(problem, pairs, sheet.max_points)
        rows.append(
            {
                "method": name,
                "pairs": len(pairs),
                "points": problem.score_of(pairs),
                "points_percent_of_ours": 100.0,
                "mean": round(figures.mean_percent, 1),
                "worst": round(figures.lowest_percent, 1),
                "nothing_to_learn_percent": round(100 * learn.share, 1),
                "mentee_named_nothing": learn.mentee_named_nothing,
                "seconds": round(seconds, 3),
            }
        )
    for row in rows:
        row["points_percent_of_ours"] = round(100 * row["points"] / max(rows[0]["points"], 1), 1)
    return rows


def comparison(shape: tuple[int, int]) -> list[Row]:
    """`compare` on invented people, as rows."""
    size = f"{shape[0]:,} x {shape[1]:,}"
    rows = []
    for found in compare(invented(*shape), shape):
        name = f"{size}, {found['method']}"
        rows += [
            Row(f"{name}: pairs", found["pairs"], "pairs"),
            Row(f"{name}: points, ours = 100", found["points_percent_of_ours"], "%"),
            Row(f"{name}: pairs with nothing to learn", found["nothing_to_learn_percent"], "%"),
            Row(f"{name}: worst pair, 100 = perfect", found["worst"], ""),
            Row(f"{name}: time", found["seconds"], "s"),
        ]
    return rows


def clock(mentors: int, mentees: int, seats: int = 1) -> dict[str, Any]:
    """Seconds from answers to checked pairs; one pair in ten forbidden, so that no row is complete."""
    random = np.random.default_rng(SEED)
    criteria = invented(mentors, mentees)
    allowed = random.random((mentors, mentees)) > 0.1
    started = time.perf_counter()
    sheet = ScoreSheet(criteria, mentors, mentees)
    points = sheet.points
    scored = time.perf_counter()
    problem = Problem.from_scores(
        points, allowed, mentor_seats=np.full(mentors, seats), mentee_seats=np.full(mentees, seats)
    )
    solution = solve(problem)
    solved = time.perf_counter()
    faults = check(problem, solution)
    return {
        "size": f"{mentors} x {mentees}" + (f", {seats} seats each" if seats > 1 else ""),
        "pairs": len(solution.pairs),
        "proven": solution.proven_optimal and not faults,
        "score_seconds": round(scored - started, 3),
        "solve_seconds": round(solved - scored, 3),
        "check_seconds": round(time.perf_counter() - solved, 3),
        "total_seconds": round(time.perf_counter() - started, 3),
    }


def large(people: int) -> dict[str, Any]:
    """Seconds and memory from answers to pairs that are proven best, the matrix never written out."""
    criteria = invented(people, people)
    started, used = time.perf_counter(), time.process_time()
    problem = Problem.from_factors(*ScoreSheet(criteria, people, people).factors)
    solution = solve(problem, method="sparse")
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    proven = solution.proven_optimal and not check(problem, solution)
    return {
        "people": people,
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "megabytes": round(memory),
        "proven": proven,
    }


def large_rows(people: int, at_most: float | None = None) -> list[Row]:
    """`large` in a process of its own, because of the memory."""
    command = [sys.executable, "-m", "benchmarks.matching_core", "--large", str(people), "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    name = f"{people:,} x {people:,}"
    return [
        Row(f"{name} by candidates, from answers to proven pairs", found["seconds"], "s", at_most),
        Row(f"{name}: memory", found["megabytes"], "MB", 700),
        Row(f"{name}: results not proven best", 1 - found["proven"], "of 1", 0),
    ]


def clock_repair(people: int) -> dict[str, Any]:
    """Seconds after one mentor of N has left, and how many other pairs had to move."""
    scores = ScoreSheet(invented(people, people), people, people).points
    before = solve(Problem.from_scores(scores)).pairs.tolist()
    left = np.arange(1, people)
    problem = Problem.from_scores(scores[left], mentor_ids=left)
    started = time.perf_counter()
    found = repair(problem, [(i, j) for i, j in before])
    return {"seconds": round(time.perf_counter() - started, 3), "moved": len(found.moved)}


def clock_price(people: int) -> float:
    """Seconds to tell what forcing a pair costs, the mean of ten pairs one by one."""
    problem = Problem.from_scores(ScoreSheet(invented(people, people), people, people).points)
    solution = solve(problem)
    pairs = np.random.default_rng(SEED).integers(0, people, (10, 2)).tolist()
    started = time.perf_counter()
    for mentor, mentee in pairs:
        price_of_pair(problem, solution, mentor, mentee)
    return round((time.perf_counter() - started) / len(pairs), 3)


def run(size: int) -> list[Row]:
    """The engine's own time, without database and without loading Python's modules."""
    at_most = {3000: 1.5, 10_000: 15.0}
    # First, as a process starts with the memory that the one that starts it has had.
    beyond = [row for n in (size * 3, size * 10) for row in large_rows(n, at_most.get(n))]
    beside = [*comparison((round(size * 0.276), round(size * 0.469))), *comparison((size, size))]
    if size > 100:
        beside += comparison((size * 3, size * 3))
    repaired = clock_repair(size)
    one, two = clock(size, size), clock(size, size, seats=2)
    return [
        Row(f"score {size:,} x {size:,}", one["score_seconds"], "s"),
        Row("best assignment with its proof", one["solve_seconds"], "s"),
        Row("from answers to checked pairs", one["total_seconds"], "s", at_most=0.3),
        Row("the same, two seats each", two["solve_seconds"], "s"),
        Row("repair after a dropout", repaired["seconds"], "s", at_most=0.05),
        Row("price of a forced pair", clock_price(size), "s", at_most=0.05),
        Row("pairs moved by the repair", repaired["moved"], "pairs", at_most=0),
        Row("check of the result by other means", one["check_seconds"], "s"),
        Row("pairs", one["pairs"], "pairs"),
        Row("results not proven best", 2 - one["proven"] - two["proven"], "of 2", at_most=0),
        *beyond,
        *beside,
    ]


def tables_of(
    sizes: tuple[tuple[int, int], ...] = SIZES, files: tuple[Path, Path] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Table name -> rows."""
    tables = {f"Invented, {m} x {n}": compare(invented(m, n), (m, n)) for m, n in sizes}
    if files is not None:
        criteria = from_files(*files)
        learn = criteria[0]
        shape = len(learn.mentor_feature.answered), len(learn.mentee_feature.answered)
        tables[f"Answers from files, {shape[0]} x {shape[1]}"] = compare(criteria, shape, forbid=False)
    tables["Time"] = [clock(m, n) for m, n in sizes] + [clock(m, n, seats=2) for m, n in sizes]
    return tables


def table(rows: list[dict[str, Any]]) -> str:
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads)] + [[str(row[head]) for head in heads] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=[f"{m}x{n}" for m, n in SIZES])
    parser.add_argument("--mentors", type=Path)
    parser.add_argument("--mentees", type=Path)
    parser.add_argument("--large", type=int, metavar="N", help="only N x N people, by candidates")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.large:
        print(json.dumps(large(options.large)))
        return
    sizes = tuple((int(m), int(n)) for m, n in (size.split("x") for size in options.sizes))
    files = (options.mentors, options.mentees) if options.mentors and options.mentees else None
    tables = tables_of(sizes, files)
    if options.json:
        print(json.dumps(tables, indent=2))
        return
    for name, rows in tables.items():
        print(f"\n{name}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
