// How often systemd hears that the activator lives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepWatchdog, watchdogMs } from '../../activator/watchdog.js';

test('the watchdog is kept where systemd waits for this process', () => {
  assert.equal(watchdogMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 7), 60_000);
  assert.equal(watchdogMs({ WATCHDOG_USEC: '60000000' }, 7), 60_000);
});

test('it is not where nobody waits, or for another process', () => {
  for (const environment of [{}, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'x' }])
    assert.equal(watchdogMs(environment, 7), undefined);
  assert.equal(watchdogMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, 7), undefined);
});

test('a sign of life comes three times within the time', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let signs = 0;
  const live = (): void => {
    signs += 1;
  };
  keepWatchdog(undefined, live);
  keepWatchdog(60_000, live);
  context.mock.timers.tick(60_000);
  assert.equal(signs, 3);
});
