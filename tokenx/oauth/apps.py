from django.apps import AppConfig

from tokenx.org.start_up import run_at_start


class OAuthConfig(AppConfig):
    name = "tokenx.oauth"
    label = "oauth"

    def ready(self) -> None:
        """Sweep orgs that weren't used while no server was running."""
        run_at_start("tokenx.oauth.sweeping.sweep_unused_orgs")
