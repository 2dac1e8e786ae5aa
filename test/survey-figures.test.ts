import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_FORMAT, type Answer } from '../catalog/survey/answer.ts';
import type { SurveyCards } from '../catalog/survey/cards.ts';
import { loadSurvey, type SurveyDefinition } from '../catalog/survey/survey-definition.ts';
import { surveyReport } from '../catalog/survey/survey-report.ts';
import { auditPartitions } from '../cli/survey-audit.ts';

const CASES = join(dirname(fileURLToPath(import.meta.url)), 'cases');
const { value: definition } = await loadSurvey(join(CASES, 'survey/survey.yaml'));
const DIVISIONS = ['aa', 'bb', 'cc'] as const;
const SOURCES = ['alpha', 'beta', 'gamma'];
const invited = (counts: readonly number[]): SurveyDefinition => ({
  ...definition,
  divisions: definition.divisions.map((division, at) => ({ ...division, invited: counts[at] ?? 0 })),
});
const text = (said: string) => ({ he: said, en: said });
const cards: SurveyCards = {
  hash: '0'.repeat(64),
  themes: [{ id: 'ECON', title: text('Economy') }],
  cards: SOURCES.map((id) => ({ id, title: text(id), description: undefined, theme: 'ECON', questions: [], unpriced: 0, hours: 0 })),
};

interface Given {
  readonly division: string;
  readonly ranking: readonly string[];
  readonly pains: readonly number[];
  readonly tools: string;
}

function answerOf({ division, ranking, pains, tools }: Given, at: number): Answer {
  return {
    format: ANSWER_FORMAT,
    survey: definition.id,
    version: definition.version,
    catalogue: cards.hash,
    id: String(at).padStart(8, '0'),
    saved: '2026-01-01T00:00:00Z',
    language: 'en',
    division,
    role: at % 2 === 0 ? 'head' : 'lead',
    domains: ['ECON'],
    products: pains.map((cost, product) => ({ name: `p${product}`, pains: { cost } })),
    cards: Object.fromEntries(SOURCES.map((id) => [id, { state: 'want', benefits: {} }])),
    ranking: [...ranking],
    missing: [],
    barriers: {},
    capabilities: tools === '' ? {} : { tools: tools as 'has' },
    named: false,
  };
}

describe('figures of the report', () => {
  it('equal those that were worked out by hand', () => {
    const [, ...lines] = readFileSync(join(CASES, 'survey-figures/answers.csv'), 'utf8').trim().split('\n');
    const given = lines.map((line): Given => {
      const [division = '', ranking = '', pains = '', tools = ''] = line.split(',');
      return { division, ranking: ranking.split('>').filter(Boolean), pains: pains.split('+').filter(Boolean).map(Number), tools };
    });
    const { report, partitions } = surveyReport(given.map(answerOf), invited([14, 9, 7]), cards);
    expect(report.ranking).toEqual({
      managers: 15,
      sources: [
        { id: 'alpha', placed: 9, points: 25 },
        { id: 'gamma', placed: 9, points: 21 },
        { id: 'beta', placed: 7, points: 16 },
      ],
    });
    expect(report.pains).toEqual([
      {
        id: 'cost',
        rated: 13,
        mean: 2.923,
        groups: [
          { members: ['aa'], mean: 4.333 },
          { members: ['bb', 'cc'], mean: 1.714 },
        ],
      },
    ]);
    expect(report.capabilities).toEqual([
      {
        id: 'tools',
        answers: 24,
        needs: 13,
        has: 11,
        groups: [
          { members: ['aa'], answers: 12, needs: 6 },
          { members: ['bb', 'cc'], answers: 12, needs: 7 },
        ],
      },
    ]);
    expect(auditPartitions(partitions, 5)).toBe(partitions.length);
  });

  const drawn = fc.array(
    fc.record({
      division: fc.constantFrom(...DIVISIONS),
      ranking: fc.shuffledSubarray(SOURCES),
      pains: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
      tools: fc.constantFrom('needs', 'needs', 'has', 'unknown', ''),
    }),
    { minLength: 8, maxLength: 60 },
  );

  it('stand on five on each side, part the whole, and leave nothing to subtract, whatever is answered', () => {
    let shown = 0;
    fc.assert(
      fc.property(drawn, (given) => {
        const answers = given.map(answerOf);
        const { report, partitions } = surveyReport(answers, invited([70, 70, 70]), cards);
        expect(auditPartitions(partitions, 5)).toBe(partitions.length);
        const published = report.divisions.map(({ members }) => members);
        const inside = (members: readonly string[]): Given[] => given.filter(({ division }) => members.includes(division));
        const isUnion = (members: readonly string[]): boolean =>
          published.every((group) => group.every((each) => members.includes(each)) || !group.some((each) => members.includes(each)));

        for (const { needs, has, groups } of report.capabilities) {
          const lack = (some: readonly Given[]): number => some.filter(({ tools }) => tools === 'needs').length;
          if (needs !== null) {
            expect(needs).toBe(lack(given));
            expect(groups.flatMap(({ members }) => members).sort()).toEqual(published.flat().sort());
            shown += 1;
          } else expect(groups).toEqual([]);
          for (const group of groups) {
            const own = inside(group.members);
            expect([group.needs, group.answers, isUnion(group.members)]).toEqual([lack(own), own.length, true]);
            expect(Math.min(group.needs, own.length - group.needs)).toBeGreaterThanOrEqual(5);
          }
          const rest = given.length - (needs ?? 0) - (has ?? 0);
          if (has !== null) expect([has >= 5, rest === 0 || rest >= 5]).toEqual([true, true]);
        }

        for (const { rated, mean, groups } of report.pains) {
          const meansOf = (some: readonly Given[]): number[] =>
            some.flatMap(({ pains }) => (pains.length === 0 ? [] : [pains.reduce((sum, each) => sum + each, 0) / pains.length]));
          const check = (some: readonly Given[], figure: number): void => {
            const means = meansOf(some);
            expect([means.length >= 5, new Set(means).size > 1]).toEqual([true, true]);
            expect(Math.abs(figure - means.reduce((sum, each) => sum + each, 0) / means.length)).toBeLessThan(0.000_501);
          };
          if (mean !== null) check(given, mean);
          if (rated !== null)
            expect([rated, given.length - rated === 0 || given.length - rated >= 5]).toEqual([meansOf(given).length, true]);
          for (const group of groups) {
            const own = inside(group.members);
            const silent = own.length - meansOf(own).length;
            expect([isUnion(group.members), silent === 0 || silent >= 5]).toEqual([true, true]);
            check(own, group.mean);
          }
        }

        const ranked = given.filter(({ ranking }) => ranking.length > 0).length;
        const placesOf = (id: string): number[] => given.flatMap(({ ranking }) => (ranking.includes(id) ? [ranking.indexOf(id)] : []));
        const withheld = report.ranking.sources.filter(({ placed }) => placed === null).map(({ id }) => placesOf(id).length);
        for (const { id, placed, points } of report.ranking.sources) {
          expect(points === null).toBe(placed === null);
          if (placed === null) continue;
          const places = placesOf(id);
          expect([placed, points]).toEqual([places.length, places.reduce((sum, place) => sum + 3 - place, 0)]);
          expect([Math.min(placed, ranked - placed) >= 5, new Set(places).size > 1]).toEqual([true, true]);
          shown += 1;
        }
        if (withheld.length < SOURCES.length) {
          const sum = withheld.reduce((all, each) => all + each, 0);
          expect(sum === 0 || (sum >= 5 && withheld.filter((each) => each > 0).length > 1)).toBe(true);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
    expect(shown).toBeGreaterThan(100);
  });

  it('withhold all of a need where everybody who has it says the same', () => {
    const priorities = ['must', 'must', 'must', 'must', 'must'] as const;
    const needing = Array.from({ length: 12 }, (_, at): Answer => {
      const answer = answerOf({ division: 'aa', ranking: [], pains: [], tools: '' }, at);
      const alpha = { state: 'want' as const, priority: priorities[at] ?? ('wont' as const), benefits: { burden: (at % 5) + 1 } };
      return { ...answer, cards: { ...answer.cards, alpha } };
    });
    const { report } = surveyReport(needing, invited([70, 70, 70]), cards);
    expect(report.sources.find(({ id }) => id === 'alpha')).toEqual({
      id: 'alpha',
      judged: 12,
      needed: null,
      score: null,
      rank: null,
      consensus: null,
      hours: null,
    });
  });
});
