"""Two workers; the socket is the one systemd, or a bake, passes. They are missed soon, for the test's sake."""

workers = 2
timeout = 3


def post_worker_init(worker):
    print(f'worker {worker.pid} serves', flush=True)
