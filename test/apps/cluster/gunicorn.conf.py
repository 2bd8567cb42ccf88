"""Two workers; the socket is the one systemd, or a bake, passes."""

workers = 2


def post_worker_init(worker):
    print(f'worker {worker.pid} serves', flush=True)
