"""Changing a draft by hand: what to change, what it means, do it; and undo."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matching.actions.edits import EditPlan, check_counts, edit_draft, plan_edit
from matching.actions.inquiries import ask
from matching.actions.undo import undo_edit
from matching.enums import EditKind, InquiryKind
from matching.forms.edits import ChangeForm, ConfirmForm
from matching.models import Proposal
from matching.prices import people_in, price_text
from matching.queries.inquiries import prices_of
from matching.queries.pairing import rule_words
from matching.queries.people import participant_names
from matching.queries.settings import settings_now
from matching.rules import can_be_overridden
from matching.views.workbench.lookup import proposal_or_404, run_or_404
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.models import Cohort, Participant
from programs.queries.participants import participant_in
from programs.views.cohort_page import cohort_context, cohort_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_change(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    """Choose what to change and with whom. A POST looks at it: what it costs is asked for, nothing else."""
    cohort = cohort_or_404(cohort_id)
    proposal = proposal_or_404(cohort, proposal_id)
    form = _form(request, proposal, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        kind, other = EditKind(form.cleaned_data["kind"]), form.cleaned_data["partner"]
        try:
            plan = plan_edit(proposal=proposal, kind=kind, other=other)
        except NotAllowed as refusal:
            form.add_error("partner", str(refusal))
        else:
            _ask_prices(request, proposal, plan)
            return redirect(_plan_url(request, proposal, kind, other))
    context = _context(request, cohort, proposal, form)
    return page_or_fragment(request, "matching/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_change_plan(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    """What the change in the address means, and the button that makes it. A POST makes it; what somebody
    typed is still there if it cannot be made."""
    cohort = cohort_or_404(cohort_id)
    proposal = proposal_or_404(cohort, proposal_id)
    if not request.GET and request.method != "POST":
        return redirect("match_change", request.organization.slug, cohort.pk, proposal.pk)
    kind, other = _asked(cohort, request.POST if request.method == "POST" else request.GET)
    try:
        plan = plan_edit(proposal=proposal, kind=kind, other=other)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("match_change", request.organization.slug, cohort.pk, proposal.pk)
    initial = {"kind": kind.value, "other": other.pk}
    data = request.POST if request.method == "POST" else None
    confirm = ConfirmForm(data, must_override=_broken(plan, fixed=False), initial=initial)
    if data and confirm.is_valid() and _change(request, proposal, kind, other, confirm):
        return redirect("match", request.organization.slug, cohort.pk)
    asked = {"kind": kind.value, "partner": other.person.email or other.person.name}
    context = _context(request, cohort, proposal, _form(request, proposal, None, initial=asked))
    context |= _meaning(request, cohort, proposal, plan) | {"confirm": confirm}
    context["plan_url"] = _plan_url(request, proposal, kind, other)
    status = 422 if confirm.errors else 200
    return page_or_fragment(request, "matching/change.html", context, fragment="price", status=status)


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_undo(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """Back to the draft before this change; with what became of a seat that came with it."""
    cohort = cohort_or_404(cohort_id)
    undone = undo_edit(run=run_or_404(cohort, run_id), by=request.actor, now=timezone.now())
    if undone:
        words = _("Undone. %(draft)s counts again.") % {"draft": undone.draft}
        messages.success(request, f"{words} {undone.seat}".strip())
    else:
        messages.info(request, _("This change was undone before. Nothing has changed."))
    return redirect("match", request.organization.slug, cohort.pk)


def _form(request: Any, proposal: Proposal, data: Any, initial: dict[str, Any] | None = None) -> ChangeForm:
    people_url = reverse("match_people", args=[request.organization.slug, proposal.run.cohort_id])
    return ChangeForm(
        data, mentor=proposal.mentor, mentee=proposal.mentee, people_url=people_url, initial=initial
    )


def _asked(cohort: Cohort, data: Any) -> tuple[EditKind, Participant]:
    kind, other = data.get("kind", ""), data.get("other", "")
    found = participant_in(cohort, int(other)) if other.isdecimal() and len(other) < 16 else None
    if kind not in EditKind.values or found is None:
        raise Http404
    return EditKind(kind), found


def _plan_url(request: Any, proposal: Proposal, kind: EditKind, other: Participant) -> str:
    arguments = [request.organization.slug, proposal.run.cohort_id, proposal.pk]
    query = urlencode({"kind": str(kind.value), "other": str(other.pk)})
    return f"{reverse('match_change_plan', args=arguments)}?{query}"


def _ask_prices(request: Any, proposal: Proposal, plan: EditPlan) -> None:
    for mentor, mentee in plan.wanted:
        ask(run=proposal.run, kind=InquiryKind.PRICE, mentor=mentor, mentee=mentee, by=request.actor)


def _change(
    request: Any, proposal: Proposal, kind: EditKind, other: Participant, confirm: ConfirmForm
) -> bool:
    data = confirm.cleaned_data
    try:
        edit_draft(
            proposal=proposal,
            kind=kind,
            other=other,
            by=request.actor,
            note=data["note"],
            override=data.get("override", False),
        )
    except NotAllowed as refusal:
        confirm.add_error(None, str(refusal))
        return False
    messages.success(request, _("On its way: the draft is changed around it, with as few moves as possible."))
    return True


def _context(request: Any, cohort: Cohort, proposal: Proposal, form: ChangeForm) -> dict[str, Any]:
    try:
        check_counts(cohort, proposal.run)
        stale = ""
    except NotAllowed as refusal:
        stale = str(refusal)
    return cohort_context(
        request, cohort, tab="match", proposal=proposal, run=proposal.run, form=form, stale=stale
    )


def _meaning(request: Any, cohort: Cohort, proposal: Proposal, plan: EditPlan) -> dict[str, Any]:
    """The new pairs with score, price and rules, who loses a partner, and what is no longer kept."""
    labels = settings_now(cohort).labels
    ids = [(mentor.pk, mentee.pk) for mentor, mentee in plan.wanted]
    inquiries = prices_of(proposal.run, ids)
    done = {pair: one.result for pair, one in inquiries.items() if one.is_done}
    names = participant_names(people_in(done.values())) if done else {}
    names |= {one.pk: one.person.name for pair in plan.wanted for one in pair}
    pairs = []
    for mentor, mentee in plan.wanted:
        pair = (mentor.pk, mentee.pk)
        result = done.get(pair)
        pairs.append(
            {
                "mentor": mentor,
                "mentee": mentee,
                "broken": rule_words(plan.broken[pair], labels),
                "result": result,
                "price": _price(plan, pair, result, names) if result else "",
                "error": inquiries[pair].error if pair in inquiries and not result else "",
            }
        )
    return {
        "plan": plan,
        "pairs": pairs,
        "working": any(one.is_open for one in inquiries.values()),
        "impossible": _broken(plan, fixed=True),
        "must_override": _broken(plan, fixed=False),
    }


def _price(plan: EditPlan, pair: tuple[int, int], result: dict[str, Any], names: dict[int, str]) -> str:
    """What the new pair costs the cohort; two pairs that swap are told by their scores alone."""
    if plan.kind == EditKind.SWAP:
        return ""
    asker = "mentor" if plan.kind == EditKind.MENTEE else "mentee"
    chosen = pair[1] if asker == "mentor" else pair[0]
    people = {"mentor": pair[0], "mentee": pair[1]}
    return price_text(result, names, asker=asker, chosen=names.get(chosen, ""), pair=people)


def _broken(plan: EditPlan, *, fixed: bool) -> bool:
    """Whether a new pair breaks rules that nobody can override (`fixed`), or others."""
    rules = {rule for found in plan.broken.values() for rule in found} - {"never"}
    return any(can_be_overridden(rule) != fixed for rule in rules)
