"""URLs of the Token Exchange Handlers pages."""

from django.urls import path

from . import views

app_name = "handlers"

urlpatterns = [
    path("handlers/", views.handler_list, name="list"),
    path("create-handler/", views.create_handler, name="create-handler"),
    path("lookup/users/", views.user_lookup, name="user-lookup"),
    path("propose-api-name/", views.propose_api_name, name="propose-api-name"),
    path("lookup/apex-classes/", views.apex_class_lookup, name="apex-class-lookup"),
    path("handlers/<key:handler_name>/", views.detail, name="detail"),
    path("handlers/<key:handler_name>/edit/", views.edit_handler, name="edit-handler"),
    path(
        "handlers/<key:handler_name>/switch/", views.switch_handler, name="switch-handler"
    ),
    path(
        "handlers/<key:handler_name>/delete/", views.delete_handler, name="delete-handler"
    ),
    path("handlers/<key:handler_name>/enable-app/", views.enable_app, name="enable-app"),
    path(
        "handlers/<key:handler_name>/enable-app/notices/",
        views.enable_app_notices,
        name="enable-app-notices",
    ),
    path(
        "handlers/<key:handler_name>/lookup/apps/<key:kind>/",
        views.app_lookup,
        name="app-lookup",
    ),
    path(
        "handlers/<key:handler_name>/enabled-apps/<int:pk>/edit/",
        views.edit_enablement,
        name="edit-enablement",
    ),
    path(
        "handlers/<key:handler_name>/enabled-apps/<int:pk>/remove/",
        views.remove_app,
        name="remove-app",
    ),
]
