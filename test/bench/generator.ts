/** How long the generator takes: systemd waits for it at each boot and daemon-reload. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { summarize } from './statistics.js';
import type { Result } from './table.js';

const counts = [1, 10, 100];

/** Constant text with positional parameters: how many applications, how many times. Prints microseconds, one a line. */
const script = `set -e
exec 3>&1 >/dev/null
shopt -s extglob
rm -f /etc/grenadine/apps/bench-+([0-9]).conf
for ((i = 1; i <= $1; i++)); do
  sed "s/^ListenStream=.*/ListenStream=127.0.0.1:$((20000 + i))/" /src/test/apps/node/node.conf \\
    >"/etc/grenadine/apps/bench-$i.conf"
done
for ((i = 1; i <= $2; i++)); do
  out=$(mktemp -d)
  mkdir "$out/normal" "$out/early" "$out/late"
  start=$EPOCHREALTIME
  /usr/lib/systemd/system-generators/grenadine-generator "$out/normal" "$out/early" "$out/late"
  end=$EPOCHREALTIME
  echo $((\${end/./} - \${start/./})) >&3
  [[ $(find "$out" -name 'bench-*.socket' -type f | wc -l) -eq $1 ]]
  rm -r "$out"
done
rm -f /etc/grenadine/apps/bench-+([0-9]).conf`;

export async function measureGenerator(bed: Bed, rounds: number): Promise<readonly Result[]> {
  const results: Result[] = [];
  await inBed(bed, 'install', '-d', '/etc/grenadine/apps');
  for (const count of counts) {
    const text = await inBed(bed, 'bash', '-c', script, 'bench', `${count}`, `${rounds}`);
    const samples = text
      .trim()
      .split('\n')
      .map((line) => Number(line) / 1000);
    const what = `generator, ${count} application${count === 1 ? '' : 's'}`;
    results.push({ name: `generator-${count}`, what, unit: 'ms', samples, summary: summarize(samples) });
  }
  return results;
}
