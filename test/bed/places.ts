/** Where a bed keeps things on the host: one folder, outside the checkout, for all checkouts. Pure. */
import { join, resolve } from 'node:path';

export interface Places {
  readonly cache: string;
  /** Roots being built; whatever lies here without a builder is a leftover. */
  readonly building: string;
  readonly beds: string;
  readonly logs: string;
  readonly lock: string;
}

export function placesFrom(env: Readonly<Record<string, string | undefined>>): Places {
  const cache = resolve(env['GRENADINE_BED_CACHE'] ?? '/var/cache/grenadine-bed');
  return {
    cache,
    building: join(cache, 'building'),
    beds: join(cache, 'beds'),
    logs: join(cache, 'logs'),
    lock: join(cache, 'lock'),
  };
}
