#!/usr/bin/python3
"""Does with its socket, before it binds it, what servers do: sets options, has it under two numbers and in two epoll
instances. Serves the address of its command line by the second number and the epoll instance of the first, and tells
what it finds. With `fork`, a child inherits the socket before it is bound."""
import ctypes
import errno
import fcntl
import json
import os
import select
import socket
import struct
import sys

# Numbers that are not the descriptor's: native code stores a pointer there.
FIRST, SECOND = 0xFEEDFACECAFEBEEF, 0x1234567890ABCDEF
FAR = 700

OPTIONS = {
    'SO_KEEPALIVE': (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    'SO_PRIORITY': (socket.SOL_SOCKET, socket.SO_PRIORITY, 4),
    'SO_RCVBUF': (socket.SOL_SOCKET, socket.SO_RCVBUF, 60000),
    'SO_LINGER': (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 3)),
    'SO_RCVTIMEO': (socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 7, 0)),
    'TCP_NODELAY': (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    'TCP_KEEPIDLE': (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 33),
    'TCP_USER_TIMEOUT': (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 44000),
    'TCP_DEFER_ACCEPT': (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5),
    'TCP_FASTOPEN': (socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16),
}


class Event(ctypes.Structure):
    _pack_ = 1
    _fields_ = [('events', ctypes.c_uint32), ('data', ctypes.c_uint64)]


libc = ctypes.CDLL(None, use_errno=True)


def control(instance, operation, number, events=0, data=0):
    if libc.epoll_ctl(instance.fileno(), operation, number, ctypes.byref(Event(events, data))) < 0:
        raise OSError(ctypes.get_errno(), 'epoll_ctl')


def wait(instance, timeout_ms):
    event = Event()
    while (n := libc.epoll_wait(instance.fileno(), ctypes.byref(event), 1, timeout_ms)) < 0:
        # A dump interrupts it.
        if ctypes.get_errno() != errno.EINTR:
            raise OSError(ctypes.get_errno(), 'epoll_wait')
    return event.data if n == 1 else None


def options_of(bound):
    read = lambda level, name, value: bound.getsockopt(level, name, len(value) if isinstance(value, bytes) else 4)
    return {name: read(*option).hex() for name, option in OPTIONS.items()}


ADD, DELETE, MODIFY = 1, 2, 3
host, _, port = sys.argv[1].rpartition(':')
own = socket.socket(socket.AF_INET6 if host.startswith('[') else socket.AF_INET)
own.setblocking(False)
if host.startswith('['):
    own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
for level, name, value in OPTIONS.values():
    own.setsockopt(level, name, value)
twin = socket.socket(fileno=fcntl.fcntl(own.fileno(), fcntl.F_DUPFD, FAR))
epoll, other = select.epoll(), select.epoll()
control(epoll, ADD, own.fileno(), select.EPOLLIN, FIRST)
control(other, ADD, twin.fileno(), select.EPOLLIN | select.EPOLLET, SECOND)
if 'fork' in sys.argv and os.fork() == 0:
    # Until the parent ends.
    end, parents_end = os.pipe()
    os.read(end, 1)
own.bind((host.strip('[]'), int(port)))
twin.listen(33)


def tell(connection, seen):
    # By its own number it changes its entry, takes it out and puts it in again.
    control(epoll, MODIFY, own.fileno(), select.EPOLLIN, FIRST)
    control(epoll, DELETE, own.fileno())
    control(epoll, ADD, own.fileno(), select.EPOLLIN, FIRST)
    return {
        'seen': seen,
        'one': os.fstat(own.fileno()).st_ino == os.fstat(twin.fileno()).st_ino,
        'inheritable': [own.get_inheritable(), twin.get_inheritable()],
        'options': options_of(own),
        'inherited': options_of(connection)['TCP_NODELAY'],
    }


while True:
    data = wait(epoll, -1)
    # The other instance is edge-triggered: it tells of each connection once.
    seen = [data == FIRST, wait(other, 0) == SECOND]
    connection = twin.accept()[0]
    with connection:
        connection.setblocking(True)
        connection.recv(65536)
        body = json.dumps(tell(connection, seen)).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + body)
