import { type Sql, sql } from '../../engine/sql.ts';

/** Nodes and weights of the Gauss-Legendre rule of 16 points on (-1, 1), positive half. */
const NODES = [
  0.09501250983763744, 0.2816035507792589, 0.45801677765722737, 0.6178762444026438, 0.755404408355003, 0.8656312023878318,
  0.9445750230732326, 0.9894009349916499,
];
const WEIGHTS = [
  0.1894506104550685, 0.18260341504492358, 0.16915651939500254, 0.14959598881657674, 0.12462897125553388, 0.09515851168249279,
  0.06225352393864789, 0.02715245941175409,
];
/** exp(-LAST) is nothing beside 1. */
const LAST = 40;

/**
 * Expected value of 1/F given f, where F - f is negative binomial with success probability p = f / Fk: the individual risk of
 * Benedetti and Franconi (1998), exactly, for every real f from 1 and any p. `f`: frequency in the sample, `population`: estimated
 * frequency in the population (sum of the weights), not below f; gives a risk in (0, 1]. Instead of the hypergeometric series, which
 * needs millions of terms where p is small, the integral of exp(-f x) / (p + (1 - p) exp(-x)) over x from 0 is taken, times p.
 */
export function exactRisk(f: number, population: number): number {
  const p = Math.min(1, f / population);
  if (p === 1) return 1 / f;
  const q = 1 - p;
  const end = Math.max(0, Math.log(q / p)) + LAST / f;
  const width = Math.min(1, 4 / f);
  let sum = 0;
  for (let left = 0; left < end; left += width) {
    const middle = left + width / 2;
    for (const [node, at] of NODES.entries()) {
      const step = (at * width) / 2;
      sum += (WEIGHTS[node] as number) * (density(f, p, q, middle - step) + density(f, p, q, middle + step));
    }
  }
  return (p * sum * width) / 2;
}

function density(f: number, p: number, q: number, x: number): number {
  return Math.exp(-f * x) / (p + q * Math.exp(-x));
}

/**
 * The individual risk as the field computes it (documentation of sdcMicro): exact for f = 1 and f = 2, p / (f - (1 - p)) above 2. Of the
 * frequencies between 1 and 2, which wildcards give, NULL: these need `exactRisk`.
 */
export function approximateRisk(f: Sql, population: Sql): Sql {
  const p = sql`least(1, ${f} / ${population})`;
  const odds = sql`(${p} / (1 - ${p}))`;
  return sql`CASE WHEN ${population} <= ${f} THEN 1 / ${f}
    WHEN ${f} = 1 THEN ${odds} * ln(1 / ${p})
    WHEN ${f} = 2 THEN ${odds} - ${odds} * ${odds} * ln(1 / ${p})
    WHEN ${f} > 2 THEN ${p} / (${f} - (1 - ${p})) END`;
}
