#!/usr/bin/python3
"""A server that opens, before it serves, the files that it is told, below /var/lib/files; and says at each request what
it sees of them. `log` and `plain`: a log, appended to or not; `pid`: its pid, in a file; `ghost=BYTES`: a temporary
file that is deleted while it is open; `wal`, `rollback`: an SQLite database; `watch=DIRECTORY`: what inotify(7) tells of
it; `memfd`, `shared`, `semaphore`: memory without a name, with a name below /dev/shm/, a named semaphore; `flock`,
`fcntl`: locks; `inside=DIRECTORY`: goes there; `open=FILE`, opens it for reading. It knows nothing of snapshots."""
import ctypes
import fcntl
import hashlib
import json
import mmap
import os
import socket
import sqlite3
import struct
import sys
from multiprocessing import shared_memory

FIRST_PASSED_FD = 3
FOLDER = '/var/lib/files'
IN_CREATE, IN_NONBLOCK = 0x100, 0o4000
libc = ctypes.CDLL(None, use_errno=True)


def log(_):
    file = os.open(f'{FOLDER}/log', os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    return lambda path: os.write(file, f'{path}\n'.encode())


def plain(_):
    file = os.open(f'{FOLDER}/plain', os.O_WRONLY | os.O_CREAT, 0o640)
    return lambda path: os.write(file, f'{path}\n'.encode())


def pid(_):
    with open(f'{FOLDER}/pid', 'w') as file:
        file.write(str(os.getpid()))
    return lambda path: [os.getpid(), int(open(f'{FOLDER}/pid').read())]


def ghost(size):
    file = os.open(f'{FOLDER}/temporary', os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    content = os.urandom(int(size))
    os.write(file, content)
    os.unlink(f'{FOLDER}/temporary')
    digest = hashlib.sha256(content).hexdigest()
    return lambda path: hashlib.sha256(os.pread(file, int(size) + 1, 0)).hexdigest() == digest


def database(mode):
    connection = sqlite3.connect(f'{FOLDER}/{mode}.db', isolation_level=None)
    connection.execute(f'PRAGMA journal_mode={"delete" if mode == "rollback" else mode}')
    connection.execute('CREATE TABLE IF NOT EXISTS visits (path TEXT)')

    def visit(path):
        connection.execute('INSERT INTO visits VALUES (?)', [path])
        return connection.execute('SELECT count(*) FROM visits').fetchone()[0]

    return visit


def watch(directory):
    file = libc.inotify_init1(IN_NONBLOCK)
    if libc.inotify_add_watch(file, directory.encode(), IN_CREATE) < 0:
        raise OSError(ctypes.get_errno(), directory)

    def events(path):
        try:
            said = os.read(file, 65536)
        except BlockingIOError:
            return []
        names = []
        while said:
            length = struct.unpack('iIII', said[:16])[3]
            names.append(said[16:16 + length].rstrip(b'\0').decode())
            said = said[16 + length:]
        return names

    return events


def memfd(_):
    file = os.memfd_create('counter')
    os.ftruncate(file, 4096)
    memory = mmap.mmap(file, 4096)
    return lambda path: count(memory)


def shared(_):
    memory = shared_memory.SharedMemory('files', create=True, size=4096)
    return lambda path: count(memory.buf)


def count(memory):
    memory[0] = memory[0] + 1
    return memory[0]


def semaphore(_):
    libc.sem_open.restype = ctypes.c_void_p
    pthread = ctypes.c_void_p(libc.sem_open(b'/files', os.O_CREAT, 0o600, 1))
    return lambda path: [libc.sem_trywait(pthread), libc.sem_trywait(pthread), libc.sem_post(pthread)]


def locked(how):
    file = open(f'{FOLDER}/{how.__name__}', 'w')
    how(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lambda path: file.fileno()


def inside(directory):
    os.chdir(directory)
    return lambda path: os.getcwd()


def reading(file):
    held = open(file)
    return lambda path: held.name


KINDS = {
    'log': log, 'plain': plain, 'pid': pid, 'ghost': ghost, 'watch': watch, 'memfd': memfd, 'shared': shared,
    'wal': lambda _: database('wal'), 'rollback': lambda _: database('rollback'), 'semaphore': semaphore,
    'flock': lambda _: locked(fcntl.flock), 'fcntl': lambda _: locked(fcntl.lockf), 'inside': inside, 'open': reading,
}


def open_all(words):
    os.makedirs(FOLDER, exist_ok=True)
    return {word.partition('=')[0]: KINDS[word.partition('=')[0]](word.partition('=')[2]) for word in words}


def answer(connection, files):
    with connection:
        path = connection.recv(65536).split()[1].decode()
        body = json.dumps({kind: look(path) for kind, look in files.items()}).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + body)


files = open_all(sys.argv[1:])
listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    answer(listener.accept()[0], files)
