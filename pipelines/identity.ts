import type { Identity } from '../engine/cell-table.ts';
import { DefinitionError } from '../engine/errors.ts';

const TERM = /^\s*([+-])?\s*([a-z][a-z0-9_]{0,62})\s*/;

/**
 * Reads an identity between measures, such as `jobs = persons + second_jobs`: names joined by + and - on both sides of one `=`.
 * @throws DefinitionError `identity-invalid`; the caller knows the place.
 */
export function parseIdentity(text: string): Identity {
  const [left, right, ...rest] = text.split('=');
  if (left === undefined || right === undefined || rest.length > 0) throw invalid(text);
  return [
    ...parseTerms(left, text),
    ...parseTerms(right, text).map(({ measure, coefficient }) => ({ measure, coefficient: -coefficient })),
  ];
}

/** One side of an identity: `created - destroyed`. Errors: `identity-invalid`. */
export function parseTerms(side: string, text = side): Identity {
  const terms: { measure: string; coefficient: number }[] = [];
  for (let rest = side; rest.trim() !== ''; ) {
    const [matched, sign, measure] = TERM.exec(rest) ?? [];
    if (matched === undefined || measure === undefined || (sign === undefined && terms.length > 0)) throw invalid(text);
    terms.push({ measure, coefficient: sign === '-' ? -1 : 1 });
    rest = rest.slice(matched.length);
  }
  if (terms.length === 0) throw invalid(text);
  return terms;
}

function invalid(text: string): DefinitionError {
  return new DefinitionError(
    'identity-invalid',
    `"${text}" is not an identity; write measures joined by + and -, such as jobs = persons + second_jobs`,
  );
}
