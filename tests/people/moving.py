"""Rosters that move addresses, and who comes in afterwards."""

from django.test import Client

from mentoring.actions.roster_imports import apply_import, choose_mapping, start_import
from mentoring.actors import Actor
from mentoring.management.imports import run
from mentoring.models import AccountMessage, OutgoingMessage, Person, RosterImport, User
from mentoring.tasks.people import work_on_import
from tests.accounts.test_signup import code_in, newest_mail
from tests.cast import Cast

HEAD = "Employee ID,First Name,Last Name,Work Email,Status\n"


def checked_roster(cast: Cast, rows: str, *, by: User | None = None) -> RosterImport:
    """Upload and check, as a member does."""
    actor = Actor.of_user(by) if by else cast.by
    text = rows if rows.startswith(("Name", "Employee ID")) else HEAD + rows
    organization = cast.organization
    with cast.scope():
        found = start_import(
            name="next-month.csv", content=text.encode(), organization=organization, in_line=False, by=actor
        )
    found = run(organization, found, work_on_import)
    with cast.scope():
        choose_mapping(roster_import=found, mapping=found.mapping, day_first=True, in_line=False, by=actor)
    return run(organization, found, work_on_import)


def import_roster(cast: Cast, rows: str, *, by: User | None = None, skip: bool = False) -> RosterImport:
    """The same, applied. With errors in the file, the check is what is answered."""
    found = checked_roster(cast, rows, by=by)
    if found.counts["errors"] and not skip:
        return found
    with cast.scope():
        actor = Actor.of_user(by) if by else cast.by
        apply_import(roster_import=found, skip_bad_rows=skip, in_line=False, by=actor)
    return run(cast.organization, found, work_on_import)


def ask_for_code(email: str, browser: Client | None = None) -> tuple[Client, str]:
    """A browser that has asked for a code, and the page that takes it."""
    browser = browser or Client()
    return browser, browser.post("/accounts/login/code/", {"email": email})["Location"]


def sign_in_by_code(email: str) -> Client:
    """Whoever reads the mail of this address asks for a code and enters it, if one comes."""
    browser, page = ask_for_code(email)
    if AccountMessage.objects.filter(to_email=email, kind="login_code").exists():
        browser.post(page, {"code": code_in(newest_mail(email))})
    return browser


def opens(browser: Client, url: str) -> bool:
    return bool(browser.get(url).status_code == 200)


def people(cast: Cast) -> dict[str, Person]:
    with cast.scope():
        return {str(person): person for person in Person.objects.select_related("user")}


def mails_to(cast: Cast, email: str) -> list[OutgoingMessage]:
    with cast.scope():
        return list(OutgoingMessage.objects.filter(to_email=email).order_by("pk"))
