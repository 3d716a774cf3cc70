"""Front-end files as a server keeps them: under names with the digest of their content."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Modules import each other by these names too, so that a browser never mixes two versions."""

    support_js_module_import_aggregation = True
