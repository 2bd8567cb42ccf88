#!/usr/bin/python3
"""Changes each listening socket that it is passed, once, at its boot, as an application may; and tells, whenever it is
asked, what the kernel says of them. It knows nothing of snapshots."""
import json
import os
import select
import socket
import struct

FIRST_PASSED_FD = 3

ANY = {
    'SO_KEEPALIVE': (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    'SO_PRIORITY': (socket.SOL_SOCKET, socket.SO_PRIORITY, 4),
    'SO_RCVBUF': (socket.SOL_SOCKET, socket.SO_RCVBUF, 60000),
    'SO_SNDBUF': (socket.SOL_SOCKET, socket.SO_SNDBUF, 50000),
    'SO_LINGER': (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 3)),
}
TCP = {
    'TCP_NODELAY': (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    'TCP_KEEPIDLE': (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 33),
    'TCP_KEEPINTVL': (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 11),
    'TCP_KEEPCNT': (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
    'TCP_USER_TIMEOUT': (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 44000),
}
BACKLOGS = [77, 66, 55]


def options_of(listener):
    return ANY if listener.family == socket.AF_UNIX else {**ANY, **TCP}


def change(listener, backlog):
    for level, name, value in options_of(listener).values():
        listener.setsockopt(level, name, value)
    listener.listen(backlog)
    return listener


def tell(listener):
    read = lambda level, name, value: listener.getsockopt(level, name, len(value) if isinstance(value, bytes) else 4)
    return {name: read(*option).hex() for name, option in options_of(listener).items()}


def answer(connection, listeners):
    with connection:
        connection.recv(65536)
        body = json.dumps([tell(listener) for listener in listeners]).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + body)


listeners = [
    change(socket.socket(fileno=FIRST_PASSED_FD + index), backlog)
    for index, backlog in zip(range(int(os.environ['LISTEN_FDS'])), BACKLOGS)
]
while True:
    for ready in select.select(listeners, [], [])[0]:
        answer(ready.accept()[0], listeners)
