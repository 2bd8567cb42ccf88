#!/usr/bin/python3
"""Binds the addresses of its command line by itself, as most servers do, and tells what it got. It knows nothing of
systemd's sockets."""
import json
import os
import select
import socket
import sys
import threading


def parse(text):
    if text.startswith('@'):
        return socket.AF_UNIX, '\0' + text[1:]
    if text.startswith('/'):
        return socket.AF_UNIX, text
    host, _, port = text.rpartition(':')
    family = socket.AF_INET6 if host.startswith('[') else socket.AF_INET
    return family, (host.strip('[]'), int(port))


def clear(path):
    """As careful servers do: nobody may listen there, and what is left of one who did is removed."""
    if not os.path.exists(path):
        return
    try:
        socket.socket(socket.AF_UNIX).connect(path)
    except ConnectionRefusedError:
        os.chdir(os.path.dirname(path))
        os.unlink(os.path.basename(path))
    else:
        sys.exit(f'somebody listens on {path}')


def bind(text, kind=socket.SOCK_STREAM):
    family, address = parse(text)
    if text.startswith('/'):
        clear(text)
    bound = socket.socket(family, kind)
    bound.setblocking(False)
    if family != socket.AF_UNIX:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(address)
    return bound


def listen_in_thread(text):
    """Whoever binds need not be the first thread."""
    found = []
    thread = threading.Thread(target=lambda: found.append(bind(text)))
    thread.start()
    thread.join()
    found[0].listen(33)
    if text.startswith('/'):
        os.chmod(text, 0o666)
    return found[0]


def bind_now(text):
    try:
        bind(text).close()
        return 'bound'
    except OSError as error:
        return os.strerror(error.errno)


def remove_now(path):
    try:
        os.unlink(path)
        return 'removed'
    except OSError as error:
        return os.strerror(error.errno)


def tell():
    return {
        'names': [str(listener.getsockname()) for listener in listeners],
        'blocking': [os.get_blocking(listener.fileno()) for listener in listeners],
        'inheritable': [os.get_inheritable(listener.fileno()) for listener in listeners],
        'passed': os.environ.get('LISTEN_FDS', ''),
        'datagrams': str(datagrams.getsockname()),
    }


def answer(connection):
    with connection:
        connection.settimeout(5)
        path = connection.recv(65536).split(b' ')[1].decode()
        verb, _, of = path[1:].partition('/')
        said = {'bind': bind_now, 'remove': remove_now}[verb](of) if of else tell()
        body = json.dumps(said).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + body)


addresses = sys.argv[1:]
listeners = [listen_in_thread(text) for text in addresses]
# Of the same number, and no port that anybody listens on.
datagrams = bind(addresses[0], socket.SOCK_DGRAM)
while True:
    for ready in select.select(listeners, [], [])[0]:
        answer(ready.accept()[0])
