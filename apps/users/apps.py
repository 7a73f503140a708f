from django.apps import AppConfig


class UsersConfig(AppConfig):
    """People, and the clients they work for."""

    name = "apps.users"
    verbose_name = "People"

    def ready(self) -> None:
        from apps.users import receivers  # noqa: F401  (connects them)
