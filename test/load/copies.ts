/**
 * The `copies` program: `copies NAME COUNT PORT` makes so many applications NAME-1, NAME-2 and so on of the one called
 * NAME, each with a copy of its current snapshot, and opens their sockets on 127.0.0.1, from PORT on. In a bed, as root.
 */
import { readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { copyApplications } from '../system/endurance/snapshot-copies.js';

const [name = '', count = '', port = ''] = process.argv.slice(2);
const id = basename(await readlink(`/var/lib/grenadine/${name}/current`));
await copyApplications({ name, id }, Number(count), Number(port));
