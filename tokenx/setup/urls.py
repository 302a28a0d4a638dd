"""URLs of the Setup pages other than handlers.

Pages that create something have a separate path, because "new" can be an API name.
"""

from django.urls import path

from .views import (
    apex_classes,
    api_access,
    apps,
    audit_trail,
    certificates,
    change_time_zone,
    debug_levels,
    debug_logs,
    help_page,
    home,
    issuers,
    login_history,
    permission_sets,
    profiles,
    remote_sites,
    run_apex_class,
    search,
    setup_node,
    stored_components,
    user_fields,
    users,
)

app_name = "setup"

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", home.health, name="health"),
    path("strict-mode/", home.strict_mode, name="strict-mode"),
    path("search/", search.search, name="search"),
    path("time-zone/", change_time_zone.change_time_zone, name="change-time-zone"),
    path("help/", help_page.help_page, name="help"),
    path("audit-trail/", audit_trail.audit_trail, name="audit-trail"),
    path("audit-trail/download/", audit_trail.audit_trail_csv, name="audit-trail-csv"),
    path("login-history/", login_history.login_history, name="login-history"),
    path(
        "login-history/download/", login_history.login_history_csv, name="login-history-csv"
    ),
    path("login-history/<int:login_id>/", login_history.login_record, name="login-record"),
    path("lightning/setup/<key:slug>/home", setup_node.setup_node, name="setup-node"),
    path("apps/", apps.app_manager, name="app-manager"),
    path("apps/<key:kind>/", apps.app_list, name="app-list"),
    path("new-app/<key:kind>/", apps.new_app, name="new-app"),
    path(
        "new-app/<key:kind>/propose-api-name/",
        apps.propose_app_api_name,
        name="propose-app-api-name",
    ),
    path("apps/<key:kind>/<key:api_name>/", apps.app, name="app"),
    path("apps/<key:kind>/<key:api_name>/edit/", apps.edit_app, name="edit-app"),
    path(
        "apps/<key:kind>/<key:api_name>/policies/",
        apps.edit_app_policies,
        name="edit-app-policies",
    ),
    path(
        "apps/<key:kind>/<key:api_name>/rotate-secret/",
        apps.rotate_secret,
        name="rotate-secret",
    ),
    path("apps/<key:kind>/<key:api_name>/delete/", apps.delete_app, name="delete-app"),
    path("apex-classes/", apex_classes.apex_class_list, name="apex-class-list"),
    path("new-apex-class/", apex_classes.new_apex_class, name="new-apex-class"),
    path("apex-classes/<key:class_name>/", apex_classes.apex_class, name="apex-class"),
    path(
        "apex-classes/<key:class_name>/run/",
        run_apex_class.run_apex_class,
        name="run-apex-class",
    ),
    path(
        "apex-classes/<key:class_name>/edit/",
        apex_classes.edit_apex_class,
        name="edit-apex-class",
    ),
    path(
        "apex-classes/<key:class_name>/delete/",
        apex_classes.delete_apex_class,
        name="delete-apex-class",
    ),
    path("debug-logs/", debug_logs.debug_log_list, name="debug-log-list"),
    path("debug-logs/<int:log_id>/", debug_logs.debug_log, name="debug-log"),
    path(
        "debug-logs/<int:log_id>/download/",
        debug_logs.download_debug_log,
        name="download-debug-log",
    ),
    path(
        "debug-logs/<int:log_id>/delete/",
        debug_logs.delete_debug_log,
        name="delete-debug-log",
    ),
    path("delete-debug-logs/", debug_logs.delete_debug_logs, name="delete-debug-logs"),
    path("new-trace-flag/", debug_logs.new_trace_flag, name="new-trace-flag"),
    path(
        "trace-flags/<int:flag_id>/edit/",
        debug_logs.edit_trace_flag,
        name="edit-trace-flag",
    ),
    path(
        "trace-flags/<int:flag_id>/delete/",
        debug_logs.delete_trace_flag,
        name="delete-trace-flag",
    ),
    path("debug-levels/", debug_levels.debug_level_list, name="debug-level-list"),
    path("new-debug-level/", debug_levels.new_debug_level, name="new-debug-level"),
    path("debug-levels/<key:level_name>/", debug_levels.debug_level, name="debug-level"),
    path(
        "debug-levels/<key:level_name>/edit/",
        debug_levels.edit_debug_level,
        name="edit-debug-level",
    ),
    path(
        "debug-levels/<key:level_name>/delete/",
        debug_levels.delete_debug_level,
        name="delete-debug-level",
    ),
    path("profiles/", profiles.profile_list, name="profile-list"),
    path("profiles/<int:profile_id>/", profiles.profile, name="profile"),
    path(
        "profiles/<int:profile_id>/delete/", profiles.delete_profile, name="delete-profile"
    ),
    path(
        "permission-sets/",
        permission_sets.permission_set_list,
        name="permission-set-list",
    ),
    path(
        "new-permission-set/",
        permission_sets.new_permission_set,
        name="new-permission-set",
    ),
    path(
        "permission-sets/<key:set_name>/",
        permission_sets.permission_set,
        name="permission-set",
    ),
    path(
        "permission-sets/<key:set_name>/edit/",
        permission_sets.edit_permission_set,
        name="edit-permission-set",
    ),
    path(
        "permission-sets/<key:set_name>/delete/",
        permission_sets.delete_permission_set,
        name="delete-permission-set",
    ),
    path(
        "permission-sets/<key:set_name>/assignments/",
        permission_sets.permission_set_assignments,
        name="permission-set-assignments",
    ),
    path(
        "permission-sets/<key:set_name>/assign/",
        permission_sets.assign_permission_set,
        name="assign-permission-set",
    ),
    path(
        "permission-sets/<key:set_name>/assignments/<int:user_id>/remove/",
        permission_sets.unassign_permission_set,
        name="unassign-permission-set",
    ),
    path(
        "users/<int:user_id>/permission-sets/",
        permission_sets.edit_user_permission_sets,
        name="edit-user-permission-sets",
    ),
    path("certificates/", certificates.certificate_list, name="certificate-list"),
    path("new-certificate/", certificates.new_certificate, name="new-certificate"),
    path("upload-certificate/", certificates.upload_certificate, name="upload-certificate"),
    path(
        "certificates/<key:certificate_name>/",
        certificates.certificate,
        name="certificate",
    ),
    path(
        "certificates/<key:certificate_name>/download/",
        certificates.download_certificate,
        name="download-certificate",
    ),
    path(
        "certificates/<key:certificate_name>/edit/",
        certificates.edit_certificate,
        name="edit-certificate",
    ),
    path(
        "certificates/<key:certificate_name>/delete/",
        certificates.delete_certificate,
        name="delete-certificate",
    ),
    path("issuers/", issuers.issuer_list, name="issuer-list"),
    path("new-issuer/", issuers.new_issuer, name="new-issuer"),
    path("issuers/<key:issuer_name>/", issuers.issuer, name="issuer"),
    path("issuers/<key:issuer_name>/edit/", issuers.edit_issuer, name="edit-issuer"),
    path(
        "issuers/<key:issuer_name>/rotate-key/",
        issuers.rotate_issuer_key,
        name="rotate-issuer-key",
    ),
    path("issuers/<key:issuer_name>/secret/", issuers.issuer_secret, name="issuer-secret"),
    path("issuers/<key:issuer_name>/delete/", issuers.delete_issuer, name="delete-issuer"),
    path("remote-sites/", remote_sites.remote_site_list, name="remote-site-list"),
    path("new-remote-site/", remote_sites.new_remote_site, name="new-remote-site"),
    path("remote-sites/<key:site_name>/", remote_sites.remote_site, name="remote-site"),
    path(
        "remote-sites/<key:site_name>/edit/",
        remote_sites.edit_remote_site,
        name="edit-remote-site",
    ),
    path(
        "remote-sites/<key:site_name>/delete/",
        remote_sites.delete_remote_site,
        name="delete-remote-site",
    ),
    path(
        "stored-components/<key:stored_type>/",
        stored_components.stored_component_list,
        name="stored-component-list",
    ),
    path(
        "stored-components/<key:stored_type>/<key:component_name>/",
        stored_components.stored_component,
        name="stored-component",
    ),
    path("object-manager/", user_fields.user_field_list, name="user-field-list"),
    path("new-user-field/", user_fields.new_user_field, name="new-user-field"),
    path("user-fields/<key:field_name>/", user_fields.user_field, name="user-field"),
    path(
        "user-fields/<key:field_name>/edit/",
        user_fields.edit_user_field,
        name="edit-user-field",
    ),
    path(
        "user-fields/<key:field_name>/delete/",
        user_fields.delete_user_field,
        name="delete-user-field",
    ),
    path(
        "users/<int:user_id>/custom-values/",
        user_fields.edit_custom_values,
        name="edit-custom-values",
    ),
    path("users/", users.user_list, name="user-list"),
    path("new-user/", users.new_user, name="new-user"),
    path("users/<int:user_id>/", users.user, name="user"),
    path("users/<int:user_id>/edit/", users.edit_user, name="edit-user"),
    path("users/<int:user_id>/deactivate/", users.deactivate_user, name="deactivate-user"),
    path("users/<int:user_id>/activate/", users.activate_user, name="activate-user"),
    path("users/<int:user_id>/api-access/", api_access.api_access, name="api-access"),
    path(
        "users/<int:user_id>/new-access-token/",
        api_access.new_access_token,
        name="new-access-token",
    ),
    path(
        "users/<int:user_id>/access-tokens/<int:access_token_id>/revoke/",
        api_access.revoke_access_token,
        name="revoke-access-token",
    ),
]
