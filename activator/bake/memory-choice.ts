// Decides between mapped and copied memory for one dump: what Memory= says and, where that is `auto`, what the files
// with the application's code are. Reads those files; what they mean is in discarded-memory.ts.

import type { Application } from '../../generator/config/application.js';
import type { ImageFacts } from '../images/edit-images.js';
import { whyCopied, type CodeFile } from './discarded-memory.js';
import { readElf } from './elf-file.js';

type MemoryChoice =
  | { readonly kind: 'mapped'; readonly takesUninherited: boolean }
  | { readonly kind: 'copied'; readonly why: string };

export async function chooseMemory(
  wanted: Application['snapshot']['memory'],
  { code, hasUninherited }: Pick<ImageFacts, 'code' | 'hasUninherited'>,
): Promise<MemoryChoice> {
  switch (wanted) {
    case 'mapped':
      return { kind: 'mapped', takesUninherited: true };
    case 'copied':
      return { kind: 'copied', why: 'Memory=copied' };
    case 'auto': {
      const why = whyCopied(await Promise.all(code.map(look)), hasUninherited);
      return why === undefined ? { kind: 'mapped', takesUninherited: false } : { kind: 'copied', why };
    }
  }
}

/** A file that was deleted or replaced by something else since cannot be judged. */
async function look(file: ImageFacts['code'][number]): Promise<CodeFile> {
  return { ...file, elf: await readElf(file.path).catch(() => undefined) };
}
