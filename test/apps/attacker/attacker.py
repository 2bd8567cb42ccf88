#!/usr/bin/python3
"""A server whose user has turned against the host: at /NAME it tries what NAME says and answers what came of it, in JSON.
What is refused is an error's name; what is allowed says so. It opens nothing before it serves."""
import ctypes
import errno
import json
import os
import signal
import socket

FIRST_PASSED_FD, CHILD_FD = 3, 20
PORT = 5049
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
MS_BIND = 4096
PIDFD_GETFD = 438
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x10000000, 0x20000000, 0x40000000
MARK = 77
NOTIFY = '/run/systemd/notify'

libc = ctypes.CDLL(None, use_errno=True)
children = []


def refusal(act, *arguments):
    """The name of the error, or `allowed`."""
    try:
        act(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return 'allowed'


def call(function, *arguments):
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), function.__name__)


def read(path):
    with open(path, 'rb') as file:
        file.read(1)


def write(path):
    """What opens may still refuse to be written to: /proc/sys/kernel/ns_last_pid."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(file, b'1')
    finally:
        os.close(file)


def connect(path):
    socket.socket(socket.AF_UNIX).connect(path)


def peek(pid):
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    remote = (ctypes.c_void_p * 2)(0x1000, 8)
    call(libc.process_vm_readv, pid, local, 1, remote, 1, 0)


def descriptors():
    """Of this process, without the one that lists them."""
    names = {}
    for number in os.listdir('/proc/self/fd'):
        try:
            names[number] = os.readlink(f'/proc/self/fd/{number}').split(':')[0]
        except FileNotFoundError:
            pass
    return names


def inspection(pid):
    reads = {name: refusal(read, f'/proc/{pid}/{name}') for name in ('mem', 'environ', 'maps', 'stack', 'auxv')}
    links = {name: refusal(os.readlink, f'/proc/{pid}/{name}') for name in ('exe', 'root', 'cwd', 'fd/3', 'ns/mnt')}
    return {
        **reads,
        **links,
        'fd': refusal(os.listdir, f'/proc/{pid}/fd'),
        'attach': refusal(call, libc.ptrace, PTRACE_ATTACH, pid, None, None),
        'seize': refusal(call, libc.ptrace, PTRACE_SEIZE, pid, None, None),
        'process_vm_readv': refusal(peek, pid),
        'pidfd_getfd': refusal(call, libc.syscall, PIDFD_GETFD, os.pidfd_open(pid), 0, 0),
    }


def others():
    """Everybody but itself: init, and who answers bind(2)."""
    return [pid for pid in processes() if pid != os.getpid()]


def inspections():
    return [inspection(pid) for pid in others()]


def signals():
    wanted = (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGHUP, signal.SIGUSR1)
    return sorted({refusal(os.kill, pid, number) for pid in others() for number in wanted})


def processes():
    return sorted(int(name) for name in os.listdir('/proc') if name.isdigit())


def places():
    closed = ('/run/grenadine/control', '/run/grenadine/work', '/run/grenadine/started', '/run/grenadine/scratch',
              '/run/grenadine/memory', '/var/lib/grenadine')
    return {
        **{path: refusal(os.listdir, path) for path in closed},
        'control socket': refusal(connect, '/run/grenadine/control/attacker.sock'),
        'own outcome': refusal(write, '/run/grenadine/outcome/attacker'),
        'own application': refusal(write, '/run/grenadine/apps/attacker.conf'),
        'new application': refusal(os.mkdir, '/run/grenadine/apps/x'),
    }


def kernel():
    return {
        'ns_last_pid': refusal(write, '/proc/sys/kernel/ns_last_pid'),
        'core_pattern': refusal(write, '/proc/sys/kernel/core_pattern'),
        'mount': refusal(call, libc.mount, b'/tmp', b'/mnt', None, MS_BIND, None),
        'umount': refusal(call, libc.umount2, b'/proc', 0),
        'unshare': refusal(call, libc.unshare, CLONE_NEWNS | CLONE_NEWPID),
        'setuid': refusal(os.setuid, 0),
        'setgroups': refusal(os.setgroups, [0]),
        'chroot': refusal(os.chroot, '/tmp'),
    }


def credentials():
    wanted = ('CapInh', 'CapPrm', 'CapEff', 'CapAmb')
    with open('/proc/self/status') as status:
        pairs = (line.split(':\t') for line in status.read().splitlines())
        found = {name: int(value, 16) for name, value in pairs if name in wanted}
    return {**found, 'ids': sorted({*os.getresuid()} - {os.getuid()})}


def notify():
    """Speaks as if it were the service's main process."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.sendto(b'STATUS=taken over\nMAINPID=1\nSTOPPING=1\nERRNO=1', NOTIFY)
    return 'sent'


def environment():
    return sorted(os.environ)


def shout():
    """What a log may hold, and a flood that ends in half a line."""
    os.write(1, b'one\n' + b'two\0three\nMESSAGE_ID=00000000000000000000000000000000\nPRIORITY=0\n\x1b[31mred\n')
    for _ in range(200):
        os.write(1, b'x' * 79 + b'\n' + b'\xff\xfe' * 20 + b'\n')
    os.write(1, b'half')
    return 'done'


def child(work):
    """With an unbound socket under a number of its own."""
    pid = os.fork()
    if pid == 0:
        os.dup2(socket.socket().detach(), CHILD_FD)
        work(socket.socket(fileno=CHILD_FD))
        os._exit(0)
    children.append(pid)
    return pid


def ask():
    """Somebody asks for what systemd listens on, and is answered late."""
    return child(lambda own: own.bind(('127.0.0.1', PORT)))


def mark_elsewhere(own):
    """In a network namespace whose administrator it is, where it may set what only an administrator sets."""
    own.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
    own.bind(('0.0.0.0', PORT))
    return [own.getsockopt(socket.SOL_SOCKET, option) for option in (socket.SO_ACCEPTCONN, socket.SO_MARK)]


def elsewhere():
    """Whether its own socket there listens, its mark, and that of the socket that systemd listens on."""
    own, other = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            call(libc.unshare, CLONE_NEWUSER | CLONE_NEWNET)
            with socket.socket() as marked:
                other.sendall(json.dumps(mark_elsewhere(marked)).encode())
        finally:
            os._exit(0)
    other.close()
    with own:
        said = own.recv(65536).decode()
    os.waitpid(pid, 0)
    return [*json.loads(said), listener.getsockopt(socket.SOL_SOCKET, socket.SO_MARK)]


def succeed():
    """Nothing is asked."""
    return child(lambda own: signal.pause())


def reap():
    return os.waitstatus_to_exitcode(os.waitpid(children.pop(), 0)[1])


def end():
    os.kill(children[-1], signal.SIGKILL)
    return reap()


def plain():
    return 'here'


ATTACKS = {
    function.__name__: function
    for function in (descriptors, inspections, signals, processes, places, kernel, credentials, notify, environment, shout,
                     ask, elsewhere, succeed, reap, end)
}

if os.environ.get('HOSTILE_SOCKET'):
    named = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = b'/srv/attacker/own/\x1b[2J\x9b31m\n<0>evil\xff'
    if os.path.lexists(path):
        os.unlink(path)
    named.bind(path)

listener = socket.socket(fileno=FIRST_PASSED_FD)
while True:
    with listener.accept()[0] as connection:
        words = connection.recv(65536).decode().split(' ')
        # The connection itself is nothing that it was left with.
        attack = ATTACKS.get(words[1].lstrip('/'), plain)
        answer = json.dumps(attack()).encode()
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n'
        connection.sendall(head.encode() + answer)
