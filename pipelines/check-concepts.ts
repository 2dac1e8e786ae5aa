import { columnsOf } from '../anonymize/sdmx-csv.ts';
import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import { dimensionsOf, type Pipeline } from './definition.ts';
import { publishedName } from './published-dimension.ts';

/** Problems of `concepts:`: a column that is no dimension, an id that SDMX-CSV uses itself, two dimensions of one table under one id. */
export function conceptProblems(loaded: Loaded<Pipeline>): Problem[] {
  const { value: pipeline } = loaded;
  const problems: Problem[] = [];
  const tables = Object.values(pipeline.tables).map((table) => dimensionsOf(table).map(({ name }) => name));
  const known = [...new Set([...tables.flat(), ...(Object.keys(pipeline.indices).length > 0 ? ['method'] : [])])];
  for (const [column, { id }] of Object.entries(pipeline.concepts)) {
    if (!known.includes(column)) {
      const message = `${column} is a dimension of no table${nameHint(column, known)}`;
      problems.push(loaded.problem(['concepts', column], 'concept-unknown-column', message));
    }
    if (columnsOf([]).includes(id))
      problems.push(loaded.problem(['concepts', column, 'id'], 'concept-reserved', `${id} is a column of SDMX-CSV; take another concept`));
    const twins = tables.filter((names) => names.filter((name) => publishedName(pipeline, name) === id.toLowerCase()).length > 1);
    if (twins.some((names) => names.includes(column))) {
      const message = `${id} is the concept of two dimensions of one table; each needs its own`;
      problems.push(loaded.problem(['concepts', column, 'id'], 'concept-twice', message));
    }
  }
  return problems;
}
