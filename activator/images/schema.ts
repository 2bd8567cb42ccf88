// The numbers of CRIU's image formats that we rely on, named as there. Facts only, of CRIU 4.2: criu/include/magic.h,
// criu/include/image.h and images/*.proto; every table names its message.

export const headMagic = { common: 0x54564319 } as const;

/** criu/include/magic.h; the file name patterns are in criu/image-desc.c. */
export const imageMagic = {
  inventory: 0x58313116,
  pstree: 0x50273030,
  fdinfo: 0x56213732,
  core: 0x55053847,
  ids: 0x54432030,
  mm: 0x57492820,
  pagemap: 0x56084025,
  files: 0x56303138,
  fs: 0x51403912,
  seccomp: 0x64413049,
  'remap-fpath': 0x59133954,
  filelocks: 0x54323616,
} as const;

export type ImageKind = keyof typeof imageMagic;

/** fdinfo.proto, enum fd_types */
export const fdType = {
  REG: 1,
  PIPE: 2,
  FIFO: 3,
  INETSK: 4,
  UNIXSK: 5,
  EVENTFD: 6,
  EVENTPOLL: 7,
  INOTIFY: 8,
  SIGNALFD: 9,
  PACKETSK: 10,
  TTY: 11,
  FANOTIFY: 12,
  NETLINKSK: 13,
  TIMERFD: 17,
  MEMFD: 18,
  PIDFD: 20,
} as const;

/** fdinfo.proto, fdinfo_entry: one open descriptor. */
export const fdinfoEntry = { id: 1, flags: 2, type: 3, fd: 4 } as const;

/** fdinfo.proto, file_entry: one open file description of files.img. */
export const fileEntry = { type: 1, id: 2, reg: 3, isk: 4, ify: 13, usk: 16, fifo: 17, pipe: 18 } as const;

/** fsnotify.proto, inotify_file_entry */
export const inotifyFile = { wd: 5 } as const;

/** remap-file-path.proto, remap_file_path_entry and enum remap_type: what is open and has no name any more. */
export const remap = { orig_id: 1, remap_id: 2, remap_type: 3 } as const;
export const remapGhost = 1;

/** sk-inet.proto, inet_sk_entry */
export const inetSk = {
  id: 1,
  ino: 2,
  family: 3,
  type: 4,
  proto: 5,
  state: 6,
  src_port: 7,
  dst_port: 8,
  flags: 9,
  backlog: 10,
  src_addr: 11,
  dst_addr: 12,
  fown: 13,
  opts: 14,
  v6only: 15,
  ip_opts: 16,
  ns_id: 18,
  tcp_opts: 20,
} as const;

/** sk-inet.proto, ip_opts_entry */
export const ipOpts = { freebind: 1, pktinfo: 5, tos: 6, ttl: 7 } as const;

/** tcp-stream.proto, tcp_opts_entry */
export const tcpOpts = { cork: 1, nodelay: 2, keepcnt: 3, keepidle: 4, keepintvl: 5 } as const;

/** sk-unix.proto, unix_sk_entry */
export const unixSk = {
  id: 1,
  ino: 2,
  type: 3,
  state: 4,
  flags: 5,
  uflags: 6,
  backlog: 7,
  peer: 8,
  fown: 9,
  opts: 10,
  name: 11,
  shutdown: 12,
  file_perms: 13,
  name_dir: 14,
  deleted: 15,
  ns_id: 16,
  mnt_id: 17,
} as const;

/** sk-opts.proto, sk_opts_entry */
export const skOpts = {
  so_sndbuf: 1,
  so_rcvbuf: 2,
  so_snd_tmo_sec: 3,
  so_snd_tmo_usec: 4,
  so_rcv_tmo_sec: 5,
  so_rcv_tmo_usec: 6,
  so_priority: 8,
  so_rcvlowat: 9,
  so_mark: 10,
  so_passcred: 11,
  so_passsec: 12,
  so_dontroute: 13,
  so_bound_dev: 15,
  so_filter: 16,
  so_reuseport: 17,
  so_keepalive: 19,
  so_oobinline: 23,
  so_linger: 24,
  so_buf_lock: 25,
} as const;

/** regfile.proto, reg_file_entry */
export const regFile = {
  id: 1,
  flags: 2,
  pos: 3,
  fown: 5,
  name: 6,
  mnt_id: 7,
  size: 8,
  ext: 9,
  mode: 10,
  build_id: 11,
} as const;

/** fown.proto, fown_entry: nobody is signalled for a file that nobody has open. */
export const fown = { uid: 1, euid: 2, signum: 3, pid_type: 4, pid: 5 } as const;

/** pipe.proto, pipe_entry */
export const pipe = { id: 1, pipe_id: 2, flags: 3 } as const;

/** pstree.proto, pstree_entry */
export const pstree = { pid: 1, ppid: 2, pgid: 3, sid: 4, threads: 5 } as const;

/** core.proto, core_entry, task_core_entry and task_kobj_ids_entry */
export const core = { tc: 3, ids: 4, thread_core: 5 } as const;
export const taskCore = { blk_sigset: 5, comm: 6, timers: 7, signals_s: 10, sigactions: 15 } as const;

/** core.proto, thread_core_entry */
export const threadCore = { blk_sigset: 6, creds: 10 } as const;

/** sa.proto, sa_entry */
export const saEntry = { sigaction: 1 } as const;

/** siginfo.proto, signal_queue_entry and siginfo_entry */
export const signalQueue = { signals: 1 } as const;
export const siginfoEntry = { siginfo: 1 } as const;

/** creds.proto, creds_entry */
export const creds = { uid: 1, gid: 2, fsuid: 7, fsgid: 8, groups: 14 } as const;

/** fs.proto, fs_entry: working and root directory, each by the id of a file_entry. */
export const fsEntry = { cwd_id: 1, root_id: 2 } as const;

/** fifo.proto, fifo_entry; regf_id is the id of the file_entry that names it. */
export const fifo = { regf_id: 3 } as const;

/** timer.proto, task_timers_entry */
export const taskTimers = { posix: 4 } as const;
export const taskIds = { files_id: 2 } as const;

/** seccomp.proto, seccomp_entry and seccomp_filter */
export const seccompEntry = { filters: 1 } as const;
export const seccompFilter = { filter: 1 } as const;

/** mm.proto, mm_entry */
export const mm = { exe_file_id: 12, vmas: 14 } as const;

/** vma.proto, vma_entry; shmid is the id of a file_entry when status has a FILE bit (criu/cr-dump.c, dump_filemap). */
export const vma = {
  start: 1,
  end: 2,
  pgoff: 3,
  shmid: 4,
  prot: 5,
  flags: 6,
  status: 7,
  madv: 9,
  fdflags: 10,
} as const;

/** criu/include/image.h */
export const vmaStatus = {
  REGULAR: 1 << 0,
  HEAP: 1 << 5,
  FILE_PRIVATE: 1 << 6,
  FILE_SHARED: 1 << 7,
  ANON_PRIVATE: 1 << 9,
  AREA_MEMFD: 1 << 14,
} as const;

/** pagemap.proto, pagemap_head and pagemap_entry; compat_nr_pages is required, nr_pages counts where it is there. */
export const pagemapHead = { pages_id: 1 } as const;
export const pagemapEntry = { vaddr: 1, compat_nr_pages: 2, in_parent: 3, flags: 4, nr_pages: 5 } as const;

/** criu/include/pagemap.h */
export const PE_PRESENT = 1 << 2;
