// `grenadine doctor` without a name: what is known to stand in the way on this host, and whether the canary lives.

import type { Systemd } from '../bus/systemd.js';
import type { Host } from '../host/host.js';
import { canaryName, tryCanary, type CanaryTools } from './canary.js';
import type { Check } from './check.js';
import { readHostFacts } from './host-facts.js';
import { hostChecks } from './known-obstacles.js';

export interface DiagnoseTools extends Omit<CanaryTools, 'progress'> {
  readonly host: Host;
  readonly systemd: Pick<Systemd, 'version'>;
  /** Emits BakeProgress of the canary. */
  readonly progress: (name: string, phase: string, detail: string) => void;
}

/** Answers the diagnosis; a call while one is under way joins it. */
export function createDiagnosis(tools: DiagnoseTools): () => Promise<readonly Check[]> {
  let underWay: Promise<readonly Check[]> | undefined;
  const progress = (phase: string, detail: string): void => {
    tools.progress(canaryName, phase, detail);
  };

  const diagnose = async (): Promise<readonly Check[]> => {
    progress('looking', 'at the host');
    await tools.host.lookAgain();
    const facts = await readHostFacts(tools.host.now(), tools.systemd);
    const checks = hostChecks(facts);
    // A bake could only fail.
    if (facts.criu.kind !== 'present') return checks;
    return [...checks, ...(await tryCanary({ ...tools, progress }))];
  };

  return () => {
    underWay ??= diagnose().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
