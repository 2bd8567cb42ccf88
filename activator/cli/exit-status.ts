// The exit statuses of `grenadine` (grenadine(1), EXIT STATUS), from the code of what went wrong. Pure.

import { GrenadineError } from '../../generator/config/error.js';
import { isRefusedStart, strangerCodes } from './unreachable.js';
import { visible } from './visible.js';

export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notPermitted: 4,
  unreachable: 5,
  bakeFailed: 6,
} as const;

const byCode: Readonly<Record<string, number>> = {
  usage: exitStatus.usage,
  'org.grenadine.Error.NoSuchApplication': exitStatus.notFound,
  'org.grenadine.Error.NoSuchSnapshot': exitStatus.notFound,
  'org.grenadine.Error.BakeFailed': exitStatus.bakeFailed,
  'org.freedesktop.DBus.Error.AccessDenied': exitStatus.notPermitted,
  'org.freedesktop.DBus.Error.ServiceUnknown': exitStatus.unreachable,
  'org.freedesktop.DBus.Error.NameHasNoOwner': exitStatus.unreachable,
  'org.freedesktop.DBus.Error.NoReply': exitStatus.unreachable,
  'org.freedesktop.DBus.Error.TimedOut': exitStatus.unreachable,
  'bus-unreachable': exitStatus.unreachable,
  'bus-silent': exitStatus.unreachable,
  'bus-lost': exitStatus.unreachable,
  'bus-timeout': exitStatus.unreachable,
  'nothing-known': exitStatus.unreachable,
  ...Object.fromEntries(strangerCodes.map((code) => [code, exitStatus.unreachable])),
};

export function statusOf(error: unknown): number {
  if (!(error instanceof GrenadineError)) return exitStatus.failed;
  if (isRefusedStart(error.code)) return exitStatus.unreachable;
  return byCode[error.code] ?? exitStatus.failed;
}

/** One line for stderr: what happened, and what to do where the message does not say it. */
export function describe(error: unknown): string {
  return visible(messageOf(error));
}

function messageOf(error: unknown): string {
  if (!(error instanceof GrenadineError)) return error instanceof Error ? error.message : String(error);
  return statusOf(error) === exitStatus.notPermitted ? 'only root may do this (try sudo)' : error.message;
}
