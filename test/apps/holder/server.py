#!/usr/bin/python3
"""Answers on its passed socket, and holds what HOLD= names, from its boot on: a `port` that it was not passed, a connection
to a service `outside` or to a `database`, a `deleted` file, a `lock`. It knows nothing of snapshots."""
import fcntl
import os
import socket
import tempfile

FIRST_PASSED_FD = 3
DELETED_BYTES = 2 * 1024 * 1024


def port():
    return socket.create_server(('127.0.0.1', 0))


def outside():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect('/run/outside.sock')
    return connection


def database():
    return socket.create_connection(('127.0.0.1', 4041))


def deleted():
    file = tempfile.TemporaryFile(dir='/srv/holder')
    file.write(os.urandom(DELETED_BYTES))
    file.flush()
    return file


def lock():
    file = open('/srv/holder/lock', 'w')
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


things = {'port': port, 'outside': outside, 'database': database, 'deleted': deleted, 'lock': lock}
held = [things[name]() for name in os.environ.get('HOLD', '').split()]
listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    with listener.accept()[0] as connection:
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
