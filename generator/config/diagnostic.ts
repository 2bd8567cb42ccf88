// What is wrong with a configuration file, as data. Says nothing about where it is shown or what it costs.

export interface Diagnostic {
  /** Absolute path as the host sees it, without a test's root in front. */
  readonly file: string;
  /** Counted from 1; undefined where the file as a whole is meant. */
  readonly line: number | undefined;
  /** An error costs its application; a warning is survived, its message ends in "…, ignoring" or says what was done. */
  readonly severity: 'error' | 'warning';
  /** A fixed kebab-case word: tests check it, never the message. */
  readonly code: string;
  readonly message: string;
}

/** `file:line: message`, the form that editors and systemd's own messages use. */
export function formatDiagnostic({ file, line, message }: Diagnostic): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}

export function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
