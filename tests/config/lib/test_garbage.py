import gc

import pytest

from config.lib.garbage import spare_loaded


@pytest.fixture(autouse=True)
def _unfrozen():
    yield
    gc.unfreeze()


def test_what_is_loaded_is_passed_over_and_what_follows_is_not():
    loaded = [[]]
    spare_loaded()
    later = [[]]
    seen = {id(one) for one in gc.get_objects()}
    assert id(loaded) not in seen
    assert id(later) in seen
