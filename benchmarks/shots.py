"""`make shots`: pictures of the demo's main pages, wide and narrow, light and dark, in $STATE_DIR/shots/.

Uses the demo that runs on STATE_DIR; otherwise starts one and stops it afterwards. With NAMES only pages
whose name contains one of them: `make shots ARGS="cohort participant"`. `--documents` makes the README's
pictures instead.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mentoring import demo, embedded

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {1360: 900, 390: 844}
THEMES = ("light", "dark")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
]  # fmt: skip
NOBODY = ""
Ids = Callable[[Any], dict[str, Any]]


class ShotsError(Exception):
    """Why there are no pictures, for the person at the terminal."""


@dataclass(frozen=True)
class Shot:
    """A page: whose, by which route, with which ids (of what `benchmarks.scenes` found in the demo)."""

    name: str
    account: str
    route: str
    ids: Ids | None = None


def _organization(found: Any) -> dict[str, Any]:
    return {"organization": found.organization.slug}


def _of(**attributes: str) -> Ids:
    """Ids by the attributes of what was found: `_of(cohort_id="running")`."""
    return lambda found: {
        **_organization(found),
        **{name: getattr(found, value).pk for name, value in attributes.items()},
    }


OWNER, CHAMPION, MENTOR, MENTEE, OVERSEER, FABRIKAM = (email for email, _what in demo.ACCOUNTS)
RUNNING, ENROLLING, CLOSED = (_of(cohort_id=name) for name in ("running", "enrolling", "closed"))
CHOOSING, ASKING = (_of(cohort_id=name) for name in ("choosing", "asking"))
DRAFT = _of(cohort_id="choosing", run_id="draft")
DRAFT_PAIR = _of(cohort_id="choosing", proposal_id="draft_proposal")
AS_MENTOR = _of(participant_id="mentor")
AS_MENTEE = _of(participant_id="mentee")
SHOTS = (
    Shot("front", NOBODY, "front"),
    Shot("sign-in", NOBODY, "account_login"),
    Shot("sign-in-by-code", NOBODY, "account_request_login_code"),
    Shot("sign-up", NOBODY, "account_signup"),
    Shot("reset", NOBODY, "account_reset_password"),
    Shot("mailbox", NOBODY, "demo_mailbox"),
    Shot("owner-home", OWNER, "home", _organization),
    Shot("owner-members", OWNER, "members", _organization),
    Shot("owner-member-invite", OWNER, "member_invite", _organization),
    Shot("owner-settings", OWNER, "organization_settings", _organization),
    Shot("owner-audit-log", OWNER, "audit_log", _organization),
    Shot("owner-undelivered-mail", OWNER, "undelivered_mail", _organization),
    Shot("owner-preferences", OWNER, "preferences"),
    Shot("owner-addresses", OWNER, "account_email"),
    Shot("owner-password", OWNER, "account_change_password"),
    Shot("owner-second-step", OWNER, "mfa_index"),
    Shot("owner-sign-out", OWNER, "account_logout"),
    Shot("champion-home", CHAMPION, "home", _organization),
    Shot("champion-people", CHAMPION, "people", _organization),
    Shot("champion-person", CHAMPION, "person", _of(person_id="person")),
    Shot("champion-import", CHAMPION, "roster_import_upload", _organization),
    Shot("champion-programs", CHAMPION, "programs", _organization),
    Shot("champion-program", CHAMPION, "program", _of(program_id="program")),
    Shot("champion-program-edit", CHAMPION, "program_edit", _of(program_id="program")),
    Shot("champion-cohort-new", CHAMPION, "cohort_new", _of(program_id="program")),
    Shot("champion-program-templates", CHAMPION, "program_templates", _organization),
    Shot("champion-cohort-running", CHAMPION, "cohort", RUNNING),
    Shot("champion-cohort-enrolling", CHAMPION, "cohort", ENROLLING),
    Shot("champion-cohort-closed", CHAMPION, "cohort", CLOSED),
    Shot("champion-cohort-edit", CHAMPION, "cohort_edit", ENROLLING),
    Shot("champion-participants", CHAMPION, "cohort_participants", RUNNING),
    Shot("champion-invite", CHAMPION, "cohort_invite", ENROLLING),
    Shot("champion-answers-import", CHAMPION, "response_imports", ENROLLING),
    Shot("champion-matching", CHAMPION, "match", RUNNING),
    Shot("champion-cohort-choosing", CHAMPION, "cohort", CHOOSING),
    Shot("champion-choosing", CHAMPION, "match_choosing", CHOOSING),
    Shot("champion-cohort-asking", CHAMPION, "cohort", ASKING),
    Shot("champion-matching-first", CHAMPION, "match", ASKING),
    Shot("champion-needs", CHAMPION, "cohort_needs", ENROLLING),
    Shot("champion-pair-end", CHAMPION, "pair_end", _of(cohort_id="running", pair_id="mentors_pair")),
    Shot("champion-matching-draft", CHAMPION, "match", CHOOSING),
    Shot("champion-matching-settings", CHAMPION, "match_settings", CHOOSING),
    Shot("champion-matching-criterion", CHAMPION, "criterion_add", CHOOSING),
    Shot("champion-matching-pair", CHAMPION, "match_pair", _of(cohort_id="running", proposal_id="proposal")),
    Shot("champion-matching-change", CHAMPION, "match_change", DRAFT_PAIR),
    Shot("champion-matching-what-if", CHAMPION, "match_what_if", DRAFT),
    Shot("champion-matching-compare", CHAMPION, "match_compare", CHOOSING),
    Shot("champion-matching-rulings", CHAMPION, "match_rulings", CHOOSING),
    Shot("champion-matching-why-not", CHAMPION, "match_why_not", DRAFT),
    Shot(
        "champion-matching-unmatched",
        CHAMPION,
        "match_unmatched",
        _of(cohort_id="choosing", unmatched_id="unmatched"),
    ),
    Shot("champion-meetings", CHAMPION, "cohort_meetings", RUNNING),
    Shot("champion-exclusions", CHAMPION, "exclusions", _organization),
    Shot("champion-outcomes", CHAMPION, "outcomes", _organization),
    Shot("champion-report", CHAMPION, "cohort_report", RUNNING),
    Shot("champion-exports", CHAMPION, "metrics_exports", _organization),
    Shot("mentor-home", MENTOR, "home", _organization),
    Shot("mentor-participant", MENTOR, "participant", AS_MENTOR),
    Shot("mentor-pair", MENTOR, "pair", _of(participant_id="mentor", pair_id="mentors_pair")),
    Shot("mentor-plan", MENTOR, "pair_plan", _of(participant_id="mentor", pair_id="mentors_pair")),
    Shot("mentee-home", MENTEE, "home", _organization),
    Shot("mentee-participant", MENTEE, "participant", AS_MENTEE),
    Shot("mentee-pair", MENTEE, "pair", _of(participant_id="mentee", pair_id="mentees_pair")),
    Shot("mentor-asked", MENTOR, "participant", _of(participant_id="mentor_asking")),
    Shot("mentor-request", MENTOR, "pair_request", _of(participant_id="mentor_asking", request_id="request")),
    Shot("mentee-choosing", MENTEE, "participant", _of(participant_id="mentee_choosing")),
    Shot("mentee-choose", MENTEE, "choose", _of(participant_id="mentee_choosing")),
    Shot(
        "mentee-profile",
        MENTEE,
        "choose_profile",
        _of(participant_id="mentee_choosing", partner_id="suggested"),
    ),
    Shot("mentee-choose-and-ask", MENTEE, "choose", _of(participant_id="mentee_asking")),
    Shot("overseer-home", OVERSEER, "home", _organization),
    Shot("overseer-outcomes", OVERSEER, "outcomes", _organization),
    Shot("overseer-report", OVERSEER, "cohort_report", CLOSED),
    Shot("fabrikam-start", FABRIKAM, "start"),
)
DOCUMENTS = {"cohort": "champion-cohort-running", "matching": "champion-matching-draft"}
DOCUMENTS_FOLDER = ROOT / "docs" / "pictures"
DOCUMENTS_WINDOW: Any = {"width": 1360, "height": 1000}


def find_chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise ShotsError(
        "No Chromium found. Install it (Debian, Ubuntu: apt-get install chromium) and try again."
    )


@contextlib.contextmanager
def running_demo(state_dir: Path) -> Iterator[dict[str, str]]:
    """The environment of the demo that runs on the state directory, or of one started for the pictures."""
    if embedded.is_running(state_dir):
        yield _environment(state_dir)
        return
    port = os.environ.get("PORT") or "8000"
    if not _is_free(int(port)):
        port = str(_free_port())
    command = [sys.executable, "-m", "mentoring.demo", "--stop-with-parent"]
    environment = os.environ | {"STATE_DIR": str(state_dir), "PORT": port}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            for line in process.stdout:
                if "Upward is ready" in line:
                    break
                print(line, end="", flush=True)
            else:
                raise ShotsError("The demo did not start.")
            yield _environment(state_dir)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()  # what it says at the end


def _environment(state_dir: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((state_dir / "engines.json").read_text())
    if "BASE_URL" not in found:
        raise ShotsError(f"Another command uses {state_dir} just now. Try again when it has ended.")
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((demo.HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((demo.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def addresses(shots: list[Shot], environment: dict[str, str]) -> dict[Shot, str]:
    """The path of each page, by route and what the demo's database holds."""
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    import django

    django.setup()
    from django.urls import reverse

    from benchmarks.scenes import find_scene

    found = find_scene()
    return {shot: reverse(shot.route, kwargs=shot.ids(found) if shot.ids else {}) for shot in shots}


def take(paths: dict[Shot, str], base_url: str, folder: Path) -> list[str]:
    """All pictures; answers what was wrong with a page."""
    from playwright.sync_api import sync_playwright

    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for account in dict.fromkeys(shot.account for shot in paths):
            state = _sign_in(browser, base_url, account)
            mine = {shot: path for shot, path in paths.items() if shot.account == account}
            for width, height in WIDTHS.items():
                for theme in THEMES:
                    context = browser.new_context(
                        base_url=base_url,
                        storage_state=state,
                        viewport={"width": width, "height": height},
                        color_scheme=theme,  # type: ignore[arg-type]
                    )
                    page = context.new_page()
                    for shot, path in mine.items():
                        picture = folder / f"{shot.name}-{width}-{theme}.png"
                        problems += _take(page, path, picture, width)
                    context.close()
        browser.close()
    return problems


def take_documents(paths: dict[Shot, str], base_url: str, folder: Path) -> list[str]:
    """The README's pictures: what a window shows of the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name, wanted in DOCUMENTS.items():
            shot = next(shot for shot in paths if shot.name == wanted)
            state = _sign_in(browser, base_url, shot.account)
            context = browser.new_context(
                base_url=base_url, storage_state=state, viewport=DOCUMENTS_WINDOW, color_scheme="light"
            )
            page = context.new_page()
            page.goto(paths[shot], wait_until="load")
            page.screenshot(path=folder / f"{name}.png", animations="disabled")
            context.close()
        browser.close()
    return []


def _sign_in(browser: Any, base_url: str, account: str) -> Any:
    """The cookies of an account, by the sign-in page."""
    context = browser.new_context(base_url=base_url)
    if account:
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", account)
        page.fill("input[name=password]", demo.PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state("load")
        if "/accounts/login" in page.url:
            raise ShotsError(f"{account} cannot sign in: does the demo hold its made-up organizations?")
    state = context.storage_state()
    context.close()
    return state


def _take(page: Any, path: str, picture: Path, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    response = page.goto(path, wait_until="load")
    page.wait_for_selector(".htmx-request", state="detached")
    problems = []
    if response is None or response.status != 200:
        problems.append(f"{picture.name}: {path} answered {response and response.status}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        problems.append(f"{picture.name}: {wide} px wide")
    if page.query_selector(".shell"):  # the side bar is as high as the window: let the window be the page
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, WIDTHS[width])})
    page.screenshot(path=picture, full_page=True, animations="disabled")
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only pages whose name contains this")
    parser.add_argument("--out", type=Path, help="instead of $STATE_DIR/shots")
    parser.add_argument("--documents", action="store_true", help="make docs/pictures/ anew")
    options = parser.parse_args()
    state_dir = Path(os.environ.get("STATE_DIR") or ROOT / ".state").resolve()
    folder = DOCUMENTS_FOLDER if options.documents else options.out or state_dir / "shots"
    wanted = list(DOCUMENTS.values()) if options.documents else options.names
    shots = [shot for shot in SHOTS if not wanted or any(name in shot.name for name in wanted)]
    try:
        find_chromium()
        with running_demo(state_dir) as environment:
            folder.mkdir(parents=True, exist_ok=True)
            paths, base_url = addresses(shots, environment), environment["BASE_URL"]
            problems = (take_documents if options.documents else take)(paths, base_url, folder)
    except (ShotsError, embedded.EngineError) as error:
        sys.exit(str(error))
    print(f"Pictures of {len(DOCUMENTS if options.documents else shots)} pages are in {folder}")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
