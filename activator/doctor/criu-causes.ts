// What CRIU's errors mean for an application, and what to do about it. Pure: a table of what CRIU 4.2 says in its logs,
// `Error (criu/FILE:LINE): TEXT`. The log holds the first error and its echoes, so the most telling entries come first.

export interface Cause {
  /** What is to blame, where another row may show it. */
  readonly blames?: 'UNIX connection';
  readonly cause: string;
  readonly advice: string;
}

const causes: readonly (Cause & { readonly says: RegExp })[] = [
  {
    // dump_external_sockets() in criu/sk-unix.c
    says: /External socket is used|Can't dump half of stream unix connection|name-less external socket|unreachable peer/,
    blames: 'UNIX connection',
    cause: 'a UNIX connection leads to a process outside of the application',
    advice:
      'have the application close it before it is dumped, or connect at the first request only; a second process of its own belongs into the same service',
  },
  {
    // dump_unsupp_fd() in criu/files-ext.c
    says: /Can't dump file \d+ of that type .*io_uring/,
    cause: 'it uses io_uring, which CRIU cannot dump',
    advice:
      'boot it through Grenadine, which refuses io_uring_setup(2), and not by a helper that opens rings for it',
  },
  {
    says: /Can't dump file \d+ of that type/,
    cause: 'it holds a descriptor of a kind that CRIU cannot dump, such as a device',
    advice: 'have the application close it before it is dumped, or run without that device',
  },
  {
    // can_dump_ipproto() in criu/sk-inet.c
    says: /consider using "?GODEBUG=multipathtcp=0/,
    cause: 'it listens with Multipath TCP, as programs in Go do by default',
    advice: 'Environment=GODEBUG=multipathtcp=0',
  },
  {
    // lookup_socket_ino() in criu/sockets.c: before 4.2 all that Linux 6.16 answers is lost on it
    says: /Sockets \(family \d+ proto \d+\) are not collected|Unsupported proto|Only stream, dgram and raw/,
    cause: 'it holds a network socket that CRIU cannot dump, or this CRIU can dump none on this kernel',
    advice: 'see the row criu of `grenadine doctor`: CRIU before 4.2 dumps none on Linux 6.16 and newer',
  },
  {
    // criu/namespaces.c
    says: /Can't dump nested .* namespace/,
    cause: 'the application has processes in namespaces of their own',
    advice: 'run those as a service of their own: sandboxes and containers cannot be part of a snapshot',
  },
  {
    // dump_one_reg_file() in criu/files-reg.c
    says: /Can't lookup mount=/,
    cause: 'a file is open that lies on a mount of another namespace',
    advice: 'have the application open it by itself, after it was started',
  },
  {
    // criu/tty.c
    says: /Found dangling tty|tty inheritance detected/,
    cause: 'it holds a terminal',
    advice: 'run it without one; its output goes to the journal',
  },
  {
    // compel_wait_task() in compel/src/lib/infect.c
    says: /Unseizable non-zombie|SEIZE \d+:/,
    cause: 'CRIU may not trace it, or a debugger is attached',
    advice: 'end the debugger; in a container, see the row capabilities of `grenadine doctor`',
  },
  {
    // CRIU's words, or those of Node
    says: /no space left on device/i,
    cause: 'the file system is full',
    advice:
      'df -h /var/lib/grenadine; make room there, by `grenadine remove` for one, or lower Keep= or Limit= (grenadine.conf(5)); what serves goes on',
  },
];

/** undefined when nothing is known of it; the errors themselves are for whoever knows CRIU. */
export function causeOf(errors: string): Cause | undefined {
  return causes.find(({ says }) => says.test(errors));
}

/** The errors, with what they mean in front where that is known. */
export function withCause(errors: string): string {
  const known = causeOf(errors);
  return known === undefined ? errors : `${known.cause} (${errors})`;
}
