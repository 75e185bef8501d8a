from django.urls import path

from matching.views.choosing import choose, choosing, requests
from matching.views.runs import compare, runs, what_if
from matching.views.settings import criteria, exclusions, settings
from matching.views.workbench import edits, exports, inquiries, publish, rulings, unmatched, why, workbench

MATCH = "o/<slug:organization>/cohorts/<int:cohort_id>/match/"
EXCLUSIONS = "o/<slug:organization>/exclusions/"
ASKED = "o/<slug:organization>/p/<int:participant_id>/requests/<int:request_id>/"
CHOOSE = "o/<slug:organization>/p/<int:participant_id>/choose/"

urlpatterns = [
    path(MATCH, workbench.match, name="match"),
    path(MATCH + "run/", runs.match_start, name="match_start"),
    path(MATCH + "repair/", runs.match_repair, name="match_repair"),
    path(MATCH + "compare/", compare.match_compare, name="match_compare"),
    path(MATCH + "rulings/", rulings.match_rulings, name="match_rulings"),
    path(MATCH + "rulings/<int:ruling_id>/undo/", rulings.match_ruling_undo, name="match_ruling_undo"),
    path(MATCH + "settings/", settings.match_settings, name="match_settings"),
    path(MATCH + "settings/preview/", settings.match_preview, name="match_preview"),
    path(MATCH + "settings/criteria/", criteria.criterion_add, name="criterion_add"),
    path(MATCH + "settings/criteria/<int:criterion_id>/", criteria.criterion, name="criterion"),
    path(
        MATCH + "settings/criteria/<int:criterion_id>/remove/",
        criteria.criterion_remove,
        name="criterion_remove",
    ),
    path(MATCH + "runs/<int:run_id>/", runs.match_run, name="match_run"),
    path(MATCH + "runs/<int:run_id>/cancel/", runs.match_cancel, name="match_cancel"),
    path(MATCH + "runs/<int:run_id>/undo/", edits.match_undo, name="match_undo"),
    path(MATCH + "runs/<int:run_id>/adopt/", runs.match_adopt, name="match_adopt"),
    path(MATCH + "runs/<int:run_id>/what-if/", what_if.match_what_if, name="match_what_if"),
    path(MATCH + "runs/<int:run_id>/export/", exports.match_export, name="match_export"),
    path(MATCH + "runs/<int:run_id>/publish/", publish.match_publish, name="match_publish"),
    path(MATCH + "runs/<int:run_id>/take-back/", publish.match_take_back, name="match_take_back"),
    path(MATCH + "pairs/<int:proposal_id>/", why.match_pair, name="match_pair"),
    path(MATCH + "pairs/<int:proposal_id>/ruling/", rulings.match_rule, name="match_rule"),
    path(MATCH + "pairs/<int:proposal_id>/change/", edits.match_change, name="match_change"),
    path(MATCH + "pairs/<int:proposal_id>/change/plan/", edits.match_change_plan, name="match_change_plan"),
    path(MATCH + "pairs/<int:proposal_id>/prices/", why.match_prices, name="match_prices"),
    path(MATCH + "runs/<int:run_id>/why-not/", inquiries.match_why_not, name="match_why_not"),
    path(MATCH + "runs/<int:run_id>/try-seats/", unmatched.match_try_seats, name="match_try_seats"),
    path(MATCH + "people/", inquiries.match_people, name="match_people"),
    path(MATCH + "questions/<int:inquiry_id>/", inquiries.match_inquiry, name="match_inquiry"),
    path(MATCH + "questions/<int:inquiry_id>/remedy/", unmatched.match_remedy, name="match_remedy"),
    path(MATCH + "unmatched/<int:unmatched_id>/", unmatched.match_unmatched, name="match_unmatched"),
    path(MATCH + "unmatched/<int:unmatched_id>/remedies/", unmatched.match_remedies, name="match_remedies"),
    path(MATCH + "choosing/", choosing.match_choosing, name="match_choosing"),
    path(ASKED, requests.pair_request, name="pair_request"),
    path(ASKED + "accept/", requests.pair_request_accept, name="pair_request_accept"),
    path(ASKED + "decline/", requests.pair_request_decline, name="pair_request_decline"),
    path(CHOOSE, choose.choose, name="choose"),
    path(CHOOSE + "order/", choose.choose_order, name="choose_order"),
    path(CHOOSE + "<int:partner_id>/", choose.choose_profile, name="choose_profile"),
    path(CHOOSE + "<int:partner_id>/pick/", choose.choose_pick, name="choose_pick"),
    path(CHOOSE + "<int:partner_id>/not-for-me/", choose.choose_refuse, name="choose_refuse"),
    path(CHOOSE + "<int:partner_id>/clear/", choose.choose_clear, name="choose_clear"),
    path(CHOOSE + "<int:partner_id>/move/", choose.choose_move, name="choose_move"),
    path(EXCLUSIONS, exclusions.exclusion_list, name="exclusions"),
    path(EXCLUSIONS + "people/", exclusions.exclusion_people, name="exclusion_people"),
    path(EXCLUSIONS + "<int:exclusion_id>/remove/", exclusions.exclusion_remove, name="exclusion_remove"),
]
