"""Front-end files under the names by which a server keeps them."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from config.lib.static_files import ModuleStorage

SCRIPTS = Path(settings.BASE_DIR) / "static/js"
IMPORT = re.compile(r'^import .*?"(\./[^"]+|\.\./[^"]+)";$|^\} from "([^"]+)";$', re.MULTILINE)


def test_modules_import_each_other_by_hashed_names(tmp_path):
    source = FileSystemStorage(SCRIPTS.parent)
    names = [f"js/{path.relative_to(SCRIPTS)}" for path in SCRIPTS.rglob("*.js")]
    storage = ModuleStorage(location=tmp_path, base_url="/static/")
    for name in names:
        with source.open(name) as file:
            storage.save(name, file)
    done = list(storage.post_process({name: (source, name) for name in names}))

    assert not [problem for _name, _hashed, problem in done if isinstance(problem, Exception)]
    imports = 0
    for name in names:
        hashed = tmp_path / storage.stored_name(name)
        for found in IMPORT.finditer(hashed.read_text()):
            imported = hashed.parent / (found[1] or found[2])
            assert re.search(r"\.[0-9a-f]{12}\.js$", imported.name), (name, imported)
            assert imported.is_file(), (name, imported)
            imports += 1
    assert imports > len(names) / 2
