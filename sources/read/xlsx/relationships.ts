import { posix } from 'node:path';
import { readXml } from './read-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** How a part of a workbook names another one. */
export interface Relationship {
  readonly id: string;
  /** Last word of the type, such as `worksheet`: the same in both variants of the standard (ISO/IEC 29500). */
  readonly type: string;
  /** Name of the part. */
  readonly part: string;
  readonly isExternal: boolean;
}

/** The relationships of a part ('' = of the package); none where it has none. */
export async function relationshipsOf(archive: ZipArchive, part: string): Promise<Relationship[]> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const found: Relationship[] = [];
  if (!archive.has(name)) return found;
  await readXml(archive, name, {
    open(element, { Id: id, Type: type, Target: target, TargetMode: mode }) {
      if (element !== 'Relationship' || id === undefined || type === undefined || target === undefined) return;
      const isExternal = mode === 'External';
      const path = target.startsWith('/') ? target.slice(1) : posix.join(folder, target);
      found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), part: isExternal ? '' : path, isExternal });
    },
  });
  return found;
}
