#!/usr/bin/python3
"""Tells what each of Python's generators gives at this moment; at /settings, what OpenSSL was set to. It is told of
restores as grenadine-recipes(7) shows."""
import json
import os
import random
import secrets
import socket
import ssl
import uuid

import reseed  # noqa: F401

FIRST_PASSED_FD = 3


def draw():
    return {
        'ssl.RAND_bytes': ssl.RAND_bytes(16).hex(),
        'secrets': secrets.token_hex(16),
        'os.urandom': os.urandom(16).hex(),
        'uuid.uuid4': str(uuid.uuid4()),
        'uuid.uuid1': str(uuid.uuid1()),
        'random': str(random.getrandbits(64)),
        'random.SystemRandom': str(random.SystemRandom().getrandbits(64)),
    }


def settings():
    return {
        'minimum': ssl.create_default_context().minimum_version.name,
        'configuration': os.environ.get('OPENSSL_CONF'),
    }


listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    with listener.accept()[0] as connection:
        told = settings() if b'GET /settings ' in connection.recv(65536) else draw()
        body = json.dumps(told).encode()
        head = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' % len(body)
        connection.sendall(head + body)
