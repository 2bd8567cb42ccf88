#!/usr/bin/python3
"""Says whether a client has resumed a TLS session, on the second of its sockets, and is told of restores as
grenadine-recipes(7) shows. On the first it answers HTTP, for the warm-up."""
import os
import selectors
import signal
import socket
import ssl

FIRST_PASSED_FD = 3


def make_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain('/srv/tickets/certificate.pem', '/srv/tickets/key.pem')
    return context


context = make_context()


def renew(*_):
    global context
    context = make_context()


if 'GRENADINE_SEED' in os.environ:
    signal.signal(signal.SIGUSR2, renew)


def answer(connection, text):
    connection.recv(4096)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' % (len(text), text))


plain, secure = (socket.socket(fileno=FIRST_PASSED_FD + at) for at in range(2))
selector = selectors.DefaultSelector()
selector.register(plain, selectors.EVENT_READ)
selector.register(secure, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        connection = key.fileobj.accept()[0]
        if key.fileobj is secure:
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            answer(connection, b'resumed' if key.fileobj is secure and connection.session_reused else b'new')
