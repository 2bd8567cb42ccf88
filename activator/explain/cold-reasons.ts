// Why a start was a cold boot, by the launcher's reason codes (grenadine-launch(8)), and what to do. Pure.

import { fate } from './fate.js';
import { outlook } from './outlook.js';
import { causeOfRestore } from './restore-causes.js';
import type { Circumstances, SetAside, Situation } from './situation.js';

export interface Explanation {
  readonly reason: string;
  readonly advice: string;
}

/** A situation after a cold boot, and what the launcher said to its code. */
export interface ColdBoot extends Situation {
  readonly code: string;
  readonly detail: string;
}

type Reason = (boot: ColdBoot) => Explanation;

const journal = ({ name }: Situation): string => `journalctl -u ${name}.service`;

/** The launcher looks for CRIU first, whether it needs one or not. */
const noCriu: Reason = (boot) => {
  const { circumstances, criu, detail, isEnabled } = boot;
  if (circumstances?.isEnabled === false) return switchedOff(boot);
  const then = circumstances?.criu ?? '';
  // The host is looked at after such a start, so that this may be asked before anybody knows.
  const isUnknown = isEnabled && then === '' && criu === '';
  return {
    reason: then === '' ? detail : then,
    advice: `${isUnknown ? 'If that is so still, install CRIU 4.2 or newer. ' : ''}${outlook(boot)}`,
  };
};

const switchedOff: Reason = (boot) => ({
  reason: 'snapshots were switched off (Enable=no)',
  advice: boot.isEnabled ? outlook(boot) : 'Each start is a cold boot.',
});

/** What was wrong with the snapshots was known to the activator, and not to the launcher. */
const noSnapshot: Reason = (boot) => {
  const { circumstances, outcome } = boot;
  if (circumstances?.isEnabled === false) return switchedOff(boot);
  if (outcome?.failed.some(({ code }) => code === 'no-snapshot') === true) return folderGone(boot);
  if (circumstances === undefined)
    return { reason: 'there was no snapshot that could serve', advice: outlook(boot) };
  return ofCircumstances(boot, circumstances);
};

function ofCircumstances(boot: ColdBoot, circumstances: Circumstances): Explanation {
  const { criu, setAside, hasSnapshots, stale: stales } = circumstances;
  if (criu !== '') return noCriu(boot);
  if (setAside !== undefined && !hasSnapshots) return ofSetAside(boot, setAside);
  if (stales.length > 0) return stale(boot);
  return { reason: 'there was no snapshot of what was deployed', advice: outlook(boot) };
}

const folderGone: Reason = (boot) => ({
  reason: 'the folder of its snapshot was gone',
  advice:
    boot.bake === undefined
      ? `If another program has the activator's name, it has named a snapshot that never was; else: ls -l /var/lib/grenadine/${boot.name}/snapshots/`
      : `First: findmnt -T /var/lib/grenadine/${boot.name}. If a file system is missing, mount it, then: systemctl restart grenadine-activator. Only if the snapshots are lost for good: grenadine bake ${boot.name}`,
});

const stale: Reason = (boot) => {
  const { circumstances } = boot;
  return {
    reason:
      circumstances !== undefined && circumstances.stale.length > 0
        ? `no snapshot fitted any more: ${circumstances.stale.join('; ')}`
        : 'the snapshot had been made for another configuration, release, kernel or CRIU',
    advice: outlook(boot),
  };
};

const restoreFailed: Reason = (boot) => {
  const cause = causeOfRestore(boot.detail);
  const otherwise = `If it happens again: grenadine doctor ${boot.name}.`;
  return {
    reason: cause?.reason ?? 'every snapshot that could serve failed to restore',
    advice: `${cause?.advice ?? otherwise} ${fate(boot)}`,
  };
};

const hostRefused: Reason = (boot) => {
  const kept =
    'The snapshot is kept, and tried again at each start; until this is mended, each start is a cold boot.';
  const settings = `systemctl cat ${boot.name}.service`;
  const limits = (properties: string): string => `systemctl show ${boot.name}.service -p ${properties}`;
  if (/Read-only file system/.test(boot.detail))
    return {
      reason: 'what a restore writes to is read-only for the unit',
      advice: `Delete ReadOnlyPaths= or ProtectSystem= in the file that \`${settings}\` names it in, or add ReadWritePaths=/run/grenadine (systemctl edit ${boot.name}.service); then: systemctl daemon-reload, systemctl restart ${boot.name}. If there is no such line: findmnt -T /run/grenadine. Until then systemctl reload, grenadine dump and switches to new releases do not work, either. ${kept}`,
    };
  if (/SIGKILL|Cannot allocate memory|Out of memory/.test(boot.detail))
    return {
      reason:
        'CRIU was killed, or got no memory: most likely a limit was too low, or the host is short of it',
      advice: `What the kernel says: journalctl -k -g oom; the limits: ${limits('MemoryMax,MemoryPeak,LimitAS')}; raise them: systemctl edit ${boot.name}.service. ${kept}`,
    };
  if (/service_fd_base|Too many open files/.test(boot.detail))
    return {
      reason: 'the limit of open files was too low for a restore',
      advice: `CRIU needs some more than the application has open. The limit: ${limits('LimitNOFILE')}; raise it: systemctl edit ${boot.name}.service. ${kept}`,
    };
  if (/SIGXFSZ|File too large/.test(boot.detail))
    return {
      reason: 'the limit of the size of files was too low for a restore',
      advice: `The limit: ${limits('LimitFSIZE')}; raise it: systemctl edit ${boot.name}.service. ${kept}`,
    };
  if (/No space left/.test(boot.detail))
    return { reason: '/run is full', advice: `What fills it: df -h /run; du -xsh /run/*. ${kept}` };
  return {
    reason: 'the host refused what a restore takes: memory, a process, a file, or room to write',
    advice: `The limits: ${limits('TasksMax,MemoryMax,LimitAS,LimitNOFILE')}; sysctl kernel.pid_max; free -m; df -h /run. ${kept}`,
  };
};

const reasons: Readonly<Record<string, Reason>> = {
  'no-snapshot': noSnapshot,
  'snapshot-stale': (boot) => ((boot.circumstances?.criu ?? '') === '' ? stale(boot) : noCriu(boot)),
  'snapshot-used': (boot) => ({
    reason: 'the snapshot serves one start, and another one had used it up',
    advice: `Why each start uses one up: grenadine status ${boot.name}. ${outlook(boot)}`,
  }),
  'use-failed': (boot) => ({
    reason: 'the snapshot serves one start, and could not be marked as used, so that it was not',
    advice: `Is /var/lib/grenadine/ read-only, or the disk full? ${journal(boot)}; df -h /var/lib/grenadine`,
  }),
  'plan-invalid': (boot) => ({
    reason: 'the file `plan` of the snapshot is missing or damaged',
    advice: `Somebody or the disk has damaged the store: \`grenadine verify\` reads all snapshots, \`journalctl -k\` says what the kernel saw. ${fate(boot)}`,
  }),
  'restore-failed': restoreFailed,
  'file-refused': (boot) => ({
    reason: 'a file cannot be opened any more with the rights of its user, or a link is in its place',
    advice: `Did somebody replace it, or take its user’s right? ${fate(boot)}`,
  }),
  'no-criu': noCriu,
  'restore-timeout': (boot) => ({
    reason: 'CRIU was ended, for it took far longer than when the snapshot was made',
    advice: `Is the host short of something (cat /proc/pressure/{cpu,memory,io}), or does another process hold a lock of the application (lslocks)? ${fate(boot)}`,
  }),
  'ended-early': (boot) => ({
    reason: 'it was restored, and ended before it had taken a connection',
    advice: `Whoever waited was served by this cold boot. What it said before it ended: ${journal(boot)}. ${fate(boot)}`,
  }),
  'no-answer': (boot) => ({
    reason: 'it was restored, took none of the connections that waited for it, and was ended',
    advice: `Whoever waited was served by this cold boot. Does it wait for something that was there when it was baked? ${journal(boot)}. ${fate(boot)}`,
  }),
  'crash-loop': (boot) => ({
    reason: `what was restored ended within seconds, again and again (${boot.detail})`,
    advice: `Clients whose connection it had taken were cut off. If this cold boot ends so, too, it is the application: ${journal(boot)}; coredumpctl list. ${fate(boot)}`,
  }),
  'host-refused': hostRefused,
  'listeners-failed': (boot) => ({
    reason: 'the sockets could not be made what the application had made of them',
    advice: `Does ${boot.name}.socket hold what ListenStream= says? systemctl restart ${boot.name}.socket, and: grenadine bake ${boot.name}`,
  }),
  'namespaces-failed': (boot) => ({
    reason: 'the namespaces of a restore could not be made',
    advice: `The snapshot is kept; until this is mended, each start is a cold boot. systemctl cat ${boot.name}.service names the file of each line: delete RestrictNamespaces=, SystemCallFilter= and the like there, then: systemctl daemon-reload, systemctl restart ${boot.name}. If there is none: free -m; sysctl kernel.pid_max user.max_user_namespaces`,
  }),
};

/** undefined for a code that nobody knows: not what every object has, for `constructor` is a word like any other. */
export function explainCode(boot: ColdBoot, code = boot.code): Explanation | undefined {
  return Object.entries(reasons).find(([known]) => known === code)?.[1](boot);
}

function ofSetAside(boot: ColdBoot, { code, text: detail }: SetAside): Explanation {
  return (
    (code === 'no-snapshot' ? undefined : explainCode({ ...boot, detail }, code)) ?? {
      reason: `its snapshot was set aside: ${detail}`,
      advice: outlook(boot),
    }
  );
}
