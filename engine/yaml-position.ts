import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, Scalar, visit } from 'yaml';
import type { Position, Problem } from './errors.ts';

export type YamlPath = readonly (string | number)[];

const MAX_YAML_ISSUES = 20;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Finds places in a parsed YAML text. */
export class YamlPositions {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #file: string;

  constructor(document: Document, lines: LineCounter, file: string) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
  }

  /** Position of a character of the text, counted from 0. */
  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line, column: col };
  }

  /**
   * Position of the value at `path`, or of the nearest existing node above it; with `offset`, of that character of a scalar written on
   * one line (other scalars: of their start).
   */
  of(path: YamlPath, offset = 0): Position {
    const node = this.#nodeAt(path);
    const start = node?.range?.[0] ?? 0;
    return this.at(start + (offset > 0 ? charactersIn(node, offset) : 0));
  }

  /** Position of the key of a map at `path`; the map's own where the key is not there. */
  ofKey(path: YamlPath, key: string): Position {
    const map = this.#resolve(this.#nodeAt(path));
    const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
    const range = (pair?.key as Node | undefined)?.range;
    return range ? this.at(range[0]) : this.of(path);
  }

  #resolve(node: Node | undefined): Node | undefined {
    return isAlias(node) ? ((node as Alias).resolve(this.#document) as Node | undefined) : node;
  }

  #nodeAt(path: YamlPath): Node | undefined {
    let node = this.#document.contents as Node | undefined;
    for (const step of path) {
      const container = this.#resolve(node);
      let next: Node | undefined;
      if (isMap(container)) {
        const pair = container.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
        next = (pair?.value ?? pair?.key) as Node | undefined;
      } else if (isSeq(container)) next = container.items[Number(step)] as Node | undefined;
      if (next === undefined || next === null) return node;
      node = next;
    }
    return node;
  }
}

/** Problems of the YAML text itself: what `yaml` reports, keys twice or forbidden, codes that lost their zeros, aliases of themselves. */
export function yamlProblems(document: Document, positions: YamlPositions): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, offset: number, message: string): void => {
    problems.push({ code, message, at: positions.at(offset), severity: 'error' });
  };
  const issues = [...document.errors, ...document.warnings];
  const nested = issues.find((issue) => issue.message.startsWith('Maximum call stack'));
  if (nested !== undefined)
    return [{ code: 'definition-yaml', message: 'nested too deeply; simplify it', at: positions.at(nested.pos[0]), severity: 'error' }];
  for (const issue of issues.slice(0, MAX_YAML_ISSUES)) add('definition-yaml', issue.pos[0], yamlMessage(issue.code, issue.message));
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const offset = (key as Node | null)?.range?.[0] ?? map.range?.[0] ?? 0;
        if (!isScalar(key) || key.value === null || typeof key.value === 'object')
          add('definition-key', offset, 'a key must be a plain word');
        else {
          const name = String(key.value as string | number | boolean);
          if (FORBIDDEN_KEYS.has(name)) add('definition-forbidden-key', offset, `the key "${name}" is not allowed; rename it`);
          if (seen.has(name)) add('definition-duplicate-key', offset, `the key "${name}" occurs twice; keep one`);
          seen.add(name);
        }
      }
    },
    Scalar: (_, scalar) => {
      if (losesDigits(scalar)) {
        const text = scalar.source ?? '';
        add('definition-unquoted-code', scalar.range?.[0] ?? 0, `${text} would be read as a number and lose digits; quote it: "${text}"`);
      }
    },
    Alias: (_, alias, ancestors) => {
      const target = alias.resolve(document);
      if (target === undefined) add('definition-alias', alias.range?.[0] ?? 0, `the alias *${alias.source} names nothing above it`);
      else if ((ancestors as unknown[]).includes(target)) {
        add('definition-alias', alias.range?.[0] ?? 0, `the alias *${alias.source} stands inside what it names; write the value out`);
      }
    },
  });
  return problems;
}

function yamlMessage(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a definition is one YAML document; remove what follows ---';
  return `${(message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}; correct the YAML`;
}

/** A plain number with a leading zero, or too long to be exact. */
function losesDigits(scalar: Scalar): boolean {
  if (typeof scalar.value !== 'number' || scalar.type !== Scalar.PLAIN) return false;
  const text = scalar.source ?? '';
  return /^[-+]?0[0-9]/.test(text) || (/^[-+]?[0-9]+$/.test(text) && !Number.isSafeInteger(scalar.value));
}

/** How many characters of the source stand before character `offset` of a scalar's value. */
function charactersIn(node: Node | undefined, offset: number): number {
  if (!isScalar(node) || typeof node.value !== 'string' || node.range == null) return 0;
  const length = node.range[1] - node.range[0];
  if (node.type === Scalar.PLAIN && length === node.value.length) return offset;
  const quoted = node.type === Scalar.QUOTE_SINGLE || node.type === Scalar.QUOTE_DOUBLE;
  return quoted && length === node.value.length + 2 ? offset + 1 : 0;
}
