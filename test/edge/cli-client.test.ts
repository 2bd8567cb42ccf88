// The command's client on a bus of its own: what takes long is waited for as long as something is answered.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { busName, interfaceName, methods, objectPath } from '../../activator/bus/api.js';
import { openSystemBus, type Bus } from '../../activator/bus/connection.js';
import { openClient } from '../../activator/cli/client.js';
import { openPrivateBus } from './launcher/private-bus.js';

let directory: string;
let closeBus: () => void;
let activator: Bus;
let questions = 0;
let finishBake: (id: string) => void = () => undefined;
let isSilent = false;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'grenadine-client-'));
  closeBus = (await openPrivateBus({ directory })).close;
  activator = await openSystemBus(() => undefined);
  activator.export(
    objectPath,
    interfaceName,
    {
      Bake: {
        ...methods.Bake,
        run: () =>
          new Promise((resolve) => {
            finishBake = resolve;
          }),
      },
      List: {
        ...methods.List,
        run: () => {
          questions += 1;
          if (questions === 3) finishBake('aaaaaaaaaaaa');
          return isSilent ? new Promise(() => undefined) : [];
        },
      },
    },
    {},
  );
  await activator.requestName(busName);
});
after(async () => {
  activator.close();
  closeBus();
  await rm(directory, { recursive: true });
});

test('a bake that takes long is waited for while the activator answers', async () => {
  const client = await openClient({ askAfterMs: 20, answerWithinMs: 60_000 });
  assert.equal(await client.call('Bake', ['web']), 'aaaaaaaaaaaa');
  assert.ok(questions >= 3);
  client.close();
});

test('an activator that answers nothing more is not waited for', async () => {
  isSilent = true;
  const client = await openClient({ askAfterMs: 20, answerWithinMs: 200 });
  await assert.rejects(client.call('Bake', ['web']), { code: 'bus-timeout' });
  client.close();
});
