// The MESSAGE_ID= of each kind of event that the activator tells the journal: units/grenadine.catalog explains them,
// grenadine(7) lists them. Those of the launcher are in native/message-ids.h.

export const messageIds = {
  published: '84b11fca2b7c40e7bcd355be085a721f',
  'bake-failed': '36d0886eb4bb4439b0df21c572fb2b9d',
  'set-aside': 'fc0543e9ae964aa5b1fefbb412246757',
  stale: '76f2c8355a364478a578fdd146749768',
  switched: '914bb5e5c24b411b9f9a5a716247e460',
  'switch-failed': '223d1a6f23734f55abc8a7a623cf94e1',
  'host-changed': '0f7ef9f69170460eb0040e45b203e267',
} as const;

/** What an entry of the journal is about, besides its text. */
export interface Happening {
  readonly kind: keyof typeof messageIds;
  /** undefined where it is about the host. */
  readonly application?: string;
  readonly snapshot?: string;
  /** A fixed code: why. */
  readonly reason?: string;
}
