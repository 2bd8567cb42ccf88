/** How long the generator takes: systemd waits for it at each boot and daemon-reload. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import type { Question, Sample } from './question.js';

const counts = [1, 10, 100];

const rowOf = (count: number): string => `generator-${count}`;

/** Constant text with positional parameters: how many applications. Prints microseconds. */
const script = `set -e
exec 3>&1 >/dev/null
shopt -s extglob
rm -f /etc/grenadine/apps/bench-+([0-9]).conf
for ((i = 1; i <= $1; i++)); do
  sed "s/^ListenStream=.*/ListenStream=127.0.0.1:$((20000 + i))/" /src/test/apps/node/node.conf \\
    >"/etc/grenadine/apps/bench-$i.conf"
done
out=$(mktemp -d)
mkdir "$out/normal" "$out/early" "$out/late"
start=$EPOCHREALTIME
/usr/lib/systemd/system-generators/grenadine-generator "$out/normal" "$out/early" "$out/late"
end=$EPOCHREALTIME
echo $((\${end/./} - \${start/./})) >&3
(($(find "$out" -name 'bench-*.socket' -type f | wc -l) == $1))
rm -r "$out"
rm -f /etc/grenadine/apps/bench-+([0-9]).conf`;

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const count of counts) {
    const us = await inBed(bed, 'bash', '-c', script, 'bench', `${count}`);
    samples.push({ row: rowOf(count), value: Number(us) / 1000 });
  }
  return samples;
}

export const generator: Question = {
  name: 'generator',
  title: 'The generator, at each boot and daemon-reload',
  rows: counts.map((count) => ({
    name: rowOf(count),
    what: `generator, ${count} application${count === 1 ? '' : 's'}`,
    unit: 'ms',
  })),
  ratios: [],
  prepare: async (bed) => {
    await inBed(bed, 'install', '-d', '/etc/grenadine/apps');
  },
  round,
};
