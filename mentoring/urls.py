from django.urls import include, path

from mentoring.views import audit, mailbox, members, profile, public, settings, signup, start

urlpatterns = [
    path("", public.front, name="front"),
    path("healthz", public.healthz, name="healthz"),
    path("readyz", public.readyz, name="readyz"),
    path("start/", start.start, name="start"),
    path("start/new/", signup.new_organization, name="new_organization"),
    path("preferences/", profile.preferences, name="preferences"),
    path("accounts/signup/", signup.signup, name="account_signup"),
    path("accounts/confirm-email/", signup.confirm_address, name="account_email_verification_sent"),
    path("accounts/", include("allauth.urls")),
    path("s/invitation/<str:token>/", members.invitation, name="invitation"),
    path("o/<slug:organization>/", start.home, name="home"),
    path("o/<slug:organization>/members/", members.member_list, name="members"),
    path("o/<slug:organization>/members/invite/", members.invite, name="member_invite"),
    path("o/<slug:organization>/members/<int:member_id>/", members.member, name="member"),
    path("o/<slug:organization>/members/<int:member_id>/resend/", members.resend, name="member_resend"),
    path("o/<slug:organization>/members/<int:member_id>/remove/", members.remove, name="member_remove"),
    path("o/<slug:organization>/settings/", settings.organization_settings, name="organization_settings"),
    path("o/<slug:organization>/audit/", audit.audit_log, name="audit_log"),
    path("mailbox/", mailbox.mailbox, name="demo_mailbox"),
    path("mailbox/<slug:box>/<int:message_id>/", mailbox.mail, name="demo_mail"),
    path("mailbox/<slug:box>/<int:message_id>/html/", mailbox.mail_html, name="demo_mail_html"),
    path("mailbox/<slug:box>/<int:message_id>/invite.ics", mailbox.mail_calendar, name="demo_mail_calendar"),
    path("o/<slug:organization>/people/", include("mentoring.urls_people")),
    path("", include("programs.urls")),
    path("", include("matching.urls")),
    path("", include("sessions.urls")),
    path("", include("outcomes.urls")),
]
