from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from mentoring.actions import audit
from mentoring.actions.users import confirm_address
from mentoring.actors import Actor
from mentoring.enums import PersonStatus, Role
from mentoring.jobs import enqueue
from mentoring.models import Membership, Person, User
from mentoring.queries.logins import owner_of
from mentoring.rules import NotAllowed, is_reachable, normalize_email, today_in
from programs.actions.cohorts import lock_cohort
from programs.actions.rests import end_rest, take_rest
from programs.enums import CohortStatus, PairRole, ParticipantStatus
from programs.models import Cohort, Participant
from programs.queries.pairs import is_paired, partners_of
from programs.queries.rests import rest_of, rests_on
from programs.rules import (
    check_capacity,
    check_participant_transition,
    enrolment_is_open,
    mentors_wait,
    why_enrolment_is_closed,
)

RESEND_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Invited:
    """What became of the people that were to be invited."""

    invited: int
    already: int
    without_email: int
    left: int
    resting: int


def invite_people(
    *, cohort: Cohort, people: QuerySet[Person], role: PairRole, by: Actor, now: datetime
) -> Invited:
    """Invite people in one role. Those already in the cohort, without an address, who have left or are on a
    break are passed over and counted, so that pressing the button twice invites nobody twice.

    The mails are planned by a worker from these rows (`programs.reminders`), so that thousands of them
    neither keep the page waiting nor get lost with a broker.
    """
    cohort = lock_cohort(cohort)
    _check_enrolment(cohort, now)
    if role == PairRole.MENTOR and mentors_wait(cohort):
        raise NotAllowed(_("Mentees enrol first here. Publish what they want to learn, then invite mentors."))
    found = list(people.values_list("id", "email", "status"))
    enrolled = set(
        Participant.objects.filter(
            cohort=cohort, person__in=[pk for pk, _email, _status in found]
        ).values_list("person_id", flat=True)
    )
    new = [row for row in found if row[0] not in enrolled]
    left = [row for row in new if row[2] == PersonStatus.LEFT]
    silent = [row for row in new if row[2] != PersonStatus.LEFT and not row[1]]
    reachable = [pk for pk, email, status in new if status != PersonStatus.LEFT and email]
    today = today_in(cohort.organization.time_zone, now)
    resting = set(rests_on(today).filter(person__in=reachable).values_list("person_id", flat=True))
    chosen = [pk for pk in reachable if pk not in resting]
    _check_invited_today(len(chosen), now)
    Participant.objects.bulk_create(
        [Participant(cohort=cohort, person_id=pk, role=role, invited_at=now) for pk in chosen],
        ignore_conflicts=True,
        batch_size=1000,
    )
    # An import of answers may have brought some of them in meanwhile.
    invited = Participant.objects.filter(cohort=cohort, person__in=chosen, role=role, invited_at=now).count()
    if invited:
        audit.record("participants.invited", cohort, by=by, role=role.value, number=invited)
        enqueue("mentoring.plan_reminders", cohort.organization_id)
    already = len(enrolled) + len(chosen) - invited
    return Invited(invited, already, len(silent), len(left), len(resting))


def _check_invited_today(more: int, now: datetime) -> None:
    """Each gets a mail at an address that somebody typed: an organization cannot write to the whole world."""
    limit = settings.PEOPLE_INVITED_A_DAY
    today = Participant.objects.filter(invited_at__gt=now - timedelta(days=1)).count()
    if more and today + more > limit:
        raise NotAllowed(
            _(
                "Your organization can invite %(limit)s people within a day, and has invited %(today)s. "
                "Choose fewer with the filters, and invite the others tomorrow."
            )
            % {"limit": limit, "today": today}
        )


def resend_invitation(*, participant: Participant, by: Actor, now: datetime) -> Participant:
    """Send the invitation once more; also to somebody who declined or was withdrawn. Not to somebody on a
    break: they would have to end it first, which nobody can do for them."""
    participant = _lock(participant)
    _check_enrolment(participant.cohort, now)
    person = participant.person
    if not person.email or person.status == PersonStatus.LEFT:
        raise NotAllowed(_("%(name)s has no e-mail address, or has left.") % {"name": person})
    _refuse_on_break(participant, now)
    if participant.status != ParticipantStatus.INVITED:
        check_participant_transition(participant.status, ParticipantStatus.INVITED)
    elif participant.invited_at and now - participant.invited_at < RESEND_AFTER:
        raise NotAllowed(_("The invitation of %(name)s went out a few minutes ago.") % {"name": person})
    participant.status = ParticipantStatus.INVITED
    participant.invited_at = now
    participant.save(update_fields=["status", "invited_at"])
    audit.record("participant.invited_again", participant, by=by)
    enqueue("mentoring.plan_reminders", participant.organization_id)
    return participant


def withdraw_participant(*, participant: Participant, by: Actor) -> Participant:
    """The champion takes somebody out of the cohort. A paired one only after the pair has ended."""
    participant = _lock(participant)
    if participant.cohort.status == CohortStatus.CLOSED:
        raise NotAllowed(_("This cohort is closed. Start a new cohort to go on."))
    check_participant_transition(participant.status, ParticipantStatus.WITHDRAWN)
    if is_paired(participant):
        raise NotAllowed(_("%(name)s is paired. End the pair first.") % {"name": participant.person})
    participant.status = ParticipantStatus.WITHDRAWN
    participant.save(update_fields=["status"])
    audit.record("participant.withdrawn", participant, by=by)
    return participant


def join_cohort(*, participant: Participant, capacity: int, by: Actor, now: datetime) -> Participant:
    """Say yes, with the number of partners one can take; again, to change that number. A yes ends a break.

    Also gives the person a login by their e-mail address, which they have proved by opening its link, so that
    they can come back later with a code.
    """
    participant = _lock(participant)
    _check_enrolment(participant.cohort, now)
    check_capacity(capacity)
    if participant.status == ParticipantStatus.JOINED:
        if participant.capacity != capacity:
            _check_partners(participant, capacity)
            participant.capacity = capacity
            participant.save(update_fields=["capacity"])
            audit.record("participant.capacity_changed", participant, by=by, capacity=capacity)
        return participant
    check_participant_transition(participant.status, ParticipantStatus.JOINED)
    participant.status = ParticipantStatus.JOINED
    participant.capacity = capacity
    participant.joined_at = now
    participant.declined_at, participant.decline_reason = None, ""
    participant.save(update_fields=["status", "capacity", "joined_at", "declined_at", "decline_reason"])
    give_login(person=participant.person, by=by, now=now)
    end_rest(person=participant.person, by=by, now=now)
    audit.record("participant.joined", participant, by=by, capacity=capacity)
    return participant


def add_seat(*, participant: Participant, by: Actor) -> Participant:
    """The champion has asked somebody who joined, and notes that they take one partner more."""
    participant = _lock(participant)
    if participant.cohort.status == CohortStatus.CLOSED:
        raise NotAllowed(_("This cohort is closed. Start a new cohort to go on."))
    if participant.status != ParticipantStatus.JOINED:
        raise NotAllowed(_("%(name)s is no longer in this cohort.") % {"name": participant.person})
    check_capacity(participant.capacity + 1)
    participant.capacity += 1
    participant.save(update_fields=["capacity"])
    audit.record("participant.seat_added", participant, by=by, capacity=participant.capacity)
    return participant


def take_seat_back(*, participant: Participant, capacity: int, by: Actor) -> Participant:
    """The opposite of `add_seat`, as long as the number is still the `capacity` that it was raised to and
    nobody sits on that seat; else it stays, and NotAllowed says why."""
    participant = _lock(participant)
    name = {"name": participant.person}
    if participant.status != ParticipantStatus.JOINED:
        raise NotAllowed(_("%(name)s is no longer in this cohort, so the further seat stays noted.") % name)
    if participant.capacity != capacity:
        raise NotAllowed(
            _("The number of partners of %(name)s was changed since, so it stays as it is.") % name
        )
    if partners_of(participant) >= capacity:
        raise NotAllowed(_("The further seat of %(name)s is taken by now, so it stays.") % name)
    check_capacity(capacity - 1)
    participant.capacity = capacity - 1
    participant.save(update_fields=["capacity"])
    audit.record("participant.seat_taken_back", participant, by=by, capacity=participant.capacity)
    return participant


def decline_invitation(
    *, participant: Participant, reason: str, by: Actor, now: datetime, until: date | None = None
) -> Participant:
    """Say no, or step back before being paired. It can be changed while enrolment is open. With `until` they
    take a break as well: no program invites them before that day."""
    participant = _lock(participant)
    if is_paired(participant):
        raise NotAllowed(_("You are already paired. Write to your program champion if it does not work."))
    if participant.cohort.status != CohortStatus.MATCHING:
        _check_enrolment(participant.cohort, now)
    if until:
        take_rest(person=participant.person, until=until, by=by, now=now)
    if participant.status == ParticipantStatus.DECLINED:
        return participant
    check_participant_transition(participant.status, ParticipantStatus.DECLINED)
    participant.status = ParticipantStatus.DECLINED
    participant.declined_at = now
    participant.decline_reason = reason.strip()[:300]
    participant.save(update_fields=["status", "declined_at", "decline_reason"])
    audit.record("participant.declined", participant, by=by)
    return participant


def give_login(*, person: Person, by: Actor, now: datetime) -> User | None:
    """A user with the person's address and, if they have no role yet, the role of a participant.

    They came by the link of a mail, so the address is theirs and a stranger's earlier claim to it ends. None
    where the address opens a log-in that this organization has parted with: it may still be the former
    holder's. They go on by the links of their mails.
    """
    owner = owner_of(person.email)
    if owner is not None and owner.barred:
        return None
    user, email = person.user, normalize_email(person.email)
    if user is not None and not is_reachable(user.email) and owner is None:
        user.email = email
        user.save(update_fields=["email"])
    if user is None or not is_reachable(user.email) or not Membership.objects.filter(user=user).exists():
        user = User.objects.get(pk=owner.user_id) if owner else None
    if user is None:
        user = User.objects.create_user(email)
    if owner is None or owner.user_id == user.pk:
        confirm_address(user=user)
    membership, created = Membership.objects.get_or_create(
        user=user,
        defaults={
            "name": person.name[:120],
            "invited_email": email,
            "role": Role.PARTICIPANT,
            "joined_at": now,
        },
    )
    if created:
        audit.record("member.joined", membership, by=by, role=Role.PARTICIPANT.value)
    if person.user_id != user.pk:
        person.user = user
        person.save(update_fields=["user"])
    return user


def _check_partners(participant: Participant, capacity: int) -> None:
    """Where people found each other already, nobody goes under the partners they have."""
    made = partners_of(participant)
    if capacity < made:
        raise NotAllowed(
            ngettext_lazy(
                "You have %(number)s partner already. Choose that number or more.",
                "You have %(number)s partners already. Choose that number or more.",
                made,
            )
            % {"number": made}
        )


def _refuse_on_break(participant: Participant, now: datetime) -> None:
    today = today_in(participant.cohort.organization.time_zone, now)
    if rest := rest_of(participant.person, today):
        raise NotAllowed(
            _(
                "%(name)s is on a break until %(day)s. "
                "Only %(name)s can end it, by the link in any earlier mail."
            )
            % {"name": participant.person, "day": date_format(rest.until, "j F Y")}
        )


def _lock(participant: Participant) -> Participant:
    rows = Participant.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("person", "cohort__organization").get(pk=participant.pk)


def _check_enrolment(cohort: Cohort, now: datetime) -> None:
    today = today_in(cohort.organization.time_zone, now)
    if not enrolment_is_open(cohort, today):
        raise NotAllowed(why_enrolment_is_closed(cohort, today))
