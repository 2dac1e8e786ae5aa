import { DisclosureError } from '../engine/errors.ts';
import type { Ledger, LedgerFile, LedgerPage } from './ledger.ts';
import { recordsName } from './public-records.ts';
import type { PackageFile, ReleaseRecord } from './release.ts';

/** The largest share of the units that a file may hold beside tables which withhold or change what its variables tell. */
const LARGEST_SAMPLE = 0.1;

/** Codes of a published dimension that say nothing of a unit. */
const TOTAL = '_T';
/** When a value was published: no variable of the units. */
const VINTAGE = 'VINTAGE';

/** The files of records of a release, for the ledger: what they tell, and the hash of their bytes. */
export function releasedFiles(
  { id, pipeline, periods, policy }: Pick<ReleaseRecord, 'id' | 'pipeline' | 'periods' | 'policy'>,
  files: readonly PackageFile[],
): LedgerFile[] {
  return Object.entries(policy.microdata ?? {}).flatMap(([name, { dimensions, sample }]) =>
    periods.flatMap((period) => {
      const file = files.find(({ path }) => path === `${recordsName({ name, period })}.csv`);
      const facts = { dataset: pipeline, period, name, release: id, dimensions: [...dimensions], sample };
      return file === undefined ? [] : [{ ...facts, sha256: file.sha256 }];
    }),
  );
}

/**
 * Refuses a second file of records of the same units and period (two ways of anonymising them undo each other), and a file of all units, or of a
 * large sample, beside a table which withholds or changes a value that could be counted from it. Only dimensions that the file has are told;
 * of a variable under another name nothing is known here.
 */
export function checkMicrodata(ledger: Ledger, files: readonly LedgerFile[], pages: readonly LedgerPage[], method: string): void {
  const earlier = ledger.microdata ?? [];
  for (const file of files) {
    const old = earlier.find((each) => each.dataset === file.dataset && each.period === file.period && each.sha256 !== file.sha256);
    if (old === undefined) continue;
    throw new DisclosureError(
      'release-second-file',
      `${file.dataset} ${file.period}: records of these units were released in ${old.release}, and are others now (${file.name}); two files of the same units and period undo each other, so leave it out`,
    );
  }
  for (const file of files) for (const page of ledger.pages) checkBeside(file, page, methodOf(ledger, page));
  for (const file of [...earlier, ...files]) for (const page of pages) checkBeside(file, page, method);
}

function checkBeside(file: LedgerFile, page: LedgerPage, method: string): void {
  if (file.sample <= LARGEST_SAMPLE || file.dataset !== page.dataset || file.period !== page.period) return;
  const told = page.dimensions.map((name) => name === VINTAGE || file.dimensions.includes(name.toLowerCase()));
  const isTold = (key: string): boolean => (JSON.parse(key) as string[]).every((code, at) => code === TOTAL || told[at] === true);
  const cells = page.keys.flatMap((key, cell) => (isTold(key) ? [cell] : []));
  const isSuppressing = method === 'suppress';
  const open = cells.filter((cell) => !isSuppressing || Object.values(page.measures).some((values) => values[cell] === null)).length;
  if (open === 0) return;
  const names = page.dimensions.filter((_, at) => told[at] === true).join(', ') || 'the total alone';
  throw new DisclosureError(
    'release-microdata-tells',
    `${page.dataset} ${page.period}: table ${page.table} ${isSuppressing ? 'withholds' : 'changes'} ${open} cells by ${names}, and the file ${file.name} tells these variables of the same units, so that they could be counted; leave these variables out of its step, make it a sample (sample: ${LARGEST_SAMPLE} or less), or leave it out`,
  );
}

function methodOf(ledger: Ledger, page: LedgerPage): string {
  const known = ledger.methods.find(
    ({ dataset, period, measure }) => dataset === page.dataset && period === page.period && Object.hasOwn(page.measures, measure),
  );
  return known?.method.split(' ')[0] ?? 'suppress';
}
