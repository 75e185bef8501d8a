"""For each kind of mail: product code that queues one, and something that makes it untrue before it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.utils import timezone

from matching.models import Pick
from mentoring.actions.addresses import move_addresses
from mentoring.actions.members import accept_invitation, invite_member
from mentoring.enums import Role
from mentoring.mail.outbox import queue_account_mail
from mentoring.mail.reminders import plan_reminders
from mentoring.models import Membership, Person, User
from mentoring.people.addresses import Move, settle_moves
from mentoring.queries.logins import LoginBook
from mentoring.queries.mails import ACCOUNT_CHANGES
from programs.actions.pairs import end_pair
from programs.actions.participants import decline_invitation, invite_people, join_cohort
from programs.enums import PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from programs.views.join import mail_new_link
from sessions.actions.meetings import cancel_meeting, mark_held, move_meeting, plan_meeting
from sessions.models import Meeting
from tests.cast import Cast
from tests.matching import asking, picking
from tests.matching.making import Someone, find, make_cohort
from tests.programs.making import add_participant, make_enrolling
from tests.tenancy.ids import mentor_user

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scene:
    """`queue` answers the moment at which the mail is queued. `late` is what becomes of it three days later:
    "sent" or "dropped". `spoil` makes it untrue; None where nothing can."""

    queue: Callable[[Cast], datetime]
    late: str
    spoil: Callable[[Cast, datetime], None] | None


def plan_all(cast: Cast, now: datetime) -> datetime:
    with cast.scope():
        plan_reminders(cast.organization, now=now)
    return now


def left(cast: Cast, now: datetime) -> None:
    with cast.scope():
        person = cast.people["mentor"]
        person.status = "left"
        person.save()


# --- members, accounts


def member_invited(cast: Cast) -> datetime:
    with cast.scope():
        invite_member(
            organization=cast.organization,
            email="new@northwind.example",
            role=Role.OVERSEER,
            now=MONDAY,
            by=cast.by,
        )
    return MONDAY


def member_joined(cast: Cast, now: datetime) -> None:
    with cast.scope():
        accept_invitation(
            membership=Membership.objects.get(user__email="new@northwind.example"), now=now, by=cast.by
        )


def account(kind: str, late: str) -> Scene:
    def queued(cast: Cast) -> datetime:
        queue_account_mail(to_email="a@x.example", subject="Yours", text="1", html="1", kind=kind)
        return timezone.now()

    return Scene(queued, late, None)


# --- cohorts


def invited(cast: Cast, days_ago: int = 0) -> datetime:
    with cast.scope():
        cohort = make_enrolling(cast, now=MONDAY - 4 * DAY)
        invite_people(
            cohort=cohort,
            people=type(cast.people["spare"]).objects.filter(pk=cast.people["spare"].pk),
            role=PairRole.MENTOR,
            by=cast.by,
            now=MONDAY - days_ago * DAY,
        )
    return plan_all(cast, MONDAY)


def spare(cast: Cast) -> Participant:
    return Participant.objects.select_related("cohort", "person").get(person=cast.people["spare"])


def joined(cast: Cast, now: datetime) -> None:
    with cast.scope():
        join_cohort(participant=spare(cast), capacity=1, by=cast.by, now=now)


def declined(cast: Cast, now: datetime) -> None:
    with cast.scope():
        decline_invitation(participant=spare(cast), reason="", until=None, by=cast.by, now=now)


def published(cast: Cast) -> datetime:
    with cast.scope():
        Pair.objects.update(published_at=MONDAY)
    return plan_all(cast, MONDAY)


def pair_ends(cast: Cast, now: datetime) -> None:
    with cast.scope():
        end_pair(pair=Pair.objects.get(status=PairStatus.ACTIVE), reason="no_time", by=cast.by, now=now)


def pair_ended(cast: Cast) -> datetime:
    pair_ends(cast, MONDAY)
    return plan_all(cast, MONDAY)


def pair_again(cast: Cast, now: datetime) -> None:
    with cast.scope():
        Pair.objects.update(status=PairStatus.ACTIVE, publications=2, published_at=now - 30 * DAY)


def waits(cast: Cast) -> datetime:
    with cast.scope():
        add_participant(
            cast.cohort,
            cast.people["spare"],
            PairRole.MENTEE,
            status=ParticipantStatus.JOINED,
            waitlisted_at=MONDAY - DAY,
        )
    now = MONDAY.replace(hour=2)  # working hours in Seoul
    return plan_all(cast, now)


def waits_no_more(cast: Cast, now: datetime) -> None:
    with cast.scope():
        Participant.objects.filter(person=cast.people["spare"]).update(status=ParticipantStatus.WITHDRAWN)


def link_asked_for(cast: Cast) -> datetime:
    with cast.scope():
        request = SimpleNamespace(organization=cast.organization)
        mail_new_link(request, {"p": cast.mentor.pk, "to": "participant"})
    return timezone.now()


# --- addresses


def address_moved(cast: Cast, new: str = "amara@northwind.example") -> datetime:
    mentor = cast.people["mentor"]
    if not User.objects.filter(email=mentor.email).exists():
        mentor_user(cast)
    with cast.scope():
        moves = [Move(mentor.pk, mentor.name, mentor.email, new)]
        mentor.email = new
        mentor.save()
        settle_moves(moves, LoginBook(cast.by))
        move_addresses(moves=moves, now=MONDAY, by=cast.by)
    return MONDAY


def moved_again(cast: Cast, now: datetime) -> None:
    with cast.scope():
        Person.objects.filter(pk=cast.people["mentor"].pk).update(email="third@northwind.example")


def moved_back(cast: Cast, now: datetime) -> None:
    with cast.scope():
        Person.objects.filter(pk=cast.people["mentor"].pk).update(email="amara.osei@northwind.example")


def moved_with_a_meeting(cast: Cast) -> datetime:
    planned(cast)
    return address_moved(cast)


# --- meetings


def planned(cast: Cast, starts_at: datetime = MONDAY + 2 * DAY, now: datetime = MONDAY) -> datetime:
    with cast.scope():
        plan_meeting(
            pair=cast.pair, starts_at=starts_at, minutes=45, participant=cast.mentor, now=now, by=cast.by
        )
    return now


def plans(cast: Cast, now: datetime) -> None:
    planned(cast)


def moved(cast: Cast) -> datetime:
    planned(cast, MONDAY + DAY)
    with cast.scope():
        move_meeting(
            meeting=Meeting.objects.get(),
            starts_at=MONDAY + 2 * DAY,
            minutes=45,
            participant=cast.mentee,
            now=MONDAY,
            by=cast.by,
        )
    return MONDAY


def cancels(cast: Cast, now: datetime) -> None:
    with cast.scope():
        cancel_meeting(meeting=Meeting.objects.get(), participant=cast.mentee, now=now, by=cast.by)


def cancelled(cast: Cast) -> datetime:
    planned(cast)
    cancels(cast, MONDAY)
    return MONDAY


def tomorrow(cast: Cast) -> datetime:
    planned(cast, MONDAY + DAY, now=MONDAY - 7 * DAY)
    return plan_all(cast, MONDAY)


def met(cast: Cast) -> datetime:
    planned(cast, MONDAY - 3 * DAY, now=MONDAY - 7 * DAY)
    return plan_all(cast, MONDAY)


def answers(cast: Cast, now: datetime) -> None:
    with cast.scope():
        mark_held(meeting=Meeting.objects.get(), participant=cast.mentee, now=now, by=cast.by)


# --- choosing


def small_cohort(cast: Cast) -> Cohort:
    with cast.scope():
        return make_cohort(
            cast,
            [Someone("Ada One", ("ai_tools",)), Someone("Ben Two", ("social_media",))],
            [Someone("Uma Four", ("ai_tools",)), Someone("Vic Five", ("social_media",))],
        )


def choosing_opened(cast: Cast) -> datetime:
    picking.choosing(cast, small_cohort(cast))
    return plan_all(cast, picking.NOW)


def last_called(cast: Cast) -> datetime:
    choosing_opened(cast)
    return plan_all(cast, picking.NOW + 2 * DAY)


def more_time(cast: Cast, now: datetime) -> None:
    with cast.scope():
        Cohort.objects.exclude(choose_until=None).update(choose_until=picking.UNTIL + 5 * DAY)


def everybody_picks(cast: Cast, now: datetime) -> None:
    with cast.scope():
        cohort = Cohort.objects.get(choose_until__isnull=False)
        for one, other in (("Ada One", "Uma Four"), ("Ben Two", "Vic Five")):
            for me, you in ((one, other), (other, one)):
                Pick.objects.create(participant=find(cohort, me), partner=find(cohort, you), rank=1)


def asked(cast: Cast) -> datetime:
    with cast.scope():
        cohort = asking.choosing(cast, "Ada Ben Cem", "Uma Vic Wes")
        asking.ask(cohort, "Uma", "Ada")
    return asking.MONDAY


def choosers(cast: Cast) -> Cohort:
    return Cohort.objects.get(name="Choosing")


def accepts(cast: Cast, now: datetime) -> None:
    with cast.scope():
        asking.accept(choosers(cast), "Uma", "Ada")


def accepted(cast: Cast) -> datetime:
    asked(cast)
    accepts(cast, asking.MONDAY)
    return asking.MONDAY


def ends_new_pair(cast: Cast, now: datetime) -> None:
    with cast.scope():
        end_pair(pair=Pair.objects.get(cohort=choosers(cast)), reason="no_time", by=cast.by, now=now)


def refused(cast: Cast) -> datetime:
    asked(cast)
    with cast.scope():
        asking.decline(choosers(cast), "Uma", "Ada")
    return asking.MONDAY


def finds_another(cast: Cast, now: datetime) -> None:
    with cast.scope():
        asking.ask(choosers(cast), "Ben", "Uma")
        asking.accept(choosers(cast), "Ben", "Uma")


SCENES: dict[str, Scene] = {
    "invite_member": Scene(member_invited, "sent", member_joined),
    "login_code": account("login_code", "dropped"),
    "email_confirmation": account("email_confirmation", "dropped"),
    "email_confirmation_signup": account("email_confirmation_signup", "dropped"),
    "password_reset_key": account("password_reset_key", "dropped"),
    "confirmation_code": account("confirmation_code", "dropped"),
    "account_already_exists": account("account_already_exists", "sent"),
    "sign_up_invitation": account("sign_up_invitation", "sent"),
    "sign_up_not_invited": account("sign_up_not_invited", "dropped"),
    **{kind: account(kind, "sent") for kind in ACCOUNT_CHANGES},
    "address_left": Scene(address_moved, "sent", moved_back),
    "address_new": Scene(address_moved, "sent", moved_again),
    "invitation": Scene(invited, "sent", joined),
    "enrolment_nudge": Scene(lambda cast: invited(cast, 4), "sent", declined),
    "introduction": Scene(published, "sent", pair_ends),
    "pair_over": Scene(pair_ended, "sent", pair_again),
    "waitlist": Scene(waits, "sent", waits_no_more),
    "new_link": Scene(link_asked_for, "sent", left),
    "meeting_planned": Scene(planned, "dropped", cancels),
    "meeting_changed": Scene(moved, "dropped", cancels),
    "meeting_readdressed": Scene(moved_with_a_meeting, "dropped", cancels),
    "meeting_cancelled": Scene(cancelled, "sent", None),
    "meeting_tomorrow": Scene(tomorrow, "dropped", cancels),
    "did_you_meet": Scene(met, "sent", answers),
    "plan_a_meeting": Scene(lambda cast: plan_all(cast, MONDAY), "sent", plans),
    "choose_opened": Scene(choosing_opened, "sent", more_time),
    "choose_last_call": Scene(last_called, "dropped", everybody_picks),
    "pair_request": Scene(asked, "sent", accepts),
    "pair_request_accepted": Scene(accepted, "sent", ends_new_pair),
    "pair_request_ended": Scene(refused, "sent", finds_another),
}
