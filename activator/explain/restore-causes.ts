// What CRIU's errors at a restore mean for an operator. Pure: a table of what CRIU 4.2 says in its logs,
// `Error (criu/FILE:LINE): TEXT`; paths there begin without a slash.

export interface RestoreCause {
  readonly reason: string;
  /** What to do beside what `outlook` says; '' is nothing. */
  readonly advice: string;
}

const causes: readonly {
  readonly says: RegExp;
  readonly means: (words: readonly string[]) => RestoreCause;
}[] = [
  {
    // open_path() in criu/files-reg.c
    says: /Can't open file (.+?) on restore: ([^;]+)/,
    means: ([path = '', why = '']) => ({
      reason: `/${path}, which the application had open or was in when it was dumped, cannot be opened: ${why}`,
      advice: 'If the application needs the file, put it back.',
    }),
  },
  {
    // validate_with_build_id() in criu/files-reg.c
    says: /File (\S+) has bad build-ID/,
    means: ([path = '']) => ({
      reason: `/${path} was replaced by another build after the snapshot was made`,
      advice: 'This is what an upgrade does; the application is well.',
    }),
  },
  {
    // validate_file() in criu/files-reg.c, of a program or library as of data that has grown
    says: /File (\S+) has bad size/,
    means: ([path = '']) => ({
      reason: `/${path} has another size than when the snapshot was made: it was replaced, or written to`,
      advice:
        'An upgrade replaces files; the application is well. If it is data that grows, restores of later snapshots will fail so, too.',
    }),
  },
  {
    // criu/protobuf.c, criu/image.c and criu/util.c, of an image that is short, empty or of other bytes
    says: /Unexpected EOF on (\S+)|Read \d+ bytes while \d+ expected from (\S+?):? |(?:Head|Image) magic doesn't match for (\S+)/,
    means: (words) => ({
      reason: `a file of the snapshot is missing or damaged${fileIn(words.find((word) => word !== '') ?? '')}`,
      advice:
        'The disk may have lost more: `grenadine verify` reads all snapshots, `journalctl -k` says what the kernel saw.',
    }),
  },
  {
    // The launcher's words (native/restore.c): SIGKILL is what a limit does.
    says: /criu was ended by (SIG(?!KILL)[A-Z0-9]+)/,
    means: ([signal = '']) => ({
      reason: `CRIU itself crashed (${signal}); the snapshot may have been good`,
      advice: 'Look at CRIU first: grenadine doctor; coredumpctl list criu.',
    }),
  },
];

/** undefined when nothing is known of it. */
export function causeOfRestore(errors: string): RestoreCause | undefined {
  for (const { says, means } of causes) {
    const match = says.exec(errors);
    if (match !== null) return means(match.slice(1).map((word: string | undefined) => word ?? ''));
  }
  return undefined;
}

/** CRIU names an image that is missing `(empty-image)`. */
function fileIn(word: string): string {
  const name = word.slice(word.lastIndexOf('/') + 1);
  return name.endsWith('.img') ? ` (${name})` : '';
}
