import { type SudaScores, suda } from '../../anonymize/risk/suda.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import type { Sql } from '../../engine/sql.ts';
import { keyVariables } from './key-variables.ts';

/** Keys up to which every subset is counted; beyond, subsets of at most `FEW`. */
const MANY = 12;
const FEW = 4;
/** Bits of a whole number in a mask of keys. */
const MOST = 30;
const DIS_FRACTION = 0.01;

export interface SudaReport {
  readonly scores: SudaScores;
  /** Largest subset that was looked at. */
  readonly max_size: number;
  readonly total: number;
  /** Records with a score. */
  readonly positive: number;
  readonly max: number;
  readonly dis_total: number;
  /** False where no two records are equal: then DIS says 1 for every unique. */
  readonly dis_estimable: boolean;
  /** By key variable, in per cent. */
  readonly contributions: Readonly<Record<string, number>>;
}

/** Makes `suda_scores` (`record` from 1, `suda`, `dis_suda`) of the records with a score. Errors: `risk-suda` above 30 keys. */
export async function sudaRecords(
  session: Session,
  relation: string,
  keys: readonly { readonly name: string; readonly value: Sql }[],
  scores: SudaScores,
): Promise<SudaReport> {
  if (keys.length > MOST) throw new DefinitionError('risk-suda', `--suda looks at most at ${MOST} key variables; name fewer with --keys`);
  const names = keys.map(({ name }) => name);
  const maxSize = keys.length <= MANY ? keys.length : FEW;
  const found = suda(await keyVariables(session, relation, keys), { scores, maxSize, disFraction: DIS_FRACTION });
  const scored = Int32Array.from([...found.score.keys()].filter((record) => (found.score[record] as number) > 0));
  const pick = (values: Float64Array): Float64Array => Float64Array.from(scored, (record) => values[record] as number);
  const [score, dis] = [pick(found.score), pick(found.dis)];
  await session.createTable('suda_scores', [
    { name: 'record', type: 'BIGINT', values: scored.map((record) => record + 1) },
    { name: 'suda', type: 'DOUBLE', values: score },
    { name: 'dis_suda', type: 'DOUBLE', values: dis },
  ]);
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return {
    scores,
    max_size: maxSize,
    total: sum(score),
    positive: scored.length,
    max: score.reduce((most, value) => Math.max(most, value), 0),
    dis_total: sum(dis),
    dis_estimable: found.isEstimable,
    contributions: Object.fromEntries(names.map((name, key) => [name, found.contributions[key] ?? 0])),
  };
}
