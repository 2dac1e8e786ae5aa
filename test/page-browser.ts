import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
export const hasBrowser = existsSync(executablePath);
const ARGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const HEIGHT = 900;
const SHOTS = process.env['SHOTS'];

export interface View {
  readonly language: 'he' | 'en';
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

export const VIEWS: readonly View[] = (['he', 'en'] as const).flatMap((language) =>
  [320, 768, 1440].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ language, width, scheme }))),
);

/** Half of them, in which every pair of language, width and scheme occurs: for many pages of one make. */
const PAIRWISE_VIEWS = VIEWS.filter((_, at) => [0, 3, 4, 7, 8, 11].includes(at));

/** Texts that leave their chart, and how far the page is wider than the window. */
export const LAYOUT_FAULTS = `(() => {
  const faults = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push('page wider by ' + wide);
  for (const figure of document.querySelectorAll('figure')) {
    const box = figure.getBoundingClientRect();
    if (box.width === 0) continue;
    for (const text of figure.querySelectorAll(':scope > svg text')) {
      const own = text.getBoundingClientRect();
      if (own.width === 0) continue;
      if (own.left < box.left - 2 || own.right > box.right + 2) faults.push(figure.id + ' clips "' + text.textContent + '"');
    }
  }
  return faults;
})()`;

/** Pages as files in a temporary folder, and a browser to open them. */
export class PageBrowser {
  readonly folder: string;
  readonly browser: Browser;

  private constructor(folder: string, browser: Browser) {
    this.folder = folder;
    this.browser = browser;
  }

  static async launch(pages: Readonly<Record<string, string>>): Promise<PageBrowser> {
    const browser = await chromium.launch({ executablePath, args: ARGS.split(' ') });
    const folder = mkdtempSync(join(tmpdir(), 'twinstat-pages-'));
    for (const [name, content] of Object.entries(pages)) writeFileSync(join(folder, name), content);
    return new PageBrowser(folder, browser);
  }

  async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  urlOf(file: string): string {
    return pathToFileURL(join(this.folder, file)).href;
  }

  /** Opens a file and collects whatever should not happen: requests, refusals by the policy, errors. */
  async open(file: string, view: View): Promise<{ page: Page; troubles: string[] }> {
    const viewport = { width: view.width, height: HEIGHT };
    const page = await this.browser.newPage({ viewport, colorScheme: view.scheme, acceptDownloads: true });
    const troubles: string[] = [];
    const url = this.urlOf(file);
    page.on('request', (request) => {
      if (!request.url().startsWith('data:') && request.url().split('#')[0] !== url) troubles.push(`request ${request.url()}`);
    });
    page.on('console', (message) => troubles.push(`console ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`error ${error.message}`));
    await page.goto(`${url}${view.language === 'en' ? '#en' : ''}`);
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    return { page, troubles };
  }

  /**
   * What should not be in the views of a file: requests, refusals, errors, a wrong direction, faults of the layout, violations of axe. It is
   * opened once in each language; then its window changes. Pictures of the light views go to the folder SHOTS, where that is set.
   */
  async faultsIn(file: string, views: readonly View[] = PAIRWISE_VIEWS): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const language of ['he', 'en'] as const) {
      const own = views.filter((view) => view.language === language);
      if (own[0] === undefined) continue;
      const { page, troubles } = await this.open(file, own[0]);
      for (const view of own) {
        await page.setViewportSize({ width: view.width, height: HEIGHT });
        await page.emulateMedia({ colorScheme: view.scheme });
        const direction = await page.evaluate(`document.documentElement.lang + ' ' + document.documentElement.dir`);
        const faults = [...troubles.splice(0), ...((await page.evaluate(LAYOUT_FAULTS)) as string[]), ...(await violationsOf(page))];
        if (direction !== (language === 'he' ? 'he rtl' : 'en ltr')) faults.push(`direction ${String(direction)}`);
        if (faults.length > 0) found.push({ file, ...view, faults });
        if (SHOTS !== undefined && view.scheme === 'light')
          await page.screenshot({ path: join(SHOTS, `${file}-${language}-${view.width}.png`), fullPage: true });
      }
      await page.close();
    }
    return found;
  }
}

/** What axe-core finds against the page as it is shown. */
export async function violationsOf(page: Page): Promise<unknown[]> {
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return found.violations.map((violation) => [violation.id, violation.nodes[0]?.html]);
}
