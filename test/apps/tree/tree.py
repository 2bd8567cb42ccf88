#!/usr/bin/python3
"""A server that has, before it serves, children of the sorts that it is told: `zombie`, one that ended and was never
waited for; `session`, a helper that leads a session of its own; `daemon`, a helper that has left the tree, as daemons
do; `daemon-kept`, the same below a parent that keeps such. It knows nothing of snapshots."""
import ctypes
import json
import os
import signal
import socket
import sys
import time

FIRST_PASSED_FD = 3
PR_SET_CHILD_SUBREAPER = 36


def say(text):
    print(text, flush=True)


def helper(commands):
    """Repeats what it reads, and ends well at SIGTERM."""
    def end(*_):
        say('the helper ends')
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while line := os.read(commands, 4096):
        say(f'helper: {line.decode()}')
    # The server is gone; SIGTERM is still to come.
    signal.pause()


def start(kind):
    """Answers where to write what the helper shall print, or None."""
    if kind == 'zombie':
        if os.fork() == 0:
            os._exit(3)
        return None
    if kind == 'daemon-kept':
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    end, commands = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(commands)
        if kind == 'session' or os.fork() == 0:
            helper(end)
        os._exit(0)
    os.close(end)
    if kind != 'session':
        os.waitpid(child, 0)
    return commands


def stop(*_):
    time.sleep(0.2)
    say('the server ends')
    os._exit(7)


def children():
    with open(f'/proc/self/task/{os.getpid()}/children') as file:
        pids = file.read().split()
    return [state(pid) for pid in sorted(pids)]


def state(pid):
    with open(f'/proc/{pid}/stat') as file:
        fields = file.read().rpartition(')')[2].split()
    return {'pid': int(pid), 'isZombie': fields[0] == 'Z', 'session': int(fields[3])}


def answer(connection, helpers):
    with connection:
        path = connection.recv(65536).split()[1].decode()
        if path.startswith('/print?'):
            say(path.partition('?')[2])
            for commands in helpers:
                os.write(commands, path.partition('?')[2].encode())
        body = json.dumps({'pid': os.getpid(), 'ppid': os.getppid(), 'children': children()}).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + body)


helpers = [commands for commands in map(start, sys.argv[1:]) if commands is not None]
signal.signal(signal.SIGTERM, stop)
listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    answer(listener.accept()[0], helpers)
