// Takes from the application's seccomp filter the question that nobody answers after a restore: whoever answered
// bind(2) at the cold boot (native/adopt.c) is not there, and the kernel would fail each of them with ENOSYS. Pure.
//
// seccomp.img holds every filter as the kernel's own struct sock_filter: code, jt, jf, k (linux/filter.h).

import type { ImageFile } from './image-file.js';
import { seccompEntry, seccompFilter } from './schema.js';
import {
  bytesField,
  encodeMessage,
  getBytes,
  getMessages,
  removeFields,
  setBytes,
  type Message,
} from './wire.js';

const instructionBytes = 8;
/** BPF_RET | BPF_K, and what it returns: linux/bpf_common.h, linux/seccomp.h. */
const BPF_RET_K = 0x06;
const SECCOMP_RET_USER_NOTIF = 0x7fc00000;
const SECCOMP_RET_ALLOW = 0x7fff0000;

export function quietFilters(seccomp: ImageFile): ImageFile {
  return { ...seccomp, entries: seccomp.entries.map(quietEntry) };
}

function quietEntry(entry: Message): Message {
  const filters = getMessages(entry, seccompEntry.filters).map((filter) =>
    bytesField(seccompEntry.filters, encodeMessage(quietFilter(filter))),
  );
  return [...removeFields(entry, seccompEntry.filters), ...filters];
}

function quietFilter(filter: Message): Message {
  // A copy of its own: what getBytes() gives lies somewhere in the whole image.
  const after = new Uint8Array(getBytes(filter, seccompFilter.filter) ?? []);
  const view = new DataView(after.buffer);
  for (let at = 0; at + instructionBytes <= after.length; at += instructionBytes)
    if (view.getUint16(at, true) === BPF_RET_K && view.getUint32(at + 4, true) === SECCOMP_RET_USER_NOTIF)
      view.setUint32(at + 4, SECCOMP_RET_ALLOW, true);
  return setBytes(filter, seccompFilter.filter, after);
}
