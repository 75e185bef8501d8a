"""The cast of the demo: who owns, runs, mentors, is mentored and looks on, in Northwind and in Fabrikam."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from matching.enums import RunPurpose
from matching.run_settings import Changes, Options, ShareAim
from mentoring.actions.organizations import create_organization
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import Membership, Organization, Person, User
from mentoring.rules import today_in
from mentoring.tenancy.scoping import organization_scope
from outcomes.demo.choosing import ask, pick
from outcomes.demo.dating import dated
from outcomes.demo.people import make_people
from outcomes.demo.promises import check_fabrikam, check_northwind
from outcomes.demo.story import Dates, Story
from programs.actions.rests import take_rest
from programs.enums import MatchingMode, PairRole
from programs.forms.rests import HALF_A_YEAR
from programs.models import Cohort, Participant, Program
from programs.rules import add_months, rest_ends

PASSWORD = "upward-demo"


def make_demo(now: datetime) -> None:
    """Both companies as they are at `now`, in one transaction; refused where a promise would be broken."""
    with transaction.atomic():
        make_northwind(now)
        make_fabrikam(now)


def _user(email: str, name: str, time_zone: str) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, time_zone=time_zone)
    # The password works at once: the address of a demo account needs no proof.
    user.emailaddress_set.create(email=email, verified=True, primary=True)  # type: ignore[attr-defined]
    return user


def _member(person: Person, email: str, role: Role, now: datetime) -> Membership:
    """Give somebody of the roster one of the demo's addresses, a login and a role."""
    user = _user(email, person.name, person.time_zone)
    person.email, person.user = email, user
    person.save()
    return Membership.objects.create(
        user=user, name=person.name, invited_email=email, role=role, joined_at=now
    )


@dated
def make_northwind(now: datetime) -> Organization:
    """240 people over six sites: a cohort closed after a year, one in its third month, one in which people
    choose, one whose mentees enrol first; and a second program in which people ask each other."""
    owner = _user("owner@northwind.example", "Ingrid Solberg", "Europe/Oslo")
    organization = create_organization(
        name="Northwind", slug="northwind", owner=owner, time_zone="Europe/Oslo"
    )
    with organization_scope(organization):
        today = today_in(organization.time_zone, now)
        people = make_people("northwind", 240, today=today, seed=7)
        heads = [person for person in people if (person.level or 0) >= 5]
        juniors = [person for person in people if (person.level or 0) <= 2]
        hr = next(person for person in people if person.unit == "People" and person.level == 4)
        mentor = next(person for person in juniors if person.unit == "Engineering")
        mentee = next(person for person in heads if person.unit == "Finance" and person.level == 6)
        champion = _member(hr, "champion@northwind.example", Role.CHAMPION, now)
        _member(mentor, "mentor@northwind.example", Role.PARTICIPANT, now)
        _member(mentee, "mentee@northwind.example", Role.PARTICIPANT, now)
        _member(people[0], "overseer@northwind.example", Role.OVERSEER, now)
        organization.contact_name, organization.contact_email = hr.name, hr.email
        organization.save()
        story = Story(organization, champion, now, Random(11))
        program = story.program(
            name="Digital leadership",
            purpose=(
                "Our leaders decide about tools they have never used and about colleagues they rarely meet. "
                "For six months, somebody close to the work shows them both."
            ),
            initiative="Northwind 2030: closer to the customer",
            endorsement="Three of these hours taught me more about us than a year of reviews. Take the time.",
        )
        rest = [person for person in juniors if person != mentor]
        last_year, this_year, next_year = rest[:34], [mentor, *rest[34:74]], rest[74:]
        leaders = [person for person in heads if person not in (mentee, people[0])]
        closed = story.enrol(
            program, "Pilot year", Dates(add_months(today, -14), 12), last_year, leaders[:26]
        )
        story.match(closed)
        story.meet(closed, share=0.82)
        story.close(closed)
        running = story.enrol(
            program,
            "Autumn cohort",
            Dates(add_months(today, -2) - timedelta(days=22), 6),
            this_year,
            [mentee, *leaders],
            matching_mode=MatchingMode.HYBRID,
        )
        story.match(running, keep=(mentor, mentee))
        story.part(running, 2)
        story.meet(running, share=0.85)
        _choosing(story, program, [mentor, *next_year[:25]], [mentee, *leaders[:18]], (mentor, mentee))
        _asking(story, [mentor, *next_year[28:42]], [mentee, *leaders[18:26]], (mentor, mentee))
        story.enrol(
            program,
            "Summer cohort",
            Dates(today + timedelta(days=34), 6),
            [],
            leaders[4:22],
            mentees_first=True,
        )
        _rest(story, closed)
        story.settle(now)
        story.lose_mail(running)
    check_northwind(organization, now)
    return organization


def _choosing(
    story: Story, program: Program, mentors: list[Person], mentees: list[Person], cast: tuple[Person, ...]
) -> None:
    """People choose for some days more: most have, the demo's mentor and mentee have not. The champion has
    looked at what would come of it, and at what would if leaders were taken from everywhere. More mentors
    take part than there are seats, so that some have no partner in the draft."""
    dates = Dates(story.today + timedelta(days=11), 6)
    cohort = story.enrol(
        program,
        "Spring cohort",
        dates,
        mentors,
        mentees,
        surely=mentors[: len(mentees) + 3],
        matching_mode=MatchingMode.HYBRID,
    )
    story.close_enrolment(cohort)
    spared = Participant.objects.filter(cohort=cohort, person__in=cast).values_list("pk", flat=True)
    pick(cohort, share=0.7, now=story.now, random=story.random, spared=spared)
    story.draft(cohort)
    story.draft(
        cohort,
        purpose=RunPurpose.WHAT_IF,
        note="At least nine of ten pairs across regions",
        changes=Changes(options=Options(share=ShareAim("person:region", 90))),
    )


def _asking(story: Story, mentors: list[Person], mentees: list[Person], cast: tuple[Person, ...]) -> None:
    """A second program in which people ask each other: some are pairs already, the demo's mentor has been
    asked, and its mentee waits for an answer."""
    program = story.program(
        name="Look ahead",
        purpose="Two people who want to learn from each other, and find each other themselves.",
        initiative="",
        endorsement="",
    )
    dates = Dates(story.today + timedelta(days=12), 6)
    cohort = story.enrol(program, "First round", dates, mentors, mentees, matching_mode=MatchingMode.CHOOSE)
    story.close_enrolment(cohort)
    mentor, mentee = (
        Participant.objects.select_related("person", "cohort").get(cohort=cohort, person=person)
        for person in cast
    )
    ask(cohort, share=0.6, now=story.now, random=story.random, mentor=mentor, mentee=mentee)


def _rest(story: Story, closed: Cohort) -> None:
    """After their year two mentors sit out for half a one: who invites meets them on the first page."""
    took_part = Participant.objects.filter(cohort=closed, role=PairRole.MENTOR, answered_at__isnull=False)
    until = rest_ends(story.today)[HALF_A_YEAR - 1]
    for participant in took_part.select_related("person").order_by("person__last_name", "pk")[:2]:
        person = participant.person
        take_rest(person=person, until=until, by=Actor.of_person(person), now=story.now)


@dated
def make_fabrikam(now: datetime) -> Organization:
    """Another tenant, smaller, with a running cohort: what Northwind must never see."""
    champion = _user("champion@fabrikam.example", "Mara Keller", "Europe/Berlin")
    organization = create_organization(
        name="Fabrikam", slug="fabrikam", owner=champion, time_zone="Europe/Berlin"
    )
    with organization_scope(organization):
        today = today_in(organization.time_zone, now)
        people = make_people("fabrikam", 60, today=today, seed=23)
        story = Story(organization, Membership.objects.get(), now, Random(29))
        program = story.program(
            name="Eye to eye",
            purpose="Leaders hear from people in their first years here what we do not say in meetings.",
            initiative="Belonging",
            endorsement="",
        )
        juniors = [person for person in people if (person.level or 0) <= 2]
        leaders = [person for person in people if (person.level or 0) >= 5]
        cohort = story.enrol(program, "First cohort", Dates(add_months(today, -1), 6), juniors[:16], leaders)
        story.match(cohort)
        story.meet(cohort, share=0.75)
    check_fabrikam(organization, now)
    return organization
