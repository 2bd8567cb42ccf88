#!/usr/bin/python3
"""Answers on its passed socket, and gives each request a session of its own, as somebody writes it who does not know that
`random` is no source of secrets. Has OpenSSL at hand, and draws nothing from it. It knows nothing of snapshots."""
import random
import socket
import ssl

FIRST_PASSED_FD = 3

random.seed()
context = ssl.create_default_context()
listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    with listener.accept()[0] as connection:
        connection.recv(65536)
        session = b'%032x' % random.getrandbits(128)
        connection.sendall(
            b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nSet-Cookie: sid=' + session + b'\r\n\r\n'
        )
