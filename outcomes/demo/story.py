"""What happened in the demo's companies before it was opened: by the product's own actions at the times when
it would have happened, and in bulk where hundreds of people did the same."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db.models import F, QuerySet

from matching.actions.publish import publish_run
from matching.actions.rulings import rule_pairing
from matching.actions.runs import start_run
from matching.actions.solve import work_off
from matching.enums import RulingKind
from matching.models import MatchRun, PairRequest, Ruling
from mentoring.actors import Actor
from mentoring.enums import MessageReason, MessageStatus, Role
from mentoring.jobs import run_job
from mentoring.mail.reminders import plan_reminders
from mentoring.models import AuditEvent, Membership, Organization, OutgoingMessage, Person, User
from mentoring.rules import today_in
from mentoring.tenancy.statistics import refresh_statistics
from outcomes.demo.answers import make_answers
from outcomes.demo.choosing import pick
from outcomes.demo.dating import date_events
from programs.actions.cohorts import close_cohort, close_enrolment, create_cohort, open_enrolment
from programs.actions.pairs import end_pair
from programs.actions.participants import invite_people
from programs.actions.programs import create_program
from programs.actions.responses import write_answers
from programs.enums import MatchingMode, PairRole, ParticipantStatus, ResponseStatus
from programs.models import Cohort, Pair, Participant, Program, Response
from programs.queries.questionnaires import published_definition
from programs.rules import add_months
from programs.templates_catalog import find_template
from sessions.actions.meetings import plan_meeting
from sessions.enums import MeetingStatus
from sessions.models import Meeting

CHOOSE_BEFORE = 6  # days before a cohort's first one
PLACES = ["Meeting room Fjord", "Coffee corner, 3rd floor", "https://meet.example/northwind", "Canteen", ""]


@dataclass
class Dates:
    """A cohort's four days, counted from its first one."""

    starts_on: date
    months: int

    def all(self) -> dict[str, date]:
        return {
            "enroll_from": self.starts_on - timedelta(days=40),
            "enroll_until": self.starts_on - timedelta(days=14),
            "starts_on": self.starts_on,
            "ends_on": add_months(self.starts_on, self.months) - timedelta(days=1),
        }


@dataclass
class Story:
    """Tells one organization's past up to `now`. `random` is seeded: every demo is the same."""

    organization: Organization
    champion: Membership
    now: datetime
    random: Random
    told: int = field(default=0, init=False)

    @property
    def by(self) -> Actor:
        return Actor.of_user(self.champion.user)

    @property
    def today(self) -> date:
        """The day it is for the organization, as everywhere in the product."""
        return today_in(self.organization.time_zone, self.now)

    def at(self, day: date, hour: int = 10) -> datetime:
        """A moment of the past, never after now."""
        zone = ZoneInfo(self.organization.time_zone)
        return min(datetime.combine(day, time(hour, self.random.randrange(0, 60, 5)), zone), self.now)

    def settle(self, moment: datetime) -> None:
        """Date what was just recorded, and let the mail of that day have gone out. A year passes in seconds:
        autovacuum never comes by, and without its figures half of the time goes into bad plans."""
        refresh_statistics(Participant, Response, Pair, PairRequest)
        plan_reminders(self.organization, now=moment)
        date_events(self.told, moment)
        self.told = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        queued = OutgoingMessage.objects.filter(status=MessageStatus.QUEUED, send_after__lte=self.now)
        queued.update(status=MessageStatus.SENT, sent_at=F("send_after"), created_at=moment)

    def program(
        self,
        *,
        name: str,
        purpose: str,
        initiative: str,
        endorsement: str,
        template_key: str = "goals_and_interests",
    ) -> Program:
        template = find_template(template_key)
        assert template is not None
        sponsor = Person.objects.order_by("-level", "pk").first()
        program = create_program(
            template=template,
            name=name,
            purpose=purpose,
            initiative=initiative,
            endorsement=endorsement,
            champion=self.champion,
            sponsor=sponsor,
            by=self.by,
        )
        self.settle(self.at(self.today - timedelta(days=480)))
        return program

    def enrol(
        self,
        program: Program,
        name: str,
        dates: Dates,
        mentors: Iterable[Person],
        mentees: Iterable[Person],
        *,
        surely: Collection[Person] = (),
        **choosing: Any,
    ) -> Cohort:
        """A cohort with its people: most join and answer, `surely` these, some decline, some have not reacted
        yet. With a `matching_mode` in which people choose they can until some days before the first."""
        days = dates.all()
        opened = days["enroll_from"]
        if choosing.get("matching_mode", MatchingMode.ASSIGNED) != MatchingMode.ASSIGNED:
            choosing["choose_until"] = days["starts_on"] - timedelta(days=CHOOSE_BEFORE)
        cohort = create_cohort(
            program=program,
            name=name,
            dates=days,
            meeting_minutes=45,
            by=self.by,
            now=self.at(opened, 8),
            **choosing,
        )
        cohort = open_enrolment(cohort=cohort, by=self.by, now=self.at(opened, 9))
        for role, people in ((PairRole.MENTEE, list(mentees)), (PairRole.MENTOR, list(mentors))):
            if not people:
                continue
            chosen = Person.objects.filter(pk__in=[person.pk for person in people])
            invite_people(cohort=cohort, people=chosen, role=role, by=self.by, now=self.at(opened, 10))
        self.settle(self.at(opened, 11))
        last = min(days["enroll_until"], self.today)
        for role in PairRole:
            self._react(cohort, role, opened, last, surely)
        self.settle(self.at(last, 15))
        return cohort

    def _react(
        self, cohort: Cohort, role: PairRole, opened: date, last: date, surely: Collection[Person]
    ) -> None:
        """What the invited of one role did. In bulk: hundreds of them must not keep a demo waiting."""
        definition = published_definition(cohort.program, role)
        assert definition is not None
        rows = Participant.objects.filter(cohort=cohort, role=role).select_related("person")
        participants = list(rows.order_by("pk"))
        for participant in participants:
            day = opened + timedelta(days=min(int(self.random.expovariate(1 / 5)), (last - opened).days))
            luck = 0.0 if participant.person in surely else self.random.random()
            self._decide(participant, self.at(day, self.random.randint(9, 16)), luck)
        fields = [
            "status",
            "capacity",
            "joined_at",
            "declined_at",
            "decline_reason",
            "answered_at",
        ]
        Participant.objects.bulk_update(participants, fields)
        self._give_logins([participant for participant in participants if participant.joined_at])
        responses = Response.objects.bulk_create(
            Response(
                questionnaire_id=definition.id,
                participant=participant,
                status=ResponseStatus.SUBMITTED,
                submitted_at=participant.answered_at,
            )
            for participant in participants
            if participant.answered_at
        )
        write_answers(
            definition,
            {
                response.pk: make_answers(
                    definition, role, self._years(response.participant.person), self.random
                )
                for response in responses
            },
        )

    def _decide(self, participant: Participant, moment: datetime, luck: float) -> None:
        """Who has an account, of the demo or from an earlier cohort, joins and answers; of the others most
        do."""
        luck = 0.0 if participant.person.user_id else luck
        if luck > 0.9:
            return
        if luck > 0.82:
            participant.status, participant.declined_at = ParticipantStatus.DECLINED, moment
            participant.decline_reason = self.random.choice(["No time this half-year.", "I change jobs.", ""])
            return
        participant.status, participant.joined_at = ParticipantStatus.JOINED, moment
        participant.capacity = 2 if participant.role == PairRole.MENTEE and luck > 0.75 else 1
        if not 0.68 < luck < 0.72:
            participant.answered_at = moment + timedelta(minutes=6)

    def _years(self, person: Person) -> int:
        return (self.today - person.hired_on).days // 365 if person.hired_on else 1

    def _give_logins(self, participants: list[Participant]) -> None:
        """As `programs.actions.participants.give_login` does, for many."""
        people = [participant.person for participant in participants if participant.person.user_id is None]
        users = [
            User(
                email=person.email, name=person.name, time_zone=person.time_zone, password=make_password(None)
            )
            for person in people
        ]
        User.objects.bulk_create(users)
        Membership.objects.bulk_create(
            Membership(
                user=user, name=user.name, invited_email=user.email, role=Role.PARTICIPANT, joined_at=self.now
            )
            for user in users
        )
        for person, user in zip(people, users, strict=True):
            person.user = user
        Person.objects.bulk_update(people, ["user"])

    def match(self, cohort: Cohort, *, keep: tuple[Person, Person] | None = None) -> MatchRun:
        """Close enrolment, run the real matching and publish what it found. `keep`: a mentor and a mentee
        whom the champion wants paired."""
        day = cohort.enroll_until + timedelta(days=2)
        self.close_enrolment(cohort)
        kept = [Participant.objects.get(cohort=cohort, person=person) for person in keep or ()]
        if cohort.choose_until:
            spared = [participant.pk for participant in kept]
            moment = self.at(cohort.choose_until)
            pick(cohort, share=0.75, now=moment, random=self.random, spared=spared)
            day = cohort.choose_until
        if kept:
            mentor, mentee = kept
            rule_pairing(mentor=mentor, mentee=mentee, kind=RulingKind.KEEP, by=self.by)
        run = self.draft(cohort)
        publish_run(run=run, by=self.by, now=self.at(day + timedelta(days=3)))
        self.settle(self.at(day + timedelta(days=3)))
        return run

    def close_enrolment(self, cohort: Cohort) -> None:
        closed = close_enrolment(cohort=cohort, by=self.by)
        cohort.status = closed.status
        self.settle(self.at(cohort.enroll_until + timedelta(days=1)))

    def draft(self, cohort: Cohort, **more: Any) -> MatchRun:
        """A run of the real matching, not published; `more` as `start_run` takes it."""
        run = start_run(cohort=cohort, by=self.by, **more)
        run_job(MatchRun, work_off, self.organization.pk, run.pk)
        run.refresh_from_db()
        if not run.is_done:
            raise RuntimeError(f"The demo's matching failed: {run.error}")
        return run

    def meet(self, cohort: Cohort, *, share: float) -> None:
        """Each pair meets about once a month; a good share of what was planned took place. What is past
        is written at once, what is to come is planned as a pair would, with mail and calendar entry. A pair
        that the champion keeps has missed nothing and will meet again."""
        pairs = Pair.objects.filter(cohort=cohort).select_related("mentor__person", "mentee__person")
        kept = set(self._kept(cohort).values_list("mentor", flat=True))
        past: list[Meeting] = []
        for pair in pairs.order_by("pk"):
            is_kept = pair.mentor_id in kept
            keen = 1.0 if is_kept else share + self.random.uniform(-0.25, 0.2)
            month, number = 0, 0
            while (first := add_months(cohort.starts_on, month)) <= min(self.today, cohort.ends_on):
                month += 1
                starts_at = self._moment(first, pair)
                over = min(pair.ended_at or starts_at, starts_at) < starts_at
                if over or self.random.random() > keen or starts_at.date() > cohort.ends_on:
                    continue
                if starts_at + timedelta(hours=2) < self.now:
                    number += 1
                    status = MeetingStatus.HELD if is_kept else self._ending()
                    past.append(self._past_meeting(pair, number, starts_at, status))
                else:
                    self._plan(pair, starts_at, past)
                    break
            else:
                if is_kept and self.today < cohort.ends_on:
                    self._plan(pair, self._moment(self.today, pair), past)
        Meeting.objects.bulk_create(past)
        self.settle(self.at(min(self.today, cohort.ends_on), 12))

    def _moment(self, first: date, pair: Pair) -> datetime:
        """A working day of a month, at the hour that is least unkind to the two of them."""
        day = first + timedelta(days=self.random.randint(2, 24))
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
        zones = [ZoneInfo(one.person.time_zone) for one in (pair.mentor, pair.mentee)]

        def unkindness(starts_at: datetime) -> int:
            return sum(max(0, abs(starts_at.astimezone(zone).hour - 13) - 4) for zone in zones)

        hours = [datetime.combine(day, time(hour), UTC) for hour in range(24)]
        least = min(map(unkindness, hours))
        return self.random.choice([hour for hour in hours if unkindness(hour) == least])

    def _ending(self) -> MeetingStatus:
        ends = [MeetingStatus.HELD, MeetingStatus.CANCELLED, MeetingStatus.MISSED]
        return self.random.choices(ends, (90, 6, 4))[0]

    def _past_meeting(self, pair: Pair, number: int, starts_at: datetime, status: MeetingStatus) -> Meeting:
        planner = pair.mentor if self.random.random() < 0.8 else pair.mentee
        answered = status != MeetingStatus.CANCELLED
        return Meeting(
            pair=pair,
            number=number,
            starts_at=starts_at,
            minutes=self.random.choice([30, 45, 45, 60]),
            place=self.random.choice(PLACES),
            status=status,
            told_at=starts_at - timedelta(days=6),
            planned_by=planner,
            answered_by=planner if answered else None,
            answered_at=starts_at + timedelta(hours=2) if answered else None,
        )

    def _plan(self, pair: Pair, starts_at: datetime, past: list[Meeting]) -> None:
        """A meeting at that hour, in the first week whose mail and reminder still come in time."""
        while starts_at < self.now + timedelta(hours=26):
            starts_at += timedelta(days=7)
        Meeting.objects.bulk_create(past)  # a meeting's number follows those before
        past.clear()
        plan_meeting(
            pair=pair,
            starts_at=starts_at,
            minutes=45,
            place=self.random.choice(PLACES),
            participant=pair.mentor,
            by=Actor.of_person(pair.mentor.person),
            now=self.now - timedelta(days=2),
        )

    def _kept(self, cohort: Cohort) -> QuerySet[Ruling]:
        return Ruling.objects.filter(cohort=cohort, kind=RulingKind.KEEP)

    def part(self, cohort: Cohort, number: int) -> None:
        """Some pairs end before their time, without fault; never one that the champion keeps."""
        kept = self._kept(cohort).values("mentor")
        for pair in Pair.objects.filter(cohort=cohort).exclude(mentor__in=kept).order_by("-pk")[:number]:
            moment = self.at(cohort.starts_on + timedelta(days=self.random.randint(30, 60)))
            end_pair(pair=pair, reason="The mentor changed to another site.", by=self.by, now=moment)
        self.settle(self.now)

    def lose_mail(self, cohort: Cohort) -> None:
        """The newest mail to a mentee, not of a pair that the champion keeps, did not arrive."""
        mentees = Participant.objects.filter(cohort=cohort, role=PairRole.MENTEE)
        mentees = mentees.exclude(pk__in=self._kept(cohort).values("mentee"))
        mails = OutgoingMessage.objects.filter(person__in=mentees.values("person"), status=MessageStatus.SENT)
        lost = mails.latest("created_at", "pk")
        lost.status, lost.reason, lost.sent_at = MessageStatus.FAILED, MessageReason.NO_ADDRESS, None
        lost.error = f"550 5.1.1 <{lost.to_email}>: Recipient address rejected: User unknown"
        lost.attempts = 1
        lost.save()

    def close(self, cohort: Cohort) -> None:
        moment = self.at(cohort.ends_on + timedelta(days=3))
        close_cohort(cohort=cohort, by=self.by, now=moment)
        self.settle(moment)
