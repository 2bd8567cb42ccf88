// The text of NAME.socket: the addresses that systemd holds, from boot on, whatever becomes of the application. Pure.
import type { Application, ListenAddress } from './config/application.js';
import { unitHead, unitText } from './unit-file.js';
import { literalSetting } from './unit-text.js';

export function renderSocket(application: Application): string {
  const { description, listen, socketMode, socketUser, socketGroup } = application;
  return unitText([
    ...unitHead(application, `${description} (socket)`),
    '',
    '[Socket]',
    ...listen.map(({ text }) => literalSetting('ListenStream', text)),
    ...(socketMode === undefined ? [] : [literalSetting('SocketMode', socketMode)]),
    ...(socketUser === undefined ? [] : [literalSetting('SocketUser', socketUser)]),
    ...(socketGroup === undefined ? [] : [literalSetting('SocketGroup', socketGroup)]),
    ...(listen.some(isOfOneInterface) ? freeBind : []),
    '# A start that fails must not close the port: never give the socket up (TriggerLimit), but where the application',
    '# ends again and again, pause before the next start (PollLimit). Clients wait in the queue meanwhile.',
    'TriggerLimitIntervalSec=0',
    'PollLimitIntervalSec=2s',
    'PollLimitBurst=30',
  ]);
}

const freeBind = [
  '# Sockets are bound early at boot, before the network has this address.',
  'FreeBind=yes',
] as const;

/** Neither any address nor the loopback's, which are always there. */
function isOfOneInterface(address: ListenAddress): boolean {
  switch (address.kind) {
    case 'tcp4':
      return address.host !== '0.0.0.0' && !address.host.startsWith('127.');
    case 'tcp6':
      return !/^[0:]*:[0:]*1?$/.test(address.host);
    case 'unix':
    case 'abstract':
      return false;
  }
}
