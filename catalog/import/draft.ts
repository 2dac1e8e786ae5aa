import type { Text } from '../../engine/definitions.ts';
import type { Vocabularies, VocabularyName } from '../vocabularies.ts';

type Partly = { -readonly [L in keyof Text]?: Text[L] };

/** What could be taken of a foreign record: a part of a record of ours. Texts may lack a language; nothing is made up. */
export interface DraftContent {
  id: string;
  title: Partly;
  description: Partly;
  keywords: Partly[];
  holder: Partly;
  /** Codes by the vocabulary that they were found in. */
  readonly codes: { [V in VocabularyName]?: string[] };
}

export interface Lost {
  readonly field: string;
  readonly why: string;
  readonly values: number;
}

type TextField = 'title' | 'description' | 'holder';

/** Collects what is taken of one foreign record, and counts by field what is not. */
export class Draft {
  readonly content: DraftContent;
  /** Texts without a language, which was told from their letters. */
  readonly assumed: string[] = [];
  readonly #vocabularies: Vocabularies;
  readonly #lost = new Map<string, { field: string; why: string; values: number }>();

  constructor(id: string, vocabularies: Vocabularies) {
    this.#vocabularies = vocabularies;
    this.content = { id, title: {}, description: {}, keywords: [], holder: {}, codes: {} };
  }

  get lost(): readonly Lost[] {
    return [...this.#lost.values()];
  }

  lose(field: string, why: string, values = 1): void {
    const known = this.#lost.get(`${field} ${why}`);
    if (known === undefined) this.#lost.set(`${field} ${why}`, { field, why, values });
    else known.values += values;
  }

  text(field: TextField, value: string, language: string | undefined, source: string): void {
    const found = this.#language(value, language, source);
    if (found === undefined) return;
    if (this.content[field][found] === undefined) this.content[field][found] = value.trim();
    else if (this.content[field][found] !== value.trim()) this.lose(source, `there is already a text in ${found}`);
  }

  keyword(value: string, language: string | undefined, source: string): void {
    const found = this.#language(value, language, source);
    if (found !== undefined) this.content.keywords.push({ [found]: value.trim() });
  }

  /** Takes a code, or the last part of an IRI, if the vocabulary has it. */
  code(vocabulary: VocabularyName, value: string, source: string, isSingle = true): boolean {
    const code = decodeURIComponentSafely(value.replace(/\/$/, '').split(/[/#]/).at(-1) ?? value);
    const known = Object.keys(this.#vocabularies[vocabulary]).find((each) => each.toLowerCase() === code.toLowerCase());
    const codes = this.content.codes[vocabulary] ?? [];
    if (known === undefined) this.lose(source, `not a code of ${vocabulary}`);
    else if (isSingle && codes.length > 0 && !codes.includes(known)) this.lose(source, 'a record has one');
    else if (!codes.includes(known)) this.content.codes[vocabulary] = [...codes, known];
    return known !== undefined;
  }

  #language(value: string, language: string | undefined, source: string): keyof Text | undefined {
    if (value.trim() === '') return undefined;
    const tag = language?.toLowerCase().split('-')[0];
    if (tag === 'he' || tag === 'iw') return 'he';
    if (tag === 'en') return 'en';
    if (tag !== undefined && tag !== '' && tag !== 'und') {
      this.lose(source, `text in ${tag}; records have Hebrew and English`);
      return undefined;
    }
    if (!this.assumed.includes(source)) this.assumed.push(source);
    return /[\u05d0-\u05ea]/.test(value) ? 'he' : 'en';
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Names for records: words of a-z and 0-9 joined by `-`, each given once. */
export class Slugs {
  readonly #given = new Set<string>();

  of(name: string): string {
    const words = name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 60)
      .replace(/^-+|-+$/g, '');
    const base = /^[a-z]/.test(words) ? words : `source${words === '' ? '' : `-${words}`}`;
    let slug = base;
    for (let count = 2; this.#given.has(slug); count++) slug = `${base}-${count}`;
    this.#given.add(slug);
    return slug;
  }
}
