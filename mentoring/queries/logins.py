"""Log-ins of people on the roster, as a change of their addresses needs them."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from allauth.account.models import EmailAddress

from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import Membership, PartedLogin, Person, User
from mentoring.people.addresses import Login, Owner, Protected
from mentoring.queries.members import all_memberships_of
from mentoring.rules import normalize_email
from mentoring.tenancy.permissions import Permission
from mentoring.tenancy.scoping import current_organization_id


class LoginBook:
    """What the plan of an import asks about log-ins, in as few queries as it can. `by` is whose word moves
    addresses and ends access: for a role above a participant's, all of them must be allowed to manage
    members."""

    def __init__(self, *by: Actor) -> None:
        self.by = by

    def logins(self, person_ids: Collection[int]) -> dict[int, Login]:
        people = Person.objects.exclude(user=None)
        if len(person_ids) <= 5000:
            people = people.filter(pk__in=person_ids)
        rows = list(people.values_list("pk", "user_id", "user__email"))
        user_ids = {user_id for _pk, user_id, _email in rows}
        members = Membership.objects.filter(user__in=user_ids)
        roles = dict(members.values_list("user_id", "role"))
        further: dict[int, set[str]] = defaultdict(set)
        confirmed = EmailAddress.objects.filter(user__in=user_ids, verified=True)
        for user_id, email in confirmed.values_list("user_id", "email"):
            further[user_id].add(email)
        return {
            pk: Login(user_id, email, roles.get(user_id, ""), frozenset(further[user_id]))
            for pk, user_id, email in rows
        }

    def used_elsewhere(self, user_ids: Iterable[int]) -> set[int]:
        """Who has a role in another organization, or is invited to one."""
        organization_id = current_organization_id()
        return {
            user.pk
            for user in User.objects.filter(pk__in=set(user_ids))
            if any(membership.organization_id != organization_id for membership in all_memberships_of(user))
        }

    def owners(self, addresses: Collection[str]) -> dict[str, Owner]:
        """Whose log-in each address opens; see `queries.users.user_of`."""
        claimed = User.objects.filter(email__in=addresses).values_list("email", "pk", "email")
        confirmed = EmailAddress.objects.filter(email__in=addresses, verified=True)
        rows = [*claimed, *confirmed.values_list("email", "user_id", "user__email")]
        users = {address: (user_id, email) for address, user_id, email in rows}
        user_ids = {user_id for user_id, _email in users.values()}
        members = dict(Membership.objects.filter(user__in=user_ids).values_list("user_id", "joined_at"))
        barred = set(PartedLogin.objects.filter(user__in=user_ids).values_list("user_id", "email"))
        return {
            address: Owner(
                user_id,
                email,
                member=user_id in members,
                joined=members.get(user_id) is not None,
                barred=(user_id, address) in barred,
            )
            for address, (user_id, email) in users.items()
        }

    def may_move(self, login: Login) -> bool:
        """Whoever moves a log-in could move it to an address of their own: so nobody moves one that may do
        more than they may. The system and commands may."""
        return all(_outranks(by, login.role) for by in self.by)

    def protected(self) -> Protected:
        """Members whose access is not `by`'s to end, as `queries.leaving.memberships_of_people` finds them:
        by the person whose log-in it is, else by an address."""
        found = Membership.objects.exclude(role=Role.PARTICIPANT).filter(suspended_at=None)
        roles = dict(found.values_list("user_id", "role"))
        allowed = {role: all(_outranks(by, role) for by in self.by) for role in set(roles.values())}
        users = {user_id for user_id, role in roles.items() if not allowed[role]}
        if not users:
            return Protected()
        tied = dict(Person.objects.filter(user__in=users).values_list("pk", "user_id"))
        untied = users - set(tied.values())
        claimed = User.objects.filter(pk__in=untied).values_list("email", flat=True)
        confirmed = EmailAddress.objects.filter(user__in=untied, verified=True)
        return Protected(frozenset(tied), frozenset([*claimed, *confirmed.values_list("email", flat=True)]))


def _outranks(by: Actor, role: str) -> bool:
    if by.user_id is None or role in ("", Role.PARTICIPANT):
        return True
    mine = Membership.objects.filter(user_id=by.user_id, suspended_at=None).first()
    if mine is None or not mine.has(Permission.MANAGE_MEMBERS):
        return False
    return role != Role.OWNER or mine.role == Role.OWNER


def owner_of(email: str) -> Owner | None:
    address = normalize_email(email)
    return LoginBook(Actor.system("")).owners([address]).get(address) if address else None
