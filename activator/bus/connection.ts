// The system bus, through dbus-next: calls with a deadline, signals, one exported interface. Nobody else imports
// dbus-next. When the bus is lost `onLost` is called once; dbus-next never settles the calls that were under way
// then, so each of them is ended by its own deadline.

import type { Socket } from 'node:net';
import dbus from 'dbus-next';
import { GrenadineError } from '../../generator/config/error.js';

/** What a signal brought, its variants unwrapped. */
export interface Signal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** undefined where the caller ends the wait by itself. */
  readonly timeoutMs: number | undefined;
}

export interface Method {
  readonly in: string;
  readonly out: string;
  /** The caller asked for no answer, by the interface's definition. */
  readonly noReply?: true;
  readonly run: (...body: unknown[]) => unknown;
}

export interface Bus {
  /** Answers the reply's body with variants unwrapped; rejects with the D-Bus error's name as the code, or `bus-timeout`. */
  readonly call: (call: Call) => Promise<readonly unknown[]>;
  /** Calls `listener` for every signal that reaches this connection; `match` is a D-Bus match rule. */
  readonly listen: (match: string, listener: (signal: Signal) => void) => Promise<() => void>;
  /** Exports the methods and answers a function that emits a signal of the interface. */
  readonly export: (
    path: string,
    name: string,
    methods: Readonly<Record<string, Method>>,
    signals: Readonly<Record<string, string>>,
  ) => (member: string, ...body: unknown[]) => void;
  readonly requestName: (name: string) => Promise<void>;
  readonly close: () => void;
}

/** A value of a{sv}: D-Bus needs its type said. */
export function typed(signature: string, value: unknown): unknown {
  return new dbus.Variant(signature, sendable(value));
}

/** The bus hangs up on who sends a string with a NUL in it, and messages quote what others wrote. */
function sendable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '?');
  return Array.isArray(value) ? value.map(sendable) : value;
}

/** Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS is respected, for private buses in tests). */
export async function openSystemBus(onLost: (error: GrenadineError) => void, timeoutMs = 5000): Promise<Bus> {
  const bus = dbus.systemBus();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      streamOf(bus).destroy();
      reject(new GrenadineError('bus-silent', `The system bus did not answer within ${timeoutMs / 1000} s.`));
    }, timeoutMs);
    bus.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
    bus.once('error', (cause: unknown) => {
      clearTimeout(timer);
      reject(new GrenadineError('bus-unreachable', 'The system bus cannot be reached.', { cause }));
    });
  });
  let isClosed = false;
  const lost = (cause: unknown): void => {
    if (isClosed) return;
    isClosed = true;
    onLost(new GrenadineError('bus-lost', 'The connection to the system bus was lost.', { cause }));
  };
  bus.on('error', lost);
  streamOf(bus).once('close', () => {
    lost(undefined);
  });
  return {
    call: (call) => callWithDeadline(bus, call),
    listen: (match, listener) => listen(bus, match, listener),
    export: (path, name, methods, signals) => exportInterface(bus, path, name, methods, signals),
    requestName: async (name) => {
      // DBUS_NAME_FLAG_DO_NOT_QUEUE (4): a second activator must fail, not wait in line. 1 is PRIMARY_OWNER.
      if ((await bus.requestName(name, 4)) !== 1)
        throw new GrenadineError('name-taken', `Another process owns ${name} on the bus.`);
    },
    close: () => {
      isClosed = true;
      bus.disconnect();
      // A bus that hangs would never say goodbye, and keep us.
      streamOf(bus).destroy();
    },
  };
}

async function callWithDeadline(bus: dbus.MessageBus, call: Call): Promise<readonly unknown[]> {
  const message = new dbus.Message({
    destination: call.destination,
    path: call.path,
    interface: call.interface,
    member: call.member,
    signature: call.signature ?? '',
    body: [...(call.body ?? [])],
  });
  const what = `${call.interface}.${call.member}`;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const { timeoutMs } = call;
    if (timeoutMs === undefined) return;
    timer = setTimeout(() => {
      reject(new GrenadineError('bus-timeout', `No reply to ${what} within ${timeoutMs / 1000} s.`));
    }, timeoutMs);
  });
  try {
    const reply = await Promise.race([bus.call(message), deadline]);
    return (reply?.body ?? []).map(unwrap);
  } catch (error) {
    if (error instanceof dbus.DBusError) throw new GrenadineError(error.type, error.text, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function listen(
  bus: dbus.MessageBus,
  match: string,
  listener: (signal: Signal) => void,
): Promise<() => void> {
  const onMessage = (message: dbus.Message): void => {
    // dbus-next's typings number the kinds from 0, its code and the wire from 1: 4 is SIGNAL.
    const kind: number = message.type;
    if (kind !== 4) return;
    const { path, interface: iface, member, body } = message;
    listener({ path, interface: iface, member, body: body.map(unwrap) });
  };
  bus.on('message', onMessage);
  await callWithDeadline(bus, {
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'AddMatch',
    signature: 's',
    body: [match],
    timeoutMs: 5000,
  });
  return () => {
    bus.off('message', onMessage);
  };
}

function exportInterface(
  bus: dbus.MessageBus,
  path: string,
  name: string,
  methods: Readonly<Record<string, Method>>,
  signals: Readonly<Record<string, string>>,
): (member: string, ...body: unknown[]) => void {
  class Exported extends dbus.interface.Interface {}
  // configureMembers() finds a member's function on the prototype, under the member's name.
  const prototype = Exported.prototype as unknown as Record<string, (...body: unknown[]) => unknown>;
  for (const [member, method] of Object.entries(methods))
    prototype[member] = async (...body) => {
      try {
        return await method.run(...body.map(unwrap));
      } catch (error) {
        throw busError(error);
      }
    };
  for (const member of Object.keys(signals)) prototype[member] = (...body) => body;
  Exported.configureMembers({
    methods: mapValues(methods, ({ in: inSignature, out, noReply }) => ({
      inSignature,
      outSignature: out,
      noReply: noReply ?? false,
    })),
    signals: mapValues(signals, (signature) => ({ signature })),
  });
  const exported = new Exported(name);
  bus.export(path, exported);
  return (member, ...body) => {
    (exported as unknown as Record<string, (...body: unknown[]) => void>)[member]?.(...body.map(sendable));
  };
}

/** `no-such-application` becomes org.grenadine.Error.NoSuchApplication. */
export function busErrorName(code: string): string {
  const camel = code.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, _gap, letter: string) =>
    letter.toUpperCase(),
  );
  return `org.grenadine.Error.${camel}`;
}

function busError(error: unknown): unknown {
  if (error instanceof GrenadineError)
    return new dbus.DBusError(busErrorName(error.code), String(sendable(error.message)));
  const message = error instanceof Error ? error.message : String(error);
  return new dbus.DBusError(busErrorName('internal'), String(sendable(message)));
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Variants become their values, 64-bit integers become numbers (all of ours are below 2^53), at every depth. */
function unwrap(value: unknown): unknown {
  if (value instanceof dbus.Variant) return unwrap(value.value);
  if (typeof value === 'bigint') return Number(value);
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
  return value;
}

/** dbus-next tells nobody when the bus closes the stream; its typings hide the stream. */
function streamOf(bus: dbus.MessageBus): Socket {
  return (bus as unknown as { _connection: { stream: Socket } })._connection.stream;
}
