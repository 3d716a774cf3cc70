import gc

import pytest

from config.lib.garbage import freeze_gc


@pytest.fixture(autouse=True)
def _as_it_was():
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_what_is_loaded_is_passed_over_and_what_follows_is_not():
    loaded = [[]]
    freeze_gc()
    later = [[]]
    seen = {id(obj) for obj in gc.get_objects()}
    assert id(loaded) not in seen
    assert id(later) in seen


def test_the_youngest_are_looked_at_less_often():
    _youngest, *older = gc.get_threshold()
    freeze_gc()
    assert gc.get_threshold() == (20_000, *older)
