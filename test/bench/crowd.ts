/** Applications that nobody asks for: what a hundred of them cost the one that is asked for. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/**
 * Constant text with positional parameters: how many applications there are to be, those included that are there. Each
 * has a release in a folder of its own, as a deployment lays it, and a port of its own, which nobody opens.
 */
const layScript = `set -e
shopt -s nullglob
present=(/etc/grenadine/apps/*.conf)
for ((i = \${#present[@]} + 1; i <= $1; i++)); do
  mkdir -p "/srv/crowd/$i/releases/1"
  ln -sfnT releases/1 "/srv/crowd/$i/current"
  sed -e "s|/srv/rails/current|/srv/crowd/$i/current|" -e "s|^ListenStream=.*|ListenStream=127.0.0.1:$((20000 + i))|" \\
    /src/test/apps/rails/rails.conf >"/etc/grenadine/apps/crowd-$i.conf"
done`;

/** In force with the next daemon-reload. */
export async function layCrowd(bed: Bed, total: number): Promise<void> {
  await inBed(bed, 'bash', '-c', layScript, 'lay', `${total}`);
}

/** In force with the next daemon-reload. */
export async function dissolveCrowd(bed: Bed): Promise<void> {
  await inBed(bed, 'find', '/etc/grenadine/apps', '-name', 'crowd-*.conf', '-delete');
}
