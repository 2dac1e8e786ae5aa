import type { PeriodCodes, ReleasedCodes } from '../anonymize/released-together.ts';
import { componentId, neutralise } from '../anonymize/sdmx-csv.ts';
import type { Session } from '../engine/session.ts';
import { readDimension } from '../transforms/tabulate/read-dimension.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { dimensionsOf } from './definition.ts';
import { publishedName } from './published-dimension.ts';
import { viewOf } from './tabulated-view.ts';

/** How the codes of a pipeline's dimensions hang together in each period, read from the steps that its tables are made of. */
export async function releasedCodes(
  context: Context,
  session: Session,
  { pipeline, tables }: CheckedPipeline,
  periods: readonly string[],
): Promise<ReleasedCodes> {
  const codes: Record<string, PeriodCodes> = {};
  const idOf = (column: string): string => componentId(publishedName(pipeline, column));
  const hierarchical = tables.flatMap((name) => {
    const table = pipeline.tables[name];
    return table === undefined
      ? []
      : dimensionsOf(table)
          .filter(({ hierarchy }) => hierarchy.length > 0)
          .map((dimension) => ({ from: table.from, dimension }));
  });
  for (const period of periods) {
    const above: Record<string, Map<string, string>> = {};
    const levelOf: Record<string, string> = {};
    for (const { from, dimension } of hierarchical) {
      await viewOf(context, session, `${pipeline.pipeline}.${from}@integrated`, 'codes_of', [period]);
      const { codes: all, parent } = await readDimension(session, 'codes_of', dimension, 'VARCHAR');
      const name = idOf(dimension.name);
      const known = above[name] ?? new Map<string, string>();
      all.forEach((code, node) => {
        if (node > 0) known.set(neutralise(code), neutralise(all[parent[node] ?? 0] ?? ''));
      });
      above[name] = known;
      for (const column of dimension.hierarchy) levelOf[idOf(column)] = name;
    }
    codes[period] = { above, levelOf };
  }
  return codes;
}
