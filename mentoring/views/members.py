from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.accounts.adapter import sign_in
from mentoring.actions import members as actions
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.forms.members import InviteForm, JoinForm, MemberFilter, RoleForm
from mentoring.hosts import own_path
from mentoring.mail.links import ClosedLink, link_mark
from mentoring.models import Membership
from mentoring.queries import members as queries
from mentoring.queries.leaving import may_make_owners
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import invited_view, member_view, signed_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, tell_saved


@member_view(Permission.MANAGE_MEMBERS)
def member_list(request: Any) -> TemplateResponse:
    form = MemberFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = Paginator(queries.members_found(**wanted), queries.PAGE_SIZE)
    context = {"form": form, "active": any(wanted.values()), "page": found.get_page(request.GET.get("page"))}
    return page_or_fragment(request, "members/list.html", context, fragment="members")


@member_view(Permission.MANAGE_MEMBERS)
def invite(request: Any) -> HttpResponseBase:
    is_owner = may_make_owners(request.membership)
    form = InviteForm(request.POST or None, owner=is_owner, initial={"role": Role.CHAMPION})
    if request.method == "POST" and form.is_valid():
        try:
            membership, is_new = actions.invite_member(
                organization=request.organization, **form.cleaned_data, now=timezone.now(), by=request.actor
            )
        except NotAllowed as refusal:
            form.add_error("email", str(refusal))
        else:
            address = {"email": membership.invited_email}
            if is_new:
                messages.success(request, _("The invitation goes to %(email)s.") % address)
            else:
                messages.info(request, _("%(email)s was invited before. No further mail is sent.") % address)
            return redirect("members", request.organization.slug)
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "members/invite.html", {"form": form}, status=status)


def _member_or_404(member_id: int) -> Membership:
    membership = queries.member_of(member_id)
    if membership is None:
        raise Http404
    return membership


@member_view(Permission.MANAGE_MEMBERS)
def member(request: Any, member_id: int) -> HttpResponseBase:
    membership = _member_or_404(member_id)
    if request.method == "POST":
        membership = queries.lock_member(membership)
    is_owner = may_make_owners(request.membership)
    initial = {"role": membership.role}
    form = RoleForm(request.POST or None, owner=is_owner, initial=initial, editing=True)
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        changed = actions.change_role(membership=membership, role=role, by=request.actor)
        words = {"person": membership.called, "role": role.label}
        tell_saved(request, changed, _("%(person)s is now %(role)s.") % words)
        return redirect("members", request.organization.slug)
    may_change = not membership.suspended_at and (is_owner or membership.role != Role.OWNER)
    may_remove = is_owner or membership.role != Role.OWNER
    context = {"form": form, "member": membership, "may_change": may_change, "may_remove": may_remove}
    return TemplateResponse(request, "members/member.html", context, status=422 if form.is_bound else 200)


@member_view(Permission.MANAGE_MEMBERS)
@require_POST
def resend(request: Any, member_id: int) -> HttpResponseBase:
    membership = _member_or_404(member_id)
    is_sent = actions.resend_invitation(
        organization=request.organization, membership=membership, now=timezone.now(), by=request.actor
    )
    address = {"email": membership.invited_email}
    if is_sent:
        messages.success(request, _("The invitation goes to %(email)s again.") % address)
    else:
        messages.info(request, _("%(email)s was sent an invitation a moment ago.") % address)
    return redirect("members", request.organization.slug)


@member_view(Permission.MANAGE_MEMBERS)
@require_POST
def remove(request: Any, member_id: int) -> HttpResponseBase:
    membership = _member_or_404(member_id)
    actions.remove_member(membership=membership, by=request.actor)
    messages.success(request, _("%(person)s is no longer a member.") % {"person": membership.called})
    if membership.user_id == request.user.pk:
        return redirect("start")
    return redirect("members", request.organization.slug)


@invited_view
def join(request: Any, membership: Membership) -> HttpResponseBase:
    """For who was invited and comes by another way than the link of the mail."""
    page = own_path(request.GET.get("next", "")) or request.organization.get_absolute_url()
    if membership.joined_at:
        return redirect(page)
    if request.method == "POST":
        actions.accept_invitation(membership=membership, now=timezone.now(), by=request.actor)
        return redirect(page)
    return TemplateResponse(request, "links/invitation.html", {"form": None, "membership": membership})


def _invited(claims: dict[str, Any]) -> Membership | None:
    membership = queries.invited_member(claims["m"], claims["u"])
    if membership and membership.suspended_at:
        raise ClosedLink
    return membership


def renew_invitation(request: Any, claims: dict[str, Any]) -> None:
    membership = _invited(claims)
    if membership and membership.joined_at is None:
        actions.resend_invitation(
            organization=request.organization, membership=membership, now=timezone.now(), by=request.actor
        )


@signed_view("invitation", renew=renew_invitation)
def invitation(request: Any, claims: dict[str, Any]) -> HttpResponseBase:
    """The link of an invitation. It signs in who never signed in before, once; everybody else goes
    through the usual door, because a link must not replace a password or a second factor."""
    membership = _invited(claims)
    if membership is None or not constant_time_compare(claims.get("k", ""), link_mark(membership.user.email)):
        raise Http404
    user = membership.user
    home = reverse("home", args=[request.organization.slug])
    if request.user.is_authenticated and request.user.pk == user.pk:
        if membership.joined_at:
            return redirect(home)
        if request.method == "POST":
            actions.accept_invitation(membership=membership, now=timezone.now(), by=Actor.of_user(user))
            return redirect(home)
        return TemplateResponse(request, "links/invitation.html", {"form": None, "membership": membership})
    if user.last_login or membership.joined_at or request.user.is_authenticated:
        context = {"membership": membership, "home": home, "other": request.user.is_authenticated}
        return TemplateResponse(request, "links/sign_in_first.html", context)
    form = JoinForm(request.POST or None, initial={"name": membership.name})
    if request.method == "POST" and form.is_valid():
        actions.open_account(
            membership=membership, name=form.cleaned_data["name"], now=timezone.now(), by=Actor.of_user(user)
        )
        sign_in(request, user, by="invitation")
        return redirect(home)
    context = {"form": form, "membership": membership}
    return TemplateResponse(request, "links/invitation.html", context, status=422 if form.is_bound else 200)
