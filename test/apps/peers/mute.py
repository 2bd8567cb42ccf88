#!/usr/bin/python3
"""Accepts whoever connects to a UNIX socket (`mute.py PATH`), and never reads, writes or closes."""

import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    # Type=notify of systemd.service(5).
    manager.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
accepted = []
while True:
    accepted.append(listener.accept())
