#!/usr/bin/python3
"""A server that opens, before it serves, the files that it is told, below /srv/paths, and says at each request what is
in them, or that it may not open them. `log` is appended to, `read` open for reading, `shared` and `private` mapped,
`ghost` deleted while open, `socket` a named datagram socket, `here` the working directory, `roots` a log that root opens
before it becomes the user. It knows nothing of
snapshots."""
import json
import mmap
import os
import pwd
import socket
import sys

FIRST_PASSED_FD = 3
FOLDER = '/srv/paths'


def log():
    file = os.open(f'{FOLDER}/log/file', os.O_WRONLY | os.O_APPEND)
    return lambda: os.write(file, b'+')


def read():
    file = os.open(f'{FOLDER}/read/file', os.O_RDONLY)
    os.read(file, 2)

    def look():
        position = os.lseek(file, 0, os.SEEK_CUR)
        return [position, os.pread(file, 100, 0).decode()]

    return look


def twice():
    files = [os.open(f'{FOLDER}/read/file', how) for how in (os.O_RDONLY, os.O_RDWR)]
    os.read(files[0], 1)
    os.read(files[1], 3)
    return lambda: [os.lseek(file, 0, os.SEEK_CUR) for file in files]


def mapped(name, how, access):
    file = os.open(f'{FOLDER}/{name}/file', how)
    memory = mmap.mmap(file, 4, **access)
    os.close(file)
    return memory


def shared():
    memory = mapped('shared', os.O_RDWR, {'flags': mmap.MAP_SHARED})

    def look():
        memory[3:4] = b'!'
        return memory[:].decode()

    return look


def private():
    memory = mapped('private', os.O_RDONLY, {'flags': mmap.MAP_PRIVATE, 'prot': mmap.PROT_READ})
    return lambda: memory[:].decode()


def ghost():
    file = os.open(f'{FOLDER}/ghost/file', os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(file, b'gone')
    os.unlink(f'{FOLDER}/ghost/file')
    return lambda: os.pread(file, 100, 0).decode()


def bound():
    path = f'{FOLDER}/socket/file'
    if os.path.lexists(path):
        os.unlink(path)
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.bind(path)
    return end.getsockname


def here():
    os.chdir(f'{FOLDER}/here')
    return lambda: open('file').read()


def roots():
    file = os.open(f'{FOLDER}/log/roots', os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    user = pwd.getpwnam('paths')
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    return lambda: os.write(file, b'+')


KINDS = {
    'log': log, 'read': read, 'twice': twice, 'shared': shared, 'private': private, 'ghost': ghost, 'socket': bound,
    'here': here, 'roots': roots,
}


def opened(kind):
    try:
        return KINDS[kind]()
    except PermissionError:
        return lambda: 'denied'


def answer(connection, files):
    with connection:
        connection.recv(65536)
        body = json.dumps({kind: look() for kind, look in files.items()}).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + body)


files = {kind: opened(kind) for kind in sys.argv[1:]}
listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    answer(listener.accept()[0], files)
