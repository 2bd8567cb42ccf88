// Whoever looks at the host, others hear what has changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostFingerprint } from '../../activator/host/differences.js';
import { openHost } from '../../activator/host/host.js';
import { exampleHost } from './store-example.js';

const host: HostFingerprint = exampleHost;

test('a host that has changed is told once, whoever looked', async () => {
  let looks: readonly HostFingerprint[] = [
    host,
    host,
    { ...host, kernel: '7.0' },
    { ...host, kernel: '7.0' },
  ];
  const opened = await openHost(() => {
    const [found = host, ...rest] = looks;
    looks = rest;
    return Promise.resolve(found);
  });
  const heard: string[] = [];
  opened.onChanged((changes) => heard.push(...changes));
  for (let look = 0; look < 3; look += 1) await opened.lookAgain();
  assert.deepEqual(heard, [`the kernel was ${host.kernel}, it is 7.0`]);
  assert.equal(opened.now().kernel, '7.0');
});

test('a look that fails leaves what was seen', async () => {
  let isAway = false;
  const opened = await openHost(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(host)));
  isAway = true;
  await assert.rejects(opened.lookAgain(), /away/);
  assert.deepEqual(opened.now(), host);
});
