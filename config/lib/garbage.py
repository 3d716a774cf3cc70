"""What the garbage collector looks at in a process that serves for long, and how often."""

import gc

# New objects before the collector looks at the youngest; Python itself takes 2,000 or fewer.
YOUNGEST = 20_000


def freeze_gc() -> None:
    """Let the collector pass over all that is loaded by now, and look at the rest less often.

    Called once, where a serving process begins. What is loaded stays for good, and each full
    collection otherwise walks the code and the models of the whole portal. What a long job makes
    is freed without the collector unless it refers to itself, which is rare here. Reading the
    register of 38,000 took a tenth more without the one, and a seventh more without the other.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, *gc.get_threshold()[1:])
