import { type LogLinearRisk, logLinearRisk, MOST_CELLS } from '../../anonymize/risk/log-linear.ts';
import { DefinitionError } from '../../engine/errors.ts';
import { nameHint } from '../../engine/nearest-name.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, sql } from '../../engine/sql.ts';

/**
 * The risk by a log-linear model of the complete cells of `cells`. `model`: `main` (keys are independent), `pairs` (every two of them depend
 * on each other) or sets of keys such as `sex*age,region`. `fraction`: share of the population that the file is, where it has no weights.
 * Error: `risk-log-linear`.
 */
export async function logLinearCells(
  session: Session,
  keys: readonly string[],
  model: string,
  fraction: number | undefined,
): Promise<LogLinearRisk> {
  const generators = generatorsOf(keys, model);
  const codes = keys.map((_, key) => sql`(dense_rank() OVER (ORDER BY ${id(`k${key}`)}) - 1)::INTEGER AS ${id(`c${key}`)}`);
  const weight = fraction === undefined ? sql`w` : sql`n / ${literal(fraction)}`;
  const found = await session.numbers(sql`SELECT ${join(codes)}, n, ${weight} AS w FROM cells WHERE missing = 0 ORDER BY cell`);
  const [n, w] = [found['n'] as Float64Array, found['w'] as Float64Array];
  const packed = new Int32Array(n.length * keys.length);
  const sizes = keys.map((_, key) => {
    const column = found[`c${key}`] as Int32Array;
    for (let cell = 0; cell < n.length; cell++) packed[cell * keys.length + key] = column[cell] as number;
    return column.reduce((most, code) => Math.max(most, code + 1), 0);
  });
  const grid = sizes.reduce((product, size) => product * size, 1);
  const isJoint = new Set(generators.flat()).size < generators.flat().length;
  if (isJoint && grid > MOST_CELLS)
    throw new DefinitionError(
      'risk-log-linear',
      `the keys have ${grid} combinations; a model in which they depend on each other is fitted up to ${MOST_CELLS}: name fewer keys, or use --log-linear main`,
    );
  const names = generators.map((generator) => generator.map((key) => keys[key] as string));
  return { model: names, ...logLinearRisk({ codes: packed, n, w }, sizes, generators) };
}

function generatorsOf(keys: readonly string[], model: string): number[][] {
  const all = [...keys.keys()];
  if (model === 'main' || (model === 'pairs' && keys.length < 2)) return all.map((key) => [key]);
  if (model === 'pairs') return all.flatMap((one) => all.slice(one + 1).map((other) => [one, other]));
  return model.split(',').map((set) =>
    set.split('*').map((text) => {
      const key = keys.indexOf(text.trim());
      if (key >= 0) return key;
      throw new DefinitionError(
        'risk-log-linear',
        `--log-linear is main, pairs or sets of keys such as sex*age,region; ${text.trim()} is no key${nameHint(text.trim(), keys)}`,
      );
    }),
  );
}
