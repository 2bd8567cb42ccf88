"""Two workers; the sockets are the ones systemd, or a bake, passes. Told of restores as grenadine-recipes(7) shows."""

import os
import random
import signal

workers = 2
timeout = 30
accesslog = "-"


def post_worker_init(_worker):
    if "GRENADINE_SEED" in os.environ:
        signal.signal(signal.SIGPROF, lambda *_: random.seed())
