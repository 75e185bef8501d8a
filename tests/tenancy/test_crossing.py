"""Who may look across organizations: this list, and nobody else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("mentoring", "programs", "matching", "sessions", "outcomes")
# File: why. PostgreSQL shows it a user's own memberships and nothing else.
ALLOWED = {
    "mentoring/queries/members.py": "the organizations that somebody can choose from",
    "mentoring/actions/users.py": "deleting a sign-up that nobody confirmed",
}


def files_with(pattern: str) -> set[str]:
    sources = (path for app in APPS for path in (ROOT / app).rglob("*.py"))
    return {str(path.relative_to(ROOT)) for path in sources if re.search(pattern, path.read_text())}


def test_crossings_are_listed() -> None:
    assert files_with(r"\bacross_organizations\(") - {"mentoring/tenancy/scoping.py"} == set(ALLOWED)


def test_nobody_goes_round_the_scoped_manager() -> None:
    """Neither by other managers and raw SQL, nor by turning row security's key by hand."""
    allowed = {
        "mentoring/tenancy/scoping.py",  # turns the key
        "mentoring/tenancy/isolation.py",  # the policies
    }
    assert (
        files_with(r"_base_manager|_default_manager|\.raw\(|RawSQL|app\.organization_id") - allowed == set()
    )
