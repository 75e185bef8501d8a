"""Undo and redo of a change by hand: what was said since stays, what it crosses is named; and its seat."""

from collections.abc import Callable

import pytest
from django.test import Client

from matching.actions.adopt import adopt_run
from matching.actions.inquire import forget, work_off_inquiry
from matching.actions.inquiries import ask
from matching.actions.remedies import apply_remedy
from matching.actions.rulings import rule_pairing
from matching.actions.solve import work_off
from matching.actions.undo import Undone, undo_edit
from matching.enums import EditKind, InquiryKind, RulingKind
from matching.models import Criterion, MatchInquiry, MatchRun, Ruling
from matching.queries.runs import current_draft
from mentoring.jobs import run_job
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.enums import ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.editing import edited, later, said
from tests.matching.making import find, paired, solved
from tests.matching.pages import text, url
from tests.together import at_once

FULL = {
    one.split()[0]: one
    for one in ("Ada One", "Ben Two", "Cem Three", "Uma Four", "Vic Five", "Wes Six", "Xia Seven")
}
WORDS = {"keep": RulingKind.KEEP, "never": RulingKind.NEVER, "clear": None}
FIRST = "Ada-Uma Ben-Vic Cem-Wes"  # the draft that the fixture `small` makes
MOVED = "Ada-Xia Ben-Vic Cem-Wes"
SWAPPED = "Ada-Vic Ben-Uma Cem-Wes"


class Story:
    """A draft, and step by step what the champion does with it: "move Ada Xia", "swap Ada Ben", "keep Ada Uma
    a note", "never Ada Uma", "clear Ada Uma", "undo", "redo"."""

    def __init__(self, cast: Cast, cohort: Cohort) -> None:
        self.cast, self.cohort = cast, cohort
        self.undone: list[MatchRun] = []
        self.minutes = 0
        solved(cast, cohort)

    @property
    def draft(self) -> MatchRun:
        found = current_draft(self.cohort)
        assert found
        return found

    def tell(self, *steps: str) -> None:
        for step in steps:
            verb, *names = step.split()
            self.minutes += 1
            if verb in ("move", "swap"):
                self._change(EditKind.SWAP if verb == "swap" else EditKind.MENTEE, *names)
            elif verb in WORDS:
                with self.cast.scope():
                    self._say(WORDS[verb], *names)
            else:
                with self.cast.scope():
                    getattr(self, verb)()

    def _change(self, kind: EditKind, mentor: str, other: str) -> None:
        with self.cast.scope():
            draft = self.draft
        new = edited(self.cast, draft, mentor, kind, FULL[other])
        with self.cast.scope():  # by the clock of this story
            MatchRun.objects.filter(pk=new.pk).update(adopted_at=later(self.minutes))

    def _say(self, kind: RulingKind | None, mentor: str, mentee: str, *note: str) -> None:
        rule_pairing(
            mentor=find(self.cohort, FULL[mentor]),
            mentee=find(self.cohort, FULL[mentee]),
            kind=kind,
            by=self.cast.by,
            note=" ".join(note),
        )

    def undo(self) -> None:
        draft = self.draft
        assert undo_edit(run=draft, by=self.cast.by, now=later(self.minutes))
        self.undone.append(draft)

    def redo(self) -> None:
        assert adopt_run(run=self.undone.pop(), by=self.cast.by, now=later(self.minutes))

    def ends(self) -> tuple[str, str]:
        with self.cast.scope():
            pairs = " ".join(sorted(f"{mentor}-{mentee}" for mentor, mentee in paired(self.draft).items()))
            words = said(self.cohort).items()
            return pairs, ", ".join(sorted(f"{kind} {mentor} {mentee}" for (mentor, mentee), kind in words))


@pytest.mark.parametrize(
    ("steps", "pairs", "words"),
    [
        ("move Ada Xia; undo", FIRST, ""),
        ("move Ada Xia; undo; redo", MOVED, "keep Ada Xia"),
        ("move Ada Xia; never Ada Xia; undo", FIRST, "never Ada Xia"),
        ("swap Ada Ben; never Ada Vic; undo", FIRST, "never Ada Vic"),
        ("move Ada Xia; clear Ada Xia; undo", FIRST, ""),
        ("move Ada Xia; clear Ada Xia; undo; redo", MOVED, "keep Ada Xia"),
        ("move Ada Xia; never Ben Vic; undo", FIRST, "never Ben Vic"),
        ("move Ada Xia; never Ben Vic; undo; redo", MOVED, "keep Ada Xia, never Ben Vic"),
        ("move Ada Xia; keep Ben Vic; undo; redo", MOVED, "keep Ada Xia, keep Ben Vic"),
        ("move Ada Xia; never Cem Xia; undo; redo", MOVED, "keep Ada Xia, never Cem Xia"),
        ("move Ada Xia; clear Ada Xia; keep Ada Uma; undo", FIRST, "keep Ada Uma"),
        ("keep Ada Uma; move Ada Xia; undo", FIRST, "keep Ada Uma"),
        ("keep Ada Uma; move Ada Xia; undo; redo; undo", FIRST, "keep Ada Uma"),
        ("keep Ben Uma; move Ada Xia; undo", FIRST, "keep Ben Uma"),
        ("never Ben Vic; move Ada Xia; undo", FIRST, "never Ben Vic"),
        ("move Ada Xia; undo; never Ada Xia; clear Ada Xia; redo", MOVED, "keep Ada Xia"),
        ("move Ada Xia; swap Ben Cem; undo; undo", FIRST, ""),
        ("move Ada Xia; swap Ben Cem; never Ada Xia; undo; undo", FIRST, "never Ada Xia"),
        (
            "move Ada Xia; swap Ben Cem; undo; undo; redo; redo",
            "Ada-Xia Ben-Wes Cem-Vic",
            "keep Ada Xia, keep Ben Wes, keep Cem Vic",
        ),
    ],
)
def test_undo_takes_back_what_the_change_said_and_no_later_word(
    northwind: Cast, small: Cohort, steps: str, pairs: str, words: str
) -> None:
    story = Story(northwind, small)
    story.tell(*steps.split("; "))
    assert story.ends() == (pairs, words)


@pytest.mark.parametrize(
    ("steps", "last", "refusal"),
    [
        ("move Ada Xia; never Ada Uma", "undo", "You said never for Ada One and Uma Four since then"),
        ("swap Ada Ben; never Ben Vic", "undo", "You said never for Ben Two and Vic Five since then"),
        ("move Ada Vic; keep Ben Uma", "undo", "You keep Ben Two with Uma Four since then"),
        ("move Ada Xia; never Ada Xia; undo", "redo", "You said never for Ada One and Xia Seven since then"),
        ("move Ada Xia; undo; keep Ada Uma", "redo", "You keep Ada One with Uma Four since then"),
    ],
)
def test_step_against_a_later_word_is_refused_and_names_it(
    northwind: Cast, small: Cohort, steps: str, last: str, refusal: str
) -> None:
    story = Story(northwind, small)
    story.tell(*steps.split("; "))
    before = story.ends()
    with pytest.raises(NotAllowed, match=refusal) as refused:
        story.tell(last)
    assert "Take that back first, or " in str(refused.value)
    assert story.ends() == before
    kind, *pair = steps.split("; ")[-1].split() if last == "undo" else ("", "Ada", "Xia")
    if kind:
        story.tell(f"clear {pair[0]} {pair[1]}", "undo")
        assert story.ends()[0] == FIRST


def test_note_said_later_goes_and_comes_back_with_the_change(northwind: Cast, small: Cohort) -> None:
    story = Story(northwind, small)
    story.tell("move Ada Xia", "keep Ada Xia They asked for it", "undo")
    assert story.ends() == (FIRST, "")
    story.tell("redo")
    with northwind.scope():
        assert Ruling.objects.get().note == "They asked for it"


def test_redo_leaves_criteria_that_were_changed_since(northwind: Cast, small: Cohort) -> None:
    story = Story(northwind, small)
    story.tell("move Ada Xia", "undo")
    with northwind.scope():
        Criterion.objects.filter(cohort=small, key="unit").update(weight=4)
    story.tell("redo")
    with northwind.scope():
        assert Criterion.objects.get(cohort=small, key="unit").weight == 4


@pytest.fixture
def seated(northwind: Cast, small: Cohort) -> MatchRun:
    """The draft in which Ada meets Xia as well, with a seat that she gave for it."""
    forget()
    run = solved(northwind, small)
    with northwind.scope():
        inquiry = ask(run=run, kind=InquiryKind.REMEDIES, mentee=find(small, "Xia Seven"), by=northwind.by)
    run_job(MatchInquiry, work_off_inquiry, northwind.organization.pk, inquiry.pk)
    with northwind.scope():
        inquiry = MatchInquiry.objects.select_related("run__cohort", "mentor", "mentee").get()
        partners = [one["partner"] for one in inquiry.result["remedies"]]
        number = partners.index(find(small, "Ada One").pk) + 1
        new = apply_remedy(inquiry=inquiry, number=number, by=northwind.by)
    run_job(MatchRun, work_off, northwind.organization.pk, new.pk)
    with northwind.scope():
        assert find(small, "Ada One").capacity == 2
        return MatchRun.objects.select_related("cohort__program").get(pk=new.pk)


def undo(cast: Cast, run: MatchRun, minutes: int = 1) -> Undone:
    with cast.scope():
        undone = undo_edit(run=run, by=cast.by, now=later(minutes))
        assert undone
        return undone


def seats(cast: Cast, cohort: Cohort) -> int:
    with cast.scope():
        return find(cohort, "Ada One").capacity


def test_undo_takes_the_seat_back_and_redo_gives_it_again(
    northwind: Cast, small: Cohort, seated: MatchRun
) -> None:
    for minutes in (1, 3):
        assert undo(northwind, seated, minutes).seat == "The further seat of Ada One is taken back too."
        assert seats(northwind, small) == 1
        with northwind.scope():
            assert adopt_run(run=seated, by=northwind.by, now=later(minutes + 1))
        assert seats(northwind, small) == 2
    with northwind.scope():
        told = AuditEvent.objects.filter(action__startswith="participant.seat").order_by("pk")
        assert [(one.action.split(".")[1], one.data["capacity"]) for one in told] == [
            ("seat_added", 2),
            ("seat_taken_back", 1),
            ("seat_added", 2),
            ("seat_taken_back", 1),
            ("seat_added", 2),
        ]


def raise_number(ada: Participant) -> None:
    Participant.objects.filter(pk=ada.pk).update(capacity=3)


def withdraw(ada: Participant) -> None:
    Participant.objects.filter(pk=ada.pk).update(status=ParticipantStatus.WITHDRAWN)


def pair_up(ada: Participant) -> None:
    xia = find(ada.cohort, "Xia Seven")
    Pair.objects.create(cohort=ada.cohort, mentor=ada, mentee=xia, published_at=later(0))


@pytest.mark.parametrize(
    ("happens", "words", "number"),
    [
        (raise_number, "The number of partners of Ada One was changed since, so it stays as it is.", 3),
        (withdraw, "Ada One is no longer in this cohort, so the further seat stays noted.", 2),
        (pair_up, "The further seat of Ada One is taken by now, so it stays.", 2),
    ],
)
def test_undo_leaves_a_seat_that_is_no_longer_free_and_says_why(
    northwind: Cast,
    small: Cohort,
    seated: MatchRun,
    happens: Callable[[Participant], None],
    words: str,
    number: int,
) -> None:
    with northwind.scope():
        happens(find(small, "Ada One"))
    assert undo(northwind, seated).seat == words
    assert seats(northwind, small) == number
    with northwind.scope():
        assert AuditEvent.objects.get(action="matching.edit_undone").data["seat"] == words
        assert AuditEvent.objects.filter(action="participant.seat_taken_back").count() == 0


def test_redo_gives_no_seat_to_who_takes_as_many_by_now(
    northwind: Cast, small: Cohort, seated: MatchRun
) -> None:
    undo(northwind, seated)
    with northwind.scope():
        raise_number(find(small, "Ada One"))
        adopt_run(run=seated, by=northwind.by, now=later(2))
    assert seats(northwind, small) == 3
    assert undo(northwind, seated, 3).seat == ""
    assert seats(northwind, small) == 3


@pytest.mark.django_db(transaction=True)
def test_undone_twice_at_once_takes_one_seat(northwind: Cast, small: Cohort, seated: MatchRun) -> None:
    def press() -> Undone | None:
        with northwind.scope():
            return undo_edit(run=seated, by=northwind.by, now=later(2))

    answers = at_once(press, press, press)
    assert sum(one is None for one in answers) == 2
    assert seats(northwind, small) == 1


def test_undo_page_says_what_became_of_the_seat(
    northwind: Cast, small: Cohort, seated: MatchRun, client: Client
) -> None:
    page = text(client.post(url("match_undo", small.pk, seated.pk), follow=True))
    assert "Undone. Draft pairing 1 counts again. The further seat of Ada One is taken back too." in page
