import type { Text } from '../../engine/definitions.ts';
import type { DataTable } from '../../report/csv.ts';
import type { Language } from '../../report/texts.ts';
import type { SurveyCards } from './cards.ts';
import { round } from './source-needs.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { SurveyReport } from './survey-report.ts';
import { SURVEY_TEXTS, type SurveyText } from './survey-texts.ts';

/** Tables of the report in the order in which they are shown. */
export const SURVEY_TABLES = ['sources', 'ranking', 'pains', 'barriers', 'capabilities', 'divisions', 'roles'] as const;
export type SurveyTableName = (typeof SURVEY_TABLES)[number];

/** Tables whose second column names a group of divisions. */
export const isDivided = (name: SurveyTableName): boolean => name === 'pains' || name === 'capabilities';
/** The column of a table that holds a share of 1. */
export const SHARE_COLUMNS: Readonly<Partial<Record<SurveyTableName, number>>> = { divisions: 3, capabilities: 4 };

/** The tables of a report, as its page, its CSV files and its workbook show them; null is withheld, an empty text is not asked. */
export type SurveyTables = Readonly<Record<SurveyTableName, DataTable>>;

export function titlesOf(items: readonly { readonly id: string; readonly title: Text }[], language: Language): Map<string, string> {
  return new Map(items.map(({ id, title }) => [id, title[language]]));
}

export function surveyTables(report: SurveyReport, survey: SurveyDefinition, cards: SurveyCards, language: Language): SurveyTables {
  const say = (...keys: readonly SurveyText[]): string[] => keys.map((key) => SURVEY_TEXTS[key][language]);
  const titles = (items: readonly { readonly id: string; readonly title: Text }[]): Map<string, string> => titlesOf(items, language);
  const [divisions, sources] = [titles(survey.divisions), titles(cards.cards)];
  const [roles, pains, barriers, capabilities] = [survey.roles, survey.pains, survey.barriers, survey.capabilities].map(titles);
  const joined = (members: readonly string[], of: Map<string, string> | undefined): string =>
    members.map((id) => of?.get(id) ?? id).join(' + ');
  const all = SURVEY_TEXTS.all_divisions[language];
  return {
    divisions: {
      columns: say('division', 'invited', 'answers', 'rate'),
      rows: report.divisions.map(({ members, invited, answers, rate }) => [joined(members, divisions), invited ?? null, answers, rate]),
    },
    roles: {
      columns: say('role', 'answers'),
      rows: report.roles.map(({ members, answers }) => [joined(members, roles), answers]),
    },
    ranking: {
      columns: say('source', 'points', 'placed'),
      rows: rankingRows(report, sources, SURVEY_TEXTS.other_sources[language]),
    },
    pains: {
      columns: say('pain', 'division', 'mean', 'rated'),
      rows: report.pains.flatMap(({ id, mean, rated, groups }) => {
        const name = pains?.get(id) ?? id;
        const parts = groups.length > 1 ? groups : [];
        return [[name, all, mean, rated], ...parts.map((group) => [name, joined(group.members, divisions), group.mean, ''])];
      }),
    },
    capabilities: {
      columns: say('capability', 'division', 'answers', 'lacking', 'share_lacking', 'having'),
      rows: report.capabilities.flatMap(({ id, answers, needs, has, groups }) => {
        const name = capabilities?.get(id) ?? id;
        const parts = groups.length > 1 ? groups : [];
        return [
          [name, all, answers, needs, needs === null ? null : round(needs / answers), has],
          ...parts.map((group) => [
            name,
            joined(group.members, divisions),
            group.answers,
            group.needs,
            round(group.needs / group.answers),
            '',
          ]),
        ];
      }),
    },
    sources: {
      columns: say('source', 'judged', 'needed', 'score', 'place', 'consensus', 'hours'),
      rows: report.sources.map(({ id, judged, needed, score, rank, consensus, hours }) => [
        sources.get(id) ?? id,
        judged,
        needed,
        score,
        rank === null ? null : `${rank.stated} (${rank.best}–${rank.worst})`,
        consensus,
        hours ?? (needed === null ? null : ':'),
      ]),
    },
    barriers: {
      columns: say('barrier', 'mean', 'rated'),
      rows: report.barriers.map(({ id, mean, rated }) => [barriers?.get(id) ?? id, mean, rated]),
    },
  };
}

/** Sources that are withheld are one row. */
function rankingRows({ ranking }: SurveyReport, titles: ReadonlyMap<string, string>, others: string): DataTable['rows'] {
  const shown = ranking.sources.filter(({ placed }) => placed !== null);
  const withheld = ranking.sources.length - shown.length;
  const rows = shown.map(({ id, points, placed }) => [titles.get(id) ?? id, points, placed]);
  return withheld === 0 || rows.length === 0 ? rows : [...rows, [others.replace('{n}', String(withheld)), null, null]];
}
