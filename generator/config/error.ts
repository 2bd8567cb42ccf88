// The one error class. A code is a fixed word that tests, D-Bus names and exit statuses are derived from.

export class GrenadineError extends Error {
  readonly code: string;

  /** `code` is kebab-case and never changes; `message` names the object and says what to do. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GrenadineError';
    this.code = code;
  }
}
