"""Two workers; the sockets are the ones systemd, or a bake, passes."""

workers = 2
timeout = 30
accesslog = "-"
