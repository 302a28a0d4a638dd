"""URLs of snapshots, the presenter bar, and the tour."""

from django.urls import URLPattern, path

from tokenx.training.snapshots import views as snapshots

from . import views as demos

urlpatterns: list[URLPattern] = [
    path("demo/<key:token>/", demos.open_demo, name="open-demo"),
    path("training/present/", demos.present, name="present"),
    path("training/steps/<key:step>/", demos.step, name="step"),
    path("training/tour/", demos.tour, name="tour"),
    path("training/snapshots/", snapshots.snapshots, name="snapshots"),
    path("training/snapshots/save/", snapshots.save_snapshot, name="save-snapshot"),
    path("training/snapshots/upload/", snapshots.upload_snapshot, name="upload-snapshot"),
    path(
        "training/snapshots/<int:snapshot_id>/restore/",
        snapshots.restore_snapshot,
        name="restore-snapshot",
    ),
    path(
        "training/snapshots/<int:snapshot_id>/delete/",
        snapshots.delete_snapshot,
        name="delete-snapshot",
    ),
    path(
        "training/snapshots/<int:snapshot_id>/download/",
        snapshots.download_snapshot,
        name="download-snapshot",
    ),
    path(
        "training/snapshots/<int:snapshot_id>/link/",
        snapshots.snapshot_link,
        name="snapshot-link",
    ),
    path(
        "training/snapshots/<int:snapshot_id>/revoke/",
        snapshots.revoke_snapshot_link,
        name="revoke-snapshot-link",
    ),
]
