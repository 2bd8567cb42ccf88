/** `write-table FILE`: prints test/faults.md from the sightings in FILE. They are of this repository, and not checked. */
import { readFileSync } from 'node:fs';
import type { Sighting } from './fault.js';
import { renderTable } from './render-table.js';

const [path = ''] = process.argv.slice(2);
process.stdout.write(renderTable(JSON.parse(readFileSync(path, 'utf8')) as readonly Sighting[]));
