/** The files of a stored snapshot, for tests that break one. Paths only as grenadine(7) documents them. */
import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

const root = '/var/lib/grenadine';

/** Cuts the largest image whose name begins with `prefix` in half, in the current snapshot or that with `id`. */
export async function truncateImage(name: string, prefix: string, id?: string): Promise<void> {
  const folder = join(root, name, id === undefined ? 'current' : `snapshots/${id}`, 'criu');
  const names = (await readdir(folder)).filter((file) => file.startsWith(prefix));
  const sized = await Promise.all(
    names.map(async (file) => ({ path: join(folder, file), size: (await stat(join(folder, file))).size })),
  );
  const [largest] = sized.sort((a, b) => b.size - a.size);
  if (largest === undefined) throw new Error(`no image of ${name} begins with ${prefix}`);
  await truncate(largest.path, Math.floor(largest.size / 2));
}

/** Overwrites one byte of memory in the current snapshot, which every restore would bring up. */
export async function flipByte(name: string): Promise<void> {
  const folder = join(root, name, 'current', 'criu');
  const pages = (await readdir(folder)).find((file) => /^(mapped|pages)-/.test(file));
  if (pages === undefined) throw new Error(`the snapshot of ${name} holds no memory`);
  const file = await open(join(folder, pages), 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 0);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, 0);
  await file.close();
}

export async function quarantined(name: string): Promise<readonly string[]> {
  return readdir(join(root, name, 'quarantine')).catch(() => []);
}
