"""The recipe of grenadine-recipes(7): Seed=SIGUSR2."""
import os
import random
import signal
import sys


def reseed(*_):
    random.seed()
    if 'numpy' in sys.modules:
        sys.modules['numpy'].random.seed()


if 'GRENADINE_SEED' in os.environ:
    signal.signal(signal.SIGUSR2, reseed)
