"""Mail that did not arrive stands on the organizers' pages and in the operator's command, and goes again."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mentoring.enums import MessageReason, MessageStatus
from mentoring.mail.outbox import queue_account_mail
from mentoring.mail.server import server_failed
from mentoring.models import AccountMessage, AuditEvent, OutgoingMessage
from programs.enums import PairRole
from tests.cast import Cast
from tests.mail.sending import queue, statuses
from tests.programs.making import add_participant, make_enrolling
from tests.tenancy.ids import make_message

QUEUED, FAILED = MessageStatus.QUEUED, MessageStatus.FAILED
PAGE = "/o/northwind/mail/"


def failed(cast: Cast) -> OutgoingMessage:
    with cast.scope():
        return make_message(cast)


def test_champion_sees_whom_it_did_not_reach_and_why(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    failed(northwind)
    failed(fabrikam)
    browser = sign_in(northwind.champion)
    page = browser.get(PAGE).content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.S)
    assert len(rows) == 1
    assert "amara.osei@northwind.example" in rows[0]
    assert "A new link" in rows[0]
    assert "The mail server says that it cannot deliver to this address." in rows[0]
    assert "550 no such user" in rows[0]
    assert "secret" not in page
    assert "1 mail did not arrive." in browser.get("/o/northwind/").content.decode()
    person = browser.get(f"/o/northwind/people/{northwind.people['mentor'].pk}/").content.decode()
    assert "Mail that did not arrive" in person
    other = browser.get(f"/o/northwind/people/{northwind.people['mentee'].pk}/").content.decode()
    assert "Mail that did not arrive" not in other


def test_lists_of_people_mark_whom_mail_does_not_reach(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)
        for role in PairRole:
            add_participant(cohort, northwind.people[role], role)
    message = failed(northwind)
    failed(fabrikam)
    people, participants = "/o/northwind/people/", f"/o/northwind/cohorts/{cohort.pk}/participants/"
    mark = f'href="{PAGE}?q=amara.osei%40northwind.example"'
    browser = sign_in(northwind.champion)

    def marked() -> list[tuple[int, int]]:
        pages = [browser.get(page).content.decode() for page in (people, participants)]
        return [(page.count("Mail did not arrive"), page.count(mark)) for page in pages]

    assert marked() == [(1, 1), (1, 1)]
    assert "Mail did not arrive" not in sign_in(northwind.overseer).get(participants).content.decode()
    browser.post(f"{PAGE}{message.pk}/again/")
    assert marked() == [(0, 0), (0, 0)]


@pytest.mark.parametrize("who", ["overseer"])
def test_who_runs_no_program_sees_none_of_it(northwind: Cast, sign_in: Any, who: str) -> None:
    message = failed(northwind)
    browser = sign_in(getattr(northwind, who))
    assert browser.get(PAGE).status_code == 403
    assert browser.post(f"{PAGE}{message.pk}/again/").status_code == 403
    assert "did not arrive" not in browser.get("/o/northwind/").content.decode()
    with northwind.scope():
        assert OutgoingMessage.objects.get().status == FAILED


def test_sent_again_once_however_often_it_is_pressed(northwind: Cast, sign_in: Any, sent_tasks: Any) -> None:
    message = failed(northwind)
    browser = sign_in(northwind.champion)
    for words in ("is on its way again.", "is on its way already, or was sent."):
        page = browser.post(f"{PAGE}{message.pk}/again/", follow=True).content.decode()
        assert f"The mail to amara.osei@northwind.example {words}" in page
    with northwind.scope():
        row = OutgoingMessage.objects.get()
        assert (row.status, row.reason, row.error, row.attempts) == (QUEUED, "", "", 0)
        assert AuditEvent.objects.filter(action="mail.sent_again").count() == 1
    assert "Everything arrived, as far as we know" in page


def test_send_all_again_takes_only_what_failed(northwind: Cast, sign_in: Any, sent_tasks: Any) -> None:
    for name in ("a", "b", "c"):
        queue(northwind, f"{name}@x.example")
    with northwind.scope():
        OutgoingMessage.objects.filter(to_email__in=("a@x.example", "b@x.example")).update(status=FAILED)
        late = OutgoingMessage.objects.filter(to_email="c@x.example")
        late.update(status=MessageStatus.DROPPED, reason=MessageReason.LATE)
    browser = sign_in(northwind.champion)
    assert browser.get(PAGE).content.decode().count("/again/") == 3
    page = browser.post(f"{PAGE}again/", follow=True).content.decode()
    assert "2 mails are on their way again." in page
    assert statuses(northwind) == {
        "a@x.example": QUEUED,
        "b@x.example": QUEUED,
        "c@x.example": MessageStatus.DROPPED,
    }
    with northwind.scope():
        message = OutgoingMessage.objects.get(to_email="c@x.example")
    refused = browser.post(f"{PAGE}{message.pk}/again/", follow=True).content.decode()
    assert "Only mail that failed can be sent again." in refused


def test_page_says_that_the_server_is_away_and_how_much_waits(northwind: Cast, sign_in: Any) -> None:
    now = timezone.now()
    queue(northwind, "a@x.example", send_after=now - timedelta(hours=1))
    browser = sign_in(northwind.champion)
    assert "1 mail waits to be sent, the oldest since" in browser.get(PAGE).content.decode()
    server_failed("ConnectionRefusedError: refused", now - timedelta(hours=1), probing=False)
    for url in (PAGE, "/o/northwind/"):
        page = browser.get(url).content.decode()
        assert "The mail server takes no mail at present." in page
        assert "1 mail waits." in page


def test_search_and_pages_of_a_long_list(
    northwind: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        queue(northwind, f"p{number:02}@x.example")
    with northwind.scope():
        OutgoingMessage.objects.update(status=FAILED, reason=MessageReason.PUT_OFF)
    browser = sign_in(northwind.champion)
    with django_assert_max_num_queries(26):
        assert browser.get(PAGE).content.decode().count("again/") == 26
    assert browser.get(f"{PAGE}?page=2").content.decode().count("again/") == 6
    found = browser.get(f"{PAGE}?q=p07").content.decode()
    assert re.findall(r"p\d\d@x.example", found.partition("<tbody>")[2].partition("</tbody>")[0])[0] == (
        "p07@x.example"
    )
    assert "No mail fits" in browser.get(f"{PAGE}?q=nobody").content.decode()


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("mail", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_command_shows_and_requeues(northwind: Cast, fabrikam: Cast, sent_tasks: Any) -> None:
    first, second = failed(northwind), failed(fabrikam)
    queue(northwind, "waits@x.example")
    queue_account_mail(to_email="b@x.example", subject="Code", text="1", html="1", kind="login_code")
    AccountMessage.objects.update(status=FAILED, reason=MessageReason.REFUSED)
    assert run() == [
        "The mail server is up, as far as we know.",
        "fabrikam: 1 failed",
        "northwind: 1 queued, 1 failed",
        "_accounts: 1 failed",
    ]
    [_server, line] = run("--failed", "--org", "northwind")
    assert line.startswith(f"northwind {first.pk} failed new_link to amara.osei@northwind.example, written ")
    assert line.endswith("no_address 550 no such user")
    [_server, *waiting] = run("--waiting", "--json")
    assert [(row["org"], row["to_email"]) for row in map(json.loads, waiting)] == [
        ("northwind", "waits@x.example")
    ]
    assert run("--requeue", "--org", "northwind")[1:] == ["northwind: 1 in line again"]
    assert run("--failed")[1].startswith(f"fabrikam {second.pk} ")
    assert run("--requeue", "--org", "fabrikam", "--id", "1")[1:] == []
    assert run("--requeue")[1:] == ["fabrikam: 1 in line again", "_accounts: 1 in line again"]
    assert run("--failed")[1:] == []


def test_command_says_that_the_server_is_down(db: None) -> None:
    server_failed("SMTPConnectError: 421 no", timezone.now(), probing=False)
    [line, *_organizations] = run()
    assert line.startswith("The mail server takes no mail since ")
    assert line.endswith("SMTPConnectError: 421 no")


def test_command_refuses_what_it_does_not_know(northwind: Cast) -> None:
    for arguments in (["--org", "nobody"], ["--requeue", "--id", "1"]):
        with pytest.raises(CommandError):
            run(*arguments)
