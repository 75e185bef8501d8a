"""Every action pressed twice, as by a double click or in two tabs: one event in the audit log, one mail.

The second press has what its page read before the first one. It may be refused, or do nothing.
"""

import ast
import copy
from pathlib import Path

from django.db import transaction

from mentoring.models import AuditEvent, OutgoingMessage
from mentoring.rules import NotAllowed
from tests.cast import Cast
from tests.twice import matching, people, programs  # noqa: F401 (they fill `cases`)
from tests.twice.pressing import Press, cases

ROOT = Path(__file__).resolve().parents[2]
APPS = ("mentoring", "programs", "matching", "sessions", "outcomes")

TWO_EVENTS = {
    "picks.move_pick": "one place up, and one place more; the page that answers shows the list as it is",
    "participants.add_seat": "no page has it: one seat more for each draft that gives one, held once itself",
    "actions.fetch_export": "each time somebody takes the file away is on record",
}
# Steps inside an action of the table, which holds the row; no page has them.
STEPS = {
    "addresses.move_addresses": "people_by_hand.save_person",
    "cohorts.resume_matching": "publish.take_back",
    "cohorts.start_cohort": "publish.publish_run",
    "import_answers.import_answers": "response_import.apply_response_import",
    "imports.approve": "roster_imports.apply_import",
    "imports.keep_upload": "roster_imports.start_import",
    "imports.settle_mapping": "roster_imports.choose_mapping",
    "leaving.bring_people_back": "leaving.bring_back",
    "leaving.mark_people_left": "leaving.mark_left",
    "pairs.retract_pairs": "publish.take_back",
    "participants.give_login": "participants.join_cohort",
    "questionnaires.create_questionnaires_from_template": "programs.create_program",
    "responses.open_response": "responses.submit_response",
    "roster_imports.record_applied": "roster_imports.apply_import",
}
NOTHING_TO_RECORD = {
    "audit.record": "writes the row itself",
    "inquiries.ask": "a question changes nothing in the cohort",
    "invitation_limits.check_may_invite": "a check",
    "invitation_limits.check_may_resend": "a check",
    "people_by_hand.plan_entry": "a look at what saving would do",
    "requests.sweep_requests": "brings requests in line with what was recorded where it happened",
}


def actions() -> set[str]:
    """Every public function of the actions that is told who does it."""
    paths = [path for app in APPS for path in [*(ROOT / app).glob("actions/*.py"), ROOT / app / "actions.py"]]
    return {
        f"{path.stem}.{node.name}"
        for path in paths
        if path.exists()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if any(argument.arg == "by" for argument in node.args.kwonlyargs)
    }


def test_every_action_is_in_one_of_the_tables() -> None:
    pressed = {name.partition(" ")[0] for name in cases}
    assert sorted([*pressed, *TWO_EVENTS, *STEPS, *NOTHING_TO_RECORD]) == sorted(actions())
    assert set(STEPS.values()) <= pressed


def press(one: Press) -> None:
    try:
        with transaction.atomic():
            one.action(**one.given)
    except NotAllowed:
        pass


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_twice_is_one_event_and_one_mail(northwind: Cast) -> None:
    faults: dict[str, object] = {}
    with northwind.scope():
        for name, prepare in cases.items():
            with transaction.atomic():
                first = prepare(copy.deepcopy(northwind))
                second = Press(first.action, copy.deepcopy(first.given))
                before = len(events())
                first.action(**first.given)
                once, mails = events(), OutgoingMessage.objects.count()
                press(second)
                more = (events()[len(once) :], OutgoingMessage.objects.count() - mails)
                if len(once) == before or more != ([], 0):
                    faults[name] = (once[before:], *more)
                transaction.set_rollback(True)
    assert faults == {}
