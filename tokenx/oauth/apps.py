from django.apps import AppConfig


class OAuthConfig(AppConfig):
    name = "tokenx.oauth"
    label = "oauth"
