"""Sign-in, look-ups and the pages about the org."""

from django.urls import path

from . import views

app_name = "org"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/<str:token>/", views.sign_in_by_link, name="sign-in-by-link"),
    path("secur/frontdoor.jsp", views.front_door, name="front-door"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("help/", views.help_page, name="help"),
    path("audit-trail/", views.audit_trail, name="audit-trail"),
    path("audit-trail/download/", views.audit_trail_csv, name="audit-trail-csv"),
    path("lightning/setup/<key:slug>/home", views.setup_node, name="setup-node"),
]
