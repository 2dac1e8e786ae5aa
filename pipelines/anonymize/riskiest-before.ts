import { type RiskiestCombination, riskiestCombinations } from '../../anonymize/risk/riskiest-combinations.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';
import type { LoadedPolicy } from './load-policy.ts';

/** Subsets of the keys that are looked through, of so many keys at most. */
const MOST_SUBSETS = 200;
const MOST_KEYS = 3;

/** The combinations of few keys of `file` that fewer than k records share. */
export async function riskiestBefore(session: Session, file: FlatFile, { keys, policy }: LoadedPolicy): Promise<RiskiestCombination[]> {
  const values = join(keys.map((name, key) => sql`nullif(${file.column(name)}::VARCHAR, '') AS ${id(`k${key}`)}`));
  const records = sql`SELECT ${values}, count(*) AS n FROM ${id(file.relation)} GROUP BY ${join(keys.map((_, key) => id(`k${key}`)))}`;
  return riskiestCombinations(session, records, keys, smallSubsets(keys.length), policy.require.k);
}

/** The smallest first, each in the order of the keys. */
function smallSubsets(keys: number): number[][] {
  const subsets: number[][] = [];
  let wave: number[][] = [[]];
  for (let size = 1; size <= MOST_KEYS; size++) {
    wave = wave.flatMap((subset) =>
      Array.from({ length: keys }, (_, key) => key)
        .slice((subset.at(-1) ?? -1) + 1)
        .map((key) => [...subset, key]),
    );
    subsets.push(...wave);
  }
  return subsets.slice(0, MOST_SUBSETS);
}
