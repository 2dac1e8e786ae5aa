import { drawStack, type StackPart, stackLegend } from './chart-stack.ts';
import { code, type Html, html, isolateLatin, joinHtml, num, type Splice } from './escape.ts';
import { figure } from './figure.ts';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatNumber,
  formatPercent,
  formatPeriodRange,
  formatRate,
  formatSeconds,
  NOT_AVAILABLE,
} from './format.ts';
import type { CellCounts, PipelineFigures, QualityFigure, ReleaseFigures, RunPage, Section } from './run-page-data.ts';
import { table } from './table.ts';
import { fill, type Language, type Text, text } from './texts.ts';

/** A text of the run; in Hebrew its Latin words are set apart. */
function prose(words: Text, language: Language): Splice {
  return language === 'he' ? isolateLatin(words.he) : words.en;
}

function shareOf(counts: CellCounts): string {
  return counts.cells === 0 ? NOT_AVAILABLE : formatPercent(counts.published / counts.cells);
}

function levelsFigure(pipeline: PipelineFigures, language: Language): Html | undefined {
  const levels = pipeline.levels ?? [];
  if (levels.length === 0) return undefined;
  const id = `${language}-levels-${pipeline.id.replace(/[^A-Za-z0-9_-]/g, '-')}`;
  const parts: readonly StackPart[] = [
    { label: text('published', language), fill: 'solid' },
    { label: text('withheld', language), fill: 'stripes' },
  ];
  const rows = levels.map((level) => ({
    label: level.title[language],
    values: [level.published, level.suppressed],
    inside: [shareOf(level), undefined],
  }));
  return figure({
    id,
    language,
    title: pipeline.title[language],
    subtitle: text('published_subtitle', language),
    description: `${levels.map((level) => `${level.title[language]}: ${text('share_published', language)} ${shareOf(level)}`).join('; ')}.`,
    legend: stackLegend(parts, id),
    draw: (size, own) => drawStack({ parts, rows }, language, size, own),
    isOpen: true,
    notes: [html`${formatPeriodRange(pipeline.periods, language)}.`, text('cells_note', language)],
    data: {
      columns: [text('level', language), text('cells', language), text('published', language), text('withheld', language)],
      rows: levels.map((level) => [level.title[language], level.cells, level.published, level.suppressed]),
    },
    format: formatNumber,
  });
}

/** What was published and what was withheld, by statistic and level of detail. */
export function publishedSection(data: RunPage, language: Language): Section {
  const summary = table({
    caption: text('published_caption', language),
    language,
    rows: data.pipelines,
    empty: text('published_none', language),
    columns: [
      { title: text('statistic', language), cell: (row) => row.title[language] },
      { title: text('periods', language), cell: (row) => formatPeriodRange(row.periods, language) },
      { title: text('cells', language), isNumber: true, cell: (row) => formatNumber(row.cells) },
      { title: text('published', language), isNumber: true, cell: (row) => formatNumber(row.published) },
      { title: text('withheld', language), isNumber: true, cell: (row) => formatNumber(row.suppressed) },
      { title: text('share_published', language), isNumber: true, cell: shareOf },
    ],
  });
  const figures = data.pipelines.map((pipeline) => levelsFigure(pipeline, language));
  return {
    id: 'published',
    heading: 'published_heading',
    body: html`<p class="note">${text('published_lede', language)}</p>${summary}${figures}`,
  };
}

function approvalsOf(release: ReleaseFigures, language: Language): Html | undefined {
  if (release.approvals.length === 0) return undefined;
  const names = release.approvals.map(
    ({ name, role, isDemo }) =>
      html`<bdi>${name}</bdi> (${text(`role_${role}`, language)}${isDemo ? html`, ${text('demo_key', language)}` : undefined})`,
  );
  return html`<p class="approvals">${text('approvals', language)}: ${joinHtml(names, '; ')}.</p>`;
}

/** The releases with their files and approvals. */
export function releasesSection(data: RunPage, language: Language): Section {
  if (data.releases.length === 0) {
    return { id: 'releases', heading: 'releases_heading', body: html`<p class="empty">${text('releases_none', language)}</p>` };
  }
  const blocks = data.releases.map((release) => {
    const files = table({
      caption: fill('files_caption', language, { release: release.title[language] }),
      hideCaption: true,
      language,
      rows: release.files,
      columns: [
        { title: text('file', language), cell: (file) => code(file.path) },
        { title: text('size', language), isNumber: true, cell: (file) => formatBytes(file.bytes) },
      ],
    });
    const status = text(`status_${release.status}`, language);
    return html`<div class="release"><h3>${release.title[language]}</h3>
<p>${status} · ${formatPeriodRange(release.periods, language)} · ${code(release.id)}</p>${approvalsOf(release, language)}${release.files.length === 0 ? undefined : files}</div>`;
  });
  return { id: 'releases', heading: 'releases_heading', body: html`${blocks}` };
}

/** What was refused, why, and the next step. */
export function refusedSection(data: RunPage, language: Language): Section {
  const body = table({
    caption: text('refused_caption', language),
    hideCaption: true,
    language,
    rows: data.refused,
    empty: text('refused_none', language),
    columns: [
      { title: text('refused_what', language), cell: (row) => prose(row.what, language) },
      { title: text('refused_why', language), cell: (row) => html`${prose(row.why, language)}<br>${code(row.code)}` },
      { title: text('refused_next', language), cell: (row) => prose(row.nextStep, language) },
    ],
  });
  return { id: 'refused', heading: 'refused_heading', body };
}

function qualityValue(figureOfQuality: QualityFigure, language: Language): Html | string {
  if (figureOfQuality.kind === 'rate') return num(formatRate(figureOfQuality.numerator, figureOfQuality.denominator));
  if (figureOfQuality.kind === 'count') return num(formatCount(figureOfQuality.count));
  return figureOfQuality.value[language];
}

/** Figures of quality, at the level of deliveries or the whole country. */
export function qualitySection(data: RunPage, language: Language): Section {
  const body = table({
    caption: text('quality_caption', language),
    hideCaption: true,
    language,
    rows: data.quality,
    empty: text('quality_none', language),
    columns: [
      { title: text('measure', language), cell: (row) => row.title[language] },
      { title: text('value', language), isNumber: true, cell: (row) => qualityValue(row, language) },
      { title: text('meaning', language), cell: (row) => row.meaning && prose(row.meaning, language) },
    ],
  });
  return { id: 'quality', heading: 'quality_heading', body };
}

/** How the information was protected, in plain words. */
export function protectedSection(data: RunPage, language: Language): Section {
  const { protection } = data;
  const enough =
    protection === undefined
      ? text('protected_enough', language)
      : fill('protected_enough_numbers', language, {
          persons: num(formatNumber(protection.minPersons)),
          employers: num(formatNumber(protection.minEmployers)),
        });
  const lines = [
    text('protected_door', language),
    enough,
    text('protected_subtraction', language),
    text('protected_people', language),
    fill('protected_page', language, { small: num('<10') }),
  ];
  return {
    id: 'protected',
    heading: 'protected_heading',
    body: html`<ul class="prose">${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
  };
}

/** For the technician: the run, its steps, notes on method. */
export function technicalSection(data: RunPage, language: Language): Section {
  const { run } = data;
  const steps = table({
    caption: text('steps_caption', language),
    language,
    rows: data.steps,
    isSortable: true,
    columns: [
      { title: text('step', language), cell: (row) => code(row.name) },
      {
        title: text('time', language),
        isNumber: true,
        cell: (row) => html`<bdi>${formatSeconds(row.seconds, language)}</bdi>`,
        sortBy: (row) => row.seconds.toFixed(1),
      },
    ],
  });
  const notes =
    data.methodNotes.length === 0
      ? undefined
      : html`<h3>${text('method_notes', language)}</h3><ul class="prose">${data.methodNotes.map((note) => html`<li>${prose(note, language)}</li>`)}</ul>`;
  const body = html`${notes}<dl class="facts technical">
<dt>${text('run_id', language)}</dt><dd>${code(run.id)}</dd>
<dt>${text('command', language)}</dt><dd>${code(run.command)}</dd>
<dt>${text('version', language)}</dt><dd>${code(run.version)}</dd>
<dt>${text('finished', language)}</dt><dd>${formatDate(run.finished, language)}</dd></dl>
${data.steps.length === 0 ? undefined : html`<details><summary>${text('steps_caption', language)}</summary>${steps}</details>`}`;
  return { id: 'technical', heading: 'technical', body };
}
