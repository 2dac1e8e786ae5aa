/** A value that a statement may bind. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | Date;

/** A statement or a fragment: text with `$1 … $n` and the values bound to them. Made only by this module. */
export class Sql {
  readonly #parts: readonly string[];
  readonly values: readonly SqlValue[];

  /** @internal use `sql`, `id`, `literal`, `join` */
  private constructor(parts: readonly string[], values: readonly SqlValue[]) {
    this.#parts = parts;
    this.values = values;
  }

  get text(): string {
    return this.#parts.reduce((text, part, index) => `${text}$${index}${part}`);
  }

  static of(strings: readonly string[], inputs: readonly (SqlValue | Sql)[]): Sql {
    if (strings.some((text) => text === undefined)) throw new TypeError('a backslash in a statement must be doubled');
    const parts: string[] = [strings[0] ?? ''];
    const values: SqlValue[] = [];
    const append = (text: string): void => {
      parts[parts.length - 1] += text;
    };
    for (const [index, input] of inputs.entries()) {
      if (input instanceof Sql) {
        append(input.#parts[0] ?? '');
        for (const [offset, value] of input.values.entries()) {
          values.push(value);
          parts.push(input.#parts[offset + 1] ?? '');
        }
      } else {
        values.push(input);
        parts.push('');
      }
      append(strings[index + 1] ?? '');
    }
    return new Sql(parts, values);
  }
}

/** Tag of a statement: every interpolated value is bound, every interpolated `Sql` is spliced; there is no raw exit. */
export function sql(strings: TemplateStringsArray, ...inputs: readonly (SqlValue | Sql)[]): Sql {
  return Sql.of(strings, inputs);
}

/** A quoted identifier, or a dotted path of them. */
export function id(...names: readonly [string, ...string[]]): Sql {
  for (const name of names) {
    if (name === '' || name.includes('\0')) throw new TypeError('an identifier must be a non-empty string without NUL');
  }
  return Sql.of([names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')], []);
}

/** A literal in the text, for the few statements that cannot bind (CREATE VIEW, SET, ATTACH). */
export function literal(value: string | number | bigint | boolean | null): Sql {
  if (value === null) return Sql.of(['NULL'], []);
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TypeError('a string literal must not hold NUL');
    return Sql.of([`'${value.replaceAll("'", "''")}'`], []);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('a number literal must be finite');
  return Sql.of([typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value)], []);
}

/** Fragments joined by a separator that is part of the code. */
export function join(
  fragments: readonly Sql[],
  separator: ', ' | ' AND ' | ' OR ' | ' + ' | ' UNION ALL ' | ' UNION ALL BY NAME ' | '\n' | ' ' = ', ',
): Sql {
  if (fragments.length === 0) return Sql.of([''], []);
  const between = fragments.slice(1).map(() => separator);
  return Sql.of(['', ...between, ''], fragments);
}

/** SQL of a definition after it has passed the parse gate: text without bound values; only the gate's module may call this. */
export function trusted(text: string): Sql {
  return Sql.of([text], []);
}
