import { hashJson } from '../../engine/canonical-json.ts';
import type { Text } from '../../engine/definitions.ts';
import type { Catalogue } from '../catalogue.ts';
import { editionOf } from '../edition.ts';

/** What a manager sees of a source: nothing that the public edition of the catalogue does not show. */
export interface SourceCard {
  readonly id: string;
  readonly title: Text;
  readonly description: Text | undefined;
  readonly theme: string;
  readonly questions: readonly Text[];
  /** Questions without numbers of respondents, times and minutes: their hours are not known. */
  readonly unpriced: number;
  /** Hours a year that respondents would save; the sum over the questions whose numbers are known. */
  readonly hours: number;
}

/** The cards of a catalogue and the hash by which answers name them. */
export interface SurveyCards {
  readonly hash: string;
  readonly cards: readonly SourceCard[];
  readonly themes: readonly { readonly id: string; readonly title: Text }[];
}

/** Cards of all sources that are not retired, by id, and the themes that they have. */
export function surveyCards(catalogue: Catalogue): SurveyCards {
  const { records, vocabularies } = editionOf(catalogue, 'public');
  const cards = records
    .filter(({ lifecycle }) => lifecycle !== 'retired')
    .map(({ id, title, about, theme, burden }): SourceCard => {
      const targets = burden?.targets ?? [];
      const hours = targets.map(({ respondents, times_a_year, minutes, share_still_asked }) =>
        respondents === undefined || times_a_year === undefined || minutes === undefined
          ? undefined
          : (respondents * times_a_year * minutes * (1 - share_still_asked)) / 60,
      );
      return {
        id,
        title,
        description: about?.description,
        theme,
        questions: targets.map(({ question }) => question),
        unpriced: hours.filter((each) => each === undefined).length,
        hours: hours.reduce<number>((sum, each) => sum + (each ?? 0), 0),
      };
    });
  const used = new Set(cards.map(({ theme }) => theme));
  const themes = Object.entries(vocabularies.theme).flatMap(([id, title]) => (used.has(id) ? [{ id, title }] : []));
  return { hash: hashJson(cards), cards, themes };
}
