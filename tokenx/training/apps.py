"""The app for practice orgs, exercises, classes, and demos."""

from django.apps import AppConfig

from tokenx.org.start_up import run_at_start


class TrainingConfig(AppConfig):
    name = "tokenx.training"

    def ready(self) -> None:
        """Remove expired practice orgs, and make new ones start faster."""
        run_at_start(
            "tokenx.training.practice.start_up.remove_expired_orgs",
            "tokenx.training.practice.start_up.warm_up_names",
        )
