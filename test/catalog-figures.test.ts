import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { accountOf, burdenLines, hoursOf, questionsOf } from '../catalog/burden-account.ts';
import type { EditionRecord } from '../catalog/edition.ts';
import { ASPECTS, readinessOf } from '../catalog/readiness.ts';
import { SEARCH_SCRIPT } from '../catalog/site/search-script.ts';

describe('figures of the catalogue', () => {
  it('adds up a burden account as a hand does', () => {
    const text = (en: string) => ({ en, he: `ש${en}` });
    const asked = (question: string, status: string, figures: object) => ({
      question: text(question),
      survey: text('S'),
      status,
      share_still_asked: 0,
      ...figures,
    });
    const record = (id: string, targets: readonly object[]) => ({ id, theme: 'ECON', burden: { targets } }) as unknown as EditionRecord;
    const lines = burdenLines([
      record('a', [
        asked('q1', 'potential', { respondents: 1200, times_a_year: 1, minutes: 10 }), // 200
        asked('q2', 'dropped', { respondents: 600, times_a_year: 4, minutes: 5, share_still_asked: 0.1, decided: '2026-01-01' }), // 180
        asked('q3', 'potential', { respondents: 600 }),
      ]),
      record('b', [
        asked('q1', 'potential', { respondents: 1200, times_a_year: 1, minutes: 20 }), // 400: the same question, counted once
        asked('q2', 'potential', { respondents: 600, times_a_year: 4, minutes: 60 }), // q2 is dropped already
        asked('q4', 'piloted', { respondents: 60, times_a_year: 12, minutes: 1 }), // 12
      ]),
    ]);
    expect(accountOf(questionsOf(lines))).toEqual({
      potential: { questions: 2, notStated: 1, hours: 400 },
      piloted: { questions: 1, notStated: 0, hours: 12 },
      dropped: { questions: 1, notStated: 0, hours: 180 },
    });
    expect(questionsOf(lines).map(({ slug, lines: each }) => [slug, each.length])).toEqual([
      ['s-q1', 2],
      ['s-q2', 2],
      ['s-q3', 1],
      ['s-q4', 1],
    ]);
  });

  it('sets readiness by fields, and no mark where the edition hides them', () => {
    const block = { visibility: 'internal', confidence: 'draft', as_of: '2026-11-26', by: 'editor' };
    const base = { lifecycle: 'idea' } as unknown as EditionRecord;
    const states = (record: object) =>
      ASPECTS.map((aspect) => readinessOf({ ...base, ...record } as EditionRecord, aspect) ?? '-').join('');
    expect(states({})).toBe('-----r');
    const full = {
      contract: 'c',
      legal: { ...block, confidence: 'verified', eu: ['A6-1-e'], il: ['SO'], agreement: { en: 'a', he: 'א' } },
      delivery: { ...block, frequency: 'DAILY', access: 'NON_PUBLIC', channel: { en: 'c', he: 'ע' } },
      quality: { ...block, basis: 'measured', scores: { coverage: 3, accuracy: 5 } },
      privacy: { ...block, confidence: 'verified', category: 'special', highly_sensitive: true },
    };
    expect(states(full)).toBe('gggggg');
    const half = {
      lifecycle: 'pilot',
      legal: { ...block, eu: ['A6-1-e'], il: ['SO'] },
      delivery: { ...block, frequency: 'DAILY', access: 'RESTRICTED' },
      quality: { ...block, basis: 'prior', scores: { coverage: 5 } },
      privacy: { ...block, category: 'personal', highly_sensitive: false },
    };
    expect(states(half)).toBe('aaaaaa');
    const none = {
      legal: { ...block, eu: [], il: ['AGR'] },
      delivery: { ...block, frequency: 'DAILY', access: 'NON_PUBLIC' },
      quality: { ...block, basis: 'measured', scores: { coverage: 1 } },
      privacy: { ...block, category: 'special', highly_sensitive: false },
    };
    expect(states(none)).toBe('rrrrrr');
  });

  it('counts hours as a hand does, and none where a figure is missing', () => {
    const target = { question: { en: 'q', he: 'ש' }, status: 'potential', share_still_asked: 0.25 };
    expect(hoursOf({ ...target, respondents: 1000, times_a_year: 4, minutes: 15 })).toBe(750);
    expect(hoursOf({ ...target, respondents: 1000, minutes: 15 })).toBeUndefined();
  });
});

describe('search of the catalogue', () => {
  it.each([
    ['אוכלוס', 'מרשם האוכלוסין', true],
    ['אוכלוסין', 'במרשם ובאוכלוסין', true],
    ['ובאוכלוסין', 'אוכלוסין', true],
    ['אוכלסין', 'מרשם האוכלוסין', true],
    ['ימים', 'ימימ', true],
    ['מִרְשָׁם', 'מרשם', true],
    ['דו״ח', 'דוח', true],
    ['registr', 'Population Register', true],
    ['regsiter', 'Population Register', true],
    ['population vat', 'Population Register', false],
    ['מים', 'רכב', false],
  ])('search: %s in %s: %s', (query, text, isFound) => {
    expect(runInNewContext(`${SEARCH_SCRIPT};catalogSearch.matches(query, text)`, { query, text })).toBe(isFound);
  });
});
