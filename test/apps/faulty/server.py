#!/usr/bin/python3
"""Answers on its passed socket whether it was booted before `orders` came. Files in the folder of that name are orders:
`broken` has a boot fail; the others are for whoever was booted before they were given, and so for a restored process
alone: `die` and `hang` before it accepts, `crash` once it has. It knows nothing of snapshots."""
import ctypes
import os
import select
import signal
import socket
import sys

FIRST_PASSED_FD = 3
ORDERS = '/srv/faulty/orders'


def die():
    print('told to die', flush=True)
    os._exit(9)


def hang():
    print('told to hang', flush=True)
    while True:
        signal.pause()


def crash():
    print('told to crash', flush=True)
    os.abort()


if os.path.exists(f'{ORDERS}/broken'):
    sys.exit('its database is gone, for one')
library = ctypes.CDLL('/srv/faulty/libfaulty.so')
ignored = set(os.listdir(ORDERS))
listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    select.select([listener], [], [])
    orders = set(os.listdir(ORDERS)) - ignored
    for act in (die, hang):
        if act.__name__ in orders:
            act()
    with listener.accept()[0] as connection:
        if 'crash' in orders:
            crash()
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
