import type * as z from 'zod';
import type { Problem } from './errors.ts';
import { nameHint } from './nearest-name.ts';
import type { YamlPath, YamlPositions } from './yaml-position.ts';

type Issue = z.core.$ZodIssue;

/** Puts the known keys of a strict object into the message of an unknown key, where only the schema knows them. */
export function issueMap(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const definition = (issue.inst as { _zod?: { def?: { shape?: Record<string, unknown> } } } | undefined)?._zod?.def;
  return JSON.stringify(Object.keys(definition?.shape ?? {}));
}

/** The problems behind the issues of a schema, each with its position and what is allowed. */
export function explainIssues(issues: readonly Issue[], root: unknown, positions: YamlPositions): Problem[] {
  return issues.flatMap((issue) => explain(issue, toPath(issue.path), root, positions));
}

function explain(issue: Issue, path: YamlPath, root: unknown, positions: YamlPositions): Problem[] {
  const problem = (code: string, message: string, at = positions.of(path)): Problem => ({ code, message, at, severity: 'error' });
  const name = pathName(path);
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(issue.message);
      return issue.keys.map((key) =>
        problem(
          'definition-unknown-key',
          `${pathName([...path, key])} is not a key that is known here${nameHint(key, known)}`,
          positions.ofKey(path, key),
        ),
      );
    }
    case 'invalid_type': {
      if (value === undefined) return [problem('definition-missing', `${name} is missing (${issue.expected}); add it`)];
      const quote = issue.expected === 'string' && typeof value === 'number' ? '; quote it' : '';
      return [problem('definition-type', `${name} must be ${aWord(issue.expected)}, not ${kindOf(value)}${quote}`)];
    }
    case 'invalid_value': {
      if (value === undefined) return [problem('definition-missing', `${name} is missing; allowed: ${issue.values.join(', ')}`)];
      const allowed = issue.values.map(String);
      const hint = allowed.length > 12 ? nameHint(typeof value === 'string' ? value : '', allowed) : '';
      return [problem('definition-value', `${name} is ${shown(value)}; allowed: ${allowed.slice(0, 30).join(', ')}${hint}`)];
    }
    case 'invalid_union':
      return explainUnion(issue.errors, path, root, positions, problem, name);
    case 'invalid_key':
      return issue.issues.map((inner) =>
        problem(
          'definition-name',
          `the key ${shown(path.at(-1))} ${lowerFirst(inner.message)}`,
          positions.ofKey(path.slice(0, -1), String(path.at(-1))),
        ),
      );
    case 'too_small':
    case 'too_big':
      return [problem('definition-range', `${name} is out of range: ${lowerFirst(issue.message)}`)];
    case 'custom': {
      const code = typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'definition-value';
      return [problem(code, `${name}: ${issue.message}`)];
    }
    default:
      return [problem('definition-value', `${name}: ${lowerFirst(issue.message)}`)];
  }
}

/** Of several allowed forms, explains the one that the author meant: the form whose own type fits. */
function explainUnion(
  branches: readonly (readonly Issue[])[],
  path: YamlPath,
  root: unknown,
  positions: YamlPositions,
  problem: (code: string, message: string) => Problem,
  name: string,
): Problem[] {
  if (valueAt(root, path) === undefined) return [problem('definition-missing', `${name} is missing; add it`)];
  const fitting = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')),
  );
  const [best] = [...fitting].sort((left, right) => left.length - right.length);
  if (best !== undefined) return best.flatMap((issue) => explain(issue, [...path, ...toPath(issue.path)], root, positions));
  const forms = branches.flatMap((issues) =>
    issues.flatMap((issue) =>
      issue.code === 'invalid_type' ? [aWord(issue.expected)] : issue.code === 'invalid_value' ? issue.values.map(String) : [],
    ),
  );
  return [problem('definition-type', `${name} must be ${[...new Set(forms)].join(' or ')}, not ${kindOf(valueAt(root, path))}`)];
}

/** `rules[0].expr` of a path. */
function pathName(path: YamlPath): string {
  if (path.length === 0) return 'the definition';
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

function toPath(path: readonly PropertyKey[]): YamlPath {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function knownKeys(message: string): string[] {
  try {
    return JSON.parse(message) as string[];
  } catch {
    return [];
  }
}

function valueAt(root: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return (value as Record<string | number, unknown>)[step];
  }, root);
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  return Array.isArray(value) ? 'a list' : aWord(typeof value);
}

function aWord(kind: string): string {
  const words: Record<string, string> = {
    object: 'a map',
    record: 'a map',
    array: 'a list',
    string: 'a text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return words[kind] ?? kind;
}

/** A value of a definition (never of a record), short. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function lowerFirst(message: string): string {
  const text = message.replace(/^(Invalid string|Too small|Too big|Invalid input): /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
