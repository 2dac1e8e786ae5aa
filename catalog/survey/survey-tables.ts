import type { Text } from '../../engine/definitions.ts';
import type { DataTable } from '../../report/csv.ts';
import type { Language } from '../../report/texts.ts';
import type { SurveyCards } from './cards.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { SurveyReport } from './survey-report.ts';
import { SURVEY_TEXTS, type SurveyText } from './survey-texts.ts';

/** The tables of a report, as its page, its CSV files and its workbook show them; null is withheld. */
export type SurveyTables = Readonly<Record<'divisions' | 'roles' | 'sources' | 'barriers', DataTable>>;

export function titlesOf(items: readonly { readonly id: string; readonly title: Text }[], language: Language): Map<string, string> {
  return new Map(items.map(({ id, title }) => [id, title[language]]));
}

export function surveyTables(report: SurveyReport, survey: SurveyDefinition, cards: SurveyCards, language: Language): SurveyTables {
  const say = (...keys: readonly SurveyText[]): string[] => keys.map((key) => SURVEY_TEXTS[key][language]);
  const [divisions, roles, barriers, sources] = [survey.divisions, survey.roles, survey.barriers, cards.cards].map((items) =>
    titlesOf(items, language),
  );
  const joined = (members: readonly string[], titles: Map<string, string> | undefined): string =>
    members.map((id) => titles?.get(id) ?? id).join(' + ');
  return {
    divisions: {
      columns: say('division', 'invited', 'answers', 'rate'),
      rows: report.divisions.map(({ members, invited, answers, rate }) => [joined(members, divisions), invited ?? null, answers, rate]),
    },
    roles: {
      columns: say('role', 'answers'),
      rows: report.roles.map(({ members, answers }) => [joined(members, roles), answers]),
    },
    sources: {
      columns: say('source', 'judged', 'needed', 'score', 'place', 'consensus', 'hours'),
      rows: report.sources.map(({ id, judged, needed, score, rank, consensus, hours }) => [
        sources?.get(id) ?? id,
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
