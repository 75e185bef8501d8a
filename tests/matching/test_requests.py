"""Asking, answering, and who is asked next."""

from datetime import date, timedelta
from typing import Any

import pytest

from matching.enums import RequestStatus
from matching.models import Exclusion, PairRequest, Pick, Ruling
from matching.rules import REQUEST_TRANSITIONS
from mentoring.models import AuditEvent, OutgoingMessage
from mentoring.rules import NotAllowed
from programs.actions.pairs import end_pair
from programs.enums import CohortStatus, MatchingMode, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.asking import (
    BY,
    MONDAY,
    accept,
    ask,
    choosing,
    decline,
    go_on,
    pairs_in,
    picks,
    refuses,
    request_of,
    requests_of,
    someone,
    sweep,
    told,
)
from tests.matching.making import Someone


def test_first_pick_is_asked_and_the_others_wait(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    assert requests_of(scene) == {"Uma > Ben": "open"}
    assert told(scene) == [("pair_request", "Ben")]


def test_as_many_are_asked_as_there_are_seats(northwind: Cast) -> None:
    with northwind.scope():
        cohort = choosing(northwind, "Ada Ben Cem", [Someone("Uma Mentee", capacity=2)])
        ask(cohort, "Uma", "Ben", "Ada", "Cem")
        assert requests_of(cohort) == {"Uma > Ben": "open", "Uma > Ada": "open"}
        accept(cohort, "Uma", "Ben")
        assert requests_of(cohort) == {"Uma > Ben": "accepted", "Uma > Ada": "open"}


def test_accepting_makes_the_pair_at_once(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    pair = accept(scene, "Uma", "Ben")
    scene.refresh_from_db()
    assert (pairs_in(scene), scene.status, scene.published_at) == ({"Ben-Uma"}, CohortStatus.MATCHING, None)
    assert pair.published_at == MONDAY
    assert requests_of(scene) == {"Uma > Ben": "accepted"}
    assert told(scene) == [("pair_request", "Ben"), ("pair_request_accepted", "Uma")]


def test_declining_asks_the_next_and_says_only_not_this_time(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    decline(scene, "Uma", "Ben")
    assert requests_of(scene) == {"Uma > Ben": "declined", "Uma > Ada": "open"}
    assert told(scene) == [("pair_request", "Ben"), ("pair_request", "Ada"), ("pair_request_ended", "Uma")]
    mail = OutgoingMessage.objects.get(kind="pair_request_ended")
    assert mail.subject == "Not this time; Ada Mentor is asked next"


def test_mutual_picks_are_a_pair_at_once(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    ask(scene, "Ben", "Uma")
    assert pairs_in(scene) == {"Ben-Uma"}
    assert requests_of(scene) == {"Uma > Ben": "accepted"}


def test_mutual_picks_ranked_lower_are_a_pair_at_once(scene: Cohort) -> None:
    """Uma asked Ben first; Ada, her second, picks her too. Her request to Ben can no longer be met."""
    ask(scene, "Uma", "Ben", "Ada")
    ask(scene, "Ada", "Uma")
    assert pairs_in(scene) == {"Ada-Uma"}
    assert requests_of(scene) == {"Uma > Ben": "gone", "Ada > Uma": "accepted"}
    assert ("pair_request_ended", "Uma") not in told(scene)


def test_seat_filled_ends_other_requests_and_their_senders_go_on(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    ask(scene, "Vic", "Ben", "Cem")
    ask(scene, "Wes", "Ben")
    accept(scene, "Uma", "Ben")
    assert requests_of(scene) == {
        "Uma > Ben": "accepted",
        "Vic > Ben": "gone",
        "Vic > Cem": "open",
        "Wes > Ben": "gone",
    }
    assert told(scene)[-3:] == [
        ("pair_request_accepted", "Uma"),
        ("pair_request_ended", "Vic"),
        ("pair_request_ended", "Wes"),
    ]


def test_own_request_of_who_accepts_another_is_gone(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    ask(scene, "Ben", "Vic")
    accept(scene, "Uma", "Ben")
    assert requests_of(scene) == {"Uma > Ben": "accepted", "Ben > Vic": "gone"}


def test_cascade_ends_in_pairs_of_those_who_want_each_other(scene: Cohort) -> None:
    """Vic loses Ben, and the next on his list has picked him: a pair, without anybody asking."""
    ask(scene, "Vic", "Ben", "Ada")
    ask(scene, "Uma", "Ben")
    ask(scene, "Ada", "Wes", "Vic")
    assert pairs_in(scene) == {"Ada-Vic"}
    accept(scene, "Uma", "Ben")
    assert pairs_in(scene) == {"Ada-Vic", "Ben-Uma"}


def test_unpicked_is_taken_back_and_can_be_asked_again(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    ask(scene, "Uma", "Ada")
    assert requests_of(scene) == {"Uma > Ben": "withdrawn", "Uma > Ada": "open"}
    ask(scene, "Uma", "Ben")
    assert requests_of(scene) == {"Uma > Ben": "open", "Uma > Ada": "withdrawn"}
    assert told(scene) == [("pair_request", "Ben"), ("pair_request", "Ada")]  # Ben is not told twice a day


def test_sorting_the_list_takes_nothing_back(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    ask(scene, "Uma", "Ada", "Ben")
    assert requests_of(scene) == {"Uma > Ben": "open"}


@pytest.mark.parametrize("status", [RequestStatus.DECLINED, RequestStatus.EXPIRED, RequestStatus.GONE])
def test_who_was_asked_is_not_asked_again(scene: Cohort, status: RequestStatus) -> None:
    ask(scene, "Uma", "Ben")
    PairRequest.objects.update(status=status, ended_at=MONDAY)
    ask(scene, "Uma", "Ben", "Ada")
    assert requests_of(scene) == {"Uma > Ben": status.value, "Uma > Ada": "open"}


def test_full_gone_and_forbidden_are_not_asked(northwind: Cast) -> None:
    with northwind.scope():
        cohort = choosing(northwind, "Full Gone Silent Barred Never Left Ben", "Uma Vic", picks_at_most=7)
        ask(cohort, "Vic", "Full")
        accept(cohort, "Vic", "Full")
        uma = someone(cohort, "Uma")
        Participant.objects.filter(pk=someone(cohort, "Gone").pk).update(status=ParticipantStatus.DECLINED)
        Participant.objects.filter(pk=someone(cohort, "Silent").pk).update(answered_at=None)
        barred = sorted((uma.person_id, someone(cohort, "Barred").person_id))
        Exclusion.objects.create(person_id=barred[0], other_id=barred[1])
        Ruling.objects.create(cohort=cohort, mentor=someone(cohort, "Never"), mentee=uma, kind="never")
        left = someone(cohort, "Left").person
        left.status = "left"
        left.save()
        ask(cohort, "Uma", "Full", "Gone", "Silent", "Barred", "Never", "Left", "Ben")
        assert {key: how for key, how in requests_of(cohort).items() if key.startswith("Uma")} == {
            "Uma > Ben": "open"
        }


def test_refused_sender_is_asked_for_show_only(scene: Cohort) -> None:
    """What the sender can see is the same as with somebody who does not answer, to the minute; the receiver
    gets no mail. A refusal that leaked would show in the second pick being asked, or in an earlier end."""
    refuses(scene, "Ben", "Uma")
    ask(scene, "Uma", "Ben", "Ada")
    ask(scene, "Vic", "Cem", "Ada")
    assert requests_of(scene) == {"Uma > Ben": "open", "Vic > Cem": "open"}
    shown, silent = request_of(scene, "Uma", "Ben"), request_of(scene, "Vic", "Cem")
    assert shown.expires_at == silent.expires_at
    assert told(scene) == [("pair_request", "Cem")]
    assert sweep(scene, shown.expires_at - timedelta(seconds=1)) == 0
    sweep(scene, shown.expires_at)
    assert {key: how for key, how in requests_of(scene).items() if "Ada" not in key} == {
        "Uma > Ben": "expired",
        "Vic > Cem": "expired",
    }
    ended = OutgoingMessage.objects.filter(kind="pair_request_ended").order_by("id")
    texts = {one.text.replace("Ben", "X").replace("Cem", "X").replace("Uma", "Y") for one in ended}
    assert len({text.replace("Vic", "Y").partition("http")[0] for text in texts}) == 1
    assert {one.send_after for one in ended} == {ended[0].send_after}


def test_declined_expired_and_gone_read_the_same(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    ask(scene, "Vic", "Cem")
    ask(scene, "Wes", "Ada")
    decline(scene, "Uma", "Ben", now=MONDAY)
    ask(scene, "Cem", "Uma", now=MONDAY)
    accept(scene, "Cem", "Uma", now=MONDAY)  # Cem's seat is taken: Vic's request is gone
    sweep(scene, request_of(scene, "Wes", "Ada").expires_at)
    assert [requests_of(scene)[key] for key in ("Uma > Ben", "Vic > Cem", "Wes > Ada")] == [
        "declined",
        "gone",
        "expired",
    ]
    names = ("Uma", "Vic", "Wes", "Ben", "Cem", "Ada")
    texts = set()
    for mail in OutgoingMessage.objects.filter(kind="pair_request_ended"):
        text = mail.text.partition("http")[0] + mail.subject
        for name in names:
            text = text.replace(name, "N")
        texts.add(text)
    assert len(texts) == 1


def test_refusing_after_being_asked_declines(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    Pick.objects.filter(pk=refuses(scene, "Ben", "Uma").pk).update(created_at=MONDAY)
    go_on(scene, "Ben")
    assert requests_of(scene) == {"Uma > Ben": "declined", "Uma > Ada": "open"}


def test_refusal_of_before_stays_hidden_when_the_list_changes(scene: Cohort) -> None:
    Pick.objects.filter(pk=refuses(scene, "Ben", "Uma").pk).update(created_at=MONDAY - timedelta(days=1))
    ask(scene, "Uma", "Ben")
    ask(scene, "Ben", "Vic")
    assert requests_of(scene) == {"Uma > Ben": "open", "Ben > Vic": "open"}


def test_accepting_twice_is_accepting_once(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    pair = accept(scene, "Uma", "Ben")
    assert accept(scene, "Uma", "Ben") == pair
    with pytest.raises(NotAllowed, match="answered or has ended already"):
        decline(scene, "Uma", "Ben")
    assert Pair.objects.filter(cohort=scene).count() == 1
    end_pair(pair=pair, reason="", by=BY, now=MONDAY)
    with pytest.raises(NotAllowed, match="the pair has ended since"):
        accept(scene, "Uma", "Ben")


def test_declining_twice_is_declining_once(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    decline(scene, "Uma", "Ben")
    before = told(scene)
    decline(scene, "Uma", "Ben")
    assert told(scene) == before
    with pytest.raises(NotAllowed, match="answered or has ended already"):
        accept(scene, "Uma", "Ben")


def test_accepting_what_ran_out_is_refused(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    expires_at = request_of(scene, "Uma", "Ben").expires_at
    with pytest.raises(NotAllowed, match="time to answer"):
        accept(scene, "Uma", "Ben", now=expires_at)
    accept(scene, "Uma", "Ben", now=expires_at - timedelta(seconds=1))


def test_accepting_what_is_forbidden_by_now_is_refused(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    ids = sorted((someone(scene, "Uma").person_id, someone(scene, "Ben").person_id))
    Exclusion.objects.create(person_id=ids[0], other_id=ids[1])
    with pytest.raises(NotAllowed, match="things have changed"):
        accept(scene, "Uma", "Ben")
    assert pairs_in(scene) == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"matching_mode": MatchingMode.HYBRID},
        {"status": CohortStatus.ENROLLING},
        {"choose_until": date(2027, 1, 3)},
    ],
)
def test_nothing_is_sent_outside_of_choosing(scene: Cohort, fields: dict[str, Any]) -> None:
    Cohort.objects.filter(pk=scene.pk).update(**fields)
    ask(scene, "Uma", "Ben")
    ask(scene, "Ben", "Uma")
    assert (requests_of(scene), pairs_in(scene)) == ({}, set())


def test_audit_names_who_did_it_and_never_the_other(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    decline(scene, "Uma", "Ben")
    rows = AuditEvent.objects.filter(action__startswith="pair_request.").order_by("id")
    assert [(row.action, row.object_label, row.data) for row in rows] == [
        ("pair_request.sent", "Uma Mentee (Mentee)", {"cohort": scene.pk}),
        ("pair_request.declined", "Ben Mentor (Mentor)", {"cohort": scene.pk}),
    ]


def test_failing_mail_undoes_everything(scene: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import transaction

    ask(scene, "Uma", "Ben")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("outbox")

    monkeypatch.setattr("matching.actions.requests.tell", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        accept(scene, "Uma", "Ben")
    assert (pairs_in(scene), requests_of(scene)) == (set(), {"Uma > Ben": "open"})


def test_every_end_is_final() -> None:
    assert {status: len(after) for status, after in REQUEST_TRANSITIONS.items()} == {
        status: 5 if status == RequestStatus.OPEN else 0 for status in RequestStatus
    }


def test_pair_that_was_ended_before_is_not_asked_again(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    pair = accept(scene, "Uma", "Ben")
    end_pair(pair=pair, reason="", by=BY, now=MONDAY)
    picks(scene, "Ben", "Uma")
    go_on(scene, "Ben")
    assert Pair.objects.get(cohort=scene).status == PairStatus.ENDED
