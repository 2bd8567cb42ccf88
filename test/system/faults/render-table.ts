/** The text of test/faults.md from what was seen in a run. Pure. */
import type { Sighting } from './fault.js';

const head = `# Faults

Written by \`npm run faults\` from what it saw: each fault that can befall a start is brought about in a bed, with the
application of \`test/apps/faulty\`, on a real systemd and a real CRIU. A client connects while nothing runs. What is
said is quoted as it stood when the client had been answered, before the fault was mended; \`test/system/faults/\` has
the code. Times are of a build machine with two processors, and those of the application: a cold boot of it takes some
100 ms.
`;

export function renderTable(sightings: readonly Sighting[]): string {
  const groups = [...new Set(sightings.map(({ group }) => group))];
  const rows = sightings.map((one) => `| ${[one.name, one.injected, one.client].map(cell).join(' | ')} |`);
  return [
    head,
    '| fault | how it is injected | the client |',
    '|---|---|---|',
    ...rows,
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      ...sightings.filter((one) => one.group === group).flatMap(renderSighting),
    ]),
    '',
  ].join('\n');
}

function renderSighting({ name, injected, client, said }: Sighting): readonly string[] {
  const spoken = said.filter(([, text]) => text !== '');
  return [
    '',
    `### ${sentence(name)}`,
    '',
    `Brought about by ${injected}. The client ${client}.`,
    '',
    '```console',
    ...spoken.flatMap(([command, text]) => [`$ ${command}`, text]),
    '```',
  ];
}

/** The headings of a rendered table, as the names of the faults. */
export function namesIn(table: string): readonly string[] {
  return [...table.matchAll(/^### (.*)$/gm)].map(([, name]) => name ?? '');
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
