import { basename } from 'node:path';
import { fieldsOf } from '../../anonymize/protect/line-fields.ts';
import { keyOf } from '../../anonymize/protect/protect-table.ts';
import { readDefinitionText } from '../../engine/definitions.ts';
import { DefinitionError } from '../../engine/errors.ts';

const MAX_BYTES = 20 * 2 ** 20;

/**
 * Reads the cells that must be published or suppressed: a CSV file with a column for each dimension (its total where it is left out) and
 * `status` (`publish` or `suppress`). Gives the status by key of codes. Errors: `forced-*`, with the line.
 */
export async function readForced(
  path: string,
  dimensions: readonly { readonly name: string; readonly codes: readonly string[] }[],
): Promise<ReadonlyMap<string, 'publish' | 'suppress'>> {
  const file = basename(path);
  const text = await readDefinitionText(path, MAX_BYTES);
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const names = fieldsOf(head) ?? [];
  const fail = (line: number, code: string, what: string): DefinitionError =>
    new DefinitionError(code, `line ${line} of ${file} ${what}`, { at: { file, line } });
  const unknown = names.find((name) => name !== 'status' && !dimensions.some((dimension) => dimension.name === name));
  if (!names.includes('status') || unknown !== undefined)
    throw fail(1, 'forced-header', `must name dimensions (${dimensions.map(({ name }) => name).join(', ')}) and status`);
  const forced = new Map<string, 'publish' | 'suppress'>();
  lines.forEach((content, index) => {
    if (content.trim() === '') return;
    const line = index + 2;
    const values = fieldsOf(content) ?? [];
    const status = values[names.indexOf('status')];
    if (values.length !== names.length || (status !== 'publish' && status !== 'suppress'))
      throw fail(line, 'forced-line', 'needs a code for each dimension and status publish or suppress');
    const codes = dimensions.map(({ name, codes: all }) => {
      const at = names.indexOf(name);
      const code = at < 0 ? (all[0] ?? '') : (values[at] ?? '');
      if (!all.includes(code)) throw fail(line, 'forced-code', `has a code that ${name} does not have`);
      return code;
    });
    forced.set(keyOf(codes), status);
  });
  return forced;
}
