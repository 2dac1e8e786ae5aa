/** Rules of the site beside those of every page. */
export const SITE_STYLE = `
.finder{display:flex;flex-wrap:wrap;gap:12px 16px}
.finder label{display:grid;gap:4px;flex:1 1 160px;min-width:0;font-size:14px;color:var(--muted)}
.finder input,.finder select{font:inherit;font-size:16px;min-height:40px;width:100%;padding:4px 8px;color:var(--ink);background:var(--paper);border:1px solid var(--muted)}
.finder input:focus-visible,.finder select:focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
.facts{grid-template-columns:fit-content(45%) minmax(0,1fr)}
.facts ul,td ul{margin:0;padding:0;list-style:none}
@media screen{nav.chapters{display:block}}
nav.chapters ul{display:flex;flex-wrap:wrap;gap:0 18px;border-block:1px solid var(--rule);padding-block:4px}
nav.chapters a,nav.chapters span{display:inline-block;padding-block:4px}
nav.chapters span{font-weight:600}
.state{display:inline-grid;place-items:center;min-width:28px;min-height:24px;font-weight:600;color:var(--ink);border:2px solid}
.state-g{border-color:var(--accent-fill);background:var(--accent-wash)}
.state-a{border-color:var(--warning-fill);background:var(--warning-wash);border-style:dashed}
.state-r{border-color:var(--danger-fill);border-style:double;border-width:4px}
figure rect.flow-box{fill:var(--surface);stroke:var(--rule)}
figure rect.flow-through{fill:var(--accent-wash);stroke:var(--accent-fill)}
form.request{display:grid;gap:16px;max-width:640px}
form.request label{display:grid;gap:4px;font-size:15px}
form.request :is(input,select,textarea){font:inherit;min-height:40px;padding:4px 8px;width:100%;color:var(--ink);background:var(--paper);border:1px solid var(--muted)}
form.request [aria-invalid=true]{border:2px solid var(--danger-fill)}
form.request button{font:inherit;font-weight:600;min-height:44px;padding:8px 20px;color:var(--paper);background:var(--accent-text);border:0;cursor:pointer}
form.request :is(input,select,textarea):focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
article{display:grid;grid-template-columns:minmax(0,1fr);gap:24px;scroll-margin-block-start:16px}
h4{margin:0}
article>h2{font-size:29px;border-block-start:4px solid var(--accent-fill);padding-block-start:16px}
section>h3{border-block-start:1px solid var(--rule);padding-block-start:12px}
@media (min-width:1040px){.page:not(:has(>.aside))>.sections{grid-column:1/-1}.page:not(:has(>.aside)) figure{max-width:800px}.scroll.map{overflow-x:auto}}
table.needs{width:auto;border-collapse:separate;border-spacing:1px;font-size:12px}
table.needs :is(th,td){padding:2px 0;border:0;text-align:center;vertical-align:middle;min-width:24px}
table.needs thead th{position:static;vertical-align:bottom;font-weight:400}
table.needs tbody th,table.needs thead th:first-child{text-align:start;min-width:112px;max-width:118px;padding-inline-end:6px;font-size:12.5px}
table.needs th[scope=rowgroup]{font-weight:600;max-width:none;padding-block-start:10px}
table.needs th .notes{font-size:12px}
.up{display:inline-block;writing-mode:vertical-rl;max-block-size:24px;max-inline-size:220px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;line-height:24px}
[dir=ltr] .up{transform:rotate(180deg)}
.up a{text-decoration:none}
table.needs td{background:var(--surface)}
table.needs td .mark{display:block;line-height:1}
table.needs td.sum{font-weight:600;background:none;padding-inline:3px}
.mark{min-width:1em;text-align:center}
${[0, 1, 2, 3, 4, 5].map((step) => `table.needs td.heat-${step}{background:color-mix(in srgb,var(--accent-fill) ${step * 9 + 4}%,var(--paper))}`).join('\n')}
thead th::first-letter,h1::first-letter,article>h2::first-letter{text-transform:uppercase}
td code{overflow-wrap:break-word}
@media print{.finder{display:none}}
`;
