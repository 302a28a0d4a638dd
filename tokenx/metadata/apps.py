"""The app for metadata files and their deployment."""

from django.apps import AppConfig

from tokenx.org.start_up import run_at_start


class MetadataConfig(AppConfig):
    name = "tokenx.metadata"

    def ready(self) -> None:
        """Continue the deployments that the last server left unfinished."""
        run_at_start("tokenx.metadata.deploy.queue.wake_all")
