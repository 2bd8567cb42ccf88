/**
 * How a command gets into a booted bed: all namespaces of its PID 1, a cgroup of its own among systemd's (so that
 * it can be ended with all that it started), and a clean environment. Builds the command line; runs nothing.
 */
export interface Entry {
  readonly leader: number;
  /** An existing cgroup of the bed, by its path on the host. */
  readonly cgroup: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Constant text with positional parameters: only the process itself can join the cgroup and drop what Node passes
 * on of its own parent's descriptors. A file of the host's mounts, open in a process of the bed, cannot be dumped.
 */
const joinScript = `echo $$ >"$1/cgroup.procs" && shift || exit
for fd in /proc/self/fd/*; do fd=\${fd##*/}; test "$fd" -le 2 || eval "exec $fd>&-"; done
exec "$@"`;

export function enterArgv({ leader, cgroup, argv, env }: Entry): string[] {
  const environment = Object.entries({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    USER: 'root',
    LANG: 'C.UTF-8',
    ...env,
  });
  return [
    ...['bash', '-c', joinScript, 'bed', cgroup],
    ...['nsenter', '-m', '-p', '-u', '-i', '-n', '-C', '-t', String(leader), '--'],
    ...['env', '-i', '-C', '/root', ...environment.map(([name, value]) => `${name}=${value}`)],
    ...argv,
  ];
}
