import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import type { Session } from '../engine/session.ts';
import { arrowPieces } from './arrow-file.ts';
import type { PublicManifest } from './public-manifest.ts';
import { recordsName } from './public-records.ts';
import { reportPieces } from './release-report.ts';
import { structureXml } from './sdmx-structure.ts';
import { hasWorkbook, workbookPieces } from './xlsx-workbook.ts';

/** A package as far as it is written: the CSV files of its tables, and all that the manifest says but for the hashes. */
export interface PackageSource {
  readonly session: Session;
  readonly dir: string;
  readonly manifest: Omit<PublicManifest, 'files'>;
}

const REPORT = 'report.html';

type Pieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** A file of a package that follows from its CSV files and its manifest alone: the same source gives the same bytes. */
export interface DerivedFile {
  readonly path: string;
  readonly pieces: (source: PackageSource) => Pieces;
}

/** The files that follow from the CSV files and the manifest, in the order of the manifest. */
export function derivedFiles(manifest: PackageSource['manifest']): DerivedFile[] {
  const { tables } = manifest;
  return [
    ...tables.map((spec): DerivedFile => ({ path: `${spec.name}.arrow`, pieces: (source) => arrowPieces(source, spec) })),
    ...tables
      .filter(hasWorkbook)
      .map((spec): DerivedFile => ({ path: `${spec.name}.xlsx`, pieces: (source) => workbookPieces(source, spec) })),
    { path: 'structure.xml', pieces: (source) => [structureXml(source.manifest)] },
    {
      path: REPORT,
      pieces: (source) =>
        reportPieces(
          source,
          [...packagePaths(manifest), 'manifest.json'].filter((path) => path !== REPORT),
        ),
    },
  ];
}

/** Every path that the manifest lists: what is in the package but for the manifest itself. */
export function packagePaths(manifest: PackageSource['manifest']): string[] {
  const tables = manifest.tables.flatMap(({ name }) => [`${name}.csv`, `${name}.parquet`]);
  const records = (manifest.microdata ?? []).map(recordsName).flatMap((name) => [`${name}.csv`, `${name}.parquet`]);
  return [...tables, ...records, ...derivedFiles(manifest).map(({ path }) => path)];
}

/** Writes a derived file into the package. */
export async function writeDerived(source: PackageSource, file: DerivedFile): Promise<void> {
  const handle = await open(joinPath(source.dir, file.path), 'wx', 0o600);
  try {
    for await (const piece of file.pieces(source)) await handle.writeFile(piece);
  } finally {
    await handle.close();
  }
}

/** SHA-256 of what a derived file must hold. */
export async function derivedHash(source: PackageSource, file: DerivedFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of file.pieces(source)) hash.update(piece);
  return hash.digest('hex');
}
