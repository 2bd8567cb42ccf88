// Takes a snapshot out of service that failed or is damaged, and says so: in the journal, and in what is known of its
// application.

import type { Applications } from './applications.js';
import type { Log } from './log.js';
import type { Store } from './store/store.js';

export interface SetAsideTools {
  readonly applications: Applications;
  readonly store: Pick<Store, 'quarantine'>;
  readonly log: Log;
}

/** Never rejects: a store that takes nothing is no reason to serve nobody. */
export async function setAside(
  { applications, store, log }: SetAsideTools,
  name: string,
  { id, code, why }: { readonly id: string; readonly code: string; readonly why: string },
): Promise<void> {
  const reason = `${code}: ${why}`;
  const failure = await store.quarantine(name, id, reason).then(() => '', String);
  applications.update(name, { setAside: { snapshot: id, code, text: why, failure } });
  if (failure === '')
    log.warning(`${name}: snapshot ${id} was set aside (${code}): ${why}`, {
      ...{ kind: 'set-aside', application: name, snapshot: id, reason: code },
    });
  else
    log.error(
      `${name}: snapshot ${id} may not serve (${code}): ${why}; it could not be set aside, and a later start may try it again (${failure})`,
    );
}
