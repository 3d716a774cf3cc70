from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundingConfig(AppConfig):
    name = "funding"
    verbose_name = _("Funding")

    def ready(self) -> None:
        from funding import receivers  # noqa: F401, PLC0415 - connects them
        from funding.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
