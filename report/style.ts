import { FONT_STACK, fontFaces } from './font.ts';
import { LANGUAGES, text } from './texts.ts';
import { DARK, LIGHT, paletteCss, space, TYPE } from './tokens.ts';

const CATEGORIES = [1, 2, 3, 4, 5, 6];

const BASE = `
*,*::before,*::after{box-sizing:border-box}
html{font-family:${FONT_STACK};font-size:${TYPE.body}px;line-height:1.5;color:var(--ink);background:var(--paper);-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;overflow-wrap:break-word}
.office,dd,h1,h2,h3,.legend,text{overflow-wrap:anywhere}
.legend li{min-width:0}
.edition{display:none}
#he{display:block}
:root:has(#en:target,#en :target) #he{display:none}
:root:has(#en:target,#en :target) #en{display:block}
h1,h2,h3,p,ul,dl,dd,figure{margin:0}
h1,h2,h3{line-height:1.25;font-weight:600;text-wrap:balance}
h1{font-size:${TYPE.h1}px}
h2{font-size:${TYPE.h2}px;margin-block-end:${space(2)}}
h3{font-size:${TYPE.h3}px}
a{color:var(--accent-text);text-underline-offset:3px}
a:focus-visible,summary:focus-visible,button:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
code{font-family:inherit;overflow-wrap:anywhere}
p,li,dd{max-width:68ch}
`;

const LAYOUT = `
.skip{position:absolute;inset-inline-start:${space(4)};inset-block-start:-100px;background:var(--paper);padding:${space(2)} ${space(3)};z-index:2}
@media (max-width:1039px){nav{display:none}}
.skip:focus{inset-block-start:${space(2)}}
.bar-top{display:flex;flex-wrap:wrap;align-items:baseline;gap:${space(1)} ${space(4)};padding:${space(3)} ${space(5)};border-block-start:4px solid var(--accent-fill);border-block-end:1px solid var(--rule)}
.office{font-weight:600;margin-inline-end:auto}
.audience{color:var(--muted);font-size:${TYPE.small}px}
.language{padding-block:${space(1)}}
.page{max-width:1120px;margin-inline:auto;padding:${space(7)} ${space(5)} ${space(12)};display:grid;grid-template-columns:minmax(0,1fr);gap:${space(8)}}
.intro{display:grid;gap:${space(3)}}
.lede{font-size:18px;color:var(--muted)}
.notice{border-inline-start:4px solid var(--warning-fill);background:var(--warning-wash);color:var(--ink);padding:${space(2)} ${space(3)};font-size:15px;max-width:none}
.sections{display:grid;grid-template-columns:minmax(0,1fr);gap:${space(12)}}
section{display:grid;grid-template-columns:minmax(0,1fr);gap:${space(4)};scroll-margin-block-start:${space(4)}}
section>h2{border-block-start:1px solid var(--rule);padding-block-start:${space(4)};margin:0}
section>.note{color:var(--muted)}
.findings{display:grid;gap:${space(6)};grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr))}
.findings p{line-height:1.4}
.hero{display:block;font-size:${TYPE.hero}px;line-height:1.15;font-weight:600;color:var(--accent-text)}
.aside{display:grid;grid-template-columns:minmax(0,1fr);gap:${space(6)};align-content:start;font-size:15px}
.aside h2{font-size:16px}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:${space(1)} ${space(4)}}
.facts dt{color:var(--muted)}
nav ul{list-style:none;padding:0;display:grid;gap:${space(1)}}
nav a{text-decoration:none;display:inline-block;padding-block:2px}
nav a:hover{text-decoration:underline}
.prose{display:grid;grid-template-columns:minmax(0,1fr);gap:${space(2)};padding-inline-start:${space(5)}}
.release{display:grid;grid-template-columns:minmax(0,1fr);gap:${space(3)}}
.release+.release{padding-block-start:${space(3)}}
.approvals{color:var(--muted);font-size:15px}
.technical{color:var(--muted);font-size:15px}
@media (min-width:1040px){
.page{grid-template-columns:minmax(0,1fr) 264px;column-gap:${space(14)}}
.intro{grid-column:1/-1}
.aside{position:sticky;inset-block-start:${space(5)};align-self:start}
}
@media (max-width:480px){.page,.bar-top{padding-inline:${space(4)}}.hero{font-size:38px}h1{font-size:25px}}
`;

const TABLES = `
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:${TYPE.table}px;line-height:1.3;font-variant-numeric:tabular-nums}
caption{text-align:start;font-weight:600;padding-block-end:${space(2)}}
caption.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:${space(1.5)} ${space(2)};text-align:start;vertical-align:top;border-block-end:1px solid var(--grid)}
th:first-child{padding-inline-start:0}
th[scope=row]{font-weight:400;min-width:8em}
thead th{min-width:4.5em}
.scroll[tabindex] th[scope=row],.scroll[tabindex] thead th:first-child{position:sticky;inset-inline-start:0;background:var(--paper)}
.scroll[tabindex]::before{display:block;position:sticky;inset-inline-start:0;width:max-content;font-size:${TYPE.small}px;color:var(--muted)}
${LANGUAGES.map((language) => `[lang=${language}] .scroll[tabindex]::before{content:"${text('scroll_hint', language)}"}`).join('\n')}
thead th{font-weight:600;vertical-align:bottom;border-block-end:1px solid var(--muted);background:var(--paper)}
td.n{direction:ltr;text-align:end;white-space:nowrap}
[dir=ltr] th.n{text-align:end}
tfoot th,tfoot td{font-weight:600;border-block-start:1px solid var(--muted)}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
th[aria-sort] button::after{content:" ↓"}
th[aria-sort=ascending] button::after{content:" ↑"}
.notes{font-size:${TYPE.small}px;color:var(--muted);max-width:none}
.empty{color:var(--muted);border-inline-start:4px solid var(--rule);padding-inline-start:${space(3)}}
details>summary{cursor:pointer;color:var(--accent-text);padding-block:${space(1)}}
details[open]>summary{margin-block-end:${space(2)}}
[dir=rtl] .cell-bar{transform:scaleX(-1)}
.cell-bar{vertical-align:middle;margin-inline-end:${space(2)}}
.bad{color:var(--danger-text);font-weight:600}
@media (min-width:1040px){.scroll{overflow-x:visible}thead th{position:sticky;inset-block-start:0}}
`;

const CHARTS = `
figure{display:grid;grid-template-columns:minmax(0,1fr);gap:${space(3)}}
figure+figure{margin-block-start:${space(6)}}
.subtitle{color:var(--muted);font-size:15px;max-width:none;text-wrap:pretty}
figure>svg{width:100%;height:auto;direction:ltr;overflow:visible;display:block}
figure>svg.narrow{display:none}
@media (max-width:640px){figure>svg.wide{display:none}figure>svg.narrow{display:block;max-width:420px}}
figure text{font-family:inherit;font-size:${TYPE.chart}px;fill:var(--ink);font-variant-numeric:tabular-nums}
figure text.tick{fill:var(--muted)}
figure text.end{font-weight:600}
.grid{stroke:var(--grid);stroke-width:1}
.axis{stroke:var(--muted);stroke-width:1}
.axis-break{stroke:var(--muted);stroke-width:1.5;fill:none}
.line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:butt}
.leader{stroke-width:1;opacity:.55}
.heat{fill:var(--accent-fill)}
.heat-edge{fill:var(--surface)}
figure text.heat-head{font-size:11.5px}
figure text.heat-value{font-size:12.5px}
figure text.heat-total{font-size:12.5px;font-weight:600}
.hollow{fill:var(--paper);stroke-width:2}
.bar{fill:var(--accent-fill)}
.cell-bar-ground{fill:var(--grid)}
.gap-ground{fill:var(--surface)}
.gap-stroke{fill:var(--rule)}
figure text.gap-mark{fill:var(--ink);font-weight:600}
.behind{display:flex;flex-wrap:wrap;gap:${space(1)} ${space(6)};font-size:${TYPE.table}px;align-items:start}
.behind>details{min-width:0;max-width:100%}
.behind>details[open]{flex-basis:100%}
.csv{padding-block:${space(1)}}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:${space(1)} ${space(5)};font-size:${TYPE.table}px}
.legend li{display:flex;align-items:center;gap:${space(2)}}
.part-solid{fill:var(--accent-fill)}
.part-stripes{fill:var(--accent-wash)}
.part-stripes-line{stroke:var(--accent-fill);stroke-width:2}
.part-plain{fill:var(--neutral-fill)}
.part-dots{fill:var(--warning-wash)}
.part-dots-mark{fill:var(--warning-fill)}
.part-cross{fill:var(--paper)}
.part-cross-line{stroke:var(--danger-fill);stroke-width:1.6}
figure text.inside-solid{fill:var(--paper);font-weight:600}
figure text.inside-plain,figure text.inside-dots,figure text.inside-stripes,figure text.inside-cross{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.segment{stroke:var(--paper);stroke-width:1}
${CATEGORIES.map((n) => `.stroke-${n}{stroke:var(--category-${n})}.fill-${n}{fill:var(--category-${n})}figure text.text-${n}{fill:var(--category-${n})}`).join('\n')}
`;

const PRINT = `
@media print{
@page{size:A4;margin:16mm 15mm 18mm}
@page{@bottom-center{content:counter(page);font:10pt Arial,sans-serif}}
html{font-size:10.5pt;background:#fff}
.language,nav,.csv,.scroll[tabindex]::before,.skip,details:not([open]){display:none}
.page{display:block;padding:0;max-width:none}
.aside{position:static;margin-block:${space(4)}}
.facts{grid-template-columns:max-content 1fr max-content 1fr}
.findings{grid-template-columns:repeat(3,1fr);gap:6mm}
.hero{font-size:25pt}
.bar-top{padding:2mm 0;margin-block-end:5mm}
.notice{padding:1mm 3mm;background:none}
figure>svg.wide{max-height:72mm}
figure.tall>svg.wide{max-height:225mm}
#he-industries>svg.wide,#en-industries>svg.wide{max-height:108mm}
.sections,.intro{display:block}
.intro>*+*{margin-block-start:${space(2)}}
section{display:block;margin-block-start:${space(6)}}
section>*+*{margin-block-start:${space(3)}}
h2,h3,caption,.subtitle,.legend{break-after:avoid}
figure,tr,.findings,.release{break-inside:avoid}
thead th{position:static}
thead{display:table-header-group}
.scroll{overflow:visible}
table{font-size:9pt}
figure>svg.narrow{display:none}
figure>svg.wide{display:block}
a[href^="http"]::after{content:" (" attr(href) ")"}
}
`;

/** The style sheet of every page: light, dark by the reader's system, and black on white in print. */
export function pageStyle(): string {
  return [
    fontFaces(),
    `:root{color-scheme:light dark;${paletteCss(LIGHT)}}`,
    `@media screen and (prefers-color-scheme:dark){:root{${paletteCss(DARK)}}}`,
    `@media print{:root{color-scheme:light;--ink:#000;--muted:#333;--paper:#fff}}`,
    BASE + LAYOUT + TABLES + CHARTS + PRINT,
  ].join('\n');
}
