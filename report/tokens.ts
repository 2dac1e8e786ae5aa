/** Colours of one theme. `…Text` is safe for text on `paper` and `surface` (4.5 : 1), `…Fill` for areas (3 : 1). */
export interface Palette {
  readonly paper: string;
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly grid: string;
  readonly accentText: string;
  readonly accentFill: string;
  readonly accentWash: string;
  readonly warningText: string;
  readonly warningFill: string;
  readonly warningWash: string;
  readonly dangerText: string;
  readonly dangerFill: string;
  readonly neutralFill: string;
  /** Hues for at most six categories, told apart by the colour-blind, safe for text; after six: small multiples. */
  readonly categories: readonly [string, string, string, string, string, string];
}

export const LIGHT: Palette = {
  paper: '#ffffff',
  surface: '#f3f6f6',
  ink: '#17211f',
  muted: '#53605f',
  rule: '#c9d2d1',
  grid: '#e1e7e6',
  accentText: '#0b5a5e',
  accentFill: '#127a7f',
  accentWash: '#e3f0f0',
  warningText: '#744c00',
  warningFill: '#bf7a0a',
  warningWash: '#fbf1dc',
  dangerText: '#91301e',
  dangerFill: '#b5432f',
  neutralFill: '#7f8c8b',
  categories: ['#0b6a70', '#b04a00', '#2a5fa8', '#94447f', '#6d6300', '#3c4a49'],
};

export const DARK: Palette = {
  paper: '#10181a',
  surface: '#182225',
  ink: '#e7eded',
  muted: '#a5b3b3',
  rule: '#3c4a4d',
  grid: '#263337',
  accentText: '#7fd0d2',
  accentFill: '#3c9fa4',
  accentWash: '#15333a',
  warningText: '#ecba62',
  warningFill: '#cf9530',
  warningWash: '#33290f',
  dangerText: '#f39a85',
  dangerFill: '#d9674f',
  neutralFill: '#7b8a8b',
  categories: ['#63c4c8', '#f0965a', '#86b4ee', '#e29ccb', '#c9bd4f', '#c3cfcf'],
};

/** Type sizes in px: body 16, scale 1.2; tables 14; labels inside charts 13. */
export const TYPE = { hero: 44, h1: 29, h2: 23, h3: 19, body: 16, table: 14, small: 13.5, chart: 13 } as const;

/** Spacing in steps of 4 px. */
export function space(steps: number): string {
  return `${steps * 4}px`;
}

/** Dash patterns of lines by category, so that colour is never alone. */
export const DASHES = ['none', '7 3', '2 3', '10 3 2 3', '5 2', '1 2'] as const;

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The palette as CSS custom properties: `--ink`, `--accent-text`, …, `--category-1` to `--category-6`. */
export function paletteCss(palette: Palette): string {
  const { categories, ...colours } = palette;
  const named = Object.entries(colours).map(([name, value]) => `--${kebab(name)}:${value}`);
  return [...named, ...categories.map((value, index) => `--category-${index + 1}:${value}`)].join(';');
}

/** Contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 1, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}
